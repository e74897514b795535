"""Whether a replica fits onto the nodes of a pool."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from stanchion.serving.instances import InstanceType

if TYPE_CHECKING:
    from stanchion.spec.models import Resources
    from stanchion.spec.pools import Pool


def fitting(resources: "Resources", types: Iterable[InstanceType]) -> tuple[InstanceType, ...]:
    """The types that hold one replica, in their order."""
    wanted = (resources.cpu.millis, resources.memory.mib, resources.accelerators)
    return tuple(each for each in types if each.holds(*wanted))


def floor_holds(resources: "Resources", pool: "Pool") -> bool:
    """Whether a replica fits on whatever type the nodes of the floor are; there has to be a floor.

    How full these nodes are no setting says; like `stanchion.recovery`, this takes a floor to have room for one more.
    """
    return pool.floor_per_zone > 0 and fitting(resources, pool.types) == pool.types
