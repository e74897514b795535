import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.costs.estimate import (
    Estimator,
    ReplicaPrice,
    busy_usd,
    replica_usd_per_hour,
    share_of_node,
    token_usd,
)
from stanchion.costs.unit_prices import UNKNOWN, TokenPrice, unit_prices
from stanchion.events.inference import CapacityType
from stanchion.serving.instances import catalogue

PRICES = unit_prices()
REPLICAS = st.builds(ReplicaPrice, st.floats(0.001, 100), st.integers(1, 64))
# From a microsecond to a day, and nothing; smaller ones have no digits left to compare.
BUSY = st.just(0.0) | st.floats(1e-3, 1e8)
CAPACITY = st.sampled_from(["on-demand", "spot", "reserved"])


def usd(replica: ReplicaPrice, capacity: CapacityType, busy_ms: float) -> float:
    known = busy_usd(replica, capacity, busy_ms, PRICES.spot_share)
    assert known is not None
    return known


@given(REPLICAS, CAPACITY, BUSY, BUSY)
def test_two_times_cost_as_much_as_both_together(replica: ReplicaPrice, capacity: CapacityType, one: float, two: float):
    assert math.isclose(
        usd(replica, capacity, one) + usd(replica, capacity, two), usd(replica, capacity, one + two), rel_tol=1e-9
    )


@given(REPLICAS, CAPACITY, BUSY, BUSY)
def test_more_time_costs_no_less_and_no_time_nothing(
    replica: ReplicaPrice, capacity: CapacityType, one: float, two: float
):
    assert usd(replica, capacity, min(one, two)) <= usd(replica, capacity, max(one, two))
    assert usd(replica, capacity, 0) == usd(replica, capacity, -two) == 0


@given(REPLICAS, BUSY)
def test_spot_costs_its_share_and_what_is_reserved_as_much_as_on_demand(replica: ReplicaPrice, busy: float):
    full = usd(replica, "on-demand", busy)
    assert usd(replica, "reserved", busy) == full
    assert math.isclose(usd(replica, "spot", busy), full * PRICES.spot_share, rel_tol=1e-9)


@given(st.floats(0.001, 100), st.integers(1, 64), st.floats(0.1, 3600))
def test_a_replica_that_is_full_for_a_while_costs_what_it_costs(hourly: float, concurrency: int, seconds: float):
    one = usd(ReplicaPrice(hourly, concurrency), "on-demand", seconds * 1000)
    assert math.isclose(one * concurrency, hourly * seconds / 3600, rel_tol=1e-9)


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**7))
def test_tokens_add_up(in_one: int, out_one: int, in_two: int, out_two: int):
    price = TokenPrice(2.5, 10.0)
    one, two, both = (
        token_usd(price, *tokens)
        for tokens in ((in_one, out_one), (in_two, out_two), (in_one + in_two, out_one + out_two))
    )
    assert None not in (one, two, both)
    assert math.isclose((one or 0) + (two or 0), both or 0, rel_tol=1e-9, abs_tol=1e-15)
    assert (token_usd(price, 1_000_000, 0), token_usd(price, 0, 0)) == (2.5, 0)


def test_a_replica_pays_for_the_largest_share_it_takes():
    node = catalogue()["g5.xlarge"]
    assert share_of_node(node, node.pod_millis // 4, node.pod_mib // 4) == pytest.approx(0.25, rel=0.01)
    assert share_of_node(node, 100, 1024, accelerators=1) == 1
    assert share_of_node(catalogue()["m7i.xlarge"], 100, 1024, accelerators=1) == math.inf


def test_a_replica_costs_its_share_of_the_cheapest_node_that_holds_it():
    types = [catalogue()[name] for name in ("m7i.xlarge", "m7a.xlarge", "m7i.2xlarge")]
    hourly = replica_usd_per_hour(PRICES, "us-east-1", types[:2], 1900, 4000)
    assert hourly == pytest.approx(0.2016 * 1900 / types[0].pod_millis)
    # The small ones are too small.
    hourly = replica_usd_per_hour(PRICES, "us-east-1", types, 6000, 4000)
    assert hourly == pytest.approx(0.4032 * 6000 / types[2].pod_millis)


def test_an_unknown_price_is_not_free():
    types = [catalogue()["m7i.xlarge"]]
    assert replica_usd_per_hour(PRICES, "eu-west-1", types, 1000, 1000) is None
    assert busy_usd(ReplicaPrice(None, 1), "spot", 100, 0.4) is None
    assert token_usd(None, 1, 1) is None
    estimator = Estimator({"chat/full": ReplicaPrice(None, 4)}, PRICES)
    assert estimator.busy("chat/full", "on-demand", 50) == (0.0, UNKNOWN)
    assert estimator.busy("other/full", "on-demand", 50) == (0.0, UNKNOWN)
    assert estimator.tokens("no-such-model", 5, 5) == (0.0, UNKNOWN)


def test_an_estimate_names_its_prices():
    estimator = Estimator({"chat/full": ReplicaPrice(3.6, 2)}, PRICES, human_usd=1.5)
    assert estimator.busy("chat/full", "on-demand", 1000) == (pytest.approx(0.0005), PRICES.version)
    assert estimator.busy("chat/full", "none", 1000) == estimator.cached() == (0.0, PRICES.version)
    assert estimator.tokens("gpt-4o-mini", 1_000_000, 0) == (0.15, PRICES.version)
    assert estimator.ticket() == (1.5, PRICES.version)


@pytest.mark.parametrize("wrong", [(1.0, 0), (-1.0, 1), (math.nan, 1)])
def test_a_price_of_no_replica_is_refused(wrong: tuple[float, int]):
    with pytest.raises(ValueError, match="the price of no replica"):
        ReplicaPrice(*wrong)
