"""Pools and pods by which tests see how nodes come and go."""

import json
from collections import Counter
from typing import Any

from sandbox.kubernetes.api import Api

SPOT = {"key": "stanchion.dev/spot", "value": "true", "effect": "NoSchedule"}


def node_pool(
    name: str, zones: list[str], *, replicas: int | None = None, spot: bool = False, cpu: int = 0
) -> dict[str, Any]:
    """A NodePool of Auto Mode: a floor of `replicas` nodes, or a burst of at most `cpu` vCPUs."""
    requirements = {
        "karpenter.sh/capacity-type": ["spot" if spot else "on-demand"],
        "node.kubernetes.io/instance-type": ["m7i.xlarge", "m6i.xlarge"],
        "topology.kubernetes.io/zone": zones,
    }
    spec: dict[str, Any] = {
        "template": {
            "metadata": {"labels": {"stanchion.dev/capacity": "floor" if replicas else "burst"}},
            "spec": {
                "nodeClassRef": {"group": "eks.amazonaws.com", "kind": "NodeClass", "name": "general"},
                "requirements": [
                    {"key": key, "operator": "In", "values": values} for key, values in requirements.items()
                ],
                "taints": [SPOT] if spot else [],
                "expireAfter": "336h",
            },
        },
        "disruption": {"consolidateAfter": "Never", "budgets": [{"nodes": "1"}]},
    }
    spec |= {"limits": {"cpu": str(cpu)}, "weight": 50} if replicas is None else {"replicas": replicas}
    return {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": name}, "spec": spec}


def deployment(name: str, replicas: int, capacity: str, command: list[str] | None = None) -> dict[str, Any]:
    """Pods of 1.5 vCPUs on the floor or the burst, spread over zones."""
    annotations = {"stanchion.dev/local-command": json.dumps(command)} if command else {}
    spread = {
        "maxSkew": 1,
        "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"app": name}},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}, "annotations": annotations},
                "spec": {
                    "nodeSelector": {"stanchion.dev/capacity": capacity},
                    "tolerations": [{"key": SPOT["key"], "operator": "Exists"}],
                    "topologySpreadConstraints": [spread],
                    "containers": [{"name": "server", "image": "none", "resources": {"requests": {"cpu": "1500m"}}}],
                },
            },
        },
    }


def spread_over(api: Api, name: str) -> int:
    """How many more pods the fullest of the nodes' zones has than the emptiest."""
    zone = {
        each["metadata"]["name"]: each["metadata"]["labels"]["topology.kubernetes.io/zone"]
        for each in api.items("/api/v1/nodes")
    }
    pods = api.items("/api/v1/namespaces/default/pods", labelSelector=f"app={name}")
    count = Counter(zone[pod["spec"]["nodeName"]] for pod in pods if pod["spec"].get("nodeName") in zone)
    return max(count.values()) - min(count.values())
