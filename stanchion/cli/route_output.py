"""How `stanchion route` shows a region's routing, to people and to programs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import typer

from stanchion.routing.compose import Outcome, compose, keep_routes, next_change, outcomes, same_content
from stanchion.routing.document import EndpointRoute, Reason, RoutingDocument
from stanchion.routing.intents import Change, RoutingIntent

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True)
class Picture:
    """The routing of a region at one time.

    Args:
        environment: name of the environment.
        region: the region.
        now: the time.
        endpoints: names of its online endpoints.
        intents: all that can be read.
        unreadable: by endpoint, why one can't be read.
        in_service: the document that gateways get; None when nothing is published.
    """

    environment: str
    region: str
    now: datetime
    endpoints: tuple[str, ...]
    intents: Sequence[RoutingIntent]
    unreadable: dict[str, str]
    in_service: RoutingDocument | None

    @cached_property
    def composed(self) -> RoutingDocument:
        """What follows from the intents; its epoch is that of the document in service."""
        epoch = self.in_service.epoch if self.in_service else 0
        document = compose(
            self.intents,
            self.now,
            environment=self.environment,
            region=self.region,
            endpoints=self.endpoints,
            epoch=epoch,
        )
        return keep_routes(document, self.in_service, self.unreadable)

    @property
    def published(self) -> bool:
        """Whether gateways get what follows from the intents."""
        return same_content(self.composed, self.in_service)

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What became of each intent."""
        return outcomes(self.intents, self.now, self.endpoints)


def write_json(pictures: Sequence[Picture], failed: dict[str, str]) -> None:
    """Print one JSON document.

    Args:
        pictures: of the regions that answered.
        failed: by region, why it did not.
    """
    regions: dict[str, Any] = {picture.region: _document(picture) for picture in pictures}
    regions |= {region: {"error": why} for region, why in failed.items()}
    typer.echo(json.dumps({"regions": regions}, indent=2))


def print_pictures(pictures: Sequence[Picture]) -> None:
    """Print for people."""
    from rich.console import Console

    console = Console(highlight=False, markup=False)
    for picture in pictures:
        _print(picture, console)


def change_words(change: Change) -> str:
    """What is wanted, such as `rung cached, full blue:90 green:10`."""
    rung = [f"rung {change.rung}"] if change.rung else []
    weights = [f"{variant} {_shares(shares)}" for variant, shares in sorted(change.weights.items())]
    split = _split(change.split_by or "request", change.experiment) if "split_by" in change.fields else []
    return ", ".join(rung + weights + split)


def time_words(moment: datetime | None) -> str:
    """Such as `2026-05-01 14:00 UTC`."""
    return "it is taken back" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _print(picture: Picture, console: "Console") -> None:
    from rich.table import Table

    console.print(f"{picture.environment} in {picture.region}: {_state(picture)}", soft_wrap=True)
    table = Table("endpoint", "rung", "weights", "split", "decided by", "until", "reason")
    for name, route in picture.composed.endpoints.items():
        head = (
            name,
            route.rung,
            "\n".join(f"{variant} {_shares(shares)}" for variant, shares in route.weights.items()) or "first slot",
            ", ".join(_split(route.split_by, route.experiment)),
        )
        for row in _reasons(route):
            table.add_row(*head, *row)
            head = ("", "", "", "")
    console.print(table)
    if picture.outcomes:
        table = Table("endpoint", "source", "wants", "until", "became", "reason")
        for outcome in picture.outcomes:
            intent = outcome.intent
            table.add_row(
                *(intent.endpoint, intent.source, change_words(intent.change)),
                *(time_words(intent.expires_at), _became(outcome), intent.reason),
            )
        console.print(table)
    for why in picture.unreadable.values():
        console.print(f"warning: {why} The endpoint is served as before.", soft_wrap=True)


def _state(picture: Picture) -> str:
    if picture.in_service is None:
        return "no document is published yet; gateways serve the best rung from the first slots"
    document = picture.in_service
    served = f"epoch {document.epoch}, written {time_words(document.written_at)}"
    return f"{served}, in service" if picture.published else f"{served}; what is shown here is not in service yet"


def _reasons(route: EndpointRoute) -> list[tuple[str, str, str]]:
    found = [(f"{each.field}: {each.source}", time_words(each.expires_at), each.reason) for each in route.reasons]
    return found or [("nobody", "", "")]


def _became(outcome: Outcome) -> str:
    if outcome.standing != "counts":
        return outcome.standing
    decides = [f"decides {field}" for field in outcome.decides]
    return ", ".join([*decides, *(f"loses {field} to {source}" for field, source in outcome.loses)])


def _shares(shares: "dict[Any, int]") -> str:
    return " ".join(f"{slot}:{weight}" for slot, weight in sorted(shares.items()))


def _split(split_by: str, experiment: str | None) -> list[str]:
    return [f"by {split_by}", *([f"experiment {experiment}"] if experiment else [])]


def _document(picture: Picture) -> dict[str, Any]:
    soon = next_change(picture.intents, picture.now)
    return {
        "in_service": picture.in_service.model_dump(mode="json") if picture.in_service else None,
        "published": picture.published,
        "next_change": soon.isoformat() if soon else None,
        "endpoints": {name: _route(route) for name, route in picture.composed.endpoints.items()},
        "intents": [
            {
                **outcome.intent.model_dump(mode="json"),
                "standing": outcome.standing,
                "decides": list(outcome.decides),
                "loses": dict(outcome.loses),
            }
            for outcome in picture.outcomes
        ],
        "unreadable": picture.unreadable,
    }


def _route(route: EndpointRoute) -> dict[str, Any]:
    return {
        **route.model_dump(mode="json", exclude={"reasons"}),
        "decided_by": {each.field: _reason(each) for each in route.reasons},
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return reason.model_dump(mode="json", exclude={"field"})
