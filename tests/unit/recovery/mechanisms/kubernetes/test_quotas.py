import math

import pytest

from stanchion.graph import UNKNOWN, Unsettled
from stanchion.recovery.mechanisms.kubernetes.quotas import (
    SERVICE_QUOTA,
    demand,
    needed,
    quota_code,
    quota_name,
    quotas_of,
    vcpus,
)
from stanchion.recovery.mechanisms.kubernetes.survey import survey
from tests.unit.recovery.mechanisms.kubernetes.program import Program


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("m7g.large", 2),
        ("g6.xlarge", 4),
        ("g6.12xlarge", 48),
        ("p5.48xlarge", 192),
        ("inf2.48xlarge", 192),
        ("m5.metal", None),
        ("", None),
    ],
)
def test_vcpus_follow_from_the_size(kind, count):
    assert vcpus(kind) == count


@pytest.mark.parametrize(
    ("kind", "on_demand", "spot"),
    [
        ("m7g.large", "L-1216C47A", "L-34B43A08"),
        ("g6.xlarge", "L-DB2E81BA", "L-3819A6DF"),
        ("p4d.24xlarge", "L-417A185B", "L-7212CCBC"),
        ("p5.48xlarge", "L-417A185B", "L-C4BD4855"),
        ("inf2.xlarge", "L-1945791B", "L-B5D1601B"),
        ("trn1.32xlarge", "L-2C3B7624", "L-6B0D517C"),
        ("dl1.24xlarge", "L-6E869C2A", "L-85EED4F7"),
        ("d3.xlarge", "L-1216C47A", "L-34B43A08"),
        ("mac2.metal", "", ""),
    ],
)
def test_the_class_of_a_type_decides_its_quota(kind, on_demand, spot):
    assert (quota_code(kind, spot=False), quota_code(kind, spot=True)) == (on_demand, spot)


def pools(*groups):
    program = Program()
    for number, inputs in enumerate(groups):
        program.group(f"nodes-{number}", 0, **inputs)
    return survey(program.graph()).pools[program.cluster.urn]


def test_what_pools_need_at_their_largest_adds_up():
    found = needed(
        pools(
            {"instanceTypes": ["g6.xlarge", "g6.2xlarge"], "most": 3},
            {"instanceTypes": ["g5.xlarge"], "most": 2},
            {"instanceTypes": ["m7g.large"], "most": 5, "capacityType": "SPOT"},
            {"most": 9},
        )
    )
    assert found == {"L-DB2E81BA": 3 * 8 + 2 * 4, "L-34B43A08": 10}


@pytest.mark.parametrize("inputs", [{"instanceTypes": ["m5.metal"]}, {"instanceTypes": ["m5.large"], "most": UNKNOWN}])
def test_a_need_that_can_not_be_told(inputs):
    assert isinstance(needed(pools(inputs))["L-1216C47A"], Unsettled)


def test_quotas_are_found_by_region_and_code():
    program = Program()
    program.add(SERVICE_QUOTA, "east", {"quotaCode": "L-1216C47A", "value": 32})
    program.add(SERVICE_QUOTA, "west", {"quotaCode": "L-1216C47A", "value": 64}, region="us-west-2")
    program.add(SERVICE_QUOTA, "unknown", {"quotaCode": UNKNOWN, "value": 64})
    found = quotas_of(program.graph())
    assert {region: {code: q.name for code, q in quotas.items()} for region, quotas in found.items()} == {
        "us-east-1": {"L-1216C47A": "east"},
        "us-west-2": {"L-1216C47A": "west"},
    }


STANDARD, SPOT, GPU = "L-1216C47A", "L-34B43A08", "L-DB2E81BA"
FAMILY, CATEGORY = "karpenter.k8s.aws/instance-family", "eks.amazonaws.com/instance-category"


def node_pool(types=("on-demand",), limits=None, instances=("m7i.xlarge", "m7i.4xlarge"), requirements=()):
    program = Program()
    wanted = list(requirements)
    if instances:
        wanted.append({"key": "node.kubernetes.io/instance-type", "operator": "In", "values": list(instances)})
    own = {} if limits is None else {"limits": limits}
    program.pool("nodes", types, requirements=wanted, **own)
    (found,) = survey(program.graph()).pools[program.cluster.urn]
    return demand(found)


@pytest.mark.parametrize(
    ("limits", "most"),
    [
        ({"cpu": "64"}, 64),
        ({"cpu": 64.0}, 64),
        ({"cpu": "1500m"}, 1.5),
        ({"cpu": "1k"}, 1000),
        # The largest type, as often as there are nodes; the smaller bound counts.
        ({"nodes": "3"}, 3 * 16),
        ({"nodes": "3", "cpu": "40"}, 40),
        ({"nodes": "2", "cpu": "40"}, 32),
        ({"memory": "64Gi"}, math.inf),
        (None, math.inf),
        ({"nodes": UNKNOWN, "cpu": "40"}, 40),
    ],
)
def test_limits_of_a_node_pool(limits, most):
    assert node_pool(limits=limits) == {STANDARD: most}


@pytest.mark.parametrize("limits", [{"cpu": UNKNOWN}, {"cpu": "many"}, {"nodes": UNKNOWN}, UNKNOWN])
def test_limits_that_can_not_be_told(limits):
    assert isinstance(node_pool(limits=limits)[STANDARD], Unsettled)


@pytest.mark.parametrize(
    ("types", "codes"),
    [
        (("on-demand",), {STANDARD}),
        (("reserved", "on-demand"), {STANDARD}),
        (("spot",), {SPOT}),
        (("spot", "on-demand"), {STANDARD, SPOT}),
        # Whatever there is.
        ((), {STANDARD, SPOT}),
    ],
)
def test_what_a_pool_may_buy_decides_its_quotas(types, codes):
    assert node_pool(types, {"cpu": "8"}) == dict.fromkeys(codes, 8)


@pytest.mark.parametrize(
    ("key", "values", "codes"), [(FAMILY, ["g6", "m7i"], {GPU, STANDARD}), (CATEGORY, ["c", "m"], {STANDARD})]
)
def test_families_and_categories_tell_the_class(key, values, codes):
    wanted = [{"key": key, "operator": "In", "values": values}]
    assert node_pool(limits={"cpu": "8"}, instances=(), requirements=wanted) == dict.fromkeys(codes, 8)
    # How many nodes it may have says nothing then.
    assert all(isinstance(v, Unsettled) for v in node_pool((), {"nodes": "8"}, (), wanted).values())


def test_a_pool_of_any_types_tells_no_quota():
    assert node_pool(limits={"cpu": "8"}, instances=()) == {}


def test_quotas_have_names():
    assert quota_name(GPU) == "on-demand vCPUs of class G and VT"
    assert quota_name("L-C4BD4855") == "spot vCPUs of class P5"
    assert quota_name("L-417A185B") == "on-demand vCPUs of class P"
