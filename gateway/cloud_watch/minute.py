"""What is counted between two puts. Its size is bounded by the endpoints and tiers, and not by the requests."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.outcomes import BAD, GOOD
from stanchion.events.inference import Status
from stanchion.serving.gateway_configuration import EndpointPlace
from stanchion.spec.endpoints import Rung

# Latencies are kept to a hundredth, from a tenth of a millisecond to an hour: 1,750 steps at most.
_STEP = math.log(1.01)
_LEAST_MS, _MOST_MS = 0.1, 3_600_000.0


def step_of(ms: float) -> int:
    """The step that a latency is counted in."""
    return round(math.log(min(max(ms, _LEAST_MS), _MOST_MS)) / _STEP)


def milliseconds_of(step: int) -> float:
    """The latency that a step stands for, at most half a hundredth from what was counted in it."""
    return float(f"{math.exp(step * _STEP):.5g}")


@dataclass(slots=True)
class Counted:
    """Of one endpoint.

    Args:
        requests: that count for availability.
        errors: of these, the bad ones.
        below: good ones that another rung than the first answered.
        rung: the worst place on the ladder where the endpoint stood.
        latencies: of good ones, by step.
        first_bytes: until the answers of good ones began, by step.
    """

    requests: int = 0
    errors: int = 0
    below: int = 0
    rung: int = 0
    latencies: Counter[int] = field(default_factory=Counter[int])
    first_bytes: Counter[int] = field(default_factory=Counter[int])


class Minute:
    """Counts by endpoint and tier; those of the configuration are there from the start, so that none is a zero.

    Args:
        endpoints: of the gateway.
        tiers: of the gateway.
    """

    def __init__(self, endpoints: Mapping[str, EndpointPlace], tiers: tuple[str, ...]) -> None:
        self._endpoints, self._tiers = endpoints, tiers
        self.counted = {name: Counted() for name in endpoints}
        self.shed = dict.fromkeys(tiers, 0)

    def ended(self, endpoint: str, status: Status, rung: Rung, ms: float, first_ms: float | None = None) -> None:
        """A request ended.

        Args:
            endpoint: that was asked.
            status: of its last attempt.
            rung: of its last attempt.
            ms: of all of it.
            first_ms: until its answer began; None when that came at once as a whole.
        """
        counted = self.counted[endpoint]
        if status in GOOD:
            counted.requests += 1
            counted.below += rung != self._endpoints[endpoint].ladder[0]
            counted.latencies[step_of(ms)] += 1
            counted.first_bytes[step_of(ms if first_ms is None else first_ms)] += 1
        elif status in BAD:
            counted.requests += 1
            counted.errors += 1
            if status == "shed":
                tier = self._endpoints[endpoint].tier
                self.shed[tier] = self.shed.get(tier, 0) + 1

    def stands(self, endpoint: str, place: int) -> None:
        """Where an endpoint stands on its ladder, 0 for its best rung."""
        counted = self.counted[endpoint]
        counted.rung = max(counted.rung, place)

    def take(self) -> "Minute":
        """What was counted; from here on a new one is."""
        taken = Minute(self._endpoints, self._tiers)
        taken.counted, self.counted = self.counted, taken.counted
        taken.shed, self.shed = self.shed, taken.shed
        return taken
