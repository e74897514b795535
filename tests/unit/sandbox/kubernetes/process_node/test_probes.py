import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest
from aiohttp import web

from sandbox.kubernetes.process_node.probes import Probe, Prober, Target, act


async def execute(command: Any) -> int:
    return int(command[0])


def probe(**document: Any) -> Probe:
    made = Probe.from_document({"exec": {"command": ["0"]}, **document})
    assert made is not None
    return made


@asynccontextmanager
async def server(answers: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[Target]:
    application = web.Application()
    application.router.add_route("*", "/{tail:.*}", answers)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield Target("127.0.0.1", {"http": runner.addresses[0][1]}, execute)
    finally:
        await runner.cleanup()


def test_the_kubelet_s_defaults():
    assert Probe.from_document(None) is None
    made = probe()
    assert (made.initial_delay, made.period, made.timeout, made.failures, made.successes) == (0, 10, 1, 3, 1)


@pytest.mark.parametrize(
    ("status", "said"), [(200, ""), (302, ""), (399, ""), (400, "it answers 400"), (503, "it answers 503")]
)
def test_an_answer_tells_by_its_status(status: int, said: str):
    seen: list[Any] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append((request.path_qs, request.headers["X-Probe"]))
        return web.Response(status=status, headers={"Location": "/elsewhere"})

    async def main() -> str:
        async with server(answer) as target:
            asked = {"path": "ready?full=1", "port": "http", "httpHeaders": [{"name": "X-Probe", "value": "a"}]}
            return await act({"httpGet": asked}, target)

    assert asyncio.run(main()) == said
    assert seen == [("/ready?full=1", "a")]


def test_connections_commands_and_waits():
    async def answer(_: web.Request) -> web.Response:
        return web.Response()

    async def main() -> list[str]:
        async with server(answer) as target:
            free = Target("127.18.0.1", {}, execute)
            return [
                await act({"tcpSocket": {"port": "http"}}, target),
                await act({"exec": {"command": ["0"]}}, target),
                await act({"exec": {"command": ["4"]}}, target),
                await act({"sleep": {"seconds": 0}}, target),
                await act({"tcpSocket": {"port": 9}}, free),
                await act({"httpGet": {"port": "no"}}, target),
                await act({"grpc": {"port": 1}}, target),
            ]

    said = asyncio.run(main())
    assert said[:4] == ["", "", "the command ends with exit code 4", ""]
    assert "127.18.0.1" in said[4]
    assert said[5:] == [
        "the container has no port named 'no'",
        "a process node can't do grpc; allowed: exec, httpGet, tcpSocket",
    ]


def test_no_answer_in_time_is_a_failure():
    async def answer(_: web.Request) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()

    async def main() -> str:
        async with server(answer) as target:
            return await probe(exec=None, httpGet={"port": "http"}, timeoutSeconds=0.05).ask(target)

    assert asyncio.run(main()) == "no answer within 0.05 s"


class Asked:
    """What a prober told, with a script of what its probes find; the last finding goes on."""

    def __init__(self, **scripts: str) -> None:
        self.scripts = {kind: list(script) for kind, script in scripts.items()}
        self.told: list[Any] = []

    async def execute(self, command: Any) -> int:
        script = self.scripts[command[0]]
        return int(script.pop(0) if len(script) > 1 else script[0])

    def probe(self, kind: str, **document: Any) -> Probe | None:
        if kind not in self.scripts:
            return None
        return probe(exec={"command": [kind]}, **{"periodSeconds": 0.01, "failureThreshold": 2, **document})

    def run(self, until: Callable[[list[Any]], bool], **documents: Any) -> list[Any]:
        async def main() -> None:
            kinds = [self.probe(kind, **documents) for kind in ("startup", "readiness", "liveness")]
            prober = Prober(
                Target("", {}, self.execute),
                *kinds,
                on_started=lambda: self.told.append("started"),
                on_ready=self.told.append,
            )
            prober.failed.add_done_callback(
                lambda failed: None if failed.cancelled() else self.told.append(failed.result())
            )
            prober.begin()
            async with asyncio.timeout(20):
                while not until(self.told):
                    await asyncio.sleep(0.001)
            await prober.close()

        asyncio.run(main())
        return self.told


def test_a_container_without_probes_is_ready_when_it_has_started():
    assert Asked().run(lambda told: len(told) == 2) == ["started", True]


def test_the_startup_probe_holds_the_others_back():
    asked = Asked(startup="1110", readiness="0", liveness="0")
    told = asked.run(lambda told: len(told) == 2, failureThreshold=4)
    assert told == ["started", True]
    assert asked.scripts["startup"] == ["0"]


def test_a_container_that_does_not_start_in_time_fails():
    told = Asked(startup="1", readiness="0").run(bool, terminationGracePeriodSeconds=5)
    assert told == [("the startup probe failed 2 times: the command ends with exit code 1", 5)]


def test_readiness_comes_and_goes_by_its_thresholds():
    # One failure is none; two in a row are.
    told = Asked(readiness="1010011000").run(lambda told: told.count(False) == 1 and told[-1] is True and len(told) > 6)
    changes = [told[0]] + [now for before, now in pairwise(told) if now != before]
    assert changes == ["started", True, False, True]


def test_successes_in_a_row_are_needed_where_more_than_one_is_asked_for():
    asked = Asked(readiness="0100")
    asked.run(lambda told: True in told, successThreshold=2)
    assert asked.scripts["readiness"] == ["0"]


def test_a_container_that_no_longer_lives_fails_once():
    told = Asked(liveness="010110").run(lambda told: len(told) == 3)
    assert told == ["started", True, ("the liveness probe failed 2 times: the command ends with exit code 1", None)]


def test_a_delay_is_counted_from_the_start():
    loop_times: list[float] = []

    async def main() -> None:
        asked = Asked(readiness="0")
        delayed = asked.probe("readiness", initialDelaySeconds=0.2)
        loop = asyncio.get_running_loop()
        ready = loop.create_future()
        prober = Prober(Target("", {}, asked.execute), None, delayed, None, lambda: None, lambda _: ready.set_result(1))
        loop_times.append(loop.time())
        prober.begin()
        await ready
        loop_times.append(loop.time())
        await prober.close()

    asyncio.run(main())
    assert loop_times[1] - loop_times[0] >= 0.2
