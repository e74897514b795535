"""Values of properties: what is known, what only the deployment will know, and what nobody may see."""

from dataclasses import dataclass
from typing import Any, Final, Self


class Unknown:
    """A value that exists only after the deployment; there is one instance, `UNKNOWN`."""

    _instance: Self | None = None

    def __new__(cls) -> Self:
        """The one instance."""
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __repr__(self) -> str:
        return "<unknown>"


class Secret:
    """A value that was marked secret; the value itself is not kept, so that no report can show it."""

    _instance: Self | None = None

    def __new__(cls) -> Self:
        """The one instance."""
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __repr__(self) -> str:
        return "<secret>"


UNKNOWN: Final = Unknown()
SECRET: Final = Secret()

# None, bool, int, float, str, Unknown, Secret, or list and dict of them; read-only by agreement. Any, since recursive
# aliases over list and dict are invariant and would need a cast at every step.
Value = Any


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A setting that was needed and can't be judged: unknown, secret, or not of the form it should have.

    `why` completes the sentence "<property> of <resource> ..."; `urn` and `property` may be empty when the gap is not
    about one property (a type that no mechanism knows).
    """

    urn: str
    property: str
    why: str

    def __str__(self) -> str:
        if not self.urn:
            return self.why
        parts = self.urn.split("::", 3)
        resource = f"{parts[2].rsplit('$', 1)[-1]} '{parts[3]}'" if len(parts) > 3 else f"'{self.urn}'"
        subject = f"`{self.property}` of {resource}" if self.property else resource
        return f"{subject} {self.why}"
