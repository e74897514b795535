from typing import Any

import pytest
from rich.console import Console

from sandbox import deployment
from sandbox.deployment import Deployment, needs_cluster
from sandbox.errors import SandboxFailedError
from stanchion.layers import Stack


def stack(*layers: str, region: str | None = "us-east-1") -> Stack:
    return Stack("-".join(layers), "local", layers, region)


STACKS = (stack("state"), stack("foundation"), stack("links"), stack("cluster"), stack("serving"))


class Build:
    """A build that is followed instead of done."""

    def __init__(self, did: list[Any], fails: bool = False) -> None:
        self._did, self._fails = did, fails

    def wait(self, tell: Any) -> None:
        tell("building etcd")
        self._did.append("built")
        if self._fails:
            raise SandboxFailedError("the build failed")

    def stop(self) -> None:
        self._did.append("stopped")


@pytest.fixture
def did(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was done, in order."""
    done: list[Any] = []

    def up(name: str, *, only: list[str] | None, **_: Any) -> list[str]:
        done.append(only)
        return only or ["all"]

    monkeypatch.setattr("stanchion.cli.run.up_environment", up)
    monkeypatch.setattr(deployment, "stacks_of", lambda *_: STACKS)
    return done


def made(monkeypatch: pytest.MonkeyPatch, build: Build | None) -> Deployment:
    monkeypatch.setattr(deployment.BackgroundBuild, "start", lambda: build)
    spec: Any = type("Spec", (), {"name": "local"})()
    found = Deployment(spec)
    found.start_build()
    return found


def test_what_needs_no_cluster_is_up_before_the_build_ends(did: list[Any], monkeypatch: pytest.MonkeyPatch):
    results = made(monkeypatch, Build(did)).up(Console(quiet=True), refresh=False)
    first, second = ["state", "foundation", "links"], ["cluster", "serving"]
    assert did == [first, "built", "stopped", second]
    assert results == first + second


def test_when_all_is_built_everything_goes_at_once(did: list[Any], monkeypatch: pytest.MonkeyPatch):
    made(monkeypatch, None).up(Console(quiet=True), refresh=True)
    assert did == [None]


def test_a_build_that_failed_ends_it_before_the_clusters(did: list[Any], monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(SandboxFailedError, match="the build failed"):
        made(monkeypatch, Build(did, fails=True)).up(Console(quiet=True), refresh=False)
    assert did[-1] == "stopped"
    assert ["cluster", "serving"] not in did


def test_an_environment_without_clusters_builds_nothing(did: list[Any], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(deployment, "stacks_of", lambda *_: STACKS[:3])
    made(monkeypatch, Build(did)).up(Console(quiet=True), refresh=False)
    assert did == [None]


def test_a_stack_of_several_layers_waits_when_one_of_them_does():
    assert needs_cluster(stack("foundation", "cluster"))
    assert needs_cluster(stack("serving"))
    assert not needs_cluster(stack("links", region=None))
