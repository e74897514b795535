"""How long a replica takes from nothing until it answers: a node, its image, its weights, its engine.

The figures that `stanchion.recovery` computes with are these: what a document promises before anything is declared and
what is computed from the declared objects are the same seconds.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stanchion.serving.fit import fitting, floor_holds
from stanchion.serving.instances import InstanceType

if TYPE_CHECKING:
    from stanchion.spec.models import Variant
    from stanchion.spec.pools import Pool

_MIB = 1024.0**2
# A batch of pods closes after 10 s at most, and a node with accelerators boots in 80 to 120 s (public measurements of
# Karpenter on EKS; facts of `stanchion.recovery.mechanisms.kubernetes.sources.NODE_BOOT`). Nobody promises it: capacity
# that does not run yet may not be there at all.
BOOT_SECONDS = 130.0
# gp3 unless more is provisioned, in bytes a second (AWS CDK reference, EbsDeviceOptionsBase.throughput). The slower one
# of disk and network decides, and a disk of nodes seldom is faster.
DISK_BYTES_PER_SECOND = 125 * _MIB
# What the nodes of this program have instead, in MiB a second: weights of tens of GB in a minute.
NODE_DISK_MIB_PER_SECOND = 750
# The image of a language model server, when nobody has sized it (kaito-project/kaito issue 2325).
PULL_SECONDS = 101.0


@dataclass(frozen=True, slots=True)
class ColdStart:
    """The terms of a cold start in seconds; they add up.

    Args:
        provision: until there is a node; 0 when the pool's floor holds the replica.
        pull: until the image is there.
        load: until the weights are there.
        start: from then until the server answers.
        image_bytes: size of the image.
        weight_bytes: size of the weights.
        bytes_per_second: how fast both come.
        slowest: the type of the pool that the rate is of, the slowest one that holds the replica.
    """

    provision: float
    pull: float
    load: float
    start: float
    image_bytes: int
    weight_bytes: int
    bytes_per_second: int
    slowest: str

    @property
    def total(self) -> float:
        """All of it."""
        return self.provision + self.pull + self.load + self.start

    @property
    def sentence(self) -> str:
        """The total and its terms."""
        node = f"{self.provision:.0f} s for a node, " if self.provision else ""
        rate = f"{self.bytes_per_second / _MIB:.0f} MiB/s of {self.slowest}"
        return (
            f"{self.total:.0f} s: {node}{self.pull:.0f} s for the image and {self.load:.0f} s for the weights at "
            f"{rate}, {self.start:.0f} s until it answers"
        )

    @property
    def annotations(self) -> dict[str, str]:
        """What the pods say of it, so that `stanchion recovery` counts the same seconds from the declared objects."""
        return {
            "stanchion.dev/image-bytes": str(self.image_bytes),
            "stanchion.dev/weight-bytes": str(self.weight_bytes),
            "stanchion.dev/load-rate": str(self.bytes_per_second),
            "stanchion.dev/engine-init": f"{self.start:.0f}s",
        }


def cold_start(variant: "Variant", pool: "Pool", *, floor_is_there: bool = True) -> ColdStart:
    """The cold start of one replica.

    Args:
        variant: of which model's variant.
        pool: where it runs.
        floor_is_there: whether the nodes of the pool's floor run and have room; not when they are what was lost.

    Raises:
        ValueError: no type of the pool holds the variant, which the document's rules refuse.
    """
    types = fitting(variant.resources, pool.types)
    if not types:
        raise ValueError(f"no type of pool '{variant.pool}' holds {variant.resources}")
    slowest = min(types, key=lambda each: (bytes_per_second(each), each.name))
    rate = bytes_per_second(slowest)
    held = floor_is_there and floor_holds(variant.resources, pool)
    return ColdStart(
        provision=0.0 if held else BOOT_SECONDS,
        pull=variant.image_size.bytes / rate,
        load=variant.weights.size.bytes / rate,
        start=float(variant.start.seconds),
        image_bytes=variant.image_size.bytes,
        weight_bytes=variant.weights.size.bytes,
        bytes_per_second=rate,
        slowest=slowest.name,
    )


def bytes_per_second(each: InstanceType) -> int:
    """What comes from a bucket or a registry onto the disk of a node: the slowest of network, way to the disk, disk."""
    way = min(each.network_mbps, each.disk_mbps) * 1_000_000 / 8
    return int(min(way, NODE_DISK_MIB_PER_SECOND * _MIB))
