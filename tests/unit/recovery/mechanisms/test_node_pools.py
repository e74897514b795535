import math

import pytest

from stanchion.graph import UNKNOWN, Unsettled
from tests.unit.recovery.mechanisms.kubernetes.program import INFRASTRUCTURE, ZONE, ZONES, Program, result

OWN = {"labels": {"stanchion.dev/workload": "search"}}


def pools(*pools):
    """NodePools of one workload: capacity types, replicas, zones."""
    program = Program()
    for number, (types, replicas, zones) in enumerate(pools):
        requirements = [{"key": "karpenter.sh/capacity-type", "operator": "In", "values": types}]
        requirements += [{"key": ZONES, "operator": "In", "values": zones}] if zones else []
        spec = {"template": {"spec": {"requirements": requirements}}} | ({"replicas": replicas} if replicas else {})
        program.object("karpenter.sh/v1:NodePool", f"pool-{number}", spec, **OWN)
    return result(program)


@pytest.mark.parametrize(
    ("made", "node", "zone"),
    [
        ([(["spot"], None, None)], math.inf, math.inf),
        ([(["on-demand"], None, None)], math.inf, math.inf),
        ([(["on-demand"], 2, ["a"])], 50, math.inf),
        ([(["on-demand"], 1, ["a"]), (["on-demand"], 1, ["b"])], 50, 50),
        ([(["on-demand"], 4, ["a", "b"])], 50, math.inf),
        ([(["spot", "on-demand"], 4, ["a"])], math.inf, math.inf),
        ([(["spot"], None, None), (["on-demand"], 2, ["a"])], 50, math.inf),
    ],
)
def test_only_static_pools_without_spot_are_bounded(made, node, zone):
    found = pools(*made)
    assert (found.rto(INFRASTRUCTURE), found.rto(ZONE)) == (node, zone)


@pytest.mark.parametrize("made", [([UNKNOWN], 2, ["a"]), (["on-demand"], UNKNOWN, ["a"]), (["on-demand"], "x", ["a"])])
def test_a_floor_that_is_not_known_fails_closed(made):
    assert isinstance(pools(made).rto(INFRASTRUCTURE), Unsettled)


def test_the_built_in_pools_of_auto_mode_have_no_floor():
    program = Program()
    compute = {"computeConfig": {"enabled": True, "nodePools": ["general-purpose"]}}
    program.eks("auto", tags={"stanchion:workload": "search"}, **compute)
    assert result(program).rto(INFRASTRUCTURE) == math.inf


@pytest.mark.parametrize(
    ("spec", "remark"),
    [
        ({"limits": {"cpu": 0}}, "starts no node"),
        ({"disruption": {"budgets": [{"nodes": "100%"}]}}, "disrupted at once"),
        ({"node": {"expireAfter": "30m"}}, "replaced every 30 min"),
    ],
)
def test_remarks(spec, remark):
    program = Program()
    program.pool("p", ("on-demand",), **spec)
    assert result(program).noted(remark)
    plain = Program()
    plain.pool(
        "p", ("on-demand",), limits={"cpu": 8}, disruption={"budgets": [{"nodes": "10%"}]}, node={"expireAfter": "720h"}
    )
    assert not result(plain).noted(remark)


def test_what_kind_of_capacity_is_remarked():
    assert pools((["spot"], None, None)).noted("spot only")
    assert pools((["spot", "on-demand"], 2, None)).noted("counts as no floor")
    assert pools((["on-demand"], 2, ["a", "b"])).noted("into one zone")
    assert not pools((["on-demand"], 2, ["a"])).noted("into one zone")
