"""Pods and their nodes: spread, tolerations, floors on demand and on spot, disks, cold starts."""

from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from tests.foreign.compute import subnets
from tests.foreign.pair import INFRASTRUCTURE, ZONE, Pair, Regions

LABELS = {"app": "api"}
ZONES, HOSTS = "topology.kubernetes.io/zone", "kubernetes.io/hostname"
GIB = 2**30


def spec_of(keys: dict[str, Any]) -> Any:
    """A spec as a person writes it; the SDK's types of nested ones are too narrow for what it takes."""
    return keys


def cluster(regions: Regions, places: list[Any]) -> tuple[aws.eks.Cluster, pulumi.ResourceOptions]:
    made = aws.eks.Cluster(
        "main",
        role_arn="arn:aws:iam::111122223333:role/cluster",
        version="1.34",
        vpc_config=aws.eks.ClusterVpcConfigArgs(subnet_ids=places),
        opts=regions.in_east,
    )
    return made, pulumi.ResourceOptions(provider=k8s.Provider("main", kubeconfig=made.endpoint))


def nodes(regions: Regions, made: aws.eks.Cluster, places: list[Any], bought: str = "ON_DEMAND") -> None:
    aws.eks.NodeGroup(
        "floor",
        cluster_name=made.name,
        node_role_arn="arn:aws:iam::111122223333:role/node",
        subnet_ids=places,
        capacity_type=bought,
        scaling_config=aws.eks.NodeGroupScalingConfigArgs(min_size=3, max_size=6, desired_size=3),
        opts=regions.in_east,
    )


def deployment(opts: pulumi.ResourceOptions, replicas: int | None, *, start: str = "20s", **pods: Any) -> None:
    k8s.apps.v1.Deployment(
        "api",
        metadata={"name": "api", "namespace": "serving", "annotations": {"stanchion.dev/restore": start}},
        spec=spec_of(
            {
                "replicas": replicas,
                "selector": {"matchLabels": LABELS},
                "template": {
                    "metadata": {"labels": LABELS},
                    "spec": {"containers": [{"name": "api", "image": "api"}], **pods},
                },
            }
        ),
        opts=opts,
    )


def spread(*keys: str) -> list[dict[str, Any]]:
    return [
        {
            "topologyKey": key,
            "maxSkew": 1,
            "minDomains": 2,
            "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": {"matchLabels": LABELS},
        }
        for key in keys
    ]


def pods(spread_over: tuple[str, ...], replicas: int = 3, bought: str = "ON_DEMAND") -> None:
    regions = Regions()
    places = subnets(regions, 3)
    made, opts = cluster(regions, places)
    nodes(regions, made, places, bought)
    deployment(opts, replicas, topologySpreadConstraints=spread(*spread_over))


def tolerations(seconds: int | None) -> None:
    """One replica, since two copies of it would contradict one another."""
    regions = Regions()
    places = subnets(regions, 3)
    made, opts = cluster(regions, places)
    nodes(regions, made, places)
    gone = [
        {
            "key": f"node.kubernetes.io/{state}",
            "operator": "Exists",
            "effect": "NoExecute",
            "tolerationSeconds": seconds,
        }
        for state in ("unreachable", "not-ready")
    ]
    deployment(opts, 1, tolerations=gone if seconds is not None else [])


def held(least: int) -> None:
    regions = Regions()
    places = subnets(regions, 3)
    made, opts = cluster(regions, places)
    nodes(regions, made, places)
    deployment(opts, None, topologySpreadConstraints=spread(ZONES))
    k8s.autoscaling.v2.HorizontalPodAutoscaler(
        "api",
        metadata={"name": "api", "namespace": "serving"},
        spec=spec_of(
            {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"},
                "minReplicas": least,
                "maxReplicas": 9,
            }
        ),
        opts=opts,
    )


def pool(replicas: int | None) -> None:
    """A NodePool in each zone: of a fixed size, or started when pods wait for it."""
    regions = Regions()
    opts = cluster(regions, subnets(regions, 3))[1]
    for zone in "abc":
        requirements = [
            {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["on-demand"]},
            {"key": ZONES, "operator": "In", "values": [f"us-east-1{zone}"]},
        ]
        k8s.apiextensions.CustomResource(
            f"floor-{zone}",
            api_version="karpenter.sh/v1",
            kind="NodePool",
            metadata={"name": f"floor-{zone}"},
            spec=spec_of(
                {
                    "template": {"spec": {"requirements": requirements}},
                    **({} if replicas is None else {"replicas": replicas}),
                }
            ),
            opts=opts,
        )
    deployment(opts, 1)


def disk(broken: bool) -> None:
    regions = Regions()
    places = subnets(regions, 3)
    made, opts = cluster(regions, places)
    nodes(regions, made, places)
    files = aws.efs.FileSystem("files", encrypted=True, opts=regions.in_east)
    k8s.storage.v1.StorageClass(
        "disk",
        metadata={"name": "disk"},
        provisioner="ebs.csi.aws.com" if broken else "efs.csi.aws.com",
        parameters={} if broken else {"provisioningMode": "efs-ap", "fileSystemId": files.id},
        opts=opts,
    )
    k8s.core.v1.PersistentVolumeClaim(
        "index",
        metadata={"name": "index", "namespace": "serving"},
        spec=spec_of(
            {
                "storageClassName": "disk",
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "10Gi"}},
            }
        ),
        opts=opts,
    )


def cold(weights: int) -> None:
    """Weights at 125 MiB/s: 160 GiB take 22 minutes."""
    regions = Regions()
    places = subnets(regions, 3)
    made, opts = cluster(regions, places)
    nodes(regions, made, places)
    sizes = {"image-bytes": f"{8 * GIB}", "weight-bytes": f"{weights * GIB}", "engine-init": "60s"}
    k8s.apps.v1.Deployment(
        "model",
        metadata={
            "name": "model",
            "namespace": "serving",
            "annotations": {f"stanchion.dev/{key}": value for key, value in sizes.items()},
        },
        spec=spec_of(
            {
                "replicas": 1,
                "selector": {"matchLabels": LABELS},
                "template": {
                    "metadata": {"labels": LABELS},
                    "spec": {"containers": [{"name": "model", "image": "model"}]},
                },
            }
        ),
        opts=opts,
    )


PAIRS = (
    Pair("replicas that may lie in one zone", lambda broken: pods((HOSTS,) if broken else (HOSTS, ZONES)), "api",
         ("RTO", ZONE), 120.0),
    Pair("pods on spot only", lambda broken: pods((HOSTS, ZONES), bought="SPOT" if broken else "ON_DEMAND"), "floor",
         ("RTO", INFRASTRUCTURE), 1800.0),
    Pair("one replica with the default tolerations", lambda broken: tolerations(None if broken else 10), "api",
         ("RTO", INFRASTRUCTURE), 300.0, restore=None),
    Pair("an autoscaler that holds one replica", lambda broken: held(1 if broken else 3), "api", ("RTO", ZONE), 120.0),
    Pair("nodes that are started when pods wait", lambda broken: pool(None if broken else 1), "floor-a",
         ("RTO", ZONE), 1800.0),
    Pair("a disk of one zone", disk, "index", ("RPO", ZONE), 60.0),
    Pair("weights that take long to load", lambda broken: cold(160 if broken else 16), "model",
         ("RTO", INFRASTRUCTURE), 1200.0, restore=None),
)  # fmt: skip
