import asyncio
from pathlib import Path
from typing import Any

from gateway.cluster.addresses import Translation
from gateway.cluster.endpoint_slices import EndpointSlices, Ready, ready_of
from tests.unit.gateway.cluster.answering_api import answering

PATH = "/apis/discovery.k8s.io/v1/namespaces/n/endpointslices"


def endpoint(address: str, pod: str, **conditions: bool) -> dict[str, Any]:
    target = {"kind": "Pod", "name": pod, "uid": f"uid of {pod}"}
    return {"addresses": [address], "targetRef": target, "conditions": conditions}


def of_service(service: str, name: str, *endpoints: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": name, "labels": {"kubernetes.io/service-name": service}}
    return {"metadata": metadata, "ports": [{"name": "http", "port": 8000}], "endpoints": list(endpoints)}


def test_those_that_are_ready_and_stay() -> None:
    found = ready_of(
        of_service(
            "s", "s-1",
            endpoint("198.18.0.2", "a", ready=True),
            endpoint("198.18.0.4", "b", ready=False),
            endpoint("198.18.0.5", "c", ready=True, terminating=True),
            endpoint("198.18.0.6", "d"),
        ),
        Translation.read("198.18.0.0/15=127.18.0.0/15"),
    )  # fmt: skip
    assert found == (
        Ready("127.18.0.2:8000", "198.18.0.2", "a", "uid of a"),
        Ready("127.18.0.6:8000", "198.18.0.6", "d", "uid of d"),
    )
    assert ready_of({"endpoints": None, "ports": None}) == ()
    nameless = {"ports": [{"port": 1}], "endpoints": [{"addresses": ["10.0.0.1"]}]}
    assert ready_of(nameless) == (Ready("10.0.0.1:1", "10.0.0.1", "", ""),)


def test_each_service_is_told_of_by_all_of_its_slices(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with answering(tmp_path) as (server, api):
            told: list[tuple[str, list[str]]] = []
            await server.put(PATH, of_service("one", "one-1", endpoint("10.0.0.1", "a")))
            await server.put(PATH, of_service("one", "one-2", endpoint("10.0.0.2", "b")))
            await server.put(PATH, of_service("nobody asked", "x", endpoint("10.0.0.9", "x")))
            slices = EndpointSlices(
                api, "n", ["one", "two"], lambda service, found: told.append((service, [each.pod for each in found]))
            )
            await slices.start()
            await server.watched(PATH)
            assert told == [("one", ["a", "b"])]
            await server.put(PATH, of_service("two", "two-1", endpoint("10.0.0.3", "c")))
            await server.delete(PATH, "one-1")
            async with asyncio.timeout(5):
                while len(told) < 3:
                    await asyncio.sleep(0.001)
            assert told[1:] == [("two", ["c"]), ("one", ["b"])]
            await slices.close()

    asyncio.run(scenario())


def test_of_one_service_only_its_own_slices_are_asked_for(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with answering(tmp_path) as (server, api):
            slices = EndpointSlices(api, "n", ["one"], lambda *_: None)
            await slices.start()
            await server.watched(PATH)
            assert {each.query["labelSelector"] for each in server.asked} == {"kubernetes.io/service-name=one"}
            await slices.close()

    asyncio.run(scenario())
