"""Where figures and formulas come from: one entry a document, named by every term that uses it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """A document, the part of it that holds the figure, and when it was read (ISO date)."""

    document: str
    part: str
    checked: str = "2026-11-23"

    def __str__(self) -> str:
        return f"{self.document}: {self.part}"


def derived(part: str) -> Source:
    """A figure that follows from the settings alone; `part` says how."""
    return Source("derived from the settings", part)


OBJECTIVE = Source("environment document", "tiers.<tier>.decide")
NOTHING_PROTECTS = derived("no resource of the program protects it against this disruption")
