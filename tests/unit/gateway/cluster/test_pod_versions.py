import asyncio
from pathlib import Path
from typing import Any

from gateway.cluster.pod_versions import PodVersions
from stanchion.serving.slots import VERSION_LABEL, SlotNames, labels
from tests.unit.gateway.cluster.answering_api import answering

PATH = "/api/v1/namespaces/n/pods"


def pod(name: str, uid: str, version: str | None) -> dict[str, Any]:
    said = {} if version is None else {VERSION_LABEL: version}
    return {"metadata": {"name": name, "uid": uid, "labels": {"other": "label", **said}}}


def test_a_pod_is_known_by_its_label_and_by_who_it_is(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with answering(tmp_path) as (server, api):
            await server.put(PATH, pod("a", "1", "v7"))
            await server.put(PATH, pod("without", "2", None))
            changed: list[set[str]] = []
            versions = PodVersions(api, "n", changed.append)
            assert versions.of("a", "1") == ""
            await versions.start()
            await server.watched(PATH)
            assert versions.of("a", "1") == versions.of("a", "") == "v7"
            # Another pod that had this name before.
            assert versions.of("a", "0") == ""
            assert versions.of("without", "2") == versions.of("nobody", "3") == ""
            await server.put(PATH, pod("without", "2", "v8"))
            await server.delete(PATH, "a")
            async with asyncio.timeout(5):
                while versions.of("a", "1"):
                    await asyncio.sleep(0.001)
            assert versions.of("without", "2") == "v8"
            assert changed == [{"a"}, {"without"}, {"a"}]
            await versions.close()

    asyncio.run(scenario())


def test_only_the_metadata_of_pods_of_slots_is_asked_for(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with answering(tmp_path) as (server, api):
            versions = PodVersions(api, "n", lambda _: None)
            await versions.start()
            await server.watched(PATH)
            forms = [each.headers["accept"] for each in server.asked]
            assert forms == [
                "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
                "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
            ]
            [selector] = {each.query["labelSelector"] for each in server.asked}
            assert selector in labels(SlotNames("chat", "full", "blue"), "standard")
            await versions.close()

    asyncio.run(scenario())
