"""Write the catalogue of instance types: `python -m stanchion.serving.instances_generated [--check]`.

It is taken from what moto ships of EC2's DescribeInstanceTypes, since the core asks no cloud. With --check it says
whether the committed one is another than the installed moto gives.
"""

import gzip
import json
import re
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stanchion.serving.instances import FILE

# General, compute and memory from generation 5 on, with and without Arm, local disks and more network; what serves
# models of NVIDIA and AWS. No bare metal: a node of EKS Auto Mode is never one.
FAMILIES = re.compile(r"[cmr][5-9][agi]?[dn]*(-flex)?|g4dn|g5g?|g6e?|gr6|p4de?|p5(e|en)?|inf2|trn1")
_ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}


def catalogue(described: dict[str, Any], source: str) -> dict[str, Any]:
    """The catalogue as it is committed.

    Args:
        described: EC2's descriptions by type.
        source: what they are from.
    """
    wanted = {
        name: _type(each)
        for name, each in described.items()
        if FAMILIES.fullmatch(name.partition(".")[0]) and not each["BareMetal"]
    }
    # By family, and from the smallest size on.
    order = sorted(wanted, key=lambda name: (name.partition(".")[0], wanted[name]["vcpus"], name))
    return {"source": source, "types": {name: wanted[name] for name in order}}


def text(content: dict[str, Any]) -> str:
    """The file: one type a line, so that a change of one is a line of a diff."""
    lines = ",\n".join(f"    {json.dumps(name)}: {json.dumps(each)}" for name, each in content["types"].items())
    return f'{{\n  "source": {json.dumps(content["source"])},\n  "types": {{\n{lines}\n  }}\n}}\n'


def installed() -> dict[str, Any]:
    """The catalogue of the installed moto, which is found and not imported: it would bring AWS's library along."""
    found = find_spec("moto")
    if found is None or found.origin is None:
        raise FileNotFoundError("moto is not installed; fix: run `make up`, or install requirements/local.txt.")
    file = Path(found.origin).parent / "ec2" / "resources" / "instance_types.json.gz"
    with gzip.open(file, "rt", encoding="utf-8") as opened:
        described: dict[str, Any] = json.load(opened)
    return catalogue(described, f"moto {version('moto')}, ec2/resources/instance_types.json.gz")


def _type(described: dict[str, Any]) -> dict[str, Any]:
    cards: list[dict[str, Any]] = described["NetworkInfo"]["NetworkCards"]
    disk: dict[str, Any] = described["EbsInfo"]["EbsOptimizedInfo"]
    (architecture,) = described["ProcessorInfo"]["SupportedArchitectures"]
    return {
        "vcpus": described["VCpuInfo"]["DefaultVCpus"],
        "memory_mib": described["MemoryInfo"]["SizeInMiB"],
        "architecture": _ARCHITECTURES[architecture],
        # What flows without credits of a burst, by the card that pods use and not all of them.
        "network_mbps": round(1000 * cards[0]["BaselineBandwidthInGbps"]),
        "disk_mbps": disk["BaselineBandwidthInMbps"],
        **_accelerators(described),
    }


def _accelerators(described: dict[str, Any]) -> dict[str, Any]:
    if "GpuInfo" in described:
        kind, (device,) = "nvidia", described["GpuInfo"]["Gpus"]
    elif "NeuronInfo" in described:
        kind, (device,) = "neuron", described["NeuronInfo"]["NeuronDevices"]
    else:
        return {}
    return {
        "accelerator": kind,
        "accelerator_name": device["Name"],
        "accelerators": device["Count"],
        "accelerator_mib": device["MemoryInfo"]["SizeInMiB"],
    }


def main(arguments: list[str], file: Path = FILE) -> int:
    """Write the catalogue, or with --check say whether the committed one is stale."""
    if arguments not in ([], ["--check"]):
        print(f"error: '{' '.join(arguments)}' is not an argument; allowed: nothing, or --check.", file=sys.stderr)
        return 2
    made = text(installed())
    if not arguments:
        file.write_text(made, encoding="utf-8")
    elif not file.exists() or file.read_text(encoding="utf-8") != made:
        print(
            f"error: {file.name} is stale; fix: run `python -m stanchion.serving.instances_generated` and commit it.",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
