"""Reading a setting: its value, its default, or why it can't be judged, always with the place it stands at."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, cast

from stanchion.graph.values import SECRET, UNKNOWN, Unsettled

if TYPE_CHECKING:
    from stanchion.graph.resource import Resource

AFTER_DEPLOYMENT = "is known only after the deployment"
IS_SECRET = "is secret, so it can't be judged"  # noqa: S105 - a sentence, not a password
# Characters of a wrong value that a sentence shows.
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Setting:
    """A value inside a resource's properties, and where it stands (`rules[0].startWindow`).

    `value` is None when it is not set. Reading below something unknown stays unknown, so a chain of lookups never
    turns an unknown into a default; so does reading below what has another form than was asked for, of which `gap`
    says why.
    """

    resource: Resource
    path: str
    value: Any
    gap: Unsettled | None = None

    def __getitem__(self, key: str | int) -> Setting:
        """A key of a mapping or an index of a list; a list of one is looked through when a key is asked of it."""
        value = self.value
        path = f"{self.path}[{key}]" if isinstance(key, int) else f"{self.path}.{key}"
        if value is UNKNOWN or value is SECRET:
            return Setting(self.resource, path, value, self.gap)
        if isinstance(value, list):
            items = cast("list[Any]", value)
            if isinstance(key, int):
                return Setting(self.resource, path, items[key] if -1 < key < len(items) else None)
            if len(items) == 1:
                return self[0][key]
            if len(items) > 1:
                return Setting(
                    self.resource,
                    path,
                    UNKNOWN,
                    Unsettled(self.resource.urn, self.path, f"is a list of {len(items)} where one is expected"),
                )
        elif isinstance(key, str) and isinstance(value, dict):
            return Setting(self.resource, path, cast("dict[str, Any]", value).get(key))
        elif value is not None:
            expected = "a list" if isinstance(key, int) else "a group of settings"
            return Setting(self.resource, path, UNKNOWN, self.wrong(expected))
        return Setting(self.resource, path, None)

    @property
    def is_set(self) -> bool:
        """Whether there is a value, known or not."""
        return self.value is not None

    @property
    def unsettled(self) -> Unsettled | None:
        """Why the value can't be judged, or None when it can."""
        if self.gap is not None:
            return self.gap
        if self.value is UNKNOWN:
            return Unsettled(self.resource.urn, self.path, AFTER_DEPLOYMENT)
        if self.value is SECRET:
            return Unsettled(self.resource.urn, self.path, IS_SECRET)
        return None

    def each(self) -> tuple[Setting, ...] | Unsettled:
        """The elements of a list, each with its place; nothing set is no elements, a mapping alone is one."""
        if gap := self.unsettled:
            return gap
        value = self.value
        if value is None:
            return ()
        if isinstance(value, list):
            items = cast("list[Any]", value)
            return tuple(Setting(self.resource, f"{self.path}[{i}]", item) for i, item in enumerate(items))
        return (self,)

    def number(self, default: float) -> float | Unsettled:
        """A number; text that reads as one counts."""
        if gap := self.unsettled:
            return gap
        if self.value is None:
            return default
        if isinstance(self.value, int | float | str) and not isinstance(self.value, bool):
            try:
                number = float(self.value)
            except (ValueError, OverflowError):
                return self.wrong("a number")
            if isfinite(number):
                return number
        return self.wrong("a number")

    def text(self, default: str = "") -> str | Unsettled:
        """A text; numbers and booleans as the provider would write them."""
        if gap := self.unsettled:
            return gap
        if self.value is None:
            return default
        if isinstance(self.value, bool):
            return str(self.value).lower()
        if isinstance(self.value, str | int | float):
            return str(self.value)
        return self.wrong("a text")

    def flag(self, default: bool) -> bool | Unsettled:
        """A boolean; the texts `true` and `false` count."""
        if gap := self.unsettled:
            return gap
        if self.value is None:
            return default
        if isinstance(self.value, bool):
            return self.value
        if isinstance(self.value, str) and self.value.lower() in ("true", "false"):
            return self.value.lower() == "true"
        return self.wrong("true or false")

    def wrong(self, expected: str) -> Unsettled:
        """The finding that the value has not the form it should have."""
        text = repr(self.value)
        short = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
        return Unsettled(self.resource.urn, self.path, f"is {short}, which is not {expected}")
