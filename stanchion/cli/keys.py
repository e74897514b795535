"""`stanchion keys create | list | revoke`: API keys of an environment."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stanchion.cli.environment import RootOption
from stanchion.errors import StanchionError

if TYPE_CHECKING:
    from stanchion.keys.key_item import KeyItem
    from stanchion.spec import Environment

app = typer.Typer(help="Create, list and revoke API keys.", no_args_is_help=True)

EnvironmentArgument = Annotated[
    str, typer.Argument(metavar="ENVIRONMENT", help="The document in environments/.", show_default=False)
]
# DynamoDB's own word for a condition that did not hold.
_CONDITION = "ConditionalCheckFailedException"


@app.command()
def create(
    environment: EnvironmentArgument,
    team: Annotated[str, typer.Option("--team", help="Whom it belongs to.", show_default=False)],
    use_case: Annotated[
        str, typer.Option("--use-case", help="What it is for: the use case of an endpoint.", show_default=False)
    ],
    limit: Annotated[
        list[str] | None,
        typer.Option("--limit", help="SCOPE:UNIT:WINDOW:HARD[:SOFT], such as key:tokens:day:1000000; more than once."),
    ] = None,
    expires: Annotated[
        str | None, typer.Option("--expires", help="After which time it ends, such as 90d; never, unless said.")
    ] = None,
    endpoint: Annotated[
        list[str] | None,
        typer.Option("--endpoint", help="Only this endpoint of the use case; may be given more than once."),
    ] = None,
    root: RootOption = Path(),
) -> None:
    """Create a key and print it, once: only its hash is kept. The key alone goes to the standard output."""
    from stanchion.cli.regional import client, in_some_region, reach
    from stanchion.keys import api_key
    from stanchion.keys.key_item import KeyItem
    from stanchion.keys.limit_text import read_limit
    from stanchion.keys.names import PARTITION_KEY, key_table
    from stanchion.spec import load_environment
    from stanchion.spec.units import Duration

    spec = load_environment(environment, root.resolve())
    refuse_unknown_use(spec, use_case, tuple(endpoint or ()))
    limits = tuple(read_limit(text) for text in limit or ())
    lifetime = None if expires is None else Duration.parse(expires)
    if lifetime is not None and lifetime.seconds == 0:
        raise StanchionError("a key that expires after 0 seconds is of no use; write --expires 90d.")
    if not team.strip() or len(team) > 128 or not team.isprintable():
        raise StanchionError("--team has to be a name of 1 to 128 letters that can be printed.")
    reach(spec, root)
    made = api_key.make()
    now = datetime.now(UTC).replace(microsecond=0)
    item = KeyItem(
        id=made.id, digest=made.digest, team=team, use_case=use_case, created_at=now, limits=limits,
        endpoints=tuple(endpoint or ()),
        expires_at=None if lifetime is None else now + timedelta(seconds=lifetime.seconds),
    )  # fmt: skip
    in_some_region(
        spec,
        "the key can't be created",
        lambda region: client("dynamodb", region).put_item(
            TableName=key_table(spec.name),
            Item=item.attributes,
            ConditionExpression="attribute_not_exists(#id)",
            ExpressionAttributeNames={"#id": PARTITION_KEY},
        ),
    )
    until = "" if item.expires_at is None else f", until {item.expires_at.isoformat()}"
    typer.echo(
        f"key {made.id} of team '{team}' for use case '{use_case}' of environment '{spec.name}'{until}; "
        "it is shown this once and can't be asked for again:",
        err=True,
    )
    typer.echo(made.text)


@app.command("list")
def list_keys(environment: EnvironmentArgument, root: RootOption = Path()) -> None:
    """Name the keys of an environment, newest first, with their limits and whether they are taken."""
    from rich.console import Console
    from rich.table import Table

    from stanchion.cli.regional import client, environment_in_reach, in_some_region
    from stanchion.keys.limit_text import write_limit
    from stanchion.keys.names import key_table

    spec = environment_in_reach(environment, root)
    items = in_some_region(
        spec, "the keys can't be listed", lambda region: read_keys(client("dynamodb", region), key_table(spec.name))
    )
    now = datetime.now(UTC)
    table = Table("id", "state", "team", "use case", "endpoints", "limits", "created", "expires", box=None)
    for item in sorted(items, key=lambda each: each.created_at, reverse=True):
        table.add_row(
            item.id, item.state(now), item.team, item.use_case, ", ".join(item.endpoints) or "all",
            ", ".join(write_limit(quota) for quota in item.limits) or "none", f"{item.created_at:%Y-%m-%d}",
            f"{item.expires_at:%Y-%m-%d}" if item.expires_at else "never",
        )  # fmt: skip
    # As wide as it is when it goes into a file: a line for each key.
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = 500
    console.print(table)


@app.command()
def revoke(
    environment: EnvironmentArgument,
    key_id: Annotated[str, typer.Argument(metavar="ID", help="Of the key, as `list` names it.", show_default=False)],
    root: RootOption = Path(),
) -> None:
    """Revoke a key; gateways take it no more after some 30 seconds and the time the table takes to replicate."""
    from stanchion.cli.regional import client, environment_in_reach, in_some_region
    from stanchion.keys import api_key
    from stanchion.keys.names import key_table

    if not api_key.is_id(key_id):
        # Somebody may have given the whole key: it is not repeated.
        raise StanchionError(
            f"that is not the id of a key: {api_key.ID_LETTERS} small letters, as `stanchion keys list` names it."
        )
    spec = environment_in_reach(environment, root)
    now = datetime.now(UTC).replace(microsecond=0)
    said = in_some_region(
        spec,
        "the key can't be revoked",
        lambda region: revoke_key(client("dynamodb", region), key_table(spec.name), key_id, now),
    )
    typer.echo(f"key {key_id} of environment '{spec.name}' {said}.")


def refuse_unknown_use(spec: "Environment", use_case: str, endpoints: tuple[str, ...]) -> None:
    """Refuse a key that would open nothing.

    Args:
        spec: of the environment.
        use_case: of the key.
        endpoints: of the key; all of the use case when empty.

    Raises:
        Refusal: no endpoint that answers requests has the use case, or one of those named has not.
    """
    from stanchion.spec.endpoints import OnlineEndpoint
    from stanchion.spec.refusal import unknown

    online = {name: each.use_case for name, each in spec.endpoints.items() if isinstance(each, OnlineEndpoint)}
    if use_case not in online.values():
        known = sorted(set(online.values()))
        raise unknown(use_case, f"a use case of an online endpoint of '{spec.name}'", known, where="endpoints")
    of_use_case = [name for name, each in online.items() if each == use_case]
    for name in endpoints:
        if name not in of_use_case:
            raise unknown(name, f"an online endpoint of use case '{use_case}'", of_use_case, where="endpoints")


def read_keys(dynamodb: Any, table: str) -> "list[KeyItem]":
    """All keys of a table.

    Args:
        dynamodb: boto3's client.
        table: its name.
    """
    from stanchion.keys.key_item import KeyItem

    pages: Any = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [KeyItem.read(item) for page in pages for item in page["Items"]]


def revoke_key(dynamodb: Any, table: str, key_id: str, now: datetime) -> str:
    """Revoke one.

    Args:
        dynamodb: boto3's client.
        table: of keys.
        key_id: of the key.
        now: when.

    Returns:
        What became of it, such as `is revoked`.

    Raises:
        StanchionError: there is none of this id.
    """
    from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs]

    from stanchion.keys.names import PARTITION_KEY

    key = {PARTITION_KEY: {"S": key_id}}
    try:
        dynamodb.update_item(
            TableName=table,
            Key=key,
            UpdateExpression="SET revoked_at = :now",
            ConditionExpression="attribute_exists(#id) AND attribute_not_exists(revoked_at)",
            ExpressionAttributeNames={"#id": PARTITION_KEY},
            ExpressionAttributeValues={":now": {"S": now.isoformat()}},
        )
    except ClientError as error:
        response: dict[str, Any] = error.response  # pyright: ignore[reportAssignmentType]
        if response.get("Error", {}).get("Code") != _CONDITION:
            raise
        item = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
        if item is None:
            raise StanchionError(
                f"there is no key {key_id} in {table}; `stanchion keys list` names those there are."
            ) from None
        return f"was revoked before, at {item['revoked_at']['S']}"
    return "is revoked"
