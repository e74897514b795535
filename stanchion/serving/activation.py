"""The metric that endpoints are scaled by: what the gateway publishes, and how many replicas follow from it."""

import math
from dataclasses import dataclass
from typing import Any, cast

PREFIX = "/scaling"
# The key of the answer that scales; `tokens` is for people and reports.
VALUE_LOCATION = "in_flight"
# Replicas come before the ones there are have all they can take: a queue builds while a new one starts.
UTILISATION = 0.75


def path(endpoint: str, variant: str, slot: str) -> str:
    """Where the gateway says how much a slot has to do, as `Activation` in JSON."""
    return f"{PREFIX}/{endpoint}/{variant}/{slot}"


@dataclass(frozen=True, slots=True)
class Activation:
    """What a slot has to do at this moment, over all gateways of the region.

    Args:
        in_flight: requests that wait or are answered. One that waits for a replica to come up counts.
        tokens: tokens that these have asked for and not got; 0 where there are none.
    """

    in_flight: int
    tokens: int = 0

    def __post_init__(self) -> None:
        if self.in_flight < 0 or self.tokens < 0:
            raise ValueError(f"{self} is less than nothing")

    @property
    def document(self) -> dict[str, int]:
        """As it is published."""
        return {"in_flight": self.in_flight, "tokens": self.tokens}

    @classmethod
    def read(cls, document: object) -> "Activation":
        """From what was published.

        Raises:
            ValueError: it is not one.
        """
        known = cast("dict[str, Any]", document) if isinstance(document, dict) else {}
        numbers = [known.get("in_flight"), known.get("tokens", 0)]
        if not all(isinstance(number, int) and not isinstance(number, bool) for number in numbers):
            raise ValueError(f"{document!r} is not an activation; allowed: whole numbers in_flight and tokens.")
        return cls(*cast("list[int]", numbers))


@dataclass(frozen=True, slots=True)
class Scaling:
    """How replicas follow from requests in flight.

    Args:
        target: requests for each replica, from which on another one comes.
        floor: replicas that are there already; 0 where they scale to zero and have gone.
        most: replicas at most, those of the floor among them.
    """

    target: int
    floor: int
    most: int

    @property
    def floor_takes(self) -> int:
        """Requests in flight that the floor takes without help."""
        return self.floor * self.target

    def burst(self, in_flight: int) -> int:
        """Replicas above the floor that a load gets."""
        wanted = math.ceil(max(0, in_flight - self.floor_takes) / self.target)
        return min(wanted, self.most - self.floor)


def scaling(concurrency: int, floor: int, most: int) -> Scaling:
    """The targets of a variant.

    Args:
        concurrency: requests that one replica takes at a time.
        floor: replicas on demand.
        most: replicas at most, those of the floor among them.
    """
    return Scaling(max(1, int(concurrency * UTILISATION)), floor, most)
