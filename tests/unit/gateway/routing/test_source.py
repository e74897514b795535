import asyncio
from datetime import UTC, datetime
from pathlib import Path

from gateway.routing.source import RoutingSource
from stanchion.routing.document import EndpointRoute, RoutingDocument


def document(epoch: int, region: str = "us-east-1") -> bytes:
    return (
        RoutingDocument(
            environment="test", region=region, epoch=epoch, written_at=datetime.now(UTC),
            endpoints={"chat": EndpointRoute(weights={"full": {"green": 1}})},
        )
        .model_dump_json()
        .encode()
    )  # fmt: skip


class Answers:
    """Gives one after another; an exception is raised."""

    def __init__(self, *answers: bytes | Exception | None) -> None:
        self.left = list(answers)

    def __call__(self) -> bytes | None:
        answer = self.left.pop(0) if self.left else None
        if isinstance(answer, Exception):
            raise answer
        return answer


def source(file: Path, answers: Answers) -> RoutingSource:
    return RoutingSource(answers, file, environment="test", region="us-east-1", poll_seconds=0.01)


async def drained(found: RoutingSource, answers: Answers) -> None:
    async with asyncio.timeout(5):
        while answers.left:
            await asyncio.sleep(0.005)
    await asyncio.sleep(0.02)
    await found.close()


def test_the_last_good_one_stays_in_force(tmp_path: Path) -> None:
    async def scenario() -> None:
        bad = [b"{", document(9, "eu-west-1"), document(3), OSError("gone"), document(4).replace(b'"1.0"', b'"2.0"')]
        answers = Answers(document(5), *bad)
        found = source(tmp_path / "a" / "routing.json", answers)
        await found.start()
        assert found.epoch == 5
        assert found.route("chat").slots("full") == {"green": 1}
        assert found.route("other").slots("full") == {"blue": 1}
        await drained(found, answers)
        assert found.epoch == 5
        assert found.failed == 4
        assert RoutingDocument.read(
            (tmp_path / "a" / "routing.json").read_bytes(), environment="test", region="us-east-1"
        ).epoch == 5  # fmt: skip

    asyncio.run(scenario())


def test_it_starts_from_disk_when_nobody_answers(tmp_path: Path) -> None:
    file = tmp_path / "routing.json"
    file.write_bytes(document(7))

    async def scenario() -> None:
        answers = Answers(OSError("gone"))
        found = source(file, answers)
        await found.start()
        assert found.epoch == 7
        assert found.asked_at is None
        await found.close()

    asyncio.run(scenario())


def test_without_any_there_is_none(tmp_path: Path) -> None:
    async def scenario() -> None:
        (tmp_path / "routing.json").write_bytes(document(7)[:-20])
        found = source(tmp_path / "routing.json", Answers(OSError("gone")))
        await found.start()
        assert found.document is None
        assert found.epoch == 0
        await found.close()

    asyncio.run(scenario())


def test_an_older_one_on_disk_gives_way_and_a_newer_one_does_not(tmp_path: Path) -> None:
    async def scenario() -> None:
        file = tmp_path / "routing.json"
        file.write_bytes(document(7))
        found = source(file, Answers(document(6)))
        await found.start()
        assert found.epoch == 7
        await found.close()
        found = source(file, Answers(document(8)))
        await found.start()
        assert found.epoch == 8
        await found.close()

    asyncio.run(scenario())
