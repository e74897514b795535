"""KEDA, which scales endpoints on what the gateway tells of them, and lets them sleep."""

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import Namespace
from pulumi_kubernetes.helm.v3 import Release, RepositoryOptsArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.component import Component
from components.serving.placement import CAPACITY_TYPE
from stanchion.serving.slots import NAMESPACE

# Chart and program have the same version (releases of kedacore/charts, read 2026-11-27).
VERSION = "2.21.1"
REPOSITORY = "https://kedacore.github.io/charts"
NAME = "keda"
# Long enough for a node of the floor to come first on a new cluster.
TIMEOUT_SECONDS = 900
# What the chart calls its three parts differs from section to section of its values.
OPERATOR, METRICS, WEBHOOKS = "operator", "metricServer", "webhooks"
LABELS = {
    OPERATOR: "keda-operator",
    METRICS: "keda-operator-metrics-apiserver",
    WEBHOOKS: "keda-admission-webhooks",
}


@dataclass
class KedaArgs:
    """Args of `Keda`.

    Args:
        watched: the namespace whose ScaledObjects count; KEDA sees no other one's.
        version: of chart and program.
        replicas: of each part; one leads, the others stand by.
    """

    watched: str = NAMESPACE
    version: str = VERSION
    replicas: int = 2


class Keda(Component):
    """KEDA by its chart, on nodes that AWS does not take back, each part twice and in two zones if there are.

    It watches the endpoints' namespace only, and may scale Deployments only, not whatever has a scale. Its namespace
    has the label of a controller, so that network policies can name it.

    Cost: 0.6 vCPU and 1 GB of the floor's nodes.
    Recovery: while it is gone nothing scales and what runs stays; the floor is held by Kubernetes itself. One of two
        replicas leads, and the other takes over within seconds of the lease's end (15 s).
    """

    def __init__(self, name: str, args: KedaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        refuse_alone(name, args)
        super().__init__(name, args, opts)
        self.namespace = Namespace(
            f"{self.name}-namespace",
            metadata=ObjectMetaArgs(
                name=NAME,
                labels={
                    "stanchion.dev/shared": "true",
                    "stanchion.dev/role": "autoscaler",
                    **{f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")},
                },
            ),
            opts=self.child(),
        )
        self.release = Release(
            f"{self.name}-release",
            name=NAME,
            namespace=NAME,
            chart="keda",
            version=args.version,
            repository_opts=RepositoryOptsArgs(repo=REPOSITORY),
            # A release that could not be made is taken away, so that the next `up` begins anew.
            atomic=True,
            timeout=TIMEOUT_SECONDS,
            values=values(args),
            opts=self.child(depends_on=[self.namespace]),
        )
        self.register_outputs({})


def values(args: KedaArgs) -> dict[str, Any]:
    """The chart's values, where they are not its own defaults, which drop all rights and forbid to write."""
    parts = (OPERATOR, METRICS, WEBHOOKS)
    return {
        "watchNamespace": args.watched,
        "operator": {"replicaCount": args.replicas},
        "metricsServer": {"replicaCount": args.replicas},
        "webhooks": {"replicaCount": args.replicas},
        # Scale what we have, and not every custom resource there may be.
        "rbac": {"enabledCustomScaledRefKinds": False},
        # The demand is asked for without a secret, so it needs to read none.
        "permissions": {"operator": {"restrict": {"secret": True}}, "metricServer": {"restrict": {"secret": True}}},
        "priorityClassName": "system-cluster-critical",
        # No toleration: nodes of accelerators and of spot are for models. Spot is kept out once more for node groups
        # that somebody adds without the taint.
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [
                        {"matchExpressions": [{"key": CAPACITY_TYPE, "operator": "NotIn", "values": ["spot"]}]}
                    ]
                }
            }
        },
        "topologySpreadConstraints": {
            "operator": _spread(OPERATOR),
            "metricsServer": _spread(METRICS),
            "webhooks": _spread(WEBHOOKS),
        },
        "podDisruptionBudget": {part: {"maxUnavailable": 1} for part in parts},
        "resources": {
            OPERATOR: _resources("100m", "512Mi"),
            METRICS: _resources("100m", "256Mi"),
            WEBHOOKS: _resources("50m", "128Mi"),
        },
        "asciiArt": False,
        "enableServiceLinks": False,
    }


def _spread(part: str) -> list[dict[str, Any]]:
    return [
        {
            "maxSkew": 1,
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": {"app": LABELS[part]}},
        }
    ]


def _resources(cpu: str, memory: str) -> dict[str, Any]:
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": memory}}


def refuse_alone(name: str, args: KedaArgs) -> None:
    """Refuse a single replica, and the whole cluster to watch.

    Raises:
        ValueError: a sentence with the fix.
    """
    if args.replicas < 2:
        raise ValueError(
            f"'{name}' has {args.replicas} replica of each part; allowed: 2 or more. While its only one moves to "
            "another node, nothing that sleeps wakes up."
        )
    if not args.watched:
        raise ValueError(f"'{name}' watches every namespace; name the one of the endpoints, such as '{NAMESPACE}'.")
