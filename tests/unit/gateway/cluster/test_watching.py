import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from gateway.cluster import watching
from gateway.cluster.watching import Kind, Watch
from tests.unit.gateway.cluster.answering_api import answering

PATH = "/apis/example.com/v1/namespaces/n/things"


def thing(name: str, value: str | None) -> dict[str, Any]:
    return {"metadata": {"name": name, "annotations": {"large": "x" * 1000}}, "value": value}


async def becomes(watch: Watch[str], expected: dict[str, str]) -> None:
    async with asyncio.timeout(5):
        while watch.known != expected:
            await asyncio.sleep(0.001)


def watching_things(api: Any, told: list[set[str]]) -> Watch[str]:
    def changed(touched: Iterable[str]) -> None:
        told.append(set(touched))

    return Watch(api, Kind(PATH, "things", "a=b"), lambda found: found["value"], changed)


def test_what_there_is_and_what_comes_and_goes_is_known(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with answering(tmp_path) as (server, api):
            await server.put(PATH, thing("one", "1"))
            await server.put(PATH, thing("nothing of interest", None))
            told: list[set[str]] = []
            watch = watching_things(api, told)
            await watch.start()
            await server.watched(PATH)
            assert watch.listed.is_set()
            assert watch.known == {"one": "1"}
            await server.put(PATH, thing("two", "2"))
            await becomes(watch, {"one": "1", "two": "2"})
            # Nobody is told of what changes nothing.
            await server.put(PATH, thing("two", "2"))
            await server.put(PATH, thing("one", "one"))
            await server.delete(PATH, "two")
            await becomes(watch, {"one": "one"})
            assert told == [{"1"}, {"2"}, {"1", "one"}, {"2"}]
            assert all(request.query["labelSelector"] == "a=b" for request in server.asked)
            await watch.close()

    asyncio.run(scenario())


def test_a_long_list_comes_in_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_PAGE", 3)

    async def scenario() -> None:
        async with answering(tmp_path) as (server, api):
            for number in range(10):
                await server.put(PATH, thing(f"t{number}", str(number)))
            watch = watching_things(api, [])
            await watch.start()
            await server.watched(PATH)
            assert watch.known == {f"t{number}": str(number) for number in range(10)}
            assert len(server.asked) == 4 + 1
            await watch.close()

    asyncio.run(scenario())


def test_what_was_missed_is_listed_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with answering(tmp_path) as (server, api):
            await server.put(PATH, thing("one", "1"))
            await server.put(PATH, thing("two", "2"))
            told: list[set[str]] = []
            watch = watching_things(api, told)
            await watch.start()
            await server.watched(PATH)
            server.objects[PATH] = {"two": thing("two", "2"), "three": thing("three", "3")}
            await server.expire(PATH)
            await becomes(watch, {"two": "2", "three": "3"})
            assert told == [{"1", "2"}, {"1", "3"}]
            await watch.close()

    asyncio.run(scenario())


def test_an_api_that_is_gone_takes_nothing_away_and_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(watching, "_FIRST_RETRY_SECONDS", 0.01)
    monkeypatch.setattr(watching, "_LONGEST_RETRY_SECONDS", 0.02)

    async def scenario() -> None:
        async with answering(tmp_path) as (server, api):
            await server.put(PATH, thing("one", "1"))
            watch = watching_things(api, [])
            await watch.start()
            await server.watched(PATH)
            server.broken = True
            await server.expire(PATH)
            before = len(server.asked)
            async with asyncio.timeout(5):
                while len(server.asked) < before + 5:
                    await asyncio.sleep(0.001)
            assert watch.known == {"one": "1"}
            assert caplog.text.count("does not say which things there are: ClientResponseError 503") == 1
            server.objects[PATH]["one"] = thing("one", "other")
            server.broken = False
            await becomes(watch, {"one": "other"})
            await watch.close()

    asyncio.run(scenario())
