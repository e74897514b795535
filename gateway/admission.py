"""Who is let in when there is too much to do: the lowest tier is turned away first, the strictest one last."""

from collections.abc import Sequence

# Of the gateway's concurrency, the share that the lowest tier may fill; those between get steps of the same height.
LOWEST_SHARE = 0.6


class Admission:
    """Counts what is under way.

    Args:
        concurrency: requests at a time.
        tiers: the strictest first.
    """

    def __init__(self, concurrency: int, tiers: Sequence[str]) -> None:
        self.in_flight = 0
        step = (1 - LOWEST_SHARE) / max(1, len(tiers) - 1)
        self._limits = {tier: max(1, round(concurrency * (1 - step * place))) for place, tier in enumerate(tiers)}

    def limit(self, tier: str) -> int:
        """Requests under way, of all tiers together, from which on this tier is turned away; 0 for an unknown one."""
        return self._limits.get(tier, 0)

    def enter(self, tier: str) -> bool:
        """Whether a request of this tier is let in; one that is has to `leave`."""
        if self.in_flight >= self.limit(tier):
            return False
        self.in_flight += 1
        return True

    def leave(self) -> None:
        """A request has its answer."""
        self.in_flight -= 1
