"""What every rule of the document raises: one sentence in three parts."""

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
