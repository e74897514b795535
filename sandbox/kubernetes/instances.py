"""What an EC2 instance type offers to pods, told from its name."""

import re
from dataclasses import dataclass

# EC2 instance types guide (read 2026-11-23): GiB a vCPU by the beginning of the family, the longest that fits.
_GIB_PER_CPU = {
    "c": 2,
    "m": 4,
    "r": 8,
    "x": 16,
    "t": 4,
    "g": 4,
    "g6e": 8,
    "gr": 8,
    "p": 8,
    "p5": 10,
    "inf": 4,
    "trn": 4,
}
_SMALL = {"medium": 1, "large": 2, "xlarge": 4}
_LARGER = re.compile(r"(\d+)xlarge")
# Accelerators of sizes that have more than one, by the beginning of the family.
_ACCELERATORS = {
    "g": {"12xlarge": 4, "24xlarge": 4, "48xlarge": 8},
    "p": {"24xlarge": 8, "48xlarge": 8},
    "inf": {"24xlarge": 6, "48xlarge": 12},
    "trn": {"32xlarge": 16, "48xlarge": 16},
}
NVIDIA, NEURON = "nvidia.com/gpu", "aws.amazon.com/neuron"
# A node keeps some of its memory to itself (EKS user guide, reserved resources); a tenth is on the safe side.
_FOR_PODS = 0.9
_PODS = 110


@dataclass(frozen=True)
class InstanceType:
    """An instance type.

    Args:
        name: such as `m7i.xlarge`.
        cpu: vCPUs.
        memory_gib: of the instance.
        accelerators: how many it has of which resource.
    """

    name: str
    cpu: int
    memory_gib: int
    accelerators: tuple[tuple[str, int], ...] = ()

    @property
    def allocatable(self) -> dict[str, str]:
        """What pods may ask for, in Kubernetes' quantities."""
        return {
            "cpu": str(self.cpu),
            "memory": f"{int(self.memory_gib * _FOR_PODS * 1024)}Mi",
            "pods": str(_PODS),
            "ephemeral-storage": "80Gi",
            **{resource: str(count) for resource, count in self.accelerators},
        }


def instance_type(name: str) -> InstanceType | None:
    """An instance type by its name; None for one whose size does not tell, such as metal."""
    family, _, size = name.partition(".")
    larger = _LARGER.fullmatch(size)
    cpu = 4 * int(larger[1]) if larger else _SMALL.get(size)
    kinds = [prefix for prefix in _GIB_PER_CPU if family.startswith(prefix)]
    if cpu is None or not kinds:
        return None
    per_cpu = _GIB_PER_CPU[max(kinds, key=len)]
    many = next((sizes for prefix, sizes in _ACCELERATORS.items() if family.startswith(prefix)), None)
    if many is None:
        return InstanceType(name, cpu, cpu * per_cpu)
    resource = NEURON if family.startswith(("inf", "trn")) else NVIDIA
    return InstanceType(name, cpu, cpu * per_cpu, ((resource, many.get(size, 1)),))
