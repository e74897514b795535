"""What is wrong with a document, each with its place."""

from collections.abc import Iterable
from dataclasses import dataclass

from stanchion.errors import StanchionError


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a document.

    Args:
        file: as it is shown to people, relative to the checkout.
        line: counted from 1; None where the whole file is meant.
        key: dotted, such as `network.cidr.primary`; empty where the whole file is meant.
        message: what is wrong; what is allowed; how to fix it.
    """

    file: str
    line: int | None
    key: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class SpecError(StanchionError):
    """An environment document that can't be used; `problems` holds all that was found, not just the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line or 0, problem.key)))
        super().__init__("\n".join(str(problem) for problem in self.problems))
