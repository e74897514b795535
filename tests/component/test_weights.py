"""Weights: who is told of them, where they are put, and how much room there is."""

import ast
import sys
from typing import Any

from components.serving.weights import (
    LOADER_COMMAND,
    WeightsArgs,
    environment,
    loader_mounts,
    loader_name,
    loader_script,
    room_mib,
    server_mount,
    volumes,
)

WEIGHTS = WeightsArgs("s3://models/support-llm/2026-05", "b" * 64, 16 * 1024**3)


def test_the_version_is_told_by_the_first_two_variables() -> None:
    assert [(each.name, each.value) for each in environment(WEIGHTS)[:2]] == [
        ("STANCHION_WEIGHTS_URI", WEIGHTS.uri),
        ("STANCHION_WEIGHTS_SHA256", WEIGHTS.sha256),
    ]


def test_weights_have_more_room_than_they_need_and_an_end() -> None:
    disk: Any = volumes(WEIGHTS)[0].empty_dir
    assert disk.size_limit == f"{room_mib(WEIGHTS)}Mi"
    assert 1.05 < room_mib(WEIGHTS) / (16 * 1024) < 1.2
    assert room_mib(WeightsArgs("s3://m/x", "b" * 64, 1)) >= 64


def test_the_server_can_t_change_what_was_checked() -> None:
    assert server_mount().read_only
    paths = {each.mount_path: each.read_only for each in loader_mounts()}
    assert paths == {"/weights": None, "/stanchion": True}
    assert server_mount().mount_path == "/weights"


def test_another_loader_has_another_name() -> None:
    """So that pods are made anew with it, and not surprised by it at their next start."""
    volume: Any = volumes(WEIGHTS)[1]
    assert volume.config_map.name == loader_name()
    assert loader_name().startswith("weights-loader-")
    assert "def load(" in loader_script()
    assert LOADER_COMMAND == ["python3", "/stanchion/load_weights.py"]


def test_the_loader_needs_nothing_but_an_old_python() -> None:
    tree = ast.parse(loader_script(), feature_version=(3, 9))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
