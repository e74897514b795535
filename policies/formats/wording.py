"""How a violation reads, and how many of which kind there are."""

from collections.abc import Sequence

from policies.judge import Judged


def sentence(judged: Judged) -> str:
    """A violation, with its exemption where it has one."""
    if judged.exempted_by is None:
        return judged.violation.message
    exemption = judged.exempted_by
    return f"{judged.violation.message} (exempted until {exemption.expires} by {exemption.owner}: {exemption.reason})"


def counts(found: Sequence[Judged]) -> tuple[int, int, int]:
    """How many are mandatory, advisory and exempted."""
    failing = sum(judged.fails for judged in found)
    exempted = sum(judged.exempted_by is not None for judged in found)
    return failing, len(found) - failing - exempted, exempted
