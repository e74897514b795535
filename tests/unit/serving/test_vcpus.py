"""What the quotas of an account must admit for the pools of a region."""

from hypothesis import given
from hypothesis import strategies as st

from stanchion.serving.vcpus import on_demand, quotas
from stanchion.spec import Accelerator, Capacity, Pool

STANDARD, STANDARD_SPOT = "L-1216C47A", "L-34B43A08"
GRAPHICS, GRAPHICS_SPOT = "L-DB2E81BA", "L-3819A6DF"
FAMILIES = ["m7i", "m7a", "m6i", "m6a", "c7i"]
SIZES = ["xlarge", "2xlarge", "4xlarge"]


def pool(floor: int = 1, burst: int = 0, overflow: int = 0, reserved: int | None = None) -> Pool:
    return Pool(
        families=FAMILIES,
        sizes=SIZES,
        floor_per_zone=floor,
        burst_cpu=burst,
        overflow_cpu=overflow,
        reserved_per_zone=reserved,
    )


def test_a_floor_may_be_of_the_largest_type_and_one_node_a_zone_is_replaced_at_a_time():
    assert on_demand(pool()) == 3 * (1 + 1) * 16
    assert on_demand(pool(floor=0, overflow=64)) == 64
    assert on_demand(pool(overflow=64)) == 3 * (1 + 1) * 16 + 64


def test_what_is_reserved_is_of_the_first_type_and_counts_whether_it_runs_or_not():
    assert on_demand(pool(reserved=0)) == 3 * (1 * 4 + 1 * 16)
    assert on_demand(pool(reserved=2)) == 3 * ((1 + 2) * 4 + 1 * 16)


def test_quotas_are_of_classes_of_families_and_apart_for_spot():
    gpu = Pool(accelerator=Accelerator.NVIDIA, families=["g6e"], sizes=["2xlarge"], floor_per_zone=1, overflow_cpu=32)
    capacity = Capacity(
        administrators=["deploy"], pools={"general": pool(burst=64), "more": pool(0, 32, 8), "gpu": gpu}
    )
    assert quotas(capacity) == {
        STANDARD: 96 + 8,
        STANDARD_SPOT: 64 + 32,
        GRAPHICS: 3 * 2 * 8 + 32,
    }
    assert GRAPHICS_SPOT not in quotas(capacity)


@given(st.integers(1, 9), st.sampled_from([0, 16, 64]), st.sampled_from([0, 16, 64]), st.integers(0, 5))
def test_more_of_anything_needs_more(floor: int, burst: int, overflow: int, more: int):
    less = quotas(Capacity(administrators=["a"], pools={"general": pool(floor, burst, overflow)}))
    larger = pool(floor + more, burst and burst + 16 * more, overflow and overflow + 16 * more)
    grown = quotas(Capacity(administrators=["a"], pools={"general": larger}))
    assert all(grown[code] >= amount for code, amount in less.items())
