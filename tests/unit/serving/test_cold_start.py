"""A cold start is counted in the seconds that recovery counts, from the figures of the slowest node that may come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.graph import GraphBuilder
from stanchion.recovery.mechanisms.kubernetes.objects import DEPLOYMENT
from stanchion.recovery.mechanisms.kubernetes.startup import start_terms
from stanchion.recovery.serving import seconds
from stanchion.serving.cold_start import (
    BOOT_SECONDS,
    NODE_DISK_MIB_PER_SECOND,
    ColdStart,
    bytes_per_second,
    cold_start,
)
from stanchion.serving.instances import InstanceType
from stanchion.spec import Accelerator, Cores, Duration, Pool, Resources, Size, Variant, Weights

GPU = Pool(accelerator=Accelerator.NVIDIA, families=["g6e", "g5"], sizes=["2xlarge", "4xlarge"], floor_per_zone=1)
SHA256 = "a" * 64
sizes = st.builds(
    lambda number, unit: Size.parse(f"{number}{unit}"), st.integers(1, 500), st.sampled_from(["MiB", "GiB"])
)


def variant(image: Size, weights: Size, start: int = 195, cpu: str = "6", memory: str = "24GiB") -> Variant:
    return Variant(
        image=f"models@sha256:{SHA256}",
        weights=Weights(prefix="llm/full", size=weights, sha256=SHA256),
        image_size=image,
        resources=Resources(cpu=Cores.parse(cpu), memory=Size.parse(memory), accelerators=1),
        pool="gpu",
        start=Duration(start),
        concurrency=16,
    )


def llm(start: int = 195, cpu: str = "6", memory: str = "24GiB") -> Variant:
    return variant(Size.parse("8GiB"), Size.parse("16GiB"), start, cpu, memory)


def test_by_hand():
    """g5.2xlarge has the slowest way to its disk of the four: 850 Mbit/s are 106.25 MB/s."""
    found = cold_start(llm(), GPU)
    assert (found.slowest, found.bytes_per_second) == ("g5.2xlarge", 106_250_000)
    assert found.pull == pytest.approx(8 * 1024**3 / 106.25e6)
    assert found.load == pytest.approx(16 * 1024**3 / 106.25e6)
    assert found.start == 195
    # A node of the floor runs.
    assert found.provision == 0
    assert found.total == pytest.approx(80.85 + 161.69 + 195, abs=0.01)
    assert found.sentence == (
        "438 s: 81 s for the image and 162 s for the weights at 101 MiB/s of g5.2xlarge, 195 s until it answers"
    )


def test_a_node_has_to_come_where_the_floor_is_lost_or_none_or_too_small():
    lost = cold_start(llm(), GPU, floor_is_there=False)
    assert lost.provision == BOOT_SECONDS
    assert "568 s: 130 s for a node, 81 s" in lost.sentence
    none = Pool(accelerator=Accelerator.NVIDIA, families=["g6e"], sizes=["2xlarge"], overflow_cpu=64)
    assert cold_start(llm(), none).provision == BOOT_SECONDS
    # 8 vCPUs are not all for pods: only the larger size holds it, and the floor may be of the smaller one.
    assert cold_start(llm(cpu="8"), GPU).provision == BOOT_SECONDS


def test_types_that_do_not_hold_the_replica_do_not_count():
    # Eight vCPUs for pods only a 4xlarge has, whose way to the disk is five times as wide.
    found = cold_start(llm(cpu="8"), GPU)
    assert (found.slowest, found.bytes_per_second) == ("g5.4xlarge", 4750 * 125_000)
    with pytest.raises(ValueError, match="no type of pool 'gpu' holds"):
        cold_start(llm(cpu="64"), GPU)


@pytest.mark.parametrize(
    ("network", "disk", "rate"),
    [
        (1000, 8000, 125_000_000),
        (8000, 1000, 125_000_000),
        # The node's own disk is slower than both ways to it.
        (100_000, 80_000, NODE_DISK_MIB_PER_SECOND * 1024**2),
    ],
)
def test_the_slowest_of_network_way_and_disk_decides(network: int, disk: int, rate: int):
    assert bytes_per_second(InstanceType("x.y", 4, 16384, "amd64", network, disk)) == rate


@given(sizes, sizes, st.integers(1, 3600))
def test_terms_are_positive_and_add_up(image: Size, weights: Size, start: int):
    found = cold_start(variant(image, weights, start), GPU)
    assert min(found.pull, found.load) > 0
    assert found.total == pytest.approx(found.provision + found.pull + found.load + found.start)
    assert f"{found.total:.0f} s: " in found.sentence


@given(sizes, sizes, sizes, st.integers(1, 3600), st.integers(0, 3600))
def test_more_to_load_never_starts_sooner(image: Size, weights: Size, more: Size, start: int, longer: int):
    less = cold_start(variant(image, weights, start), GPU).total
    assert cold_start(variant(image, max(weights, more), start), GPU).total >= less
    assert cold_start(variant(max(image, more), weights, start), GPU).total >= less
    assert cold_start(variant(image, weights, start + longer), GPU).total >= less


@given(st.sampled_from(["g4dn", "g6", "gr6"]), st.sampled_from(["4xlarge", "8xlarge"]))
def test_a_pool_is_as_slow_as_its_slowest_type(family: str, size: str):
    alone = Pool(accelerator=Accelerator.NVIDIA, families=[family], sizes=[size], floor_per_zone=1)
    beside = GPU.model_copy(update={"families": ["g6e", "g5"], "sizes": [size]})
    both = beside.model_copy(update={"families": [*beside.families, family]})
    slower = max(cold_start(llm(), alone).total, cold_start(llm(), beside).total)
    assert cold_start(llm(), both).total == pytest.approx(slower)


def declared(start: ColdStart) -> GraphBuilder:
    builder = GraphBuilder()
    metadata = {"metadata": {"name": "llm", "annotations": start.annotations}}
    builder.add(DEPLOYMENT, "llm", {"spec": {"replicas": 2, "template": metadata}})
    return builder


@given(sizes, sizes, st.integers(1, 3600))
def test_recovery_counts_the_same_seconds_from_what_the_pods_say(image: Size, weights: Size, start: int):
    promised = cold_start(variant(image, weights, start), GPU)
    graph = declared(promised).graph()
    (deployment,) = graph.of_type(DEPLOYMENT)
    assert seconds(start_terms(graph, deployment)) == pytest.approx(promised.pull + promised.load + promised.start)
