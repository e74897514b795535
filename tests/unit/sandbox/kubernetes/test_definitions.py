from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from sandbox.errors import SandboxFailedError
from sandbox.kubernetes import definitions
from sandbox.kubernetes.api import Api
from sandbox.kubernetes.definitions import OWN, apply, documents


class StubApi:
    """An API server that serves what was defined after it was asked once."""

    def __init__(self, serves: bool = True) -> None:
        self.applied: list[str] = []
        self._asked: set[str] = set()
        self._serves = serves

    def apply(self, document: dict[str, Any], _: str) -> dict[str, Any]:
        self.applied.append(f"{document['kind']}/{document['metadata']['name']}")
        return document

    def get(self, path: str) -> dict[str, Any]:
        known, status = path in self._asked, "True" if self._serves else "False"
        self._asked.add(path)
        return {"status": {"conditions": [{"type": "Established", "status": status}] if known else []}}


@pytest.fixture(autouse=True)
def _published(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Definitions as they lie in the cache."""
    folder = tmp_path / "bin" / "definitions"
    folder.mkdir(parents=True)
    (folder / "nodepools.yaml").write_text("kind: CustomResourceDefinition\nmetadata: {name: nodepools.karpenter.sh}\n")
    monkeypatch.setattr(definitions.binaries, "built", lambda _: {"karpenter-definitions": tmp_path / "bin" / "x"})


def test_ours_and_those_that_are_published_are_applied_and_waited_for():
    api = StubApi()
    names = apply(cast("Api", api))
    assert "nodepools.karpenter.sh" in names
    assert "nodeclasses.eks.amazonaws.com" in names
    # Pods with a command are led to process nodes before the first one comes.
    assert any(each.startswith("MutatingAdmissionPolicy/") for each in api.applied)


def test_one_that_is_not_served_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(definitions, "_SECONDS", 0.2)
    with pytest.raises(SandboxFailedError, match=r"nodepools\.karpenter\.sh"):
        apply(cast("Api", StubApi(serves=False)))


def test_our_own_definitions_take_what_is_written_and_want_what_names_other_things():
    ours = list(yaml.safe_load_all((OWN / "eks.yaml").read_text(encoding="utf-8")))
    assert {each["metadata"]["name"] for each in ours} <= {each["metadata"]["name"] for each in documents()}
    for each in ours:
        schema = each["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
        assert schema["properties"]["spec"]["x-kubernetes-preserve-unknown-fields"] is True
        assert schema["properties"]["spec"]["required"]
