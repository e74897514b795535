import math

import pytest

from stanchion.graph import UNKNOWN, Unsettled
from tests.unit.recovery.mechanisms.kubernetes.program import INFRASTRUCTURE, ZONE, Program, result

OWN = {"tags": {"stanchion:workload": "search"}}
AB = ("us-east-1a", "us-east-1b")


def groups(*inputs, version="1.34", zones=AB):
    program = Program(version=version)
    subnets = program.subnets(*zones)
    for number, own in enumerate(inputs):
        program.group(f"nodes-{number}", own.pop("least", 2), subnets, **OWN | own)
    return result(program)


@pytest.mark.parametrize(
    ("inputs", "zones", "node", "zone"),
    [
        ([{}], AB, 50, 50),
        ([{}], AB[:1], 50, math.inf),
        ([{"least": 1}], AB, math.inf, math.inf),
        ([{"capacityType": "SPOT"}], AB, math.inf, math.inf),
        ([{"capacityType": "SPOT"}, {}], AB, 50, 50),
        # Other taints are for other pods: they don't stand in for one another, and the worst counts.
        ([{"least": 1, "taints": [{"key": "gpu", "effect": "NO_SCHEDULE"}]}, {}], AB, math.inf, math.inf),
    ],
)
def test_nodes_whose_pods_are_in_no_program(inputs, zones, node, zone):
    found = groups(*inputs, zones=zones)
    assert (found.rto(INFRASTRUCTURE), found.rto(ZONE)) == (node, zone)
    assert found.noted("only its nodes are judged")


def test_an_older_cluster_notices_sooner():
    assert groups({}, version="1.30").rto(INFRASTRUCTURE) == 40


@pytest.mark.parametrize("own", [{"scalingConfig": UNKNOWN}, {"capacityType": UNKNOWN}])
def test_a_floor_that_is_not_known_fails_closed(own):
    assert isinstance(groups(own).rto(INFRASTRUCTURE), Unsettled)


def test_nodes_that_nobody_owns_are_judged_through_their_pods_alone():
    assert groups({"tags": {}}).steps == []


def test_where_pods_are_in_the_program_nodes_say_nothing_of_their_own():
    program = Program()
    program.group("nodes", 1, program.subnets(*AB), **OWN)
    handle = program.deployment()
    assert {step.urn for step in result(program).steps} == {handle.urn}


@pytest.mark.parametrize(
    ("own", "remark"),
    [
        ({"capacityType": "CAPACITY_BLOCK"}, "block ends"),
        ({"capacityType": "SPOT"}, "spot only"),
        ({"updateConfig": {"maxUnavailable": 2}}, "all nodes of its floor at once"),
        ({"updateConfig": {"maxUnavailablePercentage": 100}}, "all nodes of its floor at once"),
    ],
)
def test_remarks(own, remark):
    assert groups(own).noted(remark)
    assert not groups({}).noted(remark)


def test_one_zone_is_remarked():
    assert groups({}, zones=AB[:1]).noted("zone us-east-1a only")
    assert not groups({}).noted("only: they all go")
