"""What every rule of the document raises: one sentence in three parts."""

from collections.abc import Iterable
from difflib import get_close_matches

from stanchion.errors import StanchionError

LONGEST_SHOWN = 80


def shown(value: object) -> str:
    """A value as a sentence can carry it: on one line, and cut when it is long."""
    # Line breaks and control characters of a value must not end up in a terminal.
    text = "".join(c if c.isprintable() else " " for c in str(value)[: LONGEST_SHOWN + 1])
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


class Refusal(StanchionError, ValueError):
    """A value that is not taken: what is wrong with it, what is allowed, how to fix it.

    It is a ValueError so that pydantic collects it together with the other errors of a document.
    """

    def __init__(self, what: str, *, allowed: str, fix: str) -> None:
        self.what, self.allowed, self.fix = what, allowed, fix
        super().__init__(f"{what}; allowed: {allowed}; fix: {fix}{'' if fix.endswith('?') else '.'}")


def unknown(value: str, kind: str, known: Iterable[str], *, where: str) -> Refusal:
    """A name that nothing has.

    Args:
        value: the name.
        kind: what it would be of, such as `a tier`.
        known: the names there are.
        where: the key that they are under.
    """
    names = list(known)
    near = get_close_matches(value, names, n=1, cutoff=0.5)
    return Refusal(
        f"'{shown(value)}' is not {kind}",
        allowed=", ".join(names) or f"none yet under {where}",
        fix=f"did you mean {near[0]}?" if near else f"take one of these, or add it under {where}",
    )
