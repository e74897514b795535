"""Runs a gateway: `python -m gateway`, told by the file that STANCHION_GATEWAY_CONFIGURATION names."""

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import orjson

from gateway.build import Parts, build
from gateway.cache.answers import Answers
from gateway.cache.memory import MemoryCache
from gateway.cache.valkey_cache import ValkeyCache
from gateway.clients import client
from gateway.cloud_watch.cloud_watch import CloudWatch
from gateway.cluster.api import Access
from gateway.events.firehose import firehose_client, firehose_sender
from gateway.events.writer import EventWriter
from gateway.exchange import Exchange
from gateway.feedback import Feedback
from gateway.follow import follow
from gateway.hash_key import HashKeys
from gateway.keys.caller import Caller
from gateway.keys.key_ring import KeyRing
from gateway.keys.tokens import Tokens
from gateway.peers import Peers
from gateway.quotas.counter_table import CounterTable
from gateway.quotas.quotas import Quotas
from gateway.routing.app_config import AppConfigDocuments
from gateway.routing.source import RoutingSource
from gateway.serve import serve
from gateway.state import State
from gateway.tickets.desk import Desk
from gateway.tickets.opening import opening
from gateway.tracing.configured import tracing
from gateway.upstreams.replicas import Replicas, SlotKey, version_of
from stanchion.costs.estimate import Estimator, ReplicaPrice
from stanchion.costs.unit_prices import unit_prices
from stanchion.errors import StanchionError
from stanchion.events.payloads import payload, user_hash
from stanchion.serving.gateway_configuration import VARIABLE, GatewayConfiguration

# What outlives this process in its pod: the spool of events and the last routing document.
FOLDER = "STANCHION_GATEWAY_FOLDER"
# HOST:PORT for clients, and for the cluster alone.
ADDRESS, INTERNAL = "STANCHION_GATEWAY_ADDRESS", "STANCHION_GATEWAY_INTERNAL_ADDRESS"
# Whether this is the local cloud, where webhooks may go to the loopback.
LOCAL = "STANCHION_LOCAL"
CLOSE_SECONDS = 10.0


async def run(configuration: GatewayConfiguration, folder: Path) -> None:
    """Serve until told to end, then send what is left.

    Args:
        configuration: what the gateway is told.
        folder: of its own.
    """
    region = configuration.region
    name = os.environ.get("HOSTNAME") or socket.gethostname()
    access = Access.of_pod()
    async with AsyncExitStack() as ends:
        spans = tracing(configuration, name)
        # After the writer, so that what gets lost at the end is told.
        last: list[Callable[[], Awaitable[None]]] = [] if spans is None else [spans.close]
        ends.push_async_callback(_at_once, last)
        writer = EventWriter(firehose_sender(firehose_client(region), configuration.event_stream), folder / "events")
        ends.push_async_callback(writer.close, CLOSE_SECONDS)
        routing = RoutingSource(
            AppConfigDocuments(client("appconfigdata", region), configuration.routing),
            folder / "routing.json",
            environment=configuration.environment,
            region=region,
            poll_seconds=configuration.routing.poll_seconds,
        )
        ends.push_async_callback(routing.close)
        hash_keys = HashKeys(client("secretsmanager", region), configuration.hash_key)
        ends.push_async_callback(hash_keys.close)
        dynamodb = client("dynamodb", region, connections=20)
        keys = KeyRing(
            dynamodb, configuration.key_table, tokens=Tokens(configuration.oidc) if configuration.oidc else None
        )
        ends.push_async_callback(keys.close)
        quotas = Quotas(CounterTable(dynamodb, configuration.quota_table, region))
        ends.push_async_callback(quotas.close)
        desk = _desk(configuration, dynamodb)
        if desk is not None:
            ends.callback(desk.close)
        replicas = Replicas()
        cache = _cache(configuration, routing, replicas)
        if cache is not None:
            ends.push_async_callback(cache.close)
        state = State(writer, routing, quotas, keys, cache, desk)
        gateway = build(
            configuration,
            Parts(
                routing,
                keys.authenticate,
                quotas,
                writer.write,
                _estimator(configuration).busy,
                lambda user: user_hash(user, hash_keys.current),
                lambda exchange, answer: payload(
                    exchange.asked.document, answer, exchange.request_id, exchange.place.payloads, hash_keys.current
                ),
                cache=cache,
                open_ticket=None if desk is None else opening(desk),
                other=_others(Feedback(configuration, writer.write), desk),
                refresh=state.refresh,
                lacks={} if cache is None else {"cache": cache.well},
                peers=Peers(name, os.environ.get("POD_IP", "")) if access and configuration.peers else None,
                tracing=spans,
            ),
            name,
            fixed=access is None,
            replicas=replicas,
        )
        await asyncio.gather(routing.start(), hash_keys.start(), quotas.start())
        if access is not None:
            await follow(access, gateway, configuration, ends)
        await gateway.start()
        ends.push_async_callback(gateway.close)
        if configuration.metrics_namespace is not None:
            cloud_watch = CloudWatch(
                client("cloudwatch", region, connections=1), configuration.metrics_namespace,
                configuration.environment, gateway.minute, state.gauges,
            )  # fmt: skip
            await cloud_watch.start()
            last.append(cloud_watch.close)
        longest = max((place.deadline_seconds for place in configuration.endpoints.values()), default=60.0)
        await serve(
            gateway, configuration.limits, _address(ADDRESS, 8080), _address(INTERNAL, 8081), longest_request=longest
        )


