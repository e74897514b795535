"""The local cloud as a whole: start it, stop it, ask how it is, and get the variables that lead to it."""

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.engine.engine import Engine, resolve_engine
from sandbox.errors import SandboxError, SandboxFailedError
from sandbox.front_door.control import Control
from sandbox.front_door.faults import Fault
from sandbox.ports import LOOPBACK, choose_ports
from sandbox.processes.planes import plane_statuses
from sandbox.processes.programs import ACCOUNT, environment, programs
from sandbox.processes.supervisor import ProcessStatus, Supervisor, healthy
from sandbox.provider_plugin import install_plugins
from sandbox.run_directory import DIRECTORY_VARIABLE, Ports, RunDirectory

# The stacks of the local cloud carry a committed salt for this passphrase: nothing on it is secret
# (docs/decisions/0006-local-stacks-carry-a-known-salt.md).
PASSPHRASE = "stanchion-local"  # noqa: S105
DEFAULT_REGION = "us-east-1"
_START_SECONDS = 90
_STOP_SECONDS = 75
_BUSY_SECONDS = 30

Tell = Callable[[str], None]


def _silent(_: str) -> None:
    return None


@dataclass(frozen=True)
class CloudStatus:
    """How a local cloud is.

    Args:
        directory: where it lives.
        endpoint: its one address; None when it does not run.
        processes: the supervisor and its programs.
        faults: those in force.
        planes: the control planes of the clusters, each with all of its programs, by context of the kubeconfig.
    """

    directory: Path
    endpoint: str | None
    processes: tuple[ProcessStatus, ...]
    faults: tuple[Fault, ...]
    planes: tuple[ProcessStatus, ...] = ()

    @property
    def running(self) -> bool:
        """Whether every process does its work."""
        return self.endpoint is not None and all(each.state == "RUNNING" for each in self.processes)

    @property
    def memory_bytes(self) -> int:
        """Resident memory of all processes together."""
        return sum(each.memory_bytes for each in (*self.processes, *self.planes))


def prepare_engine(progress: Tell = _silent, root: Path | None = None) -> Engine:
    """Find or build the engine and put it, its language host and our plugins into the run directory.

    Args:
        progress: is given one line for each thing done.
        root: the run directory; see `RunDirectory.resolve`.

    Raises:
        StanchionError: no way to an engine works; says why for each.
    """
    directory = RunDirectory.resolve(root)
    directory.create()
    with directory.exclusive():
        engine = resolve_engine(progress)
        engine.link_into(directory.bin)
        install_plugins(directory.pulumi_home)
    return engine


def start(progress: Tell = _silent, root: Path | None = None) -> dict[str, str]:
    """Start the engine and the local cloud, or find it running; returns what `environment_variables` does.

    Args:
        progress: is given one line for each thing done.
        root: the run directory; see `RunDirectory.resolve`.

    Raises:
        SandboxError: a port is taken, no space, ...
        SandboxFailedError: a process did not come up.
    """
    prepare_engine(progress, root)
    start_processes(progress, root)
    return environment_variables(root)


def start_processes(progress: Tell = _silent, root: Path | None = None) -> bool:
    """Start the processes and wait until they answer; returns False when they ran already.

    Args and Raises: as `start`.
    """
    directory = RunDirectory.resolve(root)
    directory.create()
    with directory.exclusive():
        supervisor = Supervisor(directory)
        last = directory.read_ports()
        if last and _works(supervisor, last):
            progress(f"the local cloud runs already at http://{LOOPBACK}:{last.front_door}")
            return False
        if supervisor.stop(_STOP_SECONDS):
            progress("ended what was left of an earlier run")
        ports = choose_ports(last)
        directory.write_ports(ports)
        started = programs(ports)
        supervisor.start(started, environment(directory, ports))
        try:
            supervisor.wait_healthy(started, _START_SECONDS, progress)
        except BaseException:
            supervisor.stop(_STOP_SECONDS)
            raise
    return True


def stop(progress: Tell = _silent, root: Path | None = None) -> bool:
    """Stop the local cloud and wait until its processes are gone; its content is kept for the next start.

    Returns:
        Whether anything ran.
    """
    directory = RunDirectory.resolve(root)
    if not directory.path.is_dir():
        return False
    with directory.exclusive():
        begun = time.monotonic()
        stopped = Supervisor(directory).stop(_STOP_SECONDS)
        if stopped:
            progress(f"every process has ended ({time.monotonic() - begun:.1f} s)")
        return stopped


