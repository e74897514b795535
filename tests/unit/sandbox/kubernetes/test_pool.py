from typing import Any

from sandbox.kubernetes.nodes import CapacityType, Engine, Taint
from sandbox.kubernetes.pool import KEPT, from_node_group, from_node_pool

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")


def node_pool(group: str = "eks.amazonaws.com", **spec: Any) -> dict[str, Any]:
    requirements = spec.pop("requirements", [])
    return {
        "metadata": {"name": "general-burst"},
        "spec": {
            "template": {
                "metadata": {"labels": {"stanchion.dev/pool": "general"}},
                "spec": {
                    "nodeClassRef": {"group": group, "kind": "NodeClass", "name": "general"},
                    "requirements": [{"key": key, "operator": "In", "values": values} for key, values in requirements],
                    "taints": [{"key": "stanchion.dev/spot", "value": "true", "effect": "NoSchedule"}],
                },
            },
            **spec,
        },
    }


def test_a_dynamic_pool_has_limits_and_weight_and_no_floor():
    pool = from_node_pool(
        node_pool(
            weight=50,
            limits={"cpu": "64", "nodes": "9"},
            requirements=[
                ("karpenter.sh/capacity-type", ["spot"]),
                ("node.kubernetes.io/instance-type", ["m7i.xlarge", "m7a.2xlarge", "nothing.here"]),
                ("topology.kubernetes.io/zone", ["us-east-1b"]),
                ("kubernetes.io/arch", ["amd64"]),
            ],
        ),
        ZONES,
    )
    assert pool is not None
    assert (pool.dynamic, pool.floor, pool.most_cpu, pool.most_nodes, pool.weight) == (True, 0, 64, 9, 50)
    assert [kind.name for kind in pool.types] == ["m7i.xlarge", "m7a.2xlarge"]
    assert (pool.zones, pool.capacity_type, pool.arch) == (("us-east-1b",), CapacityType.SPOT, "amd64")
    assert pool.taints == (Taint("stanchion.dev/spot", "true", "NoSchedule"),)


def test_a_static_pool_has_a_floor_and_a_reservation_comes_first():
    pool = from_node_pool(
        node_pool(replicas=2, requirements=[("karpenter.sh/capacity-type", ["reserved", "on-demand"])]), ZONES
    )
    assert pool is not None
    assert (pool.dynamic, pool.floor, pool.zones) == (False, 2, ZONES)
    assert pool.capacity_type is CapacityType.RESERVED


def test_nodes_have_the_labels_of_their_pool():
    pool = from_node_pool(node_pool(replicas=1, requirements=[("kubernetes.io/arch", ["arm64"])]), ZONES)
    assert pool is not None
    labels = pool.node("n", "us-east-1a", pool.types[0]).document()["metadata"]["labels"]
    assert labels["karpenter.sh/nodepool"] == "general-burst"
    assert labels["stanchion.dev/pool"] == "general"
    assert labels["kubernetes.io/arch"] == "arm64"
    assert labels["karpenter.sh/capacity-type"] == "on-demand"
    assert labels[KEPT[0]] == KEPT[1]


def test_pools_of_another_provider_of_nodes_are_left_alone():
    assert from_node_pool(node_pool("karpenter.kwok.sh", replicas=1), ZONES) is None


def test_a_node_group_is_a_pool_between_its_sizes():
    pool = from_node_group(
        {
            "nodegroupName": "burst",
            "capacityType": "SPOT",
            "instanceTypes": ["m7g.xlarge"],
            "amiType": "AL2023_ARM_64_STANDARD",
            "scalingConfig": {"minSize": 0, "desiredSize": 1, "maxSize": 4},
            "labels": {"stanchion.dev/pool": "general"},
            "taints": [{"key": "stanchion.dev/spot", "value": "true", "effect": "NO_SCHEDULE"}],
            "zones": ["us-east-1a", "us-east-1b"],
        }
    )
    assert (pool.engine, pool.floor, pool.dynamic, pool.most_nodes) == (Engine.NODE_GROUPS, 1, True, 4)
    assert pool.taints == (Taint("stanchion.dev/spot", "true", "NoSchedule"),)
    labels = pool.node("n", "us-east-1a", pool.types[0]).document()["metadata"]["labels"]
    assert labels["eks.amazonaws.com/nodegroup"] == "burst"
    assert labels["eks.amazonaws.com/capacityType"] == "SPOT"
    assert labels["kubernetes.io/arch"] == "arm64"
