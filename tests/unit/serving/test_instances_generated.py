"""The committed catalogue is what the installed data set gives."""

import json
from pathlib import Path
from typing import Any

import pytest

from stanchion.serving import instances_generated
from stanchion.serving.instances import FILE
from stanchion.serving.instances_generated import FAMILIES, catalogue, main, text

DESCRIBED: dict[str, Any] = {
    "g6.xlarge": {
        "BareMetal": False,
        "VCpuInfo": {"DefaultVCpus": 4},
        "MemoryInfo": {"SizeInMiB": 16384},
        "ProcessorInfo": {"SupportedArchitectures": ["x86_64"]},
        "NetworkInfo": {"NetworkCards": [{"BaselineBandwidthInGbps": 2.5}, {"BaselineBandwidthInGbps": 100.0}]},
        "EbsInfo": {"EbsOptimizedInfo": {"BaselineBandwidthInMbps": 1000, "MaximumBandwidthInMbps": 5000}},
        "GpuInfo": {"Gpus": [{"Name": "L4", "Count": 1, "MemoryInfo": {"SizeInMiB": 22888}}]},
    }
}


def test_the_committed_catalogue_is_not_stale():
    assert main(["--check"]) == 0
    assert "moto" in json.loads(FILE.read_text(encoding="utf-8"))["source"]


def test_a_stale_catalogue_is_said_and_written_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(instances_generated, "installed", lambda: catalogue(DESCRIBED, "a test"))
    file = tmp_path / "instances.json"
    assert main(["--check"], file) == 1
    assert "instances.json is stale; fix: run `python -m stanchion.serving" in capsys.readouterr().err
    assert main([], file) == 0
    assert main(["--check"], file) == 0
    file.write_text("{}", encoding="utf-8")
    assert main(["--check"], file) == 1
    assert main(["--chek"], file) == 2


def test_what_flows_without_a_burst_counts_and_one_network_card():
    (made,) = catalogue(DESCRIBED, "a test")["types"].values()
    assert made == {
        "vcpus": 4,
        "memory_mib": 16384,
        "architecture": "amd64",
        "network_mbps": 2500,
        "disk_mbps": 1000,
        "accelerator": "nvidia",
        "accelerator_name": "L4",
        "accelerators": 1,
        "accelerator_mib": 22888,
    }


def test_bare_metal_and_other_families_are_left_out_and_the_small_come_first():
    one = DESCRIBED["g6.xlarge"]
    large = one | {"VCpuInfo": {"DefaultVCpus": 8}}
    described = {"g6.2xlarge": large, "g6.xlarge": one, "g6.metal": one | {"BareMetal": True}, "t3.large": one}
    assert list(catalogue(described, "a test")["types"]) == ["g6.xlarge", "g6.2xlarge"]


def test_one_type_is_one_line():
    written = text(catalogue(DESCRIBED, "a test"))
    assert json.loads(written) == catalogue(DESCRIBED, "a test")
    assert sum("g6.xlarge" in line for line in written.splitlines()) == 1


@pytest.mark.parametrize("family", ["m5", "m7i-flex", "c6gn", "r8gd", "m6idn", "gr6", "p5en", "inf2", "trn1"])
def test_families_that_serve(family: str):
    assert FAMILIES.fullmatch(family)


@pytest.mark.parametrize("family", ["m4", "t4g", "m5zn", "x2gd", "inf1", "hpc7g", "mac2", "g6f", "i4i", "u7i-6tb"])
def test_families_that_do_not(family: str):
    assert not FAMILIES.fullmatch(family)
