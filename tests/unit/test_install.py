"""The installation that `make` runs ends with a sentence when it can't install."""

import os
import subprocess
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def install(python: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "requirements/install.sh"],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHON": str(python)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def interpreter(folder: Path, script: str) -> Path:
    """A stand-in for the virtual environment's interpreter: what matters is how the script takes its answers."""
    file = folder / "python"
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o755)
    return file


def test_without_a_network_it_says_what_to_check(tmp_path: Path):
    done = install(interpreter(tmp_path, "echo 'Could not connect: Network is unreachable' >&2; exit 1"))
    assert done.returncode == 2
    assert "Network is unreachable" in done.stderr
    assert "error: the packages of requirements/local.txt can't be installed" in done.stderr
    assert "check the network, pip's index and the disk" in done.stderr


def test_pip_goes_on_where_uv_can_not(tmp_path: Path):
    """uv does not read pip's configuration, so an index that only pip knows has to be enough."""
    calls = tmp_path / "calls"
    done = install(interpreter(tmp_path, f'echo "$@" >> {calls}; case "$*" in "-m uv"*) exit 1;; esac'))
    assert done.returncode == 0, done.stderr
    said = calls.read_text(encoding="utf-8")
    assert "-m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/local.txt" in said
    assert "--editable ." in said


def test_every_pinned_package_has_hashes_and_no_file_names_a_registry():
    for file in (CHECKOUT / "requirements").glob("*.txt"):
        text = file.read_text(encoding="utf-8")
        blocks = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert blocks
        assert all("==" in line and line.endswith("\\") for line in blocks), file
        assert "://" not in text, file
