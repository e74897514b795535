"""The programs of the local cloud and the environment they run in."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.builds.cache import CACHE_VARIABLE, Cache
from sandbox.ports import LOOPBACK
from sandbox.run_directory import CHECKOUT, Ports, RunDirectory

ACCOUNT = "000000000000"
# Stands in the environment of every process the supervisor starts, with the run directory as its value, so that one
# that outlived a killed supervisor can be told from everybody else's.
MARK = "STANCHION_SUPERVISED"


@dataclass(frozen=True)
class Program:
    """One supervised program.

    Args:
        name: as `stanchion sandbox logs NAME` takes it.
        port: on 127.0.0.1, given to a person who asks where it listens.
        health: a path that answers 200 when the program can work.
        command: arguments; `{python}` stands for this interpreter.
        restart: start it again when it dies. An emulator is left dead: an empty one in its place would hide the loss.
        stop_seconds: how long it may take to end; MiniStack writes its content to disk.
        children_apart: what it started is told with a memory of its own.
    """

    name: str
    port: int
    health: str
    command: tuple[str, ...]
    restart: bool = False
    stop_seconds: int = 10
    children_apart: bool = False


def programs(ports: Ports) -> tuple[Program, ...]:
    """The programs, emulators first."""
    return (
        # Not `python -m ministack`: it would listen on the port it names in the addresses it gives out (GATEWAY_PORT),
        # and that has to be the front door's, so that functions and queue URLs lead through it.
        Program(
            "ministack",
            ports.ministack,
            "/_ministack/health",
            (
                *("-m", "hypercorn", "ministack.app:app", "--workers", "0"),
                *("--bind", f"{LOOPBACK}:{ports.ministack}", "--keep-alive", "75", "--log-level", "WARNING"),
            ),
            stop_seconds=60,
        ),
        Program(
            "moto", ports.moto, "/moto-api/data.json", ("-m", "moto.server", "-H", LOOPBACK, "-p", str(ports.moto))
        ),
        # Its jobs are its own children, and what it knows lies in a file: one that died is started again.
        Program("batch", ports.batch, "/_stanchion/status", ("-m", "sandbox.batch", "serve"), restart=True),
        # Follows the schedules of both regions, which it keeps in a file; what it missed is not made up for.
        Program("clock", ports.clock, "/_stanchion/status", ("-m", "sandbox.clock"), restart=True, stop_seconds=5),
        # With the control planes of all clusters as its children; what they keep outlives it.
        Program(
            "eks",
            ports.eks,
            "/_stanchion/status",
            ("-m", "sandbox.eks"),
            restart=True,
            stop_seconds=60,
            children_apart=True,
        ),
        Program(
            "front-door",
            ports.front_door,
            "/_stanchion/status",
            ("-m", "sandbox.front_door"),
            restart=True,
            stop_seconds=5,
        ),
    )


def environment(directory: RunDirectory, ports: Ports) -> dict[str, str]:
    """The whole environment of the programs; nothing of the user's shell that could lead to an account or a proxy."""
    state = directory.cloud_state
    inherited = {key: os.environ[key] for key in ("LANG", "LC_ALL", "TZ") if key in os.environ}
    return inherited | {
        # The interpreter's own folder first: functions run by the emulator use `python3` from PATH.
        "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)]),  # noqa: PTH120
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONUNBUFFERED": "1",
        "HOME": str(state / "home"),
        "TMPDIR": str(state / "tmp"),
        MARK: str(directory.path),
        "STANCHION_FRONT_DOOR_PORT": str(ports.front_door),
        "STANCHION_MINISTACK_PORT": str(ports.ministack),
        "STANCHION_MOTO_PORT": str(ports.moto),
        "STANCHION_EKS_PORT": str(ports.eks),
        # The home of the programs is not the user's, in which the programs of control planes lie.
        CACHE_VARIABLE: str(Cache.default().root),
        "STANCHION_BATCH_PORT": str(ports.batch),
        "STANCHION_CLOCK_PORT": str(ports.clock),
        "AWS_CONFIG_FILE": str(directory.aws_config),
        "AWS_SHARED_CREDENTIALS_FILE": str(directory.aws_credentials),
        "AWS_EC2_METADATA_DISABLED": "true",
        **_ministack(directory, ports),
        **_moto(),
    }


def _ministack(directory: RunDirectory, ports: Ports) -> Mapping[str, str]:
    state = directory.cloud_state
    return {
        "GATEWAY_PORT": str(ports.front_door),
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": "us-east-1",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state / "services"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state / "objects"),
        "MINISTACK_WORKER_THREADS": "16",
        "LOG_LEVEL": "WARNING",
        # Listeners that would bind to every address of the machine.
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        # MiniStack removes every container of its kind when it starts: another checkout's, too. It gets no Docker.
        "DOCKER_HOST": f"unix://{state / 'no-docker.sock'}",
        "LAMBDA_EXECUTOR": "local",
    }


def _moto() -> Mapping[str, str]:
    return {
        "MOTO_ACCOUNT_ID": ACCOUNT,
        "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "false",
    }
