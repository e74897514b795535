"""The life of a pod without a control plane: what it tells, and in which order."""

import asyncio
import contextlib
import ipaddress
import json
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox.kubernetes.async_api import AsyncApi
from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.process_node import pods as pods_module
from sandbox.kubernetes.process_node.addresses import POD_ADDRESSES, NodeAddresses
from sandbox.kubernetes.process_node.backoff import Backoff
from sandbox.kubernetes.process_node.logs import LogFolder
from sandbox.kubernetes.process_node.pods import Host, PodLife
from sandbox.kubernetes.process_node.processes import POD_MARK
from sandbox.processes.marked import marked
from tests.unit.sandbox.kubernetes.process_node.fake_api import FakeApi, until

PATH = "/api/v1/namespaces/default/pods/web"


def pod(command: list[str] | None = None, **spec: Any) -> dict[str, Any]:
    annotations = {} if command is None else {"stanchion.dev/local-command": json.dumps(command)}
    annotations |= spec.pop("annotations", {})
    metadata = {
        "name": "web",
        "namespace": "default",
        "uid": f"uid-{time.monotonic_ns()}",
        "annotations": annotations,
        **spec.pop("metadata", {}),
    }
    containers = [{"name": "server", "image": "a", **spec.pop("container", {})}, *spec.pop("others", [])]
    return {
        "metadata": metadata,
        "spec": {"containers": containers, "terminationGracePeriodSeconds": 3, **spec},
        "status": {},
    }


@pytest.fixture
def addresses() -> Iterator[NodeAddresses]:
    with contextlib.closing(NodeAddresses.take("test-pods")) as made:
        yield made


class Life:
    """A pod on a node, and what the API server was told of it."""

    def __init__(self, document: dict[str, Any], api: FakeApi, host: Host) -> None:
        self.api, self.host = api, host
        api.objects[PATH] = document
        self.life = PodLife(host, json.loads(json.dumps(document)))
        self.task = asyncio.create_task(self.life.run())
        self.life.update(self.life.pod)

    @property
    def told(self) -> dict[str, Any]:
        """The newest status."""
        return self.api.patches[-1][1]["status"] if self.api.patches else {}

    @property
    def container(self) -> dict[str, Any]:
        return (self.told.get("containerStatuses") or [{"state": {}, "restartCount": 0}])[0]

    @property
    def is_ready(self) -> bool:
        return any(each["type"] == "Ready" and each["status"] == "True" for each in self.told.get("conditions", []))

    @property
    def log(self) -> str:
        return self.host.logs.read("default", "web") or ""

    def delete(self, grace: int = 3) -> None:
        """As the API server does: the object stays until the node takes it away."""
        changed = json.loads(json.dumps(self.life.pod))
        changed["metadata"] |= {"deletionTimestamp": "2026-01-01T00:00:00Z", "deletionGracePeriodSeconds": grace}
        self.life.update(changed)

    async def gone(self) -> None:
        async with asyncio.timeout(20):
            await self.task


@pytest.fixture
def living(tmp_path: Path, addresses: NodeAddresses):
    """Let a pod live through a script; nothing of it may be left."""

    def run(document: dict[str, Any], script: Callable[[Life], Coroutine[Any, Any, Any]]) -> Any:
        @asynccontextmanager
        async def place() -> AsyncIterator[Life]:
            api = FakeApi()
            for folder in ("pods", "logs"):
                (tmp_path / folder).mkdir(exist_ok=True)
            client: AsyncApi = api  # type: ignore[assignment]
            host = Host("node-a", "mark", client, addresses, tmp_path / "pods", LogFolder(tmp_path / "logs"))
            yield Life(document, api, host)

        async def main() -> Any:
            async with place() as life:
                result = await script(life)
                if not life.task.done():
                    life.delete(0)
                    await life.gone()
                return result

        result = asyncio.run(main())
        assert not list((tmp_path / "pods").iterdir())
        assert not marked(POD_MARK, document["metadata"]["uid"])
        return result

    return run


def test_a_pod_comes_runs_and_goes(living: Any):
    async def script(life: Life) -> None:
        await until(lambda: life.is_ready)
        assert life.told["phase"] == "Running"
        assert ipaddress.ip_address(life.told["podIP"]) in POD_ADDRESSES
        life.delete()
        await life.gone()
        assert life.api.deleted == [PATH]
        # Told before it is gone, so that a controller knows how it ended.
        assert life.told["phase"] == "Failed"
        assert life.container["state"]["terminated"]["exitCode"] == 143

    living(pod(["sleep", "600"]), script)