def clean(progress: Tell = _silent, root: Path | None = None) -> None:
    """Stop the local cloud and remove its run directory with all content; the engine's cache stays."""
    directory = RunDirectory.resolve(root)
    stop(progress, root)
    if directory.cloud_state.exists() or directory.cloud_file.exists():
        shutil.rmtree(directory.path)
        progress(f"removed {directory.path}")


def status(root: Path | None = None) -> CloudStatus:
    """How the local cloud is; works as well when it does not run."""
    directory = RunDirectory.resolve(root)
    ports = directory.read_ports()
    supervisor = Supervisor(directory)
    if ports is None or not supervisor.running():
        return CloudStatus(directory.path, None, (), ())
    processes = tuple(supervisor.status(programs(ports)))
    reachable = healthy(ports.front_door, "/_stanchion/status")
    faults = tuple(Control(ports.front_door).faults()) if reachable else ()
    planes = tuple(plane_statuses(directory))
    return CloudStatus(directory.path, f"http://{LOOPBACK}:{ports.front_door}", processes, faults, planes)


def control(root: Path | None = None) -> Control:
    """The front door's control, to make and heal faults.

    Raises:
        SandboxError: the local cloud is not running.
    """
    return Control(_running(RunDirectory.resolve(root)))


def environment_variables(root: Path | None = None) -> dict[str, str]:
    """What pulumi, boto3 and the aws CLI need to work with the local cloud and with nothing else.

    AWS_REGION is left alone: a program that forgets a region has to fail here as it would on AWS. The plain CLI wants a
    default, and reads AWS_DEFAULT_REGION.

    Args:
        root: the run directory; see `RunDirectory.resolve`.

    Raises:
        SandboxError: the local cloud is not running.
    """
    directory = RunDirectory.resolve(root)
    port = _running(directory)
    path = [entry for entry in os.environ.get("PATH", os.defpath).split(os.pathsep) if entry != str(directory.bin)]
    # Only where it is not the default: in a shell that has these variables, another checkout's commands mean their own.
    elsewhere = {} if directory.is_default else {DIRECTORY_VARIABLE: str(directory.path)}
    return elsewhere | {
        "PATH": os.pathsep.join([str(directory.bin), *path]),
        "AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{port}",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "",
        "AWS_ACCOUNT_ID": ACCOUNT,
        "AWS_DEFAULT_REGION": DEFAULT_REGION,
        # The user's own profiles are for real accounts.
        "AWS_PROFILE": "default",
        "AWS_CONFIG_FILE": str(directory.aws_config),
        "AWS_SHARED_CREDENTIALS_FILE": str(directory.aws_credentials),
        "AWS_EC2_METADATA_DISABLED": "true",
        "KUBECONFIG": str(directory.kubeconfig),
        "NO_PROXY": _no_proxy("NO_PROXY"),
        "no_proxy": _no_proxy("no_proxy"),
        "PULUMI_HOME": str(directory.pulumi_home),
        "PULUMI_BACKEND_URL": directory.pulumi_state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


def _works(supervisor: Supervisor, ports: Ports) -> bool:
    """Whether the cloud runs and answers; a busy one gets time to, since a restart would hit its users."""
    states = supervisor.states()
    expected = programs(ports)
    if not all(states.get(each.name, ("",))[0] in ("RUNNING", "STARTING") for each in expected):
        return False
    try:
        supervisor.wait_healthy(expected, _BUSY_SECONDS, _silent)
    except SandboxFailedError:
        return False
    return True


def _running(directory: RunDirectory) -> int:
    """The front door's port when the cloud runs."""
    ports = directory.read_ports()
    # The port alone proves nothing: after a stop it may be another cloud's.
    up = ports is not None and Supervisor(directory).running() and healthy(ports.front_door, "/_stanchion/status")
    if ports is None or not up:
        raise SandboxError(
            f"the local cloud of {directory.path} is not running; start it with `make up` or `stanchion sandbox start`."
        )
    return ports.front_door


def _no_proxy(name: str) -> str:
    entries = [entry for entry in os.environ.get(name, "").split(",") if entry]
    return ",".join(dict.fromkeys([*entries, LOOPBACK, "localhost"]))
