"""How often a load balancer has to ask a target, so that a dead one is noticed in time for an RTO."""

from dataclasses import dataclass

# Noticing may take a quarter of the objective: deciding, starting and shifting share the rest.
SHARE = 0.25
# From the calmest to the fastest; the last is the least that Elastic Load Balancing takes: 5 s twice (ELB API,
# CreateTargetGroup: interval 5 to 300, timeout 2 to 120, unhealthy threshold 2 to 10; read 2026-11-23).
_STEPS = ((30, 5, 3), (20, 5, 3), (15, 5, 3), (10, 5, 3), (10, 4, 2), (5, 2, 2))


@dataclass(frozen=True)
class HealthCheck:
    """A health check, in whole seconds.

    Args:
        interval: between two checks.
        timeout: until a check without an answer has failed.
        unhealthy: failed checks in a row after which a target gets no requests.
        healthy: passed checks in a row after which it gets them again.
    """

    interval: int
    timeout: int
    unhealthy: int
    healthy: int = 2

    @property
    def notices_within(self) -> int:
        """The longest time from a failure until the target gets no more requests."""
        return self.interval * self.unhealthy + self.timeout


def health_check(rto_seconds: float | None) -> HealthCheck:
    """The calmest health check that leaves most of an RTO to what comes after it.

    Args:
        rto_seconds: the strictest RTO of infrastructure and zone; None if there is none.

    Raises:
        ValueError: no health check is fast enough to notice anything within the objective.
    """
    steps = [HealthCheck(*step) for step in _STEPS]
    if rto_seconds is None:
        return steps[0]
    fastest = steps[-1]
    if rto_seconds <= fastest.notices_within:
        raise ValueError(
            f"an RTO of {rto_seconds:g} s is not possible behind a load balancer, whose fastest health check needs "
            f"{fastest.notices_within} s to notice a dead target; allowed: more than that."
        )
    return next((step for step in steps if step.notices_within <= rto_seconds * SHARE), fastest)
