"""One routing document from what everybody wants: for each field, the strongest source that says something of it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from stanchion.routing.document import PRECEDENCE, EndpointRoute, Reason, RoutingDocument, Source
from stanchion.routing.intents import RoutingIntent
from stanchion.serving.slots import Slot
from stanchion.spec.models import VariantName

Standing = Literal["counts", "expired", "unknown endpoint"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an intent.

    Args:
        intent: the intent.
        standing: whether it counts, and why not.
        decides: the fields that follow it.
        loses: the fields that follow a stronger source, and which.
    """

    intent: RoutingIntent
    standing: Standing
    decides: tuple[str, ...] = ()
    loses: tuple[tuple[str, Source], ...] = ()


def compose(
    intents: Iterable[RoutingIntent],
    now: datetime,
    *,
    environment: str,
    region: str,
    endpoints: Collection[str],
    epoch: int,
) -> RoutingDocument:
    """The document that follows from all intents; an endpoint that nobody wants anything of has the default route.

    Intents for endpoints that are not there are left aside; `unknown_endpoints` names them.

    Args:
        intents: in any order.
        now: those that expire at this time or before do not count.
        environment: its name.
        region: of the gateways.
        endpoints: the names of those there are.
        epoch: of the document.
    """
    decided = deciding(intents, now)
    return RoutingDocument(
        environment=environment,
        region=region,
        epoch=epoch,
        written_at=now,
        endpoints={name: _route(decided.get(name, {})) for name in sorted(endpoints)},
    )


def deciding(intents: Iterable[RoutingIntent], now: datetime) -> dict[str, dict[str, RoutingIntent]]:
    """By endpoint and field, the intent that is followed.

    Args:
        intents: in any order.
        now: the time.
    """
    decided: dict[str, dict[str, RoutingIntent]] = {}
    for intent in sorted((each for each in intents if each.counts(now)), key=_strongest_first):
        fields = decided.setdefault(intent.endpoint, {})
        for field in intent.change.fields:
            fields.setdefault(field, intent)
    return decided


def outcomes(intents: Iterable[RoutingIntent], now: datetime, endpoints: Collection[str]) -> tuple[Outcome, ...]:
    """What became of each intent, by endpoint and the strongest first.

    Args:
        intents: in any order.
        now: the time.
        endpoints: the names of those there are.
    """
    given = sorted(intents, key=lambda intent: (intent.endpoint, *_strongest_first(intent)))
    decided = deciding(given, now)
    found: list[Outcome] = []
    for intent in given:
        if not intent.counts(now):
            found.append(Outcome(intent, "expired"))
        elif intent.endpoint not in endpoints:
            found.append(Outcome(intent, "unknown endpoint"))
        else:
            winners = {field: decided[intent.endpoint][field] for field in intent.change.fields}
            found.append(
                Outcome(
                    intent,
                    "counts",
                    tuple(field for field, winner in winners.items() if winner == intent),
                    tuple((field, winner.source) for field, winner in winners.items() if winner != intent),
                )
            )
    return tuple(found)


def unknown_endpoints(intents: Iterable[RoutingIntent], now: datetime, endpoints: Collection[str]) -> tuple[str, ...]:
    """The names that intents which count have, and no endpoint has."""
    return tuple(sorted({intent.endpoint for intent in intents if intent.counts(now)} - set(endpoints)))


def next_change(intents: Iterable[RoutingIntent], now: datetime) -> datetime | None:
    """When the next intent expires; None when none does."""
    times = [intent.expires_at for intent in intents if intent.expires_at is not None and intent.counts(now)]
    return min(times, default=None)


def keep_routes(document: RoutingDocument, last: RoutingDocument | None, endpoints: Collection[str]) -> RoutingDocument:
    """The document with some endpoints served as before: those with an intent that can't be read.

    To leave such an intent out could undo what an operator or the guard did; the other endpoints go on changing.

    Args:
        document: composed from what could be read.
        last: the one in service; without it, or without a route in it, what could be read has to do.
        endpoints: names of those that are kept as they are.
    """
    kept = {name: last.endpoints[name] for name in endpoints if last is not None and name in last.endpoints}
    routes = {name: kept.get(name, route) for name, route in document.endpoints.items()}
    return document.model_copy(update={"endpoints": routes})


def same_content(one: RoutingDocument | None, other: RoutingDocument | None) -> bool:
    """Whether two documents say the same; when they were written, and with which epoch, does not matter."""
    if one is None or other is None:
        return False
    return one.model_dump(exclude={"epoch", "written_at"}) == other.model_dump(exclude={"epoch", "written_at"})


def _strongest_first(intent: RoutingIntent) -> tuple[int, int, str]:
    # The table has one intent of each source; the rest of the key makes any list of them have one order.
    return PRECEDENCE.index(intent.source), -intent.epoch, intent.model_dump_json()


def _route(decided: Mapping[str, RoutingIntent]) -> EndpointRoute:
    rung, split = decided.get("rung"), decided.get("split_by")
    weights: dict[VariantName, dict[Slot, int]] = {}
    for field, intent in sorted(decided.items()):
        for variant, shares in intent.change.weights.items():
            if field == f"weights.{variant}":
                weights[variant] = dict(sorted(shares.items()))
    reasons = (
        Reason(field=field, source=intent.source, reason=intent.reason, expires_at=intent.expires_at)
        for field, intent in sorted(decided.items())
    )
    return EndpointRoute(
        rung=(rung.change.rung if rung else None) or "full",
        weights=weights,
        split_by=(split.change.split_by if split else None) or "request",
        experiment=split.change.experiment if split else None,
        reasons=tuple(reasons),
    )
