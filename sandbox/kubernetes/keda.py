"""KEDA itself on a local control plane: its operator and its server of external metrics, as processes."""

import argparse
import signal
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sandbox.errors import SandboxFailedError
from sandbox.kubernetes import aggregation, binaries
from sandbox.kubernetes.api import Api
from sandbox.kubernetes.binaries import DEFINITIONS
from sandbox.kubernetes.children import Children
from sandbox.kubernetes.plane_folder import PlaneFolder
from sandbox.ports import LOOPBACK, free_ports

PROGRAMS = ("keda-operator", "keda-adapter")
_NAMESPACE = "keda"
_CERTIFICATE = "keda"
_GROUP, _VERSION = "external.metrics.k8s.io", "v1beta1"
_SECONDS = 60
_POLL_SECONDS = 0.1
_WATCH_SECONDS = 1.0
# The definitions are large; without the C library it takes seconds to read them.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Keda:
    """KEDA on one control plane; only the main thread may start it.

    Its operator listens on the loopback address only. Its server of metrics has a page about itself (`/metrics`) whose
    address can't be chosen: it listens on a free port of every address of this machine.

    Args:
        executables: by name, as `binaries.built(PROGRAMS)` gives them.
    """

    folder: PlaneFolder
    executables: Mapping[str, Path]
    children: Children = field(init=False)

    def __post_init__(self) -> None:
        self.children = Children(self.folder)

    def start(self) -> float:
        """Define its kinds, start it, and wait until the API server reaches its metrics.

        Returns:
            The seconds that took.

        Raises:
            ApiError: the API server refused a definition.
            SandboxFailedError: a program ended or does not answer in time.
        """
        begun = time.monotonic()
        api = Api.from_kubeconfig(self.folder.kubeconfig_of("admin"))
        defined = self._define(api)
        # It looks for them once, and then not for ten seconds.
        self._until(lambda: all(_established(api, name) for name in defined), "its definitions", begun)
        secure, grpc, health = free_ports([0, 0, 0])
        aggregation.register(api, _GROUP, _VERSION, _NAMESPACE, secure)
        certificates = self._certificates()
        try:
            self._launch(certificates, secure, grpc, health)
            self._until(lambda: _answers(health), "the operator", begun)
            self._until(lambda: aggregation.served(api, _GROUP, _VERSION), "the server of metrics", begun)
        except BaseException:
            self.stop()
            raise
        return time.monotonic() - begun

    def check(self) -> None:
        """See that it runs.

        Raises:
            SandboxFailedError: a program has ended; the last lines of its log are in the message.
        """
        self.children.check()

    def stop(self) -> None:
        """End it; objects and definitions stay."""
        self.children.stop()

    def _define(self, api: Api) -> list[str]:
        files = sorted((self.executables[PROGRAMS[0]].parent / DEFINITIONS).glob("*.yaml"))
        documents = [yaml.load(file.read_text(encoding="utf-8"), _LOADER) for file in files]  # noqa: S506  it is safe
        return [str(api.apply(each, aggregation.MANAGER)["metadata"]["name"]) for each in documents]

    def _launch(self, certificates: Path, secure: int, grpc: int, health: int) -> None:
        kubeconfig = str(self.folder.kubeconfig_of("admin"))
        environment = {
            "KUBECONFIG": kubeconfig,
            # Of all namespaces.
            "WATCH_NAMESPACE": "",
            "POD_NAMESPACE": _NAMESPACE,
            "KEDA_CLUSTER_OBJECT_NAMESPACE": _NAMESPACE,
            # Addresses in triggers are of this machine; no proxy has a say.
            "NO_PROXY": "*",
        }
        operator = {
            "metrics-bind-address": "0",
            "enable-prometheus-metrics": "false",
            "health-probe-bind-address": f"{LOOPBACK}:{health}",
            "metrics-service-bind-address": f"{LOOPBACK}:{grpc}",
            "cert-dir": str(certificates),
            "enable-cert-rotation": "false",
            "leader-elect": "false",
        }
        adapter = {
            "bind-address": LOOPBACK,
            "secure-port": str(secure),
            "port": "0",
            "metrics-service-address": f"{LOOPBACK}:{grpc}",
            "cert-dir": str(certificates),
            "tls-cert-file": str(certificates / "tls.crt"),
            "tls-private-key-file": str(certificates / "tls.key"),
            **dict.fromkeys(("lister-kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig"), kubeconfig),
        }
        for name, flags in zip(PROGRAMS, (operator, adapter), strict=True):
            command = [str(self.executables[name]), *(f"--{flag}={value}" for flag, value in flags.items())]
            self.children.start(name, command, environment)

    def _certificates(self) -> Path:
        """A certificate under the names that KEDA looks for."""
        authority, folder = self.folder.authority, self.folder.path / "keda"
        authority.create((_CERTIFICATE,), (LOOPBACK, "localhost"))
        folder.mkdir(exist_ok=True, mode=0o700)
        for name, source in (
            ("ca.crt", authority.certificate),
            ("tls.crt", authority.certificate_of(_CERTIFICATE)),
            ("tls.key", authority.key_of(_CERTIFICATE)),
        ):
            link = folder / name
            link.unlink(missing_ok=True)
            link.symlink_to(source)
        return folder

    def _until(self, true: Callable[[], bool], what: str, begun: float) -> None:
        while not true():
            self.children.check()
            if time.monotonic() - begun > _SECONDS:
                raise SandboxFailedError(
                    f"KEDA has no answer of {what} after {_SECONDS} s; its logs are in {self.folder.log_of('').parent}."
                )
            time.sleep(_POLL_SECONDS)


def add(commands: Any) -> None:
    """Add the command of `python -m sandbox.kubernetes` to the others.

    Args:
        commands: subparsers of argparse.
    """
    keda = commands.add_parser("keda", help="run KEDA on a control plane until told to stop")
    keda.add_argument("folder", type=Path, help="of the control plane")
    keda.set_defaults(do=_run)


def _run(chosen: argparse.Namespace) -> int:
    # As Ctrl-C does: what was started is stopped.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    keda = Keda(PlaneFolder(chosen.folder.resolve()), binaries.built(PROGRAMS))
    try:
        print(f"KEDA is ready ({keda.start():.1f} s)", flush=True)
        while True:
            keda.check()
            time.sleep(_WATCH_SECONDS)
    except KeyboardInterrupt:
        pass
    finally:
        keda.stop()
    return 0


def _established(api: Api, definition: str) -> bool:
    found = api.get(f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{definition}") or {}
    conditions = (found.get("status") or {}).get("conditions") or []
    return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)


def _answers(port: int) -> bool:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            f"http://{LOOPBACK}:{port}/readyz", timeout=5
        ) as answer:
            return answer.status == 200
    except OSError:
        return False
