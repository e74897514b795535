"""The document's pools as args of components, with the types they are made of."""

from components.serving.node_groups import NodeGroupArgs
from components.serving.node_pools import PoolArgs
from components.serving.placement import Accelerator, Architecture
from stacks.capacity import ACCELERATORS
from stanchion.serving.instances import InstanceType, types_of
from stanchion.spec import Capacity, Pool


def pool_args(capacity: Capacity) -> list[PoolArgs]:
    """The pools of Auto Mode."""
    return [
        PoolArgs(
            pool=name,
            instance_types=[each.name for each in types],
            floor_types=[types[0].name] if pool.reserved_per_zone is not None else [],
            floor_per_zone=pool.floor_per_zone,
            burst_cpu=pool.burst_cpu,
            overflow_cpu=pool.overflow_cpu,
            reserved_per_zone=pool.reserved_per_zone,
            accelerator=_accelerator(pool),
            architecture=_architecture(types),
            ephemeral_gib=pool.disk.gib,
        )
        for name, pool in capacity.pools.items()
        for types in [types_of(pool.families, pool.sizes)]
    ]


def node_group_args(capacity: Capacity) -> list[NodeGroupArgs]:
    """The pools of managed node groups, which count nodes: the vCPUs of the burst in those of the smallest type."""
    return [
        NodeGroupArgs(
            pool=name,
            instance_types=[each.name for each in types],
            floor_types=[],
            floor_per_zone=pool.floor_per_zone,
            burst_nodes=pool.burst_cpu // min(each.vcpus for each in types),
            accelerator=_accelerator(pool),
            architecture=_architecture(types),
            disk_gib=pool.disk.gib,
        )
        for name, pool in capacity.pools.items()
        for types in [types_of(pool.families, pool.sizes)]
    ]


def _accelerator(pool: Pool) -> Accelerator | None:
    return None if pool.accelerator is None else ACCELERATORS[pool.accelerator.value]


def _architecture(types: tuple[InstanceType, ...]) -> Architecture:
    return Architecture(types[0].architecture)