def test_its_process_has_its_environment_and_its_folder(living: Any):
    async def script(life: Life) -> None:
        await until(lambda: "done" in life.log)
        assert life.log.splitlines()[:2] == [f"127.{life.told['podIP'].partition('.')[2]} kept web", "work"]

    env = [{"name": "A", "value": "kept"}]
    command = ["sh", "-c", "echo $STANCHION_POD_ADDRESS $A $HOSTNAME; basename $PWD; echo done; exec sleep 600"]
    living(pod(command, container={"env": env}), script)


def test_the_grace_period_is_kept_and_a_second_request_shortens_it(living: Any):
    async def script(life: Life) -> float:
        await until(lambda: "up" in life.log)
        begun = time.monotonic()
        life.delete(60)
        await until(lambda: "told" in life.log)
        life.delete(2)
        await life.gone()
        return time.monotonic() - begun

    seconds = living(pod(["sh", "-c", "trap 'echo told' TERM; echo up; while :; do sleep 0.05; done"]), script)
    assert 1.9 < seconds < 30


def test_a_hook_goes_before_the_request_to_end_and_has_no_more_time_than_the_pod(living: Any):
    hook = {"preStop": {"exec": {"command": ["sh", "-c", "echo hook; exec sleep 600"]}}}

    async def script(life: Life) -> float:
        await until(lambda: "up" in life.log)
        begun = time.monotonic()
        life.delete(1)
        await life.gone()
        assert life.log.splitlines() == ["up", "hook", "told"]
        return time.monotonic() - begun

    command = ["sh", "-c", "trap 'echo told; exit 0' TERM; echo up; while :; do sleep 0.05; done"]
    # The hook's second, and then at once: the process ends when it is asked to.
    assert 0.9 < living(pod(command, container={"lifecycle": hook}), script) < 30


def test_an_object_that_is_gone_takes_its_process_along_at_once(living: Any):
    async def script(life: Life) -> float:
        await until(lambda: "up" in life.log)
        begun = time.monotonic()
        life.life.vanish()
        await life.gone()
        assert life.api.deleted == []
        return time.monotonic() - begun

    command = ["sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.05; done"]
    assert living(pod(command, terminationGracePeriodSeconds=600), script) < 30


@pytest.mark.parametrize(
    ("policy", "code", "phase"), [("Never", 3, "Failed"), ("Never", 0, "Succeeded"), ("OnFailure", 0, "Succeeded")]
)
def test_a_pod_that_is_not_started_again(living: Any, policy: str, code: int, phase: str):
    async def script(life: Life) -> None:
        await until(lambda: life.told.get("phase") == phase)
        assert life.container["state"]["terminated"]["exitCode"] == code
        assert not life.task.done(), "the object stays until somebody deletes it"

    living(pod(["sh", "-c", f"exit {code}"], restartPolicy=policy), script)


def test_a_container_that_fails_is_started_again_later_and_later(living: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pods_module, "Backoff", lambda: Backoff(0.05, 0.2))

    async def script(life: Life) -> None:
        await until(lambda: life.container["restartCount"] >= 3)
        waits = [
            each[1]["status"]["containerStatuses"][0]["state"].get("waiting", {}).get("message", "").split(" ")[1:2]
            for each in life.api.patches
        ]
        assert [wait for wait in waits if wait][:2] == [["0.05s"], ["0.1s"]]
        assert life.log.count("begun") >= 3
        assert life.container["lastState"]["terminated"]["exitCode"] == 4

    living(pod(["sh", "-c", "echo begun; exit 4"]), script)


def test_a_program_that_is_not_there_is_said(living: Any):
    async def script(life: Life) -> None:
        await until(lambda: "terminated" in life.container["state"])
        ended = life.container["state"]["terminated"]
        assert (ended["exitCode"], ended["message"]) == (127, "no-such-program can't be run: No such file or directory")
        assert life.log.startswith("no-such-program can't be run")

    living(pod(["no-such-program"], restartPolicy="Never"), script)


def test_a_command_that_is_none_is_said(living: Any):
    async def script(life: Life) -> None:
        await until(lambda: "waiting" in life.container["state"])
        waiting = life.container["state"]["waiting"]
        assert waiting["reason"] == "CreateContainerConfigError"
        assert "no JSON list of words" in waiting["message"]

    living(pod(annotations={"stanchion.dev/local-command": "python server.py"}), script)


