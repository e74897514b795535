"""Whether replicas fit onto the nodes of a pool."""

from hypothesis import given
from hypothesis import strategies as st

from stanchion.serving.fit import fitting, floor_holds
from stanchion.spec import Cores, Pool, Resources, Size

GENERAL = Pool(families=["m7i", "c7i"], sizes=["xlarge", "4xlarge"], floor_per_zone=1)


def asking(cpu: str, memory: str, accelerators: int = 0) -> Resources:
    return Resources(cpu=Cores.parse(cpu), memory=Size.parse(memory), accelerators=accelerators)


def names(resources: Resources, pool: Pool = GENERAL) -> list[str]:
    return [each.name for each in fitting(resources, pool.types)]


def test_a_replica_fits_where_all_that_it_asks_for_is_left_for_pods():
    assert names(asking("1", "1GiB")) == ["m7i.xlarge", "m7i.4xlarge", "c7i.xlarge", "c7i.4xlarge"]
    # Four vCPUs of an xlarge are not all for pods, and 8 GiB of c7i.xlarge are not either.
    assert names(asking("4", "1GiB")) == ["m7i.4xlarge", "c7i.4xlarge"]
    assert names(asking("1", "8GiB")) == ["m7i.xlarge", "m7i.4xlarge", "c7i.4xlarge"]
    assert names(asking("1", "1GiB", 1)) == []
    assert names(asking("64", "1GiB")) == []


def test_a_floor_holds_what_its_smallest_type_holds():
    assert floor_holds(asking("1", "1GiB"), GENERAL)
    assert not floor_holds(asking("4", "1GiB"), GENERAL)
    without = Pool(families=["m7i", "c7i"], sizes=["xlarge", "4xlarge"], overflow_cpu=16)
    assert not floor_holds(asking("1", "1GiB"), without)


@given(st.integers(1, 20_000), st.integers(1, 60), st.integers(1, 20_000), st.integers(1, 60))
def test_who_asks_for_more_fits_onto_fewer_types(cpu: int, memory: int, more_cpu: int, more_memory: int):
    less = names(asking(f"{cpu}m", f"{memory}GiB"))
    more = names(asking(f"{cpu + more_cpu}m", f"{memory + more_memory}GiB"))
    assert set(more) <= set(less)
