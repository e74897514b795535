"""Health checks are as calm as the objective allows, and an objective that none can keep is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.graph import GraphBuilder
from stanchion.recovery.mechanisms.load_balancing import TARGET_GROUPS, notices
from stanchion.recovery.serving import seconds
from stanchion.serving.health_check import SHARE, HealthCheck, health_check

FASTEST = 12
objectives = st.integers(FASTEST + 1, 7 * 86400)


def test_without_an_objective_it_is_the_calmest():
    assert health_check(None) == HealthCheck(30, 5, 3)
    assert health_check(None).notices_within == 95


@pytest.mark.parametrize(
    ("rto", "check"),
    [
        (14400, HealthCheck(30, 5, 3)),
        (380, HealthCheck(30, 5, 3)),
        (379, HealthCheck(20, 5, 3)),
        (260, HealthCheck(20, 5, 3)),
        (200, HealthCheck(15, 5, 3)),
        (140, HealthCheck(10, 5, 3)),
        (120, HealthCheck(10, 4, 2)),
        (96, HealthCheck(10, 4, 2)),
        (95, HealthCheck(5, 2, 2)),
        (13, HealthCheck(5, 2, 2)),
    ],
)
def test_it_notices_within_a_quarter_of_the_objective_when_one_can(rto: int, check: HealthCheck):
    assert health_check(rto) == check


@given(objectives)
def test_what_comes_after_it_always_has_time_left(rto: int):
    check = health_check(rto)
    assert check.notices_within < rto
    # Only where nothing is faster does it take more than its share.
    assert check.notices_within <= rto * SHARE or check.notices_within == FASTEST


@given(objectives, objectives)
def test_a_longer_objective_never_asks_more_often(one: int, other: int):
    short, long = sorted((one, other))
    assert health_check(short).notices_within <= health_check(long).notices_within


@given(objectives)
def test_elastic_load_balancing_takes_it(rto: int):
    check = health_check(rto)
    assert 5 <= check.interval <= 300
    assert 2 <= check.timeout < check.interval
    assert 2 <= check.unhealthy <= 10
    assert 2 <= check.healthy <= 10


@given(objectives)
def test_recovery_counts_the_same_seconds_from_the_declared_target_group(rto: int):
    check = health_check(rto)
    builder = GraphBuilder()
    declared = {"interval": check.interval, "timeout": check.timeout, "unhealthyThreshold": check.unhealthy}
    builder.add(TARGET_GROUPS[0], "api", {"healthCheck": declared})
    (group,) = builder.graph().of_type(TARGET_GROUPS[0])
    assert seconds(notices(group)) == check.notices_within


@pytest.mark.parametrize("rto", [0, 1, FASTEST])
def test_an_objective_that_no_check_can_keep_is_refused(rto: int):
    with pytest.raises(ValueError, match=rf"an RTO of {rto} s is not possible .* needs 12 s .*allowed: more than that"):
        health_check(rto)
