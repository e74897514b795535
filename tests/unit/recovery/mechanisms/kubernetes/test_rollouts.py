import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.graph import UNKNOWN, Unsettled
from stanchion.recovery.mechanisms.kubernetes.rollouts import replacement, shown
from stanchion.recovery.mechanisms.kubernetes.survey import survey
from stanchion.recovery.term import total
from tests.unit.recovery.mechanisms.kubernetes.program import Program


def how(replicas: Any = 4, scaler: Any = None, kind: Any = "Deployment", **spec: Any):
    program = Program()
    handle = program.deployment(replicas=replicas, kind=kind, **spec)
    if scaler is not None:
        target = {"scaleTargetRef": {"kind": "Deployment", "name": "api"}} | scaler
        program.object("autoscaling/v2:HorizontalPodAutoscaler", "api", target)
    graph = program.graph()
    resource = graph.resources[handle.urn]
    found = survey(graph).rollout(graph, resource)
    return found, total(term.amount for term in replacement(resource, found))


def rolling(surge, unavailable):
    return {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}}


@pytest.mark.parametrize(
    ("replicas", "spec", "waves"),
    [
        (1, {}, 1),
        (3, {}, 3),
        (4, {}, 2),
        (8, {}, 2),
        (4, rolling(1, 0), 4),
        (4, rolling("100%", 0), 1),
        (10, rolling("50%", "50%"), 1),
        # Rounding may leave nothing that may change at once; then it goes one by one.
        (3, rolling(0, "25%"), 3),
        (6, {"strategy": {"type": "Recreate"}}, 1),
    ],
)
def test_waves_of_a_deployment(replicas, spec, waves):
    assert how(replicas, **spec)[0].waves == waves


def test_the_worst_size_between_floor_and_ceiling_counts():
    # Of 3 replicas one at a time, of 4 two.
    assert how(4, {"minReplicas": 3, "maxReplicas": 4})[0].waves == 3
    assert how(4, {"minReplicas": 1, "maxReplicas": 5000}, **rolling(1, 0))[0].waves == 5000


@pytest.mark.parametrize(
    ("kind", "spec", "waves", "ends"),
    [
        ("StatefulSet", {}, 4, 120),
        ("StatefulSet", {"updateStrategy": {"rollingUpdate": {"maxUnavailable": 2}}}, 2, 60),
        ("StatefulSet", {"pods": {"terminationGracePeriodSeconds": 5}}, 4, 20),
        ("DaemonSet", {"updateStrategy": {"rollingUpdate": {"maxUnavailable": "25%"}}}, 4, 120),
        ("Deployment", {"strategy": {"type": "Recreate"}}, 1, 30),
        ("Deployment", {"minReadySeconds": 10}, 2, 20),
        ("Deployment", {}, 2, 0),
    ],
)
def test_who_has_to_end_before_its_successor_starts(kind, spec, waves, ends):
    found, seconds = how(4, kind=kind, **spec)
    assert (found.waves, seconds) == (waves, ends)


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Deployment", {"replicas": UNKNOWN}),
        ("Deployment", {"strategy": UNKNOWN}),
        ("Deployment", rolling(UNKNOWN, 0)),
        ("Deployment", rolling(1, "x")),
        ("StatefulSet", {"updateStrategy": UNKNOWN}),
        ("DaemonSet", {}),
        ("DaemonSet", {"updateStrategy": {"rollingUpdate": {"maxUnavailable": 3}}}),
    ],
)
def test_what_can_not_be_told(kind, spec):
    assert isinstance(how(kind=kind, **{"replicas": 4} | spec)[0].waves, Unsettled)


def test_waves_in_words():
    assert [shown(1.0), shown(3.0)] == ["at once", "in 3 waves"]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.integers(1, 100), st.integers(0, 100))
def test_every_pod_has_its_wave_and_none_waits_for_nothing(replicas, surge, unavailable):
    waves = how(replicas, **rolling(f"{surge}%", f"{unavailable}%"))[0].waves
    assert isinstance(waves, float)
    assert 1 <= waves <= replicas
    assert waves >= math.floor(100 / (surge + unavailable + 100))
