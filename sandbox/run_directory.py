"""The folder in which one local cloud lives: its ports, logs, engine launchers, state."""

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from sandbox.errors import SandboxError

CHECKOUT = Path(__file__).resolve().parent.parent
DIRECTORY_VARIABLE = "STANCHION_SANDBOX_DIR"
_DEFAULT = CHECKOUT / ".stanchion" / "local"
ENOUGH_FREE_BYTES = 256 * 1024 * 1024
_FORMAT = 1


@dataclass(frozen=True)
class Ports:
    """Ports of one local cloud, all on 127.0.0.1."""

    front_door: int
    ministack: int
    moto: int
    # 0 in the file of a cloud that was last started without them.
    eks: int = 0
    batch: int = 0
    clock: int = 0


@dataclass(frozen=True)
class RunDirectory:
    """Where one local cloud keeps what it needs; two of them never share anything but the engine's cache."""

    path: Path

    @classmethod
    def resolve(cls, root: Path | None = None) -> "RunDirectory":
        """The directory that is meant: `root`, else STANCHION_SANDBOX_DIR, else `.stanchion/local` of this checkout."""
        chosen = root or os.environ.get(DIRECTORY_VARIABLE) or _DEFAULT
        return cls(Path(chosen).expanduser().resolve())

    @property
    def is_default(self) -> bool:
        """Whether this is the checkout's own."""
        return self.path == _DEFAULT

    @property
    def cloud_file(self) -> Path:
        """The ports of the cloud, as JSON."""
        return self.path / "cloud.json"

    @property
    def settled_file(self) -> Path:
        """By which program each stack was brought up, as JSON."""
        return self.path / "settled.json"

    @property
    def bin(self) -> Path:
        """What goes on PATH: the engine and its language host."""
        return self.path / "bin"

    @property
    def logs(self) -> Path:
        """One file per process."""
        return self.path / "logs"

    @property
    def pulumi_home(self) -> Path:
        """The engine's home, with the `aws` plugin in it."""
        return self.path / "pulumi-home"

    @property
    def pulumi_state(self) -> Path:
        """The engine's file backend."""
        return self.path / "state"

    @property
    def cloud_state(self) -> Path:
        """What the emulator keeps between a stop and a start."""
        return self.path / "cloud"

    @property
    def planes(self) -> Path:
        """The control planes of the clusters, `<region>/<cluster>`."""
        return self.path / "kubernetes"

    @property
    def kubeconfig(self) -> Path:
        """Leads kubectl and other clients to the clusters; one context each."""
        return self.planes / "kubeconfig"

    @property
    def aws_config(self) -> Path:
        """An AWS configuration of its own, so that no profile of the user is read."""
        return self.path / "aws" / "config"

    @property
    def aws_credentials(self) -> Path:
        """An empty credentials file, for the same reason."""
        return self.path / "aws" / "credentials"

    def create(self) -> None:
        """Make the folders, readable by their owner only.

        Raises:
            SandboxError: the disk is full, or the place can't be written to.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            free = shutil.disk_usage(self.path).free
            if free < ENOUGH_FREE_BYTES:
                raise SandboxError(
                    f"no space for the local cloud: {free // 2**20} MB are free at {self.path}, "
                    f"at least {ENOUGH_FREE_BYTES // 2**20} MB are needed; "
                    "free some, or set STANCHION_SANDBOX_DIR to a folder on another disk."
                )
            own = (self.bin, self.logs, self.pulumi_home, self.pulumi_state, self.planes, self.aws_config.parent)
            for folder in (*own, self.cloud_state / "home", self.cloud_state / "tmp"):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.aws_config.write_text("[default]\n", encoding="utf-8")
            self.aws_credentials.write_text("", encoding="utf-8")
        except OSError as error:
            raise SandboxError(
                f"the local cloud can't keep its files in {self.path}: {error.strerror}; "
                "set STANCHION_SANDBOX_DIR to a folder you can write to."
            ) from error

    def read_ports(self) -> Ports | None:
        """The ports of the last start; none when there was none, or its file can't be read."""
        try:
            content = json.loads(self.cloud_file.read_text(encoding="utf-8"))
            return Ports(**content["ports"]) if content["format"] == _FORMAT else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write_ports(self, ports: Ports) -> None:
        """Keep the ports for the next start: state of the engine holds addresses that have to stay the same."""
        write_atomically(self.cloud_file, json.dumps({"format": _FORMAT, "ports": asdict(ports)}, indent=2) + "\n")

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the directory, so that two starts at once become one after the other."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.path / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def write_atomically(file: Path, text: str, mode: int = 0o600) -> None:
    """Write a file so that a reader sees the old or the new content, never a part."""
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(temporary).chmod(mode)
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
