"""How weights get to a server: an init container fetches and checks them (decision 18)."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pulumi
from pulumi_kubernetes.core.v1 import (
    ConfigMapVolumeSourceArgs,
    EmptyDirVolumeSourceArgs,
    EnvVarArgs,
    VolumeArgs,
    VolumeMountArgs,
)

from stanchion.serving.slots import WEIGHTS_SHA256, WEIGHTS_URI

PATH = "/weights"
LOADER_PATH = "/stanchion"
LOADER_FILE = "load_weights.py"
LOADER_COMMAND = ["python3", f"{LOADER_PATH}/{LOADER_FILE}"]
# A file system has its own needs, and SHA256SUMS and its like lie beside the weights.
ROOM = 1.1


@dataclass
class WeightsArgs:
    """A model's files.

    Args:
        uri: where they lie, such as `s3://models/support-llm/2026-05`.
        sha256: of the file SHA256SUMS there, which has the checksums of all others.
        size_bytes: of all of them.
    """

    uri: pulumi.Input[str]
    sha256: str
    size_bytes: int


@cache
def loader_script() -> str:
    """The program of the init container."""
    return (Path(__file__).parent / "loader" / LOADER_FILE).read_text(encoding="utf-8")


@cache
def loader_name() -> str:
    """The ConfigMap that holds it; another program has another name, so that a rollout brings it and not a restart."""
    return f"weights-loader-{hashlib.sha256(loader_script().encode()).hexdigest()[:8]}"


def environment(weights: WeightsArgs) -> list[EnvVarArgs]:
    """What tells a container of the weights; the first two belong to rollouts and stay the first two."""
    return [
        EnvVarArgs(name=WEIGHTS_URI, value=weights.uri),
        EnvVarArgs(name=WEIGHTS_SHA256, value=weights.sha256),
        EnvVarArgs(name="STANCHION_WEIGHTS_PATH", value=PATH),
    ]


def room_mib(weights: WeightsArgs) -> int:
    """MiB of disk that they take."""
    return int(weights.size_bytes * ROOM / 1024**2) + 64


def volumes(weights: WeightsArgs) -> list[VolumeArgs]:
    """The disk that they are put on, and the program that puts them there."""
    return [
        VolumeArgs(name="weights", empty_dir=EmptyDirVolumeSourceArgs(size_limit=f"{room_mib(weights)}Mi")),
        VolumeArgs(name="loader", config_map=ConfigMapVolumeSourceArgs(name=loader_name(), default_mode=0o444)),
    ]


def loader_mounts() -> list[VolumeMountArgs]:
    """What the init container sees."""
    return [
        VolumeMountArgs(name="weights", mount_path=PATH),
        VolumeMountArgs(name="loader", mount_path=LOADER_PATH, read_only=True),
    ]


def server_mount() -> VolumeMountArgs:
    """What the server sees, and can't change."""
    return VolumeMountArgs(name="weights", mount_path=PATH, read_only=True)
