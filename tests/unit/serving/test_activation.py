"""What the gateway publishes, and that the replicas that follow from it take the load."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.serving.activation import UTILISATION, VALUE_LOCATION, Activation, path, scaling

concurrencies, floors = st.integers(1, 10_000), st.integers(0, 50)
loads = st.integers(0, 100_000)


def test_a_slot_has_a_path_of_its_own():
    assert path("assistant", "full", "blue") == "/scaling/assistant/full/blue"


@given(loads, loads)
def test_what_is_published_is_read(in_flight: int, tokens: int):
    published = json.loads(json.dumps(Activation(in_flight, tokens).document))
    assert published == {"in_flight": in_flight, "tokens": tokens}
    assert published[VALUE_LOCATION] == in_flight
    assert Activation.read(published) == Activation(in_flight, tokens)


def test_tokens_may_be_left_out():
    assert Activation.read({"in_flight": 3}) == Activation(3, 0)


@pytest.mark.parametrize(
    "document",
    [{}, [], None, "3", {"tokens": 3}, {"in_flight": "3"}, {"in_flight": 1.5}, {"in_flight": True}, {"in_flight": -1}],
)
def test_what_is_no_activation_is_refused(document: object):
    with pytest.raises(ValueError, match=r"is not an activation|is less than nothing"):
        Activation.read(document)


@given(concurrencies, floors, st.integers(0, 50))
def test_the_target_leaves_room_and_is_never_nothing(concurrency: int, floor: int, above: int):
    found = scaling(concurrency, floor, floor + above)
    assert 1 <= found.target <= concurrency
    assert found.target == 1 or found.target <= concurrency * UTILISATION


@given(concurrencies, floors, st.integers(0, 50), loads)
def test_floor_and_burst_take_the_load_and_not_a_replica_more(concurrency: int, floor: int, above: int, load: int):
    found = scaling(concurrency, floor, floor + above)
    burst = found.burst(load)
    assert 0 <= burst <= above
    if burst < above:
        assert (floor + burst) * found.target >= load
    if burst:
        assert (floor + burst - 1) * found.target < load


@given(concurrencies, floors, st.integers(0, 50), loads, loads)
def test_more_load_never_gets_fewer_replicas(concurrency: int, floor: int, above: int, one: int, other: int):
    found = scaling(concurrency, floor, floor + above)
    assert found.burst(min(one, other)) <= found.burst(max(one, other))
