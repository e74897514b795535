from typing import Any

import pytest

from sandbox.kubernetes.fitting import admits, fits, left_on, requests, take
from sandbox.kubernetes.nodes import Node, Taint

SPOT = Taint("stanchion.dev/spot", "true")


def pod(**spec: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "c"}], **spec}}


def asking(**resources: dict[str, str]) -> dict[str, Any]:
    return {"name": "c", "resources": resources}


def test_a_pod_asks_for_its_containers_together_or_for_its_largest_init_container():
    asked = requests(
        pod(
            containers=[asking(requests={"cpu": "500m"}), asking(requests={"cpu": "1", "memory": "1Gi"})],
            initContainers=[asking(requests={"memory": "4Gi", "cpu": "100m"})],
        )
    )
    assert asked == {"pods": 1.0, "cpu": 1.5, "memory": 4 * 2**30}


def test_what_is_only_limited_is_asked_for():
    assert requests(pod(containers=[asking(limits={"nvidia.com/gpu": "1"})]))["nvidia.com/gpu"] == 1.0


def test_a_node_is_full_when_nothing_is_left_of_one_resource():
    node = Node("n", "us-east-1a", allocatable={"cpu": "2", "memory": "4Gi", "pods": "2"})
    asked = requests(pod(containers=[asking(requests={"cpu": "1"})]))
    left = left_on(node)
    assert fits(left, asked)
    take(left, asked)
    assert fits(left, asked)
    take(left, asked)
    assert not fits(left, asked)
    assert not fits(left_on(node), {"nvidia.com/gpu": 1.0})


def test_taints_keep_away_what_does_not_tolerate_them():
    node = Node("n", "us-east-1a", taints=(SPOT,))
    assert not admits(node, pod())
    assert admits(node, pod(tolerations=[{"key": SPOT.key, "operator": "Exists"}]))
    assert admits(node, pod(tolerations=[{"key": SPOT.key, "value": "true", "effect": "NoSchedule"}]))
    assert not admits(node, pod(tolerations=[{"key": SPOT.key, "value": "false"}]))
    assert not admits(node, pod(tolerations=[{"key": SPOT.key, "operator": "Exists", "effect": "NoExecute"}]))
    assert admits(node, pod(tolerations=[{"operator": "Exists"}]))
    assert admits(Node("n", "us-east-1a", taints=(Taint("soft", effect="PreferNoSchedule"),)), pod())


@pytest.mark.parametrize(
    ("wanted", "admitted"),
    [
        ({"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["us-east-1a"]}, True),
        ({"key": "topology.kubernetes.io/zone", "operator": "NotIn", "values": ["us-east-1a"]}, False),
        ({"key": "karpenter.sh/capacity-type", "operator": "NotIn", "values": ["spot"]}, True),
        ({"key": "generation", "operator": "Gt", "values": ["6"]}, True),
        ({"key": "generation", "operator": "Lt", "values": ["6"]}, False),
        ({"key": "absent", "operator": "DoesNotExist"}, True),
        ({"key": "absent", "operator": "Exists"}, False),
    ],
)
def test_required_affinity_is_asked(wanted: dict[str, Any], admitted: bool):
    node = Node("n", "us-east-1a", labels={"generation": "7"})
    term = {"nodeSelectorTerms": [{"matchExpressions": [wanted]}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": term}}
    assert admits(node, pod(affinity=affinity)) is admitted


def test_one_of_several_terms_is_enough_and_a_selector_comes_on_top():
    node = Node("n", "us-east-1a", labels={"pool": "general"})
    terms = [{"matchExpressions": [{"key": "pool", "operator": "In", "values": [name]}]} for name in ("gpu", "general")]
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}
    assert admits(node, pod(affinity=affinity))
    assert not admits(node, pod(affinity=affinity, nodeSelector={"pool": "gpu"}))
