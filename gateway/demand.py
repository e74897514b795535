"""How much each slot has to do, for the autoscaler; a request that waits for a replica to come up counts."""

from collections import defaultdict

from gateway.upstreams.replicas import SlotKey
from stanchion.serving.activation import PREFIX, Activation


class Demand:
    """Requests in flight, by slot, of this gateway."""

    def __init__(self) -> None:
        self._in_flight: defaultdict[SlotKey, int] = defaultdict(int)

    def enter(self, slot: SlotKey) -> None:
        """A request is for this slot."""
        self._in_flight[slot] += 1

    def leave(self, slot: SlotKey) -> None:
        """It is not any more."""
        self._in_flight[slot] -= 1

    def of(self, path: str) -> Activation | None:
        """What is published at a path; None when it is no slot's."""
        parts = path.removeprefix(PREFIX + "/").split("/")
        if not path.startswith(PREFIX + "/") or len(parts) != 3:
            return None
        endpoint, variant, slot = parts
        if variant not in ("full", "quantized") or slot not in ("blue", "green"):
            return None
        return Activation(self._in_flight.get(SlotKey(endpoint, variant, slot), 0))
