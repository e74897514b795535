import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.graph import UNKNOWN, Unsettled
from stanchion.recovery.mechanisms.kubernetes.spread import HOST, ZONE, is_spread, remaining
from tests.unit.recovery.mechanisms.kubernetes.program import LABELS, Program, spread


def resource(pods):
    program = Program()
    handle = program.deployment(pods=pods)
    return program.graph().resources[handle.urn]


def left(replicas, *constraints, key=HOST, domains=None, **pods):
    return remaining(resource({"topologySpreadConstraints": list(constraints)} | pods), replicas, key, domains)


def anti_affinity(key, **own):
    term = {"topologyKey": key, "labelSelector": {"matchLabels": LABELS}} | own
    return {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


@pytest.mark.parametrize(
    ("replicas", "skew", "expected"), [(2, 1, 1), (3, 1, 1), (4, 1, 2), (5, 1, 2), (2, 2, 0), (3, 2, 1), (1, 1, 0)]
)
def test_the_fullest_domain_holds_half_and_half_the_skew(replicas, skew, expected):
    assert left(replicas, spread(maxSkew=skew)).replicas == expected


def test_a_soft_constraint_guarantees_nothing_and_says_so():
    found = left(4, {k: v for k, v in spread(whenUnsatisfiable="ScheduleAnyway").items() if k != "minDomains"})
    assert found.replicas == 0
    assert "ScheduleAnyway" in found.hint


def test_hosts_are_apart_when_zones_are_and_not_the_other_way_round():
    assert left(2, spread(ZONE)).replicas == 1
    assert left(2, spread(HOST), key=ZONE).replicas == 0


def test_without_min_domains_two_domains_must_be_known():
    constraint = spread(minDomains=None)
    assert left(2, constraint).assumed
    assert left(2, constraint, domains={HOST: 2}).replicas == 1
    one = left(2, constraint, domains={HOST: 1})
    assert (one.replicas, "minDomains" in one.hint) == (0, True)
    assert left(2, spread(ZONE, minDomains=None), domains={HOST: 1, ZONE: 2}).replicas == 1


def test_required_anti_affinity_leaves_all_but_one():
    assert left(3, affinity=anti_affinity(HOST)).replicas == 2
    assert left(3, affinity=anti_affinity(ZONE), key=ZONE).replicas == 2
    assert left(3, affinity=anti_affinity(HOST), key=ZONE).replicas == 0
    assert (
        left(3, affinity={"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{}]}}).replicas == 0
    )


@pytest.mark.parametrize("selector", [None, {"matchLabels": {"app": "other"}}])
def test_a_selector_of_other_pods_spreads_nothing(selector):
    assert left(2, spread(labelSelector=selector)).replicas == 0
    assert left(2, affinity=anti_affinity(HOST, labelSelector=selector)).replicas == 0


@pytest.mark.parametrize(
    "unknown",
    [
        {"maxSkew": UNKNOWN},
        {"topologyKey": UNKNOWN},
        {"whenUnsatisfiable": UNKNOWN},
        {"labelSelector": UNKNOWN},
        {"labelSelector": {"matchLabels": {"app": UNKNOWN}}},
        {"maxSkew": "many"},
    ],
)
def test_what_is_not_known_is_not_counted_on(unknown):
    assert isinstance(left(2, spread(**unknown)).replicas, Unsettled)


def test_one_constraint_that_is_known_is_enough():
    assert left(2, spread(ZONE), spread(maxSkew=UNKNOWN)).replicas == 1
    assert isinstance(
        left(2, spread(ZONE, whenUnsatisfiable="ScheduleAnyway"), spread(maxSkew=UNKNOWN)).replicas, Unsettled
    )


def test_a_hard_constraint_over_a_key_is_told():
    pods = resource({"topologySpreadConstraints": [spread("karpenter.sh/capacity-type")]})
    assert is_spread(pods, "karpenter.sh/capacity-type")
    assert not is_spread(pods, ZONE)
    assert not is_spread(resource({"topologySpreadConstraints": UNKNOWN}), ZONE)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 50), st.integers(1, 6))
def test_one_more_replica_never_leaves_fewer(replicas, skew):
    some, more = left(replicas, spread(maxSkew=skew)).replicas, left(replicas + 1, spread(maxSkew=skew)).replicas
    assert isinstance(some, float)
    assert isinstance(more, float)
    assert 0 <= some <= more < replicas + 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 8), min_size=2, max_size=4), st.integers(1, 3))
def test_no_allowed_placement_leaves_fewer(domains, skew):
    """Brute force: every placement that the constraint allows leaves at least what is promised."""
    if max(domains) - min(domains) <= skew:
        assert left(sum(domains), spread(maxSkew=skew)).replicas <= sum(domains) - max(domains)
