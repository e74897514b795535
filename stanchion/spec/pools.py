"""Pools: which instance types nodes are of, how many always run, and how many may come."""

from collections.abc import Iterator
from difflib import get_close_matches
from enum import Enum
from typing import Annotated

from pydantic import AfterValidator, Field

from stanchion.serving.instances import InstanceType, families, sizes, types_of
from stanchion.spec.numbers import Between
from stanchion.spec.part import Broken, Part
from stanchion.spec.refusal import Refusal, shown
from stanchion.spec.text import Form, some
from stanchion.spec.units import Size

# Below 15 types Karpenter doesn't consolidate spot nodes, and the likelier it is that all are taken back at once
# (Karpenter documentation, disruption, spot consolidation; read 2026-11-23).
SPOT_TYPES = 15
# What EBS makes as gp3 (EBS user guide), in GiB; below the smaller one no image fits beside the system.
SMALLEST_DISK, LARGEST_DISK = 20, 16384


class Accelerator(Enum):
    """What nodes have beside processors: GPUs of NVIDIA, or AWS's own Inferentia and Trainium."""

    NVIDIA = "nvidia"
    NEURON = "neuron"


_FAMILY = Form(
    "^[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,8})?$", "a family of EC2 such as m7i", "write what stands before the dot of a type"
)
_SIZE = Form("^[a-z0-9-]{1,20}$", "a size of EC2 such as 2xlarge", "write what stands after the dot of a type")
POOL_NAME = Form(
    "^[a-z][a-z0-9-]{0,18}[a-z0-9]$",
    "2 to 20 small letters, digits and dashes, a letter first and no dash last",
    "write a name such as general",
)


