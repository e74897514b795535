import pytest

from stanchion.graph import UNKNOWN
from stanchion.recovery.mechanisms.kubernetes.losses import Fate, holds_on, is_standby, loss
from stanchion.recovery.mechanisms.kubernetes.survey import survey
from tests.unit.recovery.mechanisms.kubernetes.program import HOST, INFRASTRUCTURE, ZONE, ZONES, Program, spread

APART = {"topologySpreadConstraints": [spread(HOST), spread(ZONES)]}


def fate(disruption=INFRASTRUCTURE, group=None, **own):
    program = Program()
    handle = program.deployment(**own)
    if group is not None:
        program.group("nodes", 3, **group)
    graph = program.graph()
    return loss(graph, survey(graph), graph.resources[handle.urn], disruption)


@pytest.mark.parametrize("disruption", [INFRASTRUCTURE, ZONE])
@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({"replicas": 1}, Fate.RESTARTS),
        ({"replicas": 3}, Fate.RESTARTS),
        ({"replicas": 3, "pods": APART}, Fate.SERVES),
        ({"replicas": 1, "pods": APART}, Fate.RESTARTS),
        ({"replicas": 0}, Fate.IDLE),
        ({"replicas": UNKNOWN, "pods": APART}, Fate.UNKNOWN),
        ({"replicas": 2, "pods": {"topologySpreadConstraints": UNKNOWN}}, Fate.UNKNOWN),
        ({"replicas": 3, "pods": APART, "group": {"capacityType": "SPOT"}}, Fate.RESTARTS),
        ({"replicas": 3, "pods": APART, "group": {"capacityType": UNKNOWN}}, Fate.UNKNOWN),
    ],
)
def test_what_becomes_of_the_pods(disruption, own, expected):
    assert fate(disruption, **own).fate is expected


def test_pods_of_one_zone_are_not_spread_over_zones():
    pinned = APART | {"nodeSelector": {ZONES: "us-east-1a"}}
    assert fate(ZONE, replicas=3, pods=pinned).fate is Fate.RESTARTS
    assert fate(INFRASTRUCTURE, replicas=3, pods=pinned).fate is Fate.SERVES


def test_who_can_not_be_replaced_before_the_node_is_given_up():
    program = Program()
    disk = {"volumes": [{"persistentVolumeClaim": {"claimName": "data"}}]}
    held = [
        program.deployment("plain"),
        program.deployment("disk", pods=disk),
        program.deployment("scratch", pods={"volumes": [{"emptyDir": {}}]}),
        program.deployment("set", kind="StatefulSet"),
        program.deployment("daemon", kind="DaemonSet", pods=disk),
    ]
    resources = program.graph().resources
    assert [holds_on(resources[handle.urn]) for handle in held] == [False, True, False, True, False]


@pytest.mark.parametrize(
    ("value", "expected"), [("true", True), (True, True), ("false", False), (None, False), (UNKNOWN, False)]
)
def test_a_standby_says_so(value, expected):
    program = Program()
    handle = program.deployment(annotations={"stanchion.dev/standby": value})
    graph = program.graph()
    assert is_standby(graph, graph.resources[handle.urn]) == expected
