"""The folder of one control plane: its ports, certificates, tokens, logs and data."""

import contextlib
import csv
import fcntl
import io
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxError
from sandbox.kubernetes.tls import Authority
from sandbox.ports import LOOPBACK, free_ports
from sandbox.run_directory import write_atomically

# Who asks the API server, and the groups that say what each may do; the roles are Kubernetes' own.
_USERS: Mapping[str, tuple[str, ...]] = {
    "admin": ("system:masters",),
    # Without a service account for each controller it acts for all of them.
    "system:kube-controller-manager": ("system:masters",),
    "system:kube-scheduler": (),
    "kwok": ("system:masters",),
}
SERVICE_ADDRESSES = "10.96.0.0/16"
_HOSTS = (
    *(LOOPBACK, "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"),
    # The first of the service addresses is the API server's own.
    "10.96.0.1",
)
SERVER, ETCD, TOKEN_SIGNER = "server", "etcd", "service-accounts"
# Under this name the API server passes requests on to servers of other groups.
FRONT_PROXY = "front-proxy"
_FORMAT = 1


@dataclass(frozen=True)
class PlanePorts:
    """Ports of one control plane, all on 127.0.0.1."""

    api: int
    etcd: int
    etcd_peer: int


@dataclass(frozen=True)
class Running:
    """What is known of a control plane that is ready.

    Args:
        runner: process id of what looks after the programs.
        programs: process ids by name.
        ready_seconds: from the start of the first program until the control plane was ready.
    """

    region: str
    runner: int
    programs: Mapping[str, int]
    ready_seconds: float


@dataclass(frozen=True)
class PlaneFolder:
    """Where one control plane keeps what it needs; readable by its owner only."""

    path: Path

    @property
    def kubeconfig(self) -> Path:
        """For people and tools: `kubectl --kubeconfig`."""
        return self.path / "kubeconfig"

    @property
    def direct(self) -> Path:
        """For who works for the control plane: leads to the API server itself, whatever stands before it."""
        return self.kubeconfig_of("admin")

    @property
    def tokens(self) -> Path:
        """The tokens the API server knows."""
        return self.path / "tokens.csv"

    @property
    def data(self) -> Path:
        """What etcd keeps between a stop and a start."""
        return self.path / "etcd"

    @property
    def authority(self) -> Authority:
        """The control plane's own certificate authority."""
        return Authority(self.path / "tls")

    @property
    def home(self) -> Path:
        """An empty home for the programs: no file of the user's is read."""
        return self.path / "home"

    def log_of(self, program: str) -> Path:
        """What a program wrote since its last start."""
        return self.path / "logs" / f"{program}.log"

    def kubeconfig_of(self, user: str) -> Path:
        """A program's way to the API server."""
        return self.path / "kubeconfigs" / f"{user.removeprefix('system:')}.json"

    def create(self, region: str, public_port: int | None = None) -> PlanePorts:
        """Make what is not there, choose ports, and write down who may ask.

        Certificates, tokens and ports stay the same from start to start, because clients have them.

        Args:
            public_port: where people and tools reach the API server, when something stands before it.

        Raises:
            SandboxError: the place can't be written to.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            # It may have been there before, more open.
            self.path.chmod(0o700)
            for folder in (self.data, self.home, self.log_of("").parent, self.kubeconfig_of("").parent):
                folder.mkdir(exist_ok=True, mode=0o700)
            self.authority.create((SERVER, ETCD, FRONT_PROXY), _HOSTS)
            self.authority.create_key(TOKEN_SIGNER)
            tokens = self._write_tokens()
            ports = self._choose_ports()
            for user, token in tokens.items():
                document = self._kubeconfig(region, ports.api, user, token)
                write_atomically(self.kubeconfig_of(user), json.dumps(document, indent=2) + "\n")
            admin = self._kubeconfig(region, public_port or ports.api, "admin", tokens["admin"])
            write_atomically(self.kubeconfig, json.dumps(admin, indent=2) + "\n")
        except OSError as error:
            raise SandboxError(
                f"the control plane of {region} can't keep its files in {self.path}: {error.strerror}; "
                "choose a folder you can write to."
            ) from error
        return ports

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the folder until the end, or until this process dies.

        Raises:
            SandboxError: another process runs a control plane in it.
        """
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.path / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SandboxError(
                    f"a control plane runs in {self.path} already; "
                    f"stop it with `python -m sandbox.kubernetes stop {self.path}`, or choose another folder."
                ) from None
            yield

    def read_ports(self) -> PlanePorts | None:
        """The ports of the last start; none when there was none."""
        found = self._read("ports.json")
        return None if found is None else PlanePorts(**found)

    def read_running(self) -> Running | None:
        """What was written down when the control plane got ready; none when it is not, or was stopped."""
        found = self._read("running.json")
        try:
            return None if found is None else Running(**found)
        except TypeError:
            return None

    def write_running(self, running: Running | None) -> None:
        """Write down that the control plane is ready, or that it is no longer."""
        if running is None:
            (self.path / "running.json").unlink(missing_ok=True)
        else:
            self._write("running.json", asdict(running))

    def _choose_ports(self) -> PlanePorts:
        found = self._read("ports.json") or {}
        api, etcd, peer = free_ports([int(found.get(name) or 0) for name in ("api", "etcd", "etcd_peer")])
        ports = PlanePorts(api, etcd, peer)
        self._write("ports.json", asdict(ports))
        return ports

    def _write_tokens(self) -> dict[str, str]:
        """The token of each user, a new one where there is none yet."""
        known: dict[str, str] = {}
        with contextlib.suppress(FileNotFoundError), self.tokens.open(encoding="utf-8", newline="") as file:
            known = {row[1]: row[0] for row in csv.reader(file) if len(row) > 1}
        tokens = {user: known.get(user) or secrets.token_urlsafe(32) for user in _USERS}
        text = io.StringIO()
        for user, groups in _USERS.items():
            csv.writer(text, lineterminator="\n").writerow([tokens[user], user, user, ",".join(groups)])
        write_atomically(self.tokens, text.getvalue())
        return tokens

    def _kubeconfig(self, region: str, port: int, user: str, token: str) -> dict[str, Any]:
        """A kubeconfig; JSON is YAML. The authority is named by path, so that no tool has to decode it."""
        cluster = {
            "server": f"https://{LOOPBACK}:{port}",
            "certificate-authority": str(self.authority.certificate),
        }
        context = {"cluster": region, "user": user}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": region,
            "clusters": [{"name": region, "cluster": cluster}],
            "users": [{"name": user, "user": {"token": token}}],
            "contexts": [{"name": region, "context": context}],
        }

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            content = json.loads((self.path / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        # Written by another version of this program: as if it were not there.
        return content["is"] if isinstance(content, dict) and content.get("format") == _FORMAT else None

    def _write(self, name: str, content: Mapping[str, Any]) -> None:
        write_atomically(self.path / name, json.dumps({"format": _FORMAT, "is": content}, indent=2) + "\n")
