import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from sandbox.eks.forwarder import Forwarder
from sandbox.front_door.faults import Effect, Fault, Faults
from sandbox.ports import free_ports

REGION = "us-east-1"


@asynccontextmanager
async def forwarded() -> AsyncIterator[tuple[Forwarder, Faults, int]]:
    """A server that says what it hears, behind a forwarder."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    faults = Faults()
    forwarder = Forwarder(REGION, faults)
    (port,) = free_ports([0])
    await forwarder.listen(port)
    forwarder.lead_to(server.sockets[0].getsockname()[1])
    try:
        yield forwarder, faults, port
    finally:
        await forwarder.close()
        server.close()


async def said(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, word: bytes) -> bytes:
    writer.write(word + b"\n")
    return await asyncio.wait_for(reader.readline(), 5)


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 30))  # type: ignore[arg-type]


def test_what_comes_in_goes_through_both_ways():
    async def test() -> None:
        async with forwarded() as (_, _faults, port):
            connection = await asyncio.open_connection("127.0.0.1", port)
            assert await said(*connection, b"x" * 60_000) == b"x" * 60_000 + b"\n"
            # Who has no more to say still hears the rest.
            connection[1].write(b"last\n")
            connection[1].write_eof()
            assert await asyncio.wait_for(connection[0].read(), 5) == b"last\n"

    run(test)


@pytest.mark.parametrize("effect", [Effect.DROP, Effect.UNAVAILABLE])
def test_a_lost_region_cuts_what_is_open_and_what_comes(effect: Effect):
    async def test() -> None:
        async with forwarded() as (forwarder, faults, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await said(reader, writer, b"before") == b"before\n"
            faults.add(Fault(effect, REGION))
            forwarder.look()
            with pytest.raises((OSError, EOFError)):
                await asyncio.wait_for(reader.readexactly(1), 5)
            later = await asyncio.open_connection("127.0.0.1", port)
            with pytest.raises((OSError, EOFError)):
                await asyncio.wait_for(later[0].readexactly(1), 5)
            faults.heal()
            forwarder.look()
            assert await said(*await asyncio.open_connection("127.0.0.1", port), b"after") == b"after\n"

    run(test)


def test_what_hangs_goes_on_when_it_is_healed():
    async def test() -> None:
        async with forwarded() as (forwarder, faults, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await said(reader, writer, b"before") == b"before\n"
            faults.add(Fault(Effect.HANG, REGION))
            forwarder.look()
            writer.write(b"waits\n")
            waiting = asyncio.ensure_future(reader.readline())
            done, _ = await asyncio.wait([waiting], timeout=0.3)
            assert not done
            faults.heal()
            forwarder.look()
            assert await asyncio.wait_for(waiting, 5) == b"waits\n"

    run(test)


def test_faults_of_other_regions_and_of_one_service_pass_by():
    async def test() -> None:
        async with forwarded() as (forwarder, faults, port):
            faults.add(Fault(Effect.DROP, "us-west-2"))
            faults.add(Fault(Effect.DROP, REGION, "eks"))
            forwarder.look()
            assert await said(*await asyncio.open_connection("127.0.0.1", port), b"here") == b"here\n"

    run(test)


def test_latency_holds_back_what_clients_send():
    async def test() -> None:
        async with forwarded() as (_, faults, port):
            faults.add(Fault(Effect.LATENCY, REGION, seconds=0.3))
            connection = await asyncio.open_connection("127.0.0.1", port)
            begun = asyncio.get_running_loop().time()
            assert await said(*connection, b"slow") == b"slow\n"
            assert asyncio.get_running_loop().time() - begun >= 0.3

    run(test)


def test_without_an_api_server_behind_it_a_connection_ends():
    async def test() -> None:
        async with forwarded() as (forwarder, _, port):
            (nobody,) = free_ports([0])
            forwarder.lead_to(nobody)
            reader, _writer = await asyncio.open_connection("127.0.0.1", port)
            with pytest.raises((OSError, EOFError)):
                await asyncio.wait_for(reader.readexactly(1), 5)

    run(test)
