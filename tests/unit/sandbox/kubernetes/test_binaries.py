import re
from pathlib import Path

import pytest

from sandbox.builds.cache import Cache
from sandbox.builds.go import GoModule
from sandbox.errors import SandboxError, SandboxFailedError
from sandbox.kubernetes.binaries import (
    BINARIES,
    CONTROL_PLANE,
    DEFINITIONS,
    SCHEMAS,
    build,
    building,
    built,
    missing,
)
from sandbox.run_directory import CHECKOUT


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path, "kubernetes", "the Kubernetes programs")


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, str]]:
    """What was compiled, by import path and flags, by a Go that writes the file it is asked for."""
    done: list[tuple[str, str]] = []

    def compile_(module: GoModule, go: str, command: str, flags: str, target: Path) -> None:
        assert go == "go"
        assert module.background
        target.write_text("program")
        done.append((command, flags))

    monkeypatch.setattr(GoModule, "build", compile_)
    monkeypatch.setattr(GoModule, "find_go", lambda *_: "go")
    monkeypatch.setattr(GoModule, "directory_of", lambda *_: tmp_path / "module")
    monkeypatch.setattr(GoModule, "fetch", lambda *_: tmp_path / "module")
    monkeypatch.setattr(GoModule, "check_space", lambda *_: None)
    return done


def test_built_once_and_told_about(cache: Cache, compiled: list[tuple[str, str]]):
    told: list[str] = []
    first = build(["etcd", "kwok"], told.append, cache)
    assert [command for command, _ in compiled] == ["go.etcd.io/etcd/server/v3", "sigs.k8s.io/kwok/cmd/kwok"]
    assert all(place.is_file() and place.name == name for name, place in first.items())
    assert re.match(r"building etcd 3\.6\.16 \(about .* min on 2 cores; once for this machine\)", told[0])
    assert build(["etcd", "kwok"], told.append, cache) == first
    assert len(compiled) == 2


def test_what_was_built_before_a_failure_is_kept(
    cache: Cache, compiled: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
):
    works = GoModule.build

    def fail_for_kwok(module: GoModule, go: str, command: str, flags: str, target: Path) -> None:
        if "kwok" in command:
            raise SandboxFailedError("the build of kwok failed")
        works(module, go, command, flags, target)

    monkeypatch.setattr(GoModule, "build", fail_for_kwok)
    with pytest.raises(SandboxFailedError, match="build of kwok failed"):
        build(["etcd", "kwok"], print, cache)
    assert list(built(["etcd"], cache)) == ["etcd"]
    with pytest.raises(
        SandboxError, match=r"^kwok is not built yet; build with `python -m sandbox\.kubernetes build kwok`"
    ):
        built(["etcd", "kwok"], cache)


def test_a_program_there_is_none_of(cache: Cache):
    with pytest.raises(SandboxError, match="no Kubernetes program 'kubelet'; allowed: etcd, kube-apiserver"):
        build(["kubelet"], print, cache)


def test_the_definitions_of_a_program_s_own_kinds_lie_beside_it(
    cache: Cache, compiled: list[tuple[str, str]], tmp_path: Path
):
    for folder, name in (("pkg/apis/crds", "nodepools.yaml"), ("kwok/apis/crds", "kwoknodeclasses.yaml")):
        (tmp_path / "module" / folder).mkdir(parents=True)
        (tmp_path / "module" / folder / name).write_text("kind: CustomResourceDefinition")
        (tmp_path / "module" / folder / name).chmod(0o444)
    place = build(["karpenter"], print, cache)["karpenter"].parent / DEFINITIONS
    assert sorted(file.name for file in place.iterdir()) == ["kwoknodeclasses.yaml", "nodepools.yaml"]
    assert all(file.stat().st_mode & 0o200 for file in place.iterdir())


@pytest.mark.parametrize("name", ["karpenter", "kubectl"])
def test_a_start_does_not_ask_for_what_only_drills_and_people_need(name: str):
    assert name not in CONTROL_PLANE
    assert name in BINARIES


def test_kubectl_is_of_the_version_of_the_api_server():
    assert BINARIES["kubectl"].version == BINARIES["kube-apiserver"].version


@pytest.mark.parametrize("name", BINARIES)
def test_every_program_is_pinned(name: str, cache: Cache, compiled: list[tuple[str, str]]):
    build([name], print, cache)
    binary = BINARIES[name]
    module = CHECKOUT / "sandbox" / "kubernetes" / "modules" / binary.module
    if not binary.package:
        assert not compiled
        assert f"{binary.required} v{binary.version} h1:" in (module / "go.sum").read_text()
        return
    command, flags = compiled[0]
    assert f"tool {command}" in (module / "go.mod").read_text() or f"\t{command}\n" in (module / "go.mod").read_text()
    assert f"{binary.required} v{binary.version} h1:" in (module / "go.sum").read_text()
    if binary.module in ("kubernetes", "kubectl"):
        assert f"version.gitVersion=v{binary.version}" in flags


def test_what_is_not_built_is_named_and_definitions_do_not_wait_for_programs(
    cache: Cache, compiled: list[tuple[str, str]]
):
    assert missing(["etcd", *SCHEMAS], cache) == ["etcd", *SCHEMAS]
    build(SCHEMAS, print, cache)
    assert missing(["etcd", *SCHEMAS], cache) == ["etcd"]
    assert not compiled
    assert not (cache.root / cache.kind).exists()


def test_a_build_by_another_process_is_seen(cache: Cache, compiled: list[tuple[str, str]]):
    assert not building(cache)
    seen: list[bool] = []
    build(["etcd"], lambda _: seen.append(building(cache)), cache)
    assert all(seen)
    assert not building(cache)
    assert len(compiled) == 1
