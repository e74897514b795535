"""The replicas of each slot that are ready, and which of them gets the next request."""

import asyncio
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from stanchion.serving.slots import Slot, SlotNames
from stanchion.spec.models import VariantName


class SlotKey(NamedTuple):
    """One slot of one variant of an endpoint."""

    endpoint: str
    variant: VariantName
    slot: Slot

    @property
    def service(self) -> str:
        """The name of its Service."""
        return SlotNames(self.endpoint, self.variant, self.slot).service


@dataclass(slots=True, eq=False)
class Replica:
    """One server.

    Args:
        address: host and port.
        spot: whether it is of the burst, which prefers spot; the floor runs on demand.
        version: of the model it serves, when the slot says so.
        in_flight: requests of this gateway that it has now.
    """

    address: str
    spot: bool = False
    version: str = ""
    in_flight: int = 0


@dataclass(slots=True)
class _Known:
    replicas: list[Replica] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class Replicas:
    """Kept up to date by whoever watches the cluster; asked by each request."""

    def __init__(self) -> None:
        self._slots: dict[SlotKey, _Known] = {}
        # Which of two is asked is no secret.
        self._random = random.Random()  # noqa: S311

    def set(self, slot: SlotKey, found: Iterable[Replica]) -> None:
        """Say which replicas a slot has; those that stay keep their count."""
        known = self._slots.setdefault(slot, _Known())
        before = {replica.address: replica for replica in known.replicas}
        after: list[Replica] = []
        for replica in found:
            same = before.get(replica.address)
            # A version that becomes known is of the same server; another one is of another server at its address.
            if same is not None and same.spot == replica.spot and same.version in ("", replica.version):
                same.version = replica.version
                after.append(same)
            else:
                after.append(replica)
        known.replicas = after
        # Whoever waits has the old event; the next ones wait for the next change.
        known.changed.set()
        known.changed = asyncio.Event()

    def count(self, slot: SlotKey) -> int:
        """How many are ready."""
        known = self._slots.get(slot)
        return len(known.replicas) if known else 0

    def pick(self, slot: SlotKey, without: Iterable[Replica] = ()) -> Replica | None:
        """The less busy one of two taken at random, which spreads load nearly as well as asking all of them.

        Args:
            slot: whose.
            without: those that have failed this request.
        """
        known = self._slots.get(slot)
        if known is None:
            return None
        free = [each for each in known.replicas if each not in without] if without else known.replicas
        if not free:
            return None
        if len(free) == 1:
            return free[0]
        one, other = self._random.sample(free, 2)
        return one if one.in_flight <= other.in_flight else other

    async def wait(self, slot: SlotKey, seconds: float) -> bool:
        """Wait until a slot has a replica.

        Args:
            slot: whose.
            seconds: how long at most.

        Returns:
            Whether it has one.
        """
        clock = asyncio.get_running_loop().time
        end = clock() + seconds
        while not self.count(slot):
            left = end - clock()
            if left <= 0:
                return False
            changed = self._slots.setdefault(slot, _Known()).changed
            try:
                async with asyncio.timeout(left):
                    await changed.wait()
            except TimeoutError:
                return bool(self.count(slot))
        return True


def version_of(slot: SlotKey, replica: Replica | None) -> str:
    """The version of the model, or the slot where nobody says which it has.

    Args:
        slot: of a variant.
        replica: of it, if there is one.
    """
    return (replica.version if replica else "") or f"{slot.variant}-{slot.slot}"
