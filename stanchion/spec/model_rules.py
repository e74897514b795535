"""What must hold between models and the pools, repositories and cloud that they name."""

from collections.abc import Iterator, Mapping, Sequence

from stanchion.serving.fit import fitting
from stanchion.spec.capacity import Capacity
from stanchion.spec.images import repository_rule
from stanchion.spec.local_command import place_rule
from stanchion.spec.models import Model, Resources, Variant
from stanchion.spec.part import Broken
from stanchion.spec.pools import Pool
from stanchion.spec.refusal import Refusal, unknown

# The kubelet takes images from a node's disk, and pods after them, when less of it is free (Kubernetes documentation,
# node-pressure eviction: imagefs.available 15 %).
DISK_SHARE = 0.85


def model_rules(
    models: Mapping[str, Model], capacity: Capacity | None, repositories: Sequence[str], *, local: bool
) -> Iterator[Broken]:
    """Pools that are there and hold the replicas, repositories that are there, files where pods may read them.

    Args:
        models: the models by name.
        capacity: the pools.
        repositories: those of storage.
        local: whether the environment lies in the local cloud.
    """
    for name, model in models.items():
        for kind, variant in model.variants.items():
            key = f"models.{name}.variants.{kind}"
            yield from _place_rules(key, name, variant, repositories, local=local)
            if capacity is None:
                continue
            pool = capacity.pools.get(variant.pool)
            if pool is None:
                yield f"{key}.pool", unknown(variant.pool, "a pool", capacity.pools, where="capacity.pools")
            else:
                yield from _pool_rules(key, variant, pool)


def _place_rules(
    key: str, name: str, variant: Variant, repositories: Sequence[str], *, local: bool
) -> Iterator[Broken]:
    yield from repository_rule(key, variant, repositories)
    if not variant.weights.prefix.startswith(f"{name}/"):
        yield (
            f"{key}.weights.prefix",
            Refusal(
                f"'{variant.weights.prefix}' lies outside {name}/, and the model's pods read nothing else",
                allowed=f"a prefix below {name}/",
                fix=f"write {name}/{variant.weights.prefix.rpartition('/')[2]}",
            ),
        )
    yield from place_rule(key, variant.local_command, local=local)


def _pool_rules(key: str, variant: Variant, pool: Pool) -> Iterator[Broken]:
    accelerators = tuple(_accelerator_rules(key, variant, pool))
    yield from accelerators
    if not accelerators and not fitting(variant.resources, pool.types):
        yield from _room_rules(key, variant, pool)
    needed = variant.image_size.bytes + variant.weights.size.bytes
    if needed > DISK_SHARE * pool.disk.bytes:
        whole = -(-needed * 100 // int(DISK_SHARE * 100) // 1024**3)
        yield (
            f"{key}.weights.size",
            Refusal(
                f"'{variant.weights.size}' and an image of {variant.image_size} do not fit on a node of pool "
                f"'{variant.pool}', whose disk is {pool.disk} and stays a seventh free",
                allowed=f"up to {DISK_SHARE * pool.disk.bytes / 1024**3:.0f}GiB for both",
                fix=f"write disk: {whole}GiB or more for the pool",
            ),
        )


def _accelerator_rules(key: str, variant: Variant, pool: Pool) -> Iterator[Broken]:
    asked, most = variant.resources.accelerators, max(each.accelerators for each in pool.types)
    if asked and pool.accelerator is None:
        yield (
            f"{key}.resources.accelerators",
            Refusal(
                f"'{asked}' are asked for, and pool '{variant.pool}' has none",
                allowed="0 on a pool without accelerator",
                fix="write 0, or take a pool with accelerator: nvidia or neuron",
            ),
        )
    elif asked > most:
        yield (
            f"{key}.resources.accelerators",
            Refusal(
                f"'{asked}' are asked for, and the largest node of pool '{variant.pool}' has {most}",
                allowed=f"1 to {most}",
                fix=f"write {most}, or add a larger size to the pool",
            ),
        )
    elif not asked and pool.accelerator is not None:
        yield (
            f"{key}.resources.accelerators",
            Refusal(
                f"'0' are asked for, and the nodes of pool '{variant.pool}' are kept for pods that use theirs",
                allowed=f"1 to {most} on a pool with accelerator",
                fix="write 1, or take a pool without accelerator",
            ),
        )


def _room_rules(key: str, variant: Variant, pool: Pool) -> Iterator[Broken]:
    asked = variant.resources
    types = [each for each in pool.types if each.accelerators >= asked.accelerators]
    cpu, memory = max(each.pod_millis for each in types), max(each.pod_mib for each in types)
    if asked.cpu.millis > cpu:
        yield (
            f"{key}.resources.cpu",
            Refusal(
                f"'{asked.cpu}' is more than any type of pool '{variant.pool}' has for pods",
                allowed=f"up to {cpu}m",
                fix=f'write "{cpu // 1000}", or add a larger size to the pool',
            ),
        )
    if asked.memory.mib > memory:
        yield (
            f"{key}.resources.memory",
            Refusal(
                f"'{asked.memory}' is more than any type of pool '{variant.pool}' has for pods",
                allowed=f"up to {memory}MiB",
                fix=f"write {memory // 1024}GiB, or add a larger size to the pool",
            ),
        )
    if asked.cpu.millis <= cpu and asked.memory.mib <= memory:
        yield f"{key}.resources", _not_together(asked, variant.pool)


def _not_together(asked: Resources, pool: str) -> Refusal:
    return Refusal(
        f"no type of pool '{pool}' has {asked.cpu} vCPUs and {asked.memory} for pods at once, though some have either",
        allowed="what one node has",
        fix="ask for less of one, or add a family with more memory for each vCPU",
    )
