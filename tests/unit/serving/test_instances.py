"""The catalogue of types: figures that AWS publishes, and what is left of a node for pods."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.recovery.mechanisms.kubernetes.quotas import vcpus
from stanchion.serving.instances import InstanceType, catalogue, families, sizes, types_of

TYPES = st.sampled_from(sorted(catalogue().values(), key=lambda each: each.name))


@pytest.mark.parametrize(
    ("name", "figures"),
    [
        ("m7i.xlarge", (4, 16384, "amd64", None, 0)),
        ("c7g.2xlarge", (8, 16384, "arm64", None, 0)),
        ("r7a.4xlarge", (16, 131072, "amd64", None, 0)),
        ("g4dn.12xlarge", (48, 196608, "amd64", "T4", 4)),
        ("g5.2xlarge", (8, 32768, "amd64", "A10G", 1)),
        ("g5g.xlarge", (4, 8192, "arm64", "T4g", 1)),
        ("g6e.48xlarge", (192, 1572864, "amd64", "L40S", 8)),
        ("p4d.24xlarge", (96, 1179648, "amd64", "A100", 8)),
        ("p5.48xlarge", (192, 2097152, "amd64", "H100", 8)),
        ("inf2.24xlarge", (96, 393216, "amd64", "Inferentia2", 6)),
        ("trn1.32xlarge", (128, 524288, "amd64", "Trainium", 16)),
    ],
)
def test_types_have_what_aws_says(name: str, figures: tuple[int, int, str, str | None, int]):
    each = catalogue()[name]
    has = (each.vcpus, each.memory_mib, each.architecture, each.accelerator_name, each.accelerators)
    assert has == figures
    assert f"{each.family}.{each.size}" == name


def test_the_families_are_those_that_serve_and_no_others():
    assert {"m7i", "c7i-flex", "r8g", "m6gd", "g4dn", "g5", "g6", "g6e", "p4d", "p5", "inf2", "trn1"} <= set(families())
    assert not {"t3", "m4", "mac2", "hpc7a", "x1", "i4i"} & set(families())
    assert not [name for name in catalogue() if "metal" in name]


def test_sizes_go_from_the_smallest_on():
    assert sizes()[:4] == ("medium", "large", "xlarge", "2xlarge")
    assert sizes().index("12xlarge") < sizes().index("24xlarge") < sizes().index("48xlarge")


@given(TYPES)
def test_a_type_is_whole(each: InstanceType):
    assert each.vcpus > 0
    assert each.network_mbps > 0
    assert each.disk_mbps > 0
    assert (each.accelerator is None) == (each.accelerators == 0) == (each.accelerator_mib == 0)
    assert each.architecture in ("amd64", "arm64")
    # Recovery, which has no catalogue, tells vCPUs from the size: as many, or fewer where a type has half of its
    # threads. What it takes for a node's vCPUs is never less than what the node has.
    assert (vcpus(each.name) or 0) >= each.vcpus


@given(TYPES)
def test_pods_get_less_than_the_node_has(each: InstanceType):
    assert 0 < each.pod_millis < 1000 * each.vcpus
    assert 0 <= each.pod_mib < each.memory_mib
    assert each.holds(each.pod_millis, each.pod_mib, each.accelerators)
    assert not each.holds(each.pod_millis + 1, 0)
    assert not each.holds(0, each.pod_mib + 1)
    assert not each.holds(0, 0, each.accelerators + 1)


@pytest.mark.parametrize(
    ("vcpu", "millis"),
    [(1, 940), (2, 1930), (4, 3920), (8, 7910), (16, 15890), (96, 95690)],
)
def test_kubernetes_keeps_a_share_that_falls_with_the_number_of_vcpus(vcpu: int, millis: int):
    assert InstanceType("x.y", vcpu, 4096, "amd64", 1, 1).pod_millis == millis


def test_the_memory_for_pods_is_what_hypervisor_and_kubelet_leave():
    # 16384 less 7.5 %, less 255 and 11 for each of 110 pods, less 100.
    assert catalogue()["m7i.xlarge"].pod_mib == 15155 - 1465 - 100


def test_types_of_a_pool_are_those_that_exist_in_the_order_that_is_said():
    made = types_of(["g5", "p5", "m7i"], ["xlarge", "48xlarge"])
    assert [each.name for each in made] == ["g5.xlarge", "g5.48xlarge", "p5.48xlarge", "m7i.xlarge", "m7i.48xlarge"]
    assert types_of(["p5en"], ["xlarge"]) == ()
    assert types_of([], ["xlarge"]) == ()
