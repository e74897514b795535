"""What an endpoint runs in the region that serves, and in the one that waits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.serving.regional import Served, served, served_in
from stanchion.spec import EndpointCapacity, OnlineEndpoint, Rung, Standby, load_environment

LADDERS: list[list[Rung]] = [
    ["full"],
    ["full", "quantized"],
    ["full", "quantized", "cached", "human"],
    ["full", "human"],
]


def endpoint(ladder: list[Rung], capacity: EndpointCapacity, standby: Standby | None = None) -> OnlineEndpoint:
    return OnlineEndpoint(
        tier="critical",
        use_case="support",
        model="llm",
        kind="llm",
        ladder=ladder,
        capacity=capacity,
        standby=standby,
    )


def test_the_region_that_serves_runs_each_variant_of_the_ladder():
    found = served(endpoint(LADDERS[2], EndpointCapacity(floor=2, max=20, spot=True)), standby=False)
    assert found == (Served("full", 2, 20, True, False), Served("quantized", 2, 20, True, False))
    assert [each.burst for each in found] == [18, 18]


def test_the_standby_runs_what_it_says_and_can_grow_as_far():
    spare = Standby(floor=1, rung="quantized")
    found = endpoint(LADDERS[2], EndpointCapacity(floor=2, max=20, spot=True), spare)
    assert served(found, standby=True) == (Served("quantized", 1, 20, True, False),)
    # Only the standby is smaller.
    assert len(served(found, standby=False)) == 2


@given(st.sampled_from(LADDERS), st.integers(1, 9), st.integers(9, 30), st.booleans(), st.booleans())
def test_without_a_standby_both_regions_run_the_same(ladder: list[Rung], floor: int, most: int, spot: bool, zero: bool):
    found = endpoint(ladder, EndpointCapacity(floor=floor, max=most, spot=spot, scale_to_zero=zero))
    assert served(found, standby=True) == served(found, standby=False)
    assert [each.variant for each in served(found, standby=True)] == list(found.variants)


def test_a_standby_without_a_floor_has_none_that_could_go():
    capacity = EndpointCapacity(floor=2, max=6, scale_to_zero=True)
    (found,) = served(endpoint(LADDERS[0], capacity, Standby(floor=0)), standby=True)
    assert (found.floor, found.burst, found.scale_to_zero) == (0, 6, False)


def test_a_region_runs_the_online_endpoints_of_the_document_with_their_variants():
    spec = load_environment("example")
    primary = [(name, each.variant) for name, _, _, each in served_in(spec, "us-east-1")]
    standby = [(name, each.variant) for name, _, _, each in served_in(spec, "us-west-2")]
    assert primary == [("support-assistant", "full"), ("support-assistant", "quantized"), ("churn-risk", "full")]
    assert standby == [("support-assistant", "quantized"), ("churn-risk", "full")]
    for _, found, variant, each in served_in(spec, "us-west-2"):
        assert variant is spec.models[found.model].variants[each.variant]
    with pytest.raises(KeyError):
        list(served_in(spec, "us-east-2"))
