"""What groups and compute environments may start at their largest, computed by hand."""

import pytest

from policies.reading.vcpus import ENVIRONMENT, takers
from stanchion.graph import SECRET, UNKNOWN, GraphBuilder, Unsettled

GROUP, TEMPLATE = "aws:autoscaling/group:Group", "aws:ec2/launchTemplate:LaunchTemplate"
STANDARD, SPOT, GPU, GPU_SPOT = "L-1216C47A", "L-34B43A08", "L-DB2E81BA", "L-3819A6DF"


def group(template=None, **own):
    builder = GraphBuilder()
    made = builder.add(TEMPLATE, "web", {"instanceType": "m7g.large"} | (template or {}))
    builder.add(GROUP, "web", {"minSize": 1, "maxSize": 10, "launchTemplate": {"id": made.ref("id")}} | own)
    (found,) = takers(builder.graph())
    return found


def mixed(base, share, *overrides, most=10):
    policy = {
        "instancesDistribution": {"onDemandBaseCapacity": base, "onDemandPercentageAboveBaseCapacity": share},
        "launchTemplate": {"overrides": list(overrides)},
    }
    return group(maxSize=most, launchTemplate=None, mixedInstancesPolicy=policy)


def of(kind, weight=None):
    return {"instanceType": kind} | ({} if weight is None else {"weightedCapacity": weight})


def test_a_group_without_a_mix_takes_from_one_quota():
    assert group().vcpus == {STANDARD: 20}
    assert group({"instanceMarketOptions": {"marketType": "spot"}}).vcpus == {SPOT: 20}
    # What may be either may be all of both.
    assert group({"instanceMarketOptions": {"marketType": UNKNOWN}}).vcpus == {STANDARD: 20, SPOT: 20}


@pytest.mark.parametrize(
    ("base", "share", "expected"),
    [
        (2, 0, {STANDARD: 2 * 4, SPOT: 8 * 4}),
        (2, 100, {STANDARD: 10 * 4}),
        (20, 0, {STANDARD: 10 * 4}),
        # Of 7 above the base a third: 3 on demand at most, and 5 spot at most.
        (3, 33, {STANDARD: 6 * 4, SPOT: 5 * 4}),
        (UNKNOWN, 0, {STANDARD: 40, SPOT: 40}),
        (0, SECRET, {STANDARD: 40, SPOT: 40}),
    ],
)
def test_a_mix_is_split_and_rounded_up(base, share, expected):
    assert mixed(base, share, of("m7i.large"), of("c7i.xlarge")).vcpus == expected


def test_weights_are_units_of_the_size():
    # 16 units: 4 of the large ones of 16 vCPUs, or 16 of 2.
    assert mixed(0, 0, of("m7i.large", "1"), of("m7i.4xlarge", "4"), most=16).vcpus == {SPOT: 4 * 16}
    assert mixed(0, 0, of("m7i.4xlarge", "3"), most=16).vcpus == {SPOT: 6 * 16}


def test_each_class_may_take_all():
    assert mixed(0, 0, of("g6.xlarge"), of("m7i.xlarge")).vcpus == {GPU_SPOT: 40, SPOT: 40}


@pytest.mark.parametrize(
    ("found", "where"),
    [
        (lambda: group(maxSize=UNKNOWN), "maxSize"),
        (lambda: group({"instanceType": UNKNOWN}), "instanceType"),
        (lambda: group({"instanceType": None}), "instanceType"),
        (lambda: group(launchTemplate={"id": "lt-0123"}), "launchTemplate.id"),
        (lambda: group(launchTemplate=None), "launchConfiguration"),
        (lambda: mixed(0, 0, {"instanceRequirements": {"vcpuCount": {"min": 4}}}), "instanceRequirements"),
        (lambda: mixed(0, 0, of("m7i.large", "0")), "weightedCapacity"),
        (lambda: mixed(0, 0, of(SECRET)), "instanceType"),
    ],
)
def test_what_can_not_be_told_is_named(found, where):
    gap = found().gap
    assert isinstance(gap, Unsettled)
    assert gap.property.endswith(where)


def test_a_type_whose_name_tells_no_size():
    amount = group({"instanceType": "m7i.metal-24xl"}).vcpus[STANDARD]
    assert isinstance(amount, Unsettled)
    assert amount.property == "instanceType"


def environment(**resources):
    builder = GraphBuilder()
    builder.add(ENVIRONMENT, "jobs", {"computeResources": {"maxVcpus": 64} | resources})
    (found,) = takers(builder.graph())
    return found


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ({"type": "SPOT", "instanceTypes": ["optimal"]}, {SPOT: 64}),
        ({"type": "EC2", "instanceTypes": ["m7i", "g6.xlarge"]}, {STANDARD: 64, GPU: 64}),
        ({"type": "FARGATE"}, {}),
    ],
)
def test_a_compute_environment_has_its_maximum_in_each_class(resources, expected):
    found = environment(**resources)
    assert (found.vcpus, found.gap) == (expected, None)


def test_a_compute_environment_that_can_not_be_told():
    assert isinstance(environment(type=UNKNOWN).gap, Unsettled)
    assert isinstance(environment(type="SPOT", instanceTypes=UNKNOWN).gap, Unsettled)
    assert isinstance(environment(type="SPOT", instanceTypes=["m7i"], maxVcpus=UNKNOWN).vcpus[SPOT], Unsettled)
