"""What makes a rung bad, and what makes it good again: two limits with room between, and time for each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """What was seen of one rung lately.

    Args:
        requests: attempts that ended.
        failed: of these, without an answer.
        p95_seconds: within which 95 of 100 answers began; None when there was none.
    """

    requests: int = 0
    failed: int = 0
    p95_seconds: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.failed <= self.requests:
            raise ValueError(f"{self.failed} of {self.requests} requests can't have failed")

    @property
    def failed_share(self) -> float:
        """Between 0 and 1; 0 when nothing was asked."""
        return self.failed / self.requests if self.requests else 0.0


@dataclass(frozen=True, slots=True)
class Conditions:
    """When a rung is left, and when it is taken again. The limits are this project's choice, not a vendor's.

    Args:
        slow_seconds: a p95 above is bad; that of the endpoint's SLO times a factor.
        failed_share: at least so many failures are bad.
        good_failed_share: fewer are good.
        good_share_of_slow: a p95 under this share of `slow_seconds` is good.
        least_requests: fewer in a window say nothing.
        least_probes: fewer answers of the rung above say nothing.
        leave_seconds: how long a rung has to be bad without a break.
        return_seconds: how long the rung above has to be good without a break.
        stay_seconds: how long each rung is kept at least, so that two are not changed to and fro.
    """

    slow_seconds: float
    failed_share: float = 0.2
    good_failed_share: float = 0.05
    good_share_of_slow: float = 0.8
    least_requests: int = 10
    least_probes: int = 3
    leave_seconds: float = 10.0
    return_seconds: float = 30.0
    stay_seconds: float = 60.0

    def __post_init__(self) -> None:
        if not 0 < self.good_failed_share < self.failed_share <= 1 or not 0 < self.good_share_of_slow < 1:
            raise ValueError(f"{self} leaves no room between good and bad")

    def bad(self, window: Window) -> bool:
        """Whether a rung does not do what it is there for."""
        if window.requests < self.least_requests:
            return False
        slow = window.p95_seconds is not None and window.p95_seconds > self.slow_seconds
        return slow or window.failed_share >= self.failed_share

    def good(self, probes: Window) -> bool:
        """Whether a rung that is not in use would do."""
        if probes.requests < self.least_probes or probes.p95_seconds is None:
            return False
        quick = probes.p95_seconds < self.slow_seconds * self.good_share_of_slow
        return quick and probes.failed_share < self.good_failed_share
