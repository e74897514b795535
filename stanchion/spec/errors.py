"""What is wrong with a document, each with its place."""

from collections.abc import Sequence
from dataclasses import dataclass

from stanchion.errors import StanchionError


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: `line` counts from 1, `key` is dotted, both empty where the whole file is meant."""

    file: str
    line: int | None
    key: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class SpecError(StanchionError):
    """An environment document that can't be used; `problems` holds all that was found, not just the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
