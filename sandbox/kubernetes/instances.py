"""What a node on an EC2 instance type offers to pods, by the core's catalogue of types."""

from stanchion.serving.instances import InstanceType, types_of

_RESOURCES = {"nvidia": "nvidia.com/gpu", "neuron": "aws.amazon.com/neuron"}
_PODS = 110
_DISK = "80Gi"


def instance_type(name: str) -> InstanceType | None:
    """An instance type by its name; None for one that is not in the catalogue."""
    family, _, size = name.partition(".")
    return next(iter(types_of((family,), (size,))), None)


def allocatable(kind: InstanceType) -> dict[str, str]:
    """What pods may ask for, in Kubernetes' quantities: the instance without what the node keeps for itself."""
    accelerators = {_RESOURCES[kind.accelerator]: str(kind.accelerators)} if kind.accelerator in _RESOURCES else {}
    return {
        "cpu": f"{kind.pod_millis}m",
        "memory": f"{kind.pod_mib}Mi",
        "pods": str(_PODS),
        "ephemeral-storage": _DISK,
        **accelerators,
    }
