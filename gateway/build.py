"""Puts a gateway together from what it is told and what it is given."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from gateway.admission import Admission
from gateway.answering import Answering, Cache, OpenTicket
from gateway.application import Application, Authenticate, Other, Quotas
from gateway.canary import ModelCanary
from gateway.cloud_watch.minute import Minute
from gateway.demand import Demand
from gateway.internal import Check, Internal
from gateway.metrics import Metrics
from gateway.peers import Peers
from gateway.record import HashUser, Price, Record, Sample, Write
from gateway.routing.rungs import Rungs
from gateway.routing.source import RoutingSource
from gateway.tracing.spans import Tracing
from gateway.upstreams.replicas import Replica, Replicas, SlotKey
from gateway.upstreams.retry_budget import RetryBudget
from gateway.upstreams.server import Servers
from stanchion.events.inference import Status
from stanchion.ladder.conditions import Conditions
from stanchion.serving.gateway_configuration import GatewayConfiguration
from stanchion.spec.endpoints import Rung

TICK_SECONDS = 1.0


@dataclass(slots=True)
class Parts:
    """What a gateway is given, so that each can be another one.

    Args:
        routing: the document in force.
        authenticate: whose request it is.
        quotas: what is left to them.
        write: takes events.
        price: of busy time.
        hash_user: of events.
        sample: of payloads.
        cache: of answers.
        open_ticket: for people.
        other: paths that are not about a model.
        refresh: of metrics of these parts.
        checks: that have to be well for the gateway to be ready.
        lacks: that are asked as well, and only said.
        peers: the other gateways.
        tracing: of requests.
    """

    routing: RoutingSource
    authenticate: Authenticate
    quotas: Quotas
    write: Write
    price: Price
    hash_user: HashUser
    sample: Sample
    cache: Cache | None = None
    open_ticket: OpenTicket | None = None
    other: Other | None = None
    refresh: Callable[[Metrics], None] = lambda _: None
    checks: dict[str, Check] = field(default_factory=dict)
    lacks: dict[str, Check] = field(default_factory=dict)
    peers: Peers | None = None
    tracing: Tracing | None = None


@dataclass(slots=True)
class Gateway:
    """A gateway in this process: two applications, and what they share."""

    public: Application
    internal: Internal
    replicas: Replicas
    servers: Servers
    rungs: dict[str, Rungs]
    leaving: asyncio.Event
    budget: RetryBudget
    minute: Minute
    _ticking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin what goes on beside the requests."""
        self._ticking = asyncio.create_task(self._tick())

    async def close(self) -> None:
        """End it; requests under way have to have ended."""
        if self._ticking is not None:
            self._ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticking
        await self.servers.close()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.budget.second()
            for name, rungs in self.rungs.items():
                rung = rungs.step(monotonic())
                self.public.metrics.rung.labels(name).set(rungs.ladder.index(rung))
                self.minute.stands(name, rungs.place(self.public.routing.route(name).rung))


def slots_of(configuration: GatewayConfiguration) -> dict[SlotKey, str]:
    """The host of every slot of every endpoint."""
    return {
        SlotKey(name, variant, slot): host
        for name, endpoint in configuration.endpoints.items()
        for variant, place in endpoint.variants.items()
        for slot, host in place.hosts.items()
    }


def build(
    configuration: GatewayConfiguration,
    parts: Parts,
    gateway: str,
    *,
    fixed: bool = False,
    replicas: Replicas | None = None,
    slow_seconds: dict[str, float] | None = None,
) -> Gateway:
    """A gateway; has to be called with an event loop running.

    Args:
        configuration: what it is told.
        parts: what it is given.
        gateway: its name, in events.
        fixed: whether the hosts of the configuration are asked themselves, where nobody says which replicas there are.
        replicas: kept by whoever watches them; new ones when None.
        slow_seconds: by endpoint, the time to the first byte from which on its ladder is gone down; the seconds of
            a rung when not given.
    """
    now = monotonic()
    metrics, demand, servers = Metrics(), Demand(), Servers()
    replicas = replicas or Replicas()
    for slot, host in slots_of(configuration).items():
        replicas.set(slot, [Replica(host)] if fixed else [])
    rungs = {
        name: Rungs(place.ladder, Conditions((slow_seconds or {}).get(name, place.rung_seconds)), now)
        for name, place in configuration.endpoints.items()
    }
    admission = Admission(configuration.limits.concurrency, configuration.tiers)
    budget = RetryBudget()
    minute = Minute(configuration.endpoints, configuration.tiers)

    def ended(endpoint: str, status: Status, rung: Rung, ms: float, first_byte_ms: float | None) -> None:
        minute.ended(endpoint, status, rung, ms, first_byte_ms)
        metrics.ended(endpoint, status, rung, ms, first_byte_ms)

    record = Record(configuration, gateway, parts.write, parts.price, parts.hash_user, parts.sample, ended)
    answering = Answering(replicas, servers, rungs, demand, record, metrics, parts.cache, parts.open_ticket, budget, {})
    leaving = asyncio.Event()
    public = Application(
        configuration, parts.routing, answering, admission, parts.authenticate, parts.quotas, metrics, parts.other,
        leaving, parts.tracing,
    )  # fmt: skip
    checks = {"models": ModelCanary(configuration, replicas, servers), **parts.checks}
    internal = Internal(
        parts.routing, demand, admission, metrics, checks, parts.lacks, lambda: parts.refresh(metrics), leaving,
        parts.peers, servers,
    )  # fmt: skip
    return Gateway(public, internal, replicas, servers, rungs, leaving, budget, minute)