class Pool(Part):
    """Nodes of one kind: a floor in each zone that always runs, a burst on spot, an overflow on demand."""

    families: Annotated[list[Annotated[str, _FAMILY]], AfterValidator(some("family", "[m7i, m7a]"))] = Field(
        description="EC2 families of one architecture. With sizes they make the types; a type that EC2 doesn't have is "
        "left out.",
        examples=["[m7i, m7a, m6i, m6a, c7i]"],
        json_schema_extra={"minItems": 1},
    )
    sizes: Annotated[list[Annotated[str, _SIZE]], AfterValidator(some("size", "[xlarge]"))] = Field(
        description="EC2 sizes of these families.",
        examples=["[xlarge, 2xlarge, 4xlarge]"],
        json_schema_extra={"minItems": 1},
    )
    accelerator: Accelerator | None = Field(
        default=None, description="`nvidia` or `neuron`; only pods that ask for it get onto the pool's nodes."
    )
    floor_per_zone: Annotated[int, Between(0, 100, "nodes")] = Field(
        default=0, description="Nodes on demand that run in each zone whatever the demand is, and are paid for."
    )
    burst_cpu: Annotated[int, Between(0, 100_000, "vCPUs")] = Field(
        default=0, description="Most vCPUs on spot, over all zones; 0 for none. Spot takes at least 15 types."
    )
    overflow_cpu: Annotated[int, Between(0, 100_000, "vCPUs")] = Field(
        default=0, description="Most vCPUs on demand above the floor, for when spot can't be had; 0 for none."
    )
    reserved_per_zone: Annotated[int, Between(0, 100, "instances")] | None = Field(
        default=None,
        description="Instances of the first family and size that are reserved in each zone above the floor, paid for "
        "whether they run or not: only they bound the start of nodes. 0 reserves the floor alone; null nothing.",
    )
    disk: Size = Field(
        default=Size.parse("80GiB"), description="Disk of a node for images and weights. 20GiB to 16TiB."
    )

    @property
    def types(self) -> tuple[InstanceType, ...]:
        """The instance types there are of its families and sizes, in the order of both."""
        return types_of(self.families, self.sizes)

    @property
    def architecture(self) -> str:
        """`amd64` or `arm64`."""
        return self.types[0].architecture

    def rules(self) -> Iterator[Broken]:
        """Types that exist and are of one kind, enough of them for spot, and nodes at all."""
        unknown = tuple(self._unknown())
        yield from unknown
        if not unknown:
            yield from self._kind_rules()
            yield from self._amount_rules()
        if not SMALLEST_DISK <= self.disk.gib <= LARGEST_DISK:
            yield (
                "disk",
                Refusal(
                    f"'{self.disk}' is not the disk of a node", allowed="20GiB to 16TiB", fix="write 80GiB, or more"
                ),
            )

    def _unknown(self) -> Iterator[Broken]:
        for key, said, known, sample in (
            ("families", self.families, families(), "m7i, c7g, g6e"),
            ("sizes", self.sizes, sizes(), ", ".join(sizes())),
        ):
            one = {"families": "family", "sizes": "size"}[key]
            for each in (each for each in said if each not in known):
                near = get_close_matches(each, known, n=3, cutoff=0.5)
                yield (
                    key,
                    Refusal(
                        f"'{shown(each)}' is not a {one} of the catalogue of EC2",
                        allowed=f"one of {len(known)}, such as {', '.join(near) if near else sample}",
                        fix=f"did you mean {near[0]}?" if near else f"take a {one} that serves models",
                    ),
                )
        if set(self.families) <= set(families()) and set(self.sizes) <= set(sizes()):
            yield from self._lonely()

    def _lonely(self) -> Iterator[Broken]:
        """Families and sizes that make no type together with the others."""
        made = self.types
        for family in self.families:
            if not any(each.family == family for each in made):
                has = ", ".join(each.size for each in types_of([family], sizes()))
                yield (
                    "families",
                    Refusal(
                        f"'{family}' has none of the sizes {', '.join(self.sizes)}",
                        allowed=f"with it one of {has}",
                        fix="remove it, or add a size that it has",
                    ),
                )
        for size in self.sizes:
            if made and not any(each.size == size for each in made):
                has = ", ".join(dict.fromkeys(each.size for each in types_of(self.families, sizes())))
                yield (
                    "sizes",
                    Refusal(
                        f"'{size}' is a size of none of {', '.join(self.families)}",
                        allowed=has,
                        fix="remove it, or add a family that has it",
                    ),
                )

    def _kind_rules(self) -> Iterator[Broken]:
        kinds = {each.architecture: each.family for each in self.types}
        if len(kinds) > 1:
            both = " and ".join(f"{family} is {name}" for name, family in sorted(kinds.items()))
            yield (
                "families",
                Refusal(
                    f"they are of two architectures ({both}), and an image by digest runs on one",
                    allowed="families of one architecture",
                    fix="make a pool of its own for the others",
                ),
            )
        wanted = self.accelerator.value if self.accelerator else None
        other = next((each for each in self.types if each.accelerator != wanted), None)
        if other is not None:
            has = f"has {other.accelerator}" if other.accelerator else "has no accelerator"
            say = "no accelerator is said" if wanted is None else f"accelerator is {wanted}"
            same = [name for name in families() if types_of([name], sizes())[0].accelerator == wanted]
            yield (
                "families",
                Refusal(
                    f"'{other.family}' {has}, and {say}",
                    allowed=", ".join(same) if wanted else "families without accelerators, such as m7i",
                    fix=f"write accelerator: {other.accelerator}, or remove the family"
                    if other.accelerator
                    else "remove accelerator, or the family",
                ),
            )

    def _amount_rules(self) -> Iterator[Broken]:
        if self.burst_cpu and len(self.types) < SPOT_TYPES:
            yield (
                "burst_cpu",
                Refusal(
                    f"'{self.burst_cpu}' on spot comes from {len(self.types)} types, and the fewer there are, the "
                    "likelier it is that all are taken back at once",
                    allowed=f"a burst from {SPOT_TYPES} types or more, or burst_cpu: 0",
                    fix="add families or sizes, or write burst_cpu: 0",
                ),
            )
        smallest = min(each.vcpus for each in self.types)
        for key, cpu in (("burst_cpu", self.burst_cpu), ("overflow_cpu", self.overflow_cpu)):
            if 0 < cpu < smallest:
                yield (
                    key,
                    Refusal(
                        f"'{cpu}' is less than one node has: the smallest type has {smallest} vCPUs",
                        allowed=f"{smallest} or more, or 0 for none",
                        fix=f"write {smallest}, or a smaller size",
                    ),
                )
        if not (self.floor_per_zone or self.burst_cpu or self.overflow_cpu):
            yield (
                "",
                Refusal(
                    "it never has a node: floor_per_zone, burst_cpu and overflow_cpu are 0",
                    allowed="one of them above 0",
                    fix="write floor_per_zone: 1, or remove the pool",
                ),
            )