async def _at_once(acts: Sequence[Callable[[], Awaitable[None]]]) -> None:
    await asyncio.gather(*(act() for act in acts))


def _estimator(configuration: GatewayConfiguration) -> Estimator:
    listed, wanted = unit_prices(), configuration.price_version
    if wanted not in (None, listed.version):
        raise StanchionError(
            f"the gateway's configuration wants the unit prices '{wanted}', and this gateway has '{listed.version}'; "
            "give gateway.image the release that the document was written for, or leave out gateway.prices."
        )
    prices = {
        f"{name}/{variant}": ReplicaPrice(place.usd_per_hour, place.concurrency)
        for name, endpoint in configuration.endpoints.items()
        for variant, place in endpoint.variants.items()
    }
    return Estimator(prices, listed)


def _cache(configuration: GatewayConfiguration, routing: RoutingSource, replicas: Replicas) -> Answers | None:
    if all(place.cache is None for place in configuration.endpoints.values()):
        return None

    def versions(exchange: Exchange) -> Sequence[str]:
        """Those in service, of the best variant first."""
        endpoint = exchange.asked.endpoint
        slots = [
            SlotKey(endpoint, variant, slot)
            for variant in exchange.place.variants
            for slot, weight in routing.route(endpoint).slots(variant).items()
            if weight > 0
        ]
        return [version_of(slot, replicas.pick(slot)) for slot in slots]

    address = configuration.cache_address
    kept = MemoryCache() if address is None else ValkeyCache(address, prefix=configuration.environment, tls=True)
    return Answers(kept, versions)


def _desk(configuration: GatewayConfiguration, dynamodb: object) -> Desk | None:
    if not configuration.ticket_table:
        return None
    return Desk(
        dynamodb, configuration.ticket_table, client("sqs", configuration.region), configuration.ticket_queue,
        region=configuration.region, local=bool(os.environ.get(LOCAL)),
    )  # fmt: skip


def _others(feedback: Feedback, desk: Desk | None):
    async def other(method: str, path: str, caller: Caller, body: bytes) -> tuple[int, bytes] | None:
        found = await feedback(method, path, caller, body)
        if found is None and desk is not None:
            found = await desk.other(method, path, caller, body)
        return found

    return other


def _address(variable: str, port: int) -> tuple[str, int]:
    text = os.environ.get(variable) or f"127.0.0.1:{port}"
    host, _, number = text.rpartition(":")
    if not host or not number.isdigit():
        raise StanchionError(f"{variable} is '{text}'; allowed: HOST:PORT, such as 127.0.0.1:{port}.")
    return host, int(number)


class _Lines(logging.Formatter):
    """One JSON object a line, which log groups can be asked by."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as a line; never a trace of a request, which may hold what its client sent."""
        said = {"ts": record.created, "level": record.levelname, "from": record.name, "message": record.getMessage()}
        if record.exc_info and record.exc_info[0]:
            said["error"] = record.exc_info[0].__name__
        return orjson.dumps(said).decode()


def main() -> int:
    """Run, and give the exit code."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.basicConfig(handlers=[handler], level=logging.INFO)
    # It tells at its start where it found what it was given.
    logging.getLogger("botocore").setLevel(logging.WARNING)
    try:
        import uvloop

        file = os.environ.get(VARIABLE)
        if not file:
            raise StanchionError(f"{VARIABLE} is not set; it names the file that tells a gateway what it serves.")
        configuration = GatewayConfiguration.load(Path(file))
        folder = Path(os.environ.get(FOLDER) or "/var/lib/stanchion-gateway")
        uvloop.run(run(configuration, folder))
    except StanchionError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
