from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from sandbox.errors import SandboxFailedError
from sandbox.kubernetes import keda
from sandbox.kubernetes.binaries import BINARIES, DEFINITIONS
from sandbox.kubernetes.keda import PROGRAMS, Keda
from sandbox.kubernetes.plane_folder import PlaneFolder


class Api:
    """Takes what is applied; the group is served as told."""

    def __init__(self) -> None:
        self.applied: list[str] = []
        self.asked = 0

    def apply(self, document: dict[str, Any], _: str) -> dict[str, Any]:
        self.applied.append(f"{document['kind']} {document['metadata']['name']}")
        return document

    def get(self, path: str) -> dict[str, Any]:
        """A definition is established when it is asked for the second time."""
        assert path.endswith("/scaledobjects.keda.sh")
        self.asked += 1
        return {"status": {"conditions": [{"type": "Established", "status": str(self.asked > 1)}]}}


class Children:
    """Starts nothing."""

    def __init__(self) -> None:
        self.started: dict[str, tuple[Sequence[str], Mapping[str, str]]] = {}
        self.stopped = False
        self.fault: SandboxFailedError | None = None

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.started[name] = (command, environment)

    def check(self) -> None:
        if self.fault and self.started:
            raise self.fault

    def stop(self) -> None:
        self.stopped = True


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    made = Api()
    monkeypatch.setattr(keda.Api, "from_kubeconfig", lambda _: made)
    monkeypatch.setattr(keda, "_answers", lambda _: True)
    monkeypatch.setattr(keda.aggregation, "served", lambda *_: True)
    return made


@pytest.fixture
def made(tmp_path: Path) -> Keda:
    folder = PlaneFolder(tmp_path / "plane")
    folder.create("us-east-1")
    programs = tmp_path / "bin"
    (programs / DEFINITIONS).mkdir(parents=True)
    definition = "kind: CustomResourceDefinition\nmetadata: {name: scaledobjects.keda.sh}\n"
    (programs / DEFINITIONS / "scaledobjects.yaml").write_text(definition)
    result = Keda(folder, {name: programs / name for name in PROGRAMS})
    result.children = Children()  # type: ignore[assignment]
    return result


def flags(made: Keda, name: str) -> dict[str, str]:
    command, _ = made.children.started[name]  # type: ignore[attr-defined]
    return dict(argument.removeprefix("--").split("=", 1) for argument in command[1:])


def test_its_kinds_are_defined_before_it_starts(api: Api, made: Keda):
    made.start()
    assert api.applied == [
        "CustomResourceDefinition scaledobjects.keda.sh",
        "Namespace keda",
        "Service external-metrics-k8s-io",
        "APIService v1beta1.external.metrics.k8s.io",
    ]
    assert api.asked == 2, "it waits until they are there"
    assert list(made.children.started) == list(PROGRAMS)  # type: ignore[attr-defined]
    assert all(BINARIES[name].drill for name in PROGRAMS)


def test_it_listens_on_the_loopback_address_where_that_can_be_said(api: Api, made: Keda):
    made.start()
    operator, adapter = (flags(made, name) for name in PROGRAMS)
    for flag in ("health-probe-bind-address", "metrics-service-bind-address"):
        assert operator[flag].startswith("127.0.0.1:")
    assert operator["metrics-bind-address"] == "0"
    assert adapter["bind-address"] == "127.0.0.1"
    # The two find each other, under certificates of the control plane's authority.
    assert adapter["metrics-service-address"] == operator["metrics-service-bind-address"]
    folder = Path(operator["cert-dir"])
    assert adapter["cert-dir"] == str(folder)
    assert (folder / "ca.crt").read_bytes() == made.folder.authority.certificate.read_bytes()
    assert all((folder / name).read_bytes() for name in ("tls.crt", "tls.key"))


def test_it_watches_all_namespaces_as_the_control_plane_s_own(api: Api, made: Keda):
    made.start()
    for _, environment in made.children.started.values():  # type: ignore[attr-defined]
        assert environment["WATCH_NAMESPACE"] == ""
        assert environment["KUBECONFIG"] == str(made.folder.kubeconfig_of("admin"))


def test_one_that_does_not_get_ready_is_stopped(api: Api, made: Keda, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keda, "_answers", lambda _: False)
    monkeypatch.setattr(keda, "_SECONDS", 0.5)
    with pytest.raises(SandboxFailedError, match=r"KEDA has no answer of the operator after 0\.5 s; its logs are in"):
        made.start()
    assert made.children.stopped  # type: ignore[attr-defined]


def test_a_program_that_ends_is_said(api: Api, made: Keda, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keda, "_answers", lambda _: False)
    made.children.fault = SandboxFailedError("keda-operator ended (exit code 1)")  # type: ignore[attr-defined]
    with pytest.raises(SandboxFailedError, match=r"keda-operator ended \(exit code 1\)"):
        made.start()
    assert made.children.stopped  # type: ignore[attr-defined]
