"""How replicas follow: a floor in one object, a burst for what the load needs beyond it, sleep where it is allowed."""

from typing import Any

import pulumi
from hypothesis import given
from hypothesis import strategies as st

from components.serving.scaling import (
    burst_annotations,
    burst_autoscaler,
    burst_formula,
    floor_autoscaler,
    sleeping_floor,
)
from components.serving.slot import Slot
from stanchion.serving.activation import scaling
from stanchion.serving.slots import PAUSED, SlotNames

BLUE = Slot(SlotNames("support-assistant", "full", "blue"), "critical")
GREEN = Slot(SlotNames("support-assistant", "full", "green"), "critical")
ASKED: dict[str, pulumi.Input[str]] = {"url": "http://gateway/scaling", "valueLocation": "in_flight", "format": "json"}


def burst(in_flight: int, floor: int, target: int, most: int, *, sleeps: bool = False) -> float:
    """What KEDA makes of its formula, which reads the same in Python; the autoscaler rounds up."""
    names = {"in_flight": in_flight, "floor_pods": floor, "max": max, "min": min}
    return -(-eval(burst_formula(target, most, sleeps=sleeps), {"__builtins__": {}}, names) // 1)  # noqa: S307


@given(st.integers(0, 5000), st.integers(1, 200), st.integers(1, 30), st.integers(0, 30))
def test_the_burst_is_what_the_core_says_of_the_same_load(load: int, concurrency: int, floor: int, more: int) -> None:
    said = scaling(concurrency, floor, floor + more)
    assert burst(load, floor, said.target, floor + more) == said.burst(load)


@given(st.integers(0, 10_000), st.integers(0, 30), st.booleans())
def test_floor_and_burst_are_never_more_than_there_may_be(load: int, floor: int, sleeps: bool) -> None:
    assert 0 <= burst(load, floor, 12, 30, sleeps=sleeps) <= 30 - floor


def test_a_floor_that_sleeps_is_not_helped_by_spot_when_one_request_comes() -> None:
    assert burst(1, 0, 12, 20, sleeps=True) == 0
    assert burst(40, 0, 12, 20, sleeps=True) == 3, "more than one replica's load is not left waiting for the floor"
    assert burst(1, 0, 12, 20) == 1, "with a floor of 0 the first request makes a burst"


def test_the_floor_is_counted_and_written_nowhere() -> None:
    spec = burst_autoscaler(BLUE, 12, 20, ASKED, sleeps=False)
    (floor,) = [each for each in spec["triggers"] if each["type"] == "kubernetes-workload"]
    pairs = dict(pair.split("=") for pair in floor["metadata"]["podSelector"].split(","))
    assert pairs == {
        "stanchion.dev/endpoint": "support-assistant",
        "stanchion.dev/variant": "full",
        "stanchion.dev/slot": "blue",
        "stanchion.dev/capacity": "floor",
    }
    assert {each["name"] for each in spec["triggers"]} == {"in_flight", "floor_pods"}, "the names in the formula"
    assert (spec["minReplicaCount"], spec["maxReplicaCount"]) == (0, 20)


def test_load_takes_effect_at_once_and_its_end_after_a_while() -> None:
    behaviour: Any = burst_autoscaler(BLUE, 12, 20, ASKED, sleeps=False)["advanced"]["horizontalPodAutoscalerConfig"]
    assert behaviour["behavior"]["scaleUp"]["stabilizationWindowSeconds"] == 0
    assert behaviour["behavior"]["scaleDown"]["stabilizationWindowSeconds"] >= 300


def test_the_floor_has_no_room_to_move() -> None:
    spec: Any = floor_autoscaler("support-assistant-full-blue-floor", 3)
    assert (spec.min_replicas, spec.max_replicas) == (3, 3)
    assert spec.scale_target_ref.name == "support-assistant-full-blue-floor"


def test_a_floor_that_may_sleep_comes_back_whole_and_runs_when_nobody_can_tell() -> None:
    spec = sleeping_floor("support-assistant-full-blue-floor", 2, [ASKED])
    assert (spec["idleReplicaCount"], spec["minReplicaCount"], spec["maxReplicaCount"]) == (0, 2, 2)
    assert spec["fallback"]["replicas"] == 2
    (trigger,) = spec["triggers"]
    assert (trigger["type"], trigger["metadata"]["activationTargetValue"]) == ("metrics-api", "0")
    assert spec["pollingInterval"] <= 5, "somebody waits"


def test_the_slot_that_does_not_serve_has_no_burst() -> None:
    assert burst_annotations(BLUE) == {}
    assert burst_annotations(GREEN) == {PAUSED: "0"}
