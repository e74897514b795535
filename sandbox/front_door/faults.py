"""What the local cloud pretends to have lost: faults, and which requests they hit."""

import threading
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from sandbox.front_door.scope import Scope


class Effect(Enum):
    """What a request under a fault sees."""

    DROP = "drop"  # the connection is cut without an answer, as when a region is gone
    UNAVAILABLE = "unavailable"  # 503 in the service's own format
    HANG = "hang"  # no answer until the fault is healed or the client gives up
    LATENCY = "latency"  # the answer comes later


@dataclass(frozen=True)
class Fault:
    """One fault.

    Args:
        effect: what a request sees.
        region: hits requests signed for this region only; every region when None.
        service: hits this service only (its signing name); every service when None.
        seconds: the added latency; only for `latency`.
    """

    effect: Effect
    region: str | None = None
    service: str | None = None
    seconds: float = 0.0

    def hits(self, scope: Scope) -> bool:
        """Whether a request is under this fault; one that names no region is hit by no region's fault."""
        return (self.region is None or self.region == scope.region) and (
            self.service is None or self.service == scope.service
        )

    def as_json(self) -> dict[str, Any]:
        """The form the control API speaks."""
        return {**asdict(self), "effect": self.effect.value}

    @classmethod
    def from_json(cls, document: Any) -> "Fault":
        """Read the form the control API speaks.

        Raises:
            ValueError: says which field is wrong and what is allowed.
        """
        if not isinstance(document, dict):
            raise ValueError("a fault is a JSON object with effect, region, service, seconds.")
        unknown = set(document) - {"effect", "region", "service", "seconds"}
        if unknown:
            raise ValueError(f"a fault has no field '{min(unknown)}'; allowed: effect, region, service, seconds.")
        try:
            effect = Effect(document.get("effect"))
        except ValueError:
            allowed = ", ".join(each.value for each in Effect)
            raise ValueError(f"no effect '{document.get('effect')}'; allowed: {allowed}.") from None
        for key in ("region", "service"):
            if not isinstance(document.get(key), str | None):
                raise ValueError(f"{key} has to be a text or null.")
        seconds = document.get("seconds") or 0
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= 600:
            raise ValueError(f"seconds is {seconds!r}; allowed: 0 to 600.")
        return cls(effect, document.get("region"), document.get("service"), float(seconds))


class Faults:
    """The faults in force; kept in memory, so a restart of the front door heals everything."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def __iter__(self):
        return iter(tuple(self._faults))

    def add(self, fault: Fault) -> None:
        """Add one, in place of one for the same region and service; a loss and a latency may stand together."""
        with self._lock:
            kept = [
                other
                for other in self._faults
                if (other.region, other.service) != (fault.region, fault.service)
                or (other.effect is Effect.LATENCY) != (fault.effect is Effect.LATENCY)
            ]
            self._faults = [*kept, fault]

    def heal(self, region: str | None = None, service: str | None = None) -> list[Fault]:
        """Take away what matches, everything when nothing is given; returns what was taken away."""
        with self._lock:
            healed = [
                fault
                for fault in self._faults
                if (region is None or fault.region == region) and (service is None or fault.service == service)
            ]
            self._faults = [fault for fault in self._faults if fault not in healed]
            return healed

    def loss_for(self, scope: Scope) -> Effect | None:
        """What the request loses: the effect of the first fault that hits it, latency aside."""
        for fault in self._faults:
            if fault.effect is not Effect.LATENCY and fault.hits(scope):
                return fault.effect
        return None

    def latency_for(self, scope: Scope) -> float:
        """Seconds by which the answer is held back: those of all faults that hit it together."""
        return sum(fault.seconds for fault in self._faults if fault.effect is Effect.LATENCY and fault.hits(scope))
