"""`stanchion route show | set | clear`: how requests are routed, who decided so, and what an operator wants instead."""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stanchion.cli.environment import RootOption
from stanchion.errors import RunFailedError, StanchionError

if TYPE_CHECKING:
    from stanchion.cli.route_cloud import RegionalRouting
    from stanchion.spec import Environment

app = typer.Typer(help="See and change how requests are routed.", no_args_is_help=True)

EnvironmentArgument = Annotated[str, typer.Argument(help="The document in environments/.")]
EndpointArgument = Annotated[str, typer.Argument(help="The endpoint.")]
RegionOption = Annotated[str | None, typer.Option("--region", help="Only this region; both, unless said.")]


@app.command()
def show(
    environment: EnvironmentArgument,
    region: RegionOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    root: RootOption = Path(),
) -> None:
    """Show each endpoint's rung and weights, who decided so and until when, and the intents that lost."""
    from stanchion.cli.route_output import Picture, print_pictures, write_json
    from stanchion.spec import load_environment

    spec = load_environment(environment, root)
    now = datetime.now(UTC)
    pictures: list[Picture] = []
    failed: dict[str, str] = {}
    for each in _regions(spec, region, root):
        try:
            intents, unreadable = each.intents()
            names = tuple(spec.online_endpoints)
            pictures.append(Picture(spec.name, each.region, now, names, intents, unreadable, each.in_service()))
        except StanchionError as error:
            failed[each.region] = str(error)
    if as_json:
        write_json(pictures, failed)
    else:
        print_pictures(pictures)
    _refuse(failed)


@app.command("set")
def set_intent(
    environment: EnvironmentArgument,
    endpoint: EndpointArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why, in one line; everybody sees it.")],
    lasts: Annotated[str, typer.Option("--for", help="How long it counts, such as 2h.")],
    rung: Annotated[str | None, typer.Option("--rung", help="The best rung that may serve.")] = None,
    weights: Annotated[
        list[str] | None,
        typer.Option("--weights", help="Shares of a variant's slots, such as full=blue:90,green:10; once a variant."),
    ] = None,
    split_by: Annotated[str | None, typer.Option("--split-by", help="`request` or `user`.")] = None,
    experiment: Annotated[str | None, typer.Option("--experiment", help="What the split is called in events.")] = None,
    region: RegionOption = None,
    root: RootOption = Path(),
) -> None:
    """Say what an operator wants of an endpoint; it goes before what anybody else wants, and replaces the last."""
    from stanchion.cli.route_change import change_of, duration_of, endpoint_of
    from stanchion.cli.route_output import change_words, time_words
    from stanchion.routing.intents import epoch_after, make_intent
    from stanchion.spec import load_environment

    spec = load_environment(environment, root)
    now = datetime.now(UTC)
    wanted = {
        "endpoint": endpoint,
        "source": "operator",
        "change": change_of(endpoint_of(spec, endpoint), rung, weights or [], split_by, experiment),
        "expires_at": now + timedelta(seconds=duration_of(lasts).seconds),
        "reason": reason,
    }
    # What is wrong with it is said before anything is asked.
    intent = make_intent(**wanted, epoch=1)
    words = f"{endpoint}: {change_words(intent.change)}, until {time_words(intent.expires_at)}"

    def put(each: "RegionalRouting") -> str:
        stored = each.stored_epoch(endpoint)
        each.put(make_intent(**wanted, epoch=epoch_after(stored, now)))
        return words if stored is None else f"{words}, in place of what an operator wanted before"

    _in_each(_regions(spec, region, root), put)


@app.command()
def clear(
    environment: EnvironmentArgument,
    endpoint: EndpointArgument,
    region: RegionOption = None,
    root: RootOption = Path(),
) -> None:
    """Take back what an operator wanted of an endpoint; what others want counts again."""
    from stanchion.spec import load_environment
    from stanchion.spec.refusal import shown

    spec = load_environment(environment, root)

    # Not held against the document: an intent for an endpoint that is gone has to be taken back, too.
    def delete(each: "RegionalRouting") -> str:
        stored = each.stored_epoch(endpoint)
        if stored is None:
            return f"no operator wants anything of endpoint '{shown(endpoint)}'"
        each.delete(endpoint, stored)
        return f"{endpoint}: goes by what others want"

    _in_each(_regions(spec, region, root), delete)


def _regions(spec: "Environment", region: str | None, root: Path) -> "tuple[RegionalRouting, ...]":
    """The regions that are asked; credentials of another account are refused."""
    # Heavy, and of no use to what is refused before.
    import boto3  # pyright: ignore[reportMissingTypeStubs]

    from stanchion.cli.account import refuse_wrong_account
    from stanchion.cli.route_cloud import RegionalRouting
    from stanchion.cli.run import environment_of_cloud
    from stanchion.spec.refusal import unknown

    if region is not None and region not in spec.regions.both:
        raise unknown(region, f"a region that environment '{spec.name}' serves in", spec.regions.both, where="regions")
    os.environ.update(environment_of_cloud(spec))
    refuse_wrong_account(spec, root)
    regions = spec.regions.both if region is None else (region,)
    session: Any = boto3.Session()
    return tuple(RegionalRouting(session, spec.name, each) for each in regions)


def _in_each(regions: "Sequence[RegionalRouting]", act: "Callable[[RegionalRouting], str]") -> None:
    """In each region; one that can't be reached does not keep the other from being changed."""
    failed: dict[str, str] = {}
    for each in regions:
        try:
            typer.echo(f"{each.region}: {act(each)}")
        except StanchionError as error:
            failed[each.region] = str(error)
    _refuse(failed)


def _refuse(failed: dict[str, str]) -> None:
    if failed:
        raise RunFailedError("; ".join(f"{region}: {why}" for region, why in failed.items()))
