import math

import pytest

from stanchion.graph import UNKNOWN, Unsettled
from stanchion.recovery.mechanisms.kubernetes.room import room
from stanchion.recovery.mechanisms.kubernetes.survey import survey
from stanchion.recovery.term import Grade
from tests.unit.recovery.mechanisms.kubernetes.program import INFRASTRUCTURE, REGION, ZONE, ZONES, Program

RESERVATION = "aws:ec2/capacityReservation:CapacityReservation"
AB = ("us-east-1a", "us-east-1b")


def term(program, disruption=INFRASTRUCTURE, **pods):
    handle = program.deployment(pods=pods)
    graph = program.graph()
    resource = graph.resources[handle.urn]
    placed = survey(graph).pools_for(graph, resource)
    assert placed is not None
    return room(resource, placed, disruption)


@pytest.mark.parametrize(
    ("groups", "seconds"), [([2], 0), ([1], math.inf), ([1, 1], 0), ([0], math.inf), ([0, 2], 0), ([5], 0)]
)
def test_a_floor_of_two_has_room_when_one_node_is_gone(groups, seconds):
    program = Program()
    for number, least in enumerate(groups):
        program.group(f"nodes-{number}", least)
    found = term(program)
    assert found.amount == seconds
    assert found.grade is (Grade.BOUND if seconds == 0 else Grade.NONE)


def test_spot_is_no_floor_but_one_beside_it_counts():
    program = Program()
    program.group("burst", 5, capacityType="SPOT")
    assert term(program).amount == math.inf
    assert "spot" in term(program).name
    program.group("floor", 2)
    assert term(program).amount == 0


@pytest.mark.parametrize(
    ("least", "zones", "seconds"), [(2, AB, 0), (1, AB, math.inf), (3, AB, 0), (4, AB[:1], math.inf), (2, (), math.inf)]
)
def test_a_zone_takes_its_share_of_a_group(least, zones, seconds):
    program = Program()
    program.group("nodes", least, program.subnets(*zones))
    found = term(program, ZONE)
    assert found.amount == seconds
    # Auto Scaling balances over zones as it can.
    assert found.grade is (Grade.TYPICAL if seconds == 0 else Grade.NONE)


def test_one_group_a_zone_is_a_bound():
    program = Program()
    subnets = program.subnets(*AB)
    for name, subnet in zip("ab", subnets, strict=True):
        program.group(name, 1, [subnet])
    assert (term(program, ZONE).amount, term(program, ZONE).grade) == (0, Grade.BOUND)


def static(program, name, *zones):
    requirement = {"key": ZONES, "operator": "In", "values": list(zones)}
    program.pool(name, ("on-demand",), replicas=4, requirements=[requirement])


def test_a_static_pool_may_put_all_nodes_into_one_zone():
    program = Program()
    static(program, "both", *AB)
    assert term(program).amount == 0
    assert term(program, ZONE).amount == math.inf
    static(program, "a", AB[0])
    static(program, "b", AB[1])
    assert (term(program, ZONE).amount, term(program, ZONE).grade) == (0, Grade.BOUND)


def test_zones_that_can_not_be_told_are_named():
    program = Program()
    program.group("nodes", 4, program.subnets(UNKNOWN))
    amount = term(program, ZONE).amount
    assert isinstance(amount, Unsettled)
    assert amount.property == "availabilityZone"
    assert term(program).amount == 0


def test_pods_of_one_zone_have_no_room_in_another():
    program = Program()
    program.group("nodes", 4, program.subnets(*AB))
    assert term(program, ZONE, nodeSelector={ZONES: AB[0]}).amount == math.inf
    assert term(program, INFRASTRUCTURE, nodeSelector={ZONES: AB[0]}).amount == 0


def test_no_pool_that_takes_the_pods_can_not_be_told():
    program = Program()
    program.group("nodes", 4)
    assert isinstance(term(program, nodeSelector={"pool": "gpu"}).amount, Unsettled)


@pytest.mark.parametrize("inputs", [{"scalingConfig": {"minSize": UNKNOWN}}, {"taints": UNKNOWN}])
def test_a_floor_that_may_or_may_not_be_there_can_not_be_told(inputs):
    program = Program()
    program.pool("spot", ("spot",))
    program.group("nodes", 4, **inputs)
    assert isinstance(term(program).amount, Unsettled)
    program.group("known", 2)
    assert term(program).amount == 0


def reserve(program, name, zone, **own):
    inputs = {
        "availabilityZone": zone,
        "instanceType": "g6.xlarge",
        "instanceCount": 2,
        "instancePlatform": "Linux/UNIX",
    }
    return program.add(RESERVATION, name, inputs | own)


@pytest.mark.parametrize(
    ("own", "seconds"),
    [
        ({}, 130),
        ({"instanceMatchCriteria": "targeted"}, math.inf),
        ({"instanceType": "g6.2xlarge"}, math.inf),
        ({"endDateType": "limited", "endDate": "2027-01-01T00:00:00Z"}, math.inf),
        ({"instanceCount": 0}, math.inf),
        ({"instanceCount": UNKNOWN}, math.inf),
        ({"endDateType": UNKNOWN}, math.inf),
    ],
)
def test_an_open_reservation_of_the_type_bounds_the_start_of_a_node(own, seconds):
    program = Program()
    program.group("gpu", 0, instanceTypes=["g6.xlarge"])
    reserve(program, "gpu", AB[0], **own)
    found = term(program)
    assert found.amount == seconds
    assert found.grade is (Grade.TYPICAL if seconds == 130 else Grade.NONE)


def test_a_zone_needs_reservations_in_two():
    program = Program()
    program.group("gpu", 0, instanceTypes=["g6.xlarge"])
    reserve(program, "a", AB[0])
    assert term(program, ZONE).amount == math.inf
    reserve(program, "b", AB[1])
    assert term(program, ZONE).amount == 130


def test_a_reservation_is_used_by_who_names_it():
    program = Program()
    held = reserve(program, "gpu", AB[0], instanceMatchCriteria="targeted", tags={"pool": "gpu"})
    target = {"capacityReservationTarget": {"capacityReservationId": held.ref("id")}}
    template = program.add("aws:ec2/launchTemplate:LaunchTemplate", "gpu", {"capacityReservationSpecification": target})
    program.group("gpu", 0, launchTemplate={"id": template.ref("id"), "version": "1"})
    assert term(program).amount == 130


@pytest.mark.parametrize(("tags", "seconds"), [({"pool": "gpu"}, 130), ({"pool": "cpu"}, math.inf), ({}, math.inf)])
def test_a_node_class_finds_reservations_by_tags(tags, seconds):
    program = Program()
    reserve(program, "gpu", AB[0], instanceMatchCriteria="targeted", tags={"pool": "gpu"})
    terms = {"capacityReservationSelectorTerms": [{"tags": tags}]}
    program.object("karpenter.k8s.aws/v1:EC2NodeClass", "gpu", terms)
    node = {"nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "gpu"}}
    program.pool("gpu", ("reserved", "on-demand"), node=node)
    assert term(program).amount == seconds


def test_another_region_needs_one_node_that_runs():
    program = Program()
    program.group("nodes", 1)
    assert term(program, REGION).amount == 0
