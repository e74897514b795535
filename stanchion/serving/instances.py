"""Instance types of EC2: what they have, by family and size.

The catalogue beside this file is from moto 5.2.5 (PyPI, Apache-2.0), whose file of EC2's DescribeInstanceTypes it
names; `instances_generated.py` writes it. A type that is there may still be missing in a region or a zone.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("instances.json")
# What a node keeps for itself (EKS AMI and Karpenter, kubelet reservations): a share of the memory goes to the
# hypervisor, 255 MiB and 11 a pod to Kubernetes, 100 MiB are never given out (memory.available of evictionHard).
_HYPERVISOR_SHARE = 0.075
_PODS = 110
_KEPT_MIB = 255 + 11 * _PODS + 100


@dataclass(frozen=True, slots=True)
class InstanceType:
    """A type of EC2.

    Args:
        name: such as `m7i.xlarge`.
        vcpus: of the whole instance.
        memory_mib: of the whole instance.
        architecture: `amd64` or `arm64`.
        network_mbps: megabits a second of one network card, without a burst.
        disk_mbps: megabits a second to EBS, without a burst.
        accelerator: `nvidia`, `neuron`, or none.
        accelerator_name: such as `L40S`.
        accelerators: how many.
        accelerator_mib: memory of each.
    """

    name: str
    vcpus: int
    memory_mib: int
    architecture: str
    network_mbps: int
    disk_mbps: int
    accelerator: str | None = None
    accelerator_name: str | None = None
    accelerators: int = 0
    accelerator_mib: int = 0

    @property
    def family(self) -> str:
        """What stands before the dot."""
        return self.name.partition(".")[0]

    @property
    def size(self) -> str:
        """What stands after the dot."""
        return self.name.partition(".")[2]

    @property
    def pod_millis(self) -> int:
        """Thousandths of a vCPU that pods can have: Kubernetes keeps 6 % of the first, 1 % of the second, 0.5 % of the
        next two and 0.25 % of all others (EKS AMI, kubelet reservations).
        """
        kept = 60 + 10 * (self.vcpus > 1) + 5 * max(0, min(self.vcpus, 4) - 2) + 2.5 * max(0, self.vcpus - 4)
        return int(1000 * self.vcpus - kept)

    @property
    def pod_mib(self) -> int:
        """MiB that pods can have."""
        return max(0, int(self.memory_mib * (1 - _HYPERVISOR_SHARE)) - _KEPT_MIB)

    def holds(self, millis: int, mib: int, accelerators: int = 0) -> bool:
        """Whether one pod that asks for that fits on an empty instance; the cluster's own pods need room as well."""
        return millis <= self.pod_millis and mib <= self.pod_mib and accelerators <= self.accelerators


@cache
def _written() -> dict[str, dict[str, Any]]:
    return json.loads(FILE.read_text(encoding="utf-8"))["types"]


@cache
def _type(name: str) -> InstanceType:
    # One by one, since a document names some fifty of them.
    return InstanceType(name, **_written()[name])


def catalogue() -> dict[str, InstanceType]:
    """All types by name, by family and from the smallest size on."""
    return {name: _type(name) for name in _written()}


@cache
def families() -> tuple[str, ...]:
    """All families of the catalogue, sorted."""
    return tuple(sorted({name.partition(".")[0] for name in _written()}))


@cache
def sizes() -> tuple[str, ...]:
    """All sizes of the catalogue, from the smallest on."""
    largest: dict[str, int] = {}
    for name, each in _written().items():
        size = name.partition(".")[2]
        largest[size] = max(each["vcpus"], largest.get(size, 0))
    return tuple(sorted(largest, key=lambda size: (largest[size], size)))


def types_of(wanted_families: Iterable[str], wanted_sizes: Iterable[str]) -> tuple[InstanceType, ...]:
    """The types that exist of families and sizes, in the order of families, then of sizes."""
    order = tuple(wanted_sizes)
    names = (f"{family}.{size}" for family in wanted_families for size in order)
    return tuple(_type(name) for name in names if name in _written())