def test_init_containers_come_first_and_have_to_end_well(living: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pods_module, "Backoff", lambda: Backoff(0.01, 0.01))

    async def script(life: Life) -> None:
        await until(lambda: life.is_ready and "main" in life.log)
        assert life.log.splitlines() == ["init", "init", "main"]
        first, second, sidecar = life.told["initContainerStatuses"]
        assert (first["state"]["terminated"]["exitCode"], first["restartCount"]) == (0, 1)
        assert second["state"]["terminated"]["exitCode"] == 0
        assert "running" in sidecar["state"]

    inits = [
        {"name": "fetch", "image": "a"},
        {"name": "name-only", "image": "a"},
        {"name": "proxy", "image": "a", "restartPolicy": "Always"},
    ]
    words = ["sh", "-c", "echo init; test -e been || { touch been; exit 1; }"]
    document = pod(
        ["sh", "-c", "echo main; exec sleep 600"],
        initContainers=inits,
        annotations={"stanchion.dev/local-init": json.dumps(words)},
    )
    living(document, script)


def test_a_pod_in_name_only(living: Any):
    async def script(life: Life) -> None:
        begun = time.monotonic()
        await until(lambda: life.is_ready)
        assert time.monotonic() - begun > 0.2
        assert [each["ready"] for each in life.told["containerStatuses"]] == [True, True]
        assert not marked(POD_MARK, life.life.uid)
        life.delete(600)
        await life.gone()

    gates = [{"conditionType": "example.com/attached"}]
    document = pod(
        others=[{"name": "b", "image": "b"}], readinessGates=gates, annotations={"stanchion.dev/start-delay": "200ms"}
    )
    living(document, script)


def test_a_job_s_pod_in_name_only_ends_well(living: Any):
    async def script(life: Life) -> None:
        await until(lambda: life.told.get("phase") == "Succeeded")

    living(pod(metadata={"ownerReferences": [{"kind": "Job"}]}, restartPolicy="Never"), script)


def test_what_was_said_of_a_pod_that_had_ended_before_stays(living: Any):
    async def script(life: Life) -> None:
        await asyncio.sleep(0)
        life.delete()
        await life.gone()
        assert life.api.patches == []
        assert life.api.deleted == [PATH]

    document = pod(["sleep", "600"])
    document["status"] = {"phase": "Succeeded"}
    living(document, script)


def test_an_api_server_that_is_away_is_told_when_it_is_back(living: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pods_module, "_RETRY_SECONDS", 0.01)

    async def script(life: Life) -> None:
        await until(lambda: life.is_ready)
        life.api.failures += [ApiError(0, "Unreachable", "no answer", {})] * 3
        life.delete()
        await life.gone()
        assert life.api.deleted == [PATH]

    living(pod(["sleep", "600"]), script)


def test_a_status_that_is_refused_is_said_and_holds_nothing_up(living: Any, capsys: pytest.CaptureFixture[str]):
    async def script(life: Life) -> None:
        await until(lambda: life.is_ready)
        life.api.failures += [ApiError(422, "Invalid", "status.podIP: no", {})]
        life.delete()
        await life.gone()
        assert life.api.deleted == [PATH]

    living(pod(["sleep", "600"]), script)
    assert f"pod {PATH} of node node-a: status.podIP: no" in capsys.readouterr().err


def test_an_object_of_the_same_name_that_came_later_is_left_alone(living: Any):
    async def script(life: Life) -> None:
        await until(lambda: life.is_ready)
        life.api.failures += [ApiError(409, "Conflict", "another uid", {})] * 2
        life.delete()
        await life.gone()
        assert life.api.deleted == []

    living(pod(["sleep", "600"]), script)


def test_a_node_that_ends_ends_its_processes_and_leaves_the_objects(living: Any, tmp_path: Path):
    async def script(life: Life) -> None:
        await until(lambda: "up" in life.log)
        before = len(life.api.patches)
        life.life.abandon(5)
        await life.gone()
        assert life.log.splitlines() == ["up", "told"]
        assert life.api.deleted == []
        assert len(life.api.patches) == before

    command = ["sh", "-c", "trap 'echo told; exit 0' TERM; echo up; while :; do sleep 0.02; done"]
    living(pod(command, container={"lifecycle": {"preStop": {"sleep": {"seconds": 600}}}}), script)
