"""Pools: types that exist, of one kind, and enough of them for spot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from stanchion.serving.instances import catalogue, families, sizes
from stanchion.spec import SPOT_TYPES, Accelerator, Pool, Size, load_text
from tests.unit.spec.serving_document import GOOD, changed, refused

GENERAL, GPU = "capacity.pools.general", "capacity.pools.gpu"
FAMILIES = "families: [m7i, m7a, m6i, m6a, c7i]"
SIZES = "sizes: [xlarge, 2xlarge, 4xlarge]"
FLOOR = "floor_per_zone: 1\n      burst_cpu: 64"


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        (FAMILIES, FAMILIES.replace("c7i", "c7x"), f"{GENERAL}.families", ("'c7x' is not a family", "did you mean c7")),
        (FAMILIES, FAMILIES.replace("c7i", "z1d"), f"{GENERAL}.families", ("'z1d' is not a family of the catalogue",)),
        (FAMILIES, "families: [M7i]", f"{GENERAL}.families[0]", ("'M7i' is not of the form",)),
        (FAMILIES, "families: []", f"{GENERAL}.families", ("it names no family", "write [m7i, m7a]")),
        (FAMILIES, FAMILIES.replace("c7i", "m7i"), f"{GENERAL}.families", ("family 'm7i' is listed twice",)),
        (SIZES, SIZES.replace("4xlarge", "5xlarge"), f"{GENERAL}.sizes", ("'5xlarge' is not a size", "did you mean")),
        (SIZES, SIZES.replace("]", ", 9xlarge]"), f"{GENERAL}.sizes", ("'9xlarge' is a size of none of m7i, m7a",)),
        (
            FAMILIES,
            FAMILIES.replace("]", ", p5en]"),
            f"{GENERAL}.families",
            ("'p5en' has none of the sizes xlarge, 2xlarge, 4xlarge", "with it one of 48xlarge"),
        ),
        (
            FAMILIES,
            FAMILIES.replace("c7i", "c7g"),
            f"{GENERAL}.families",
            ("two architectures", "m6a is amd64 and c7g is arm64", "a pool of its own"),
        ),
        (
            FAMILIES,
            FAMILIES.replace("c7i", "g6"),
            f"{GENERAL}.families",
            ("'g6' has nvidia, and no accelerator is said", "write accelerator: nvidia, or remove the family"),
        ),
        (
            "families: [g6e, g6, g5]",
            "families: [g6e, g6, m7i]",
            f"{GPU}.families",
            ("'m7i' has no accelerator, and accelerator is nvidia", "g4dn, g5,"),
        ),
        (
            "accelerator: nvidia",
            "accelerator: neuron",
            f"{GPU}.families",
            ("'g6e' has nvidia, and accelerator is neuron", "allowed: inf2, trn1"),
        ),
        (
            "accelerator: nvidia",
            "accelerator: amd",
            f"{GPU}.accelerator",
            ("'amd' is not one of its values", "nvidia, neuron"),
        ),
        (
            FAMILIES,
            FAMILIES.replace(", c7i", ""),
            f"{GENERAL}.burst_cpu",
            ("'64' on spot comes from 12 types", "15 types or more", "write burst_cpu: 0"),
        ),
        (
            FLOOR,
            FLOOR.replace("64", "3"),
            f"{GENERAL}.burst_cpu",
            ("'3' is less than one node has: the smallest type has 4 vCPUs", "write 4"),
        ),
        (FLOOR, f"{FLOOR}\n      overflow_cpu: 2", f"{GENERAL}.overflow_cpu", ("'2' is less than one node has",)),
        (FLOOR, f"{FLOOR}\n      overflow_cpu: -1", f"{GENERAL}.overflow_cpu", ("'-1' is too few",)),
        (FLOOR, f"{FLOOR}\n      disk: 19GiB", f"{GENERAL}.disk", ("'19GiB' is not the disk of a node", "20GiB")),
        (FLOOR, f"{FLOOR}\n      disk: 17TiB", f"{GENERAL}.disk", ("'17TiB' is not the disk",)),
        (
            "  pools:\n",
            "  pools:\n    idle: {families: [m7i], sizes: [xlarge]}\n",
            "capacity.pools.idle",
            ("it never has a node", "write floor_per_zone: 1, or remove the pool"),
        ),
    ],
)
def test_bad_pools(old: str, new: str, key: str, words: tuple[str, ...]):
    refused(changed((old, new)), key, *words)


def test_what_is_not_said_is_safe():
    pool = Pool(families=["m7i"], sizes=["xlarge"], floor_per_zone=1)
    assert (pool.burst_cpu, pool.overflow_cpu, pool.reserved_per_zone, pool.accelerator) == (0, 0, None, None)
    assert pool.disk == Size.parse("80GiB")


def test_types_are_in_the_order_of_families_then_of_sizes():
    capacity = load_text(GOOD).capacity
    assert capacity is not None
    general, gpu = capacity.pools["general"], capacity.pools["gpu"]
    assert [each.name for each in general.types][:4] == ["m7i.xlarge", "m7i.2xlarge", "m7i.4xlarge", "m7a.xlarge"]
    assert len(general.types) == SPOT_TYPES
    assert general.architecture == "amd64"
    assert gpu.accelerator is Accelerator.NVIDIA


def test_a_pool_of_arm_says_so():
    assert Pool(families=["m7g", "c7g"], sizes=["large"], floor_per_zone=1).architecture == "arm64"


@given(
    st.lists(st.sampled_from(families()), min_size=1, max_size=4, unique=True),
    st.lists(st.sampled_from(sizes()), min_size=1, max_size=4, unique=True),
    st.sampled_from([None, *Accelerator]),
    st.integers(0, 200),
)
def test_every_pool_that_is_taken_can_be_made(
    said: list[str], wanted: list[str], accelerator: Accelerator | None, burst: int
):
    try:
        pool = Pool(families=said, sizes=wanted, accelerator=accelerator, floor_per_zone=1, burst_cpu=burst)
    except ValidationError:
        return
    assert {each.name for each in pool.types} <= set(catalogue())
    assert {each.family for each in pool.types} == set(said)
    assert {each.size for each in pool.types} == set(wanted)
    assert {each.architecture for each in pool.types} == {pool.architecture}
    assert {each.accelerator for each in pool.types} == {accelerator.value if accelerator else None}
    assert not burst or (len(pool.types) >= SPOT_TYPES and burst >= min(each.vcpus for each in pool.types))
