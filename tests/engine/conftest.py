"""One private local cloud for all engine tests: started for the first that needs it, gone after the last."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import cloud
from tests.engine.project import Project


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the times that tests say they saw, which would be lost with their other output."""
    said = [
        line
        for report in terminalreporter.getreports("passed")
        for line in report.capstdout.splitlines()
        if re.search(r"\d s\b", line)
    ]
    if said:
        terminalreporter.section("times seen")
        for line in said:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def local_cloud() -> Iterator[dict[str, str]]:
    """The environment variables of a running local cloud that nobody else uses."""
    # Not pytest's own folder: its path is long, and a socket's may not be.
    root = Path(tempfile.mkdtemp(prefix="stanchion-"))
    try:
        yield cloud.start(print, root)
    finally:
        cloud.stop(print, root)
        shutil.rmtree(root)


@pytest.fixture(scope="session")
def engine(local_cloud: dict[str, str]) -> dict[str, str]:
    """The environment variables that lead to the engine."""
    return {**os.environ, **local_cloud}


@pytest.fixture
def project(tmp_path: Path, local_cloud: dict[str, str], request: pytest.FixtureRequest) -> Project:
    """A project with an environment of its own, named after the test."""
    return Project(tmp_path, local_cloud, unique_name(request.node.name))


def unique_name(text: str) -> str:
    """An environment's name that two tests do not share: resources of one account can be told apart by it."""
    import hashlib

    return "t" + hashlib.sha256(text.encode()).hexdigest()[:7]
