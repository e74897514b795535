"""A pool of nodes, read from a NodePool of Auto Mode or from a managed node group of EKS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.kubernetes.instances import allocatable, instance_type
from sandbox.kubernetes.nodes import CapacityType, Engine, Node, Taint
from sandbox.kubernetes.quantities import number
from stanchion.serving.instances import InstanceType

# By these labels Karpenter and EKS themselves say which pool a node is of.
NODE_POOL_LABEL, NODE_GROUP_LABEL = "karpenter.sh/nodepool", "eks.amazonaws.com/nodegroup"
# On every node that this stand-in keeps; nodes of the real Karpenter are not its business.
KEPT = ("stanchion.dev/kept-by", "sandbox")
_AUTO_MODE_GROUP = "eks.amazonaws.com"
_CAPACITY, _INSTANCE, _ZONE, _ARCH = (
    "karpenter.sh/capacity-type",
    "node.kubernetes.io/instance-type",
    "topology.kubernetes.io/zone",
    "kubernetes.io/arch",
)
# Kubernetes' names of the effects that EKS writes in capitals.
_EFFECTS = {
    "NO_SCHEDULE": "NoSchedule",
    "PREFER_NO_SCHEDULE": "PreferNoSchedule",
    "NO_EXECUTE": "NoExecute",
}
DEFAULT_TYPE = "m7i.xlarge"


@dataclass(frozen=True)
class Pool:
    """Nodes of one kind.

    Args:
        name: of the NodePool or node group.
        engine: which of the two it is.
        zones: where its nodes may be.
        types: of the instances, the one to prefer first.
        capacity_type: how they are bought.
        arch: amd64 or arm64.
        labels: of every node, beyond the well-known ones.
        taints: of every node.
        floor: nodes that are there whatever the demand is, over all zones.
        dynamic: whether nodes come and go with the pods that wait.
        most_nodes: all of the pool together, none for no limit.
        most_cpu: vCPUs of all of its nodes, none for no limit.
        weight: the heavier one is tried first.
    """

    name: str
    engine: Engine
    zones: tuple[str, ...]
    types: tuple[InstanceType, ...]
    capacity_type: CapacityType = CapacityType.ON_DEMAND
    arch: str = "amd64"
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    taints: tuple[Taint, ...] = ()
    floor: int = 0
    dynamic: bool = False
    most_nodes: float | None = None
    most_cpu: float | None = None
    weight: int = 0

    @property
    def label(self) -> tuple[str, str]:
        """The label that tells the pool's nodes."""
        return (NODE_POOL_LABEL if self.engine is Engine.AUTO_MODE else NODE_GROUP_LABEL, self.name)

    def node(self, name: str, zone: str, kind: InstanceType, more: Mapping[str, str] | None = None) -> Node:
        """A node of the pool.

        Args:
            more: labels on top of the pool's.
        """
        key, value = self.label
        return Node(
            name=name,
            zone=zone,
            capacity_type=self.capacity_type,
            instance_type=kind.name,
            arch=self.arch,
            engine=self.engine,
            allocatable=allocatable(kind),
            labels={**self.labels, **(more or {}), key: value, KEPT[0]: KEPT[1]},
            taints=self.taints,
        )


def from_node_pool(document: Mapping[str, Any], zones: Sequence[str]) -> Pool | None:
    """The pool that a NodePool describes; None for one of other nodes than Auto Mode's, such as Karpenter's own fakes.

    Args:
        document: the object of the API.
        zones: of the region, for a pool that says nothing about them.
    """
    spec = document["spec"]
    template = spec["template"]["spec"]
    if template["nodeClassRef"].get("group") != _AUTO_MODE_GROUP:
        return None
    wanted = {
        each["key"]: tuple(each.get("values") or ()) for each in template["requirements"] if each["operator"] == "In"
    }
    types = tuple(found for name in wanted.get(_INSTANCE, (DEFAULT_TYPE,)) if (found := instance_type(name)))
    limits = spec.get("limits") or {}
    # What only has one value is a label of every node, as Karpenter has it.
    single = {key: values[0] for key, values in wanted.items() if len(values) == 1 and "/" in key}
    return Pool(
        name=document["metadata"]["name"],
        engine=Engine.AUTO_MODE,
        zones=wanted.get(_ZONE) or tuple(zones),
        types=types or _default_types(),
        capacity_type=CapacityType(next(iter(wanted.get(_CAPACITY, ())), CapacityType.ON_DEMAND.value)),
        arch=next(iter(wanted.get(_ARCH, ())), "amd64"),
        labels={
            **{key: value for key, value in single.items() if key not in (_CAPACITY, _INSTANCE, _ZONE, _ARCH)},
            **((spec["template"].get("metadata") or {}).get("labels") or {}),
        },
        taints=tuple(
            Taint(each["key"], each.get("value") or "", each["effect"]) for each in template.get("taints") or ()
        ),
        floor=int(spec.get("replicas") or 0),
        dynamic="replicas" not in spec,
        most_nodes=number(limits["nodes"]) if "nodes" in limits else None,
        most_cpu=number(limits["cpu"]) if "cpu" in limits else None,
        weight=int(spec.get("weight") or 0),
    )


def from_node_group(group: Mapping[str, Any]) -> Pool:
    """The pool that a managed node group is; its burst grows as it would with an autoscaler in the cluster.

    Args:
        group: as DescribeNodegroup tells, and `zones`, those of its subnets.
    """
    scaling = group["scalingConfig"]
    spot = group["capacityType"] == "SPOT"
    types = tuple(found for name in group["instanceTypes"] if (found := instance_type(name)))
    return Pool(
        name=group["nodegroupName"],
        engine=Engine.NODE_GROUPS,
        zones=tuple(group["zones"]),
        types=types or _default_types(),
        capacity_type=CapacityType.SPOT if spot else CapacityType.ON_DEMAND,
        arch="arm64" if "ARM" in group["amiType"] else "amd64",
        labels=group["labels"],
        taints=tuple(Taint(each["key"], each.get("value") or "", _EFFECTS[each["effect"]]) for each in group["taints"]),
        floor=int(scaling["desiredSize"]),
        dynamic=scaling["desiredSize"] < scaling["maxSize"],
        most_nodes=scaling["maxSize"],
    )


def _default_types() -> tuple[InstanceType, ...]:
    found = instance_type(DEFAULT_TYPE)
    return (found,) if found else ()
