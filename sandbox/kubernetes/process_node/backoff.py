"""How long a container that ends again and again is left alone."""

from dataclasses import dataclass, field

# Kubernetes documentation, "Pod Lifecycle", container restarts: 10 s, doubled up to 300 s, forgotten after 10 minutes
# without a fault (read 2026-11-27).
FIRST_SECONDS, MOST_SECONDS = 10.0, 300.0


@dataclass
class Backoff:
    """The restarts of one container.

    Args:
        first: of the second restart in seconds; the first one is made at once.
        most: it never gets longer.
    """

    first: float = FIRST_SECONDS
    most: float = MOST_SECONDS
    _next: float = field(default=0.0, init=False)
    _counted: float = field(default=0.0, init=False)

    def seconds(self, finished: float) -> float:
        """How long to wait now.

        Args:
            finished: when the container ended, on a clock that only goes forward.
        """
        if finished - self._counted > 2 * self.most:
            self._next = 0.0
        now, self._next = self._next, min(self.most, self._next * 2 or self.first)
        self._counted = finished
        return now
