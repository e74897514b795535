"""`stanchion tickets list | take | answer`: what people do when no model could answer."""

import json
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from stanchion.cli.environment import RootOption
from stanchion.cli.keys import EnvironmentArgument
from stanchion.errors import StanchionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from stanchion.spec import Environment
    from stanchion.tickets.ticket import Ticket

app = typer.Typer(help="Answer requests that no model could.", no_args_is_help=True)

_CONDITION = "ConditionalCheckFailedException"
# Two who change the same ticket at once: one is told after the second look.
_LOOKS = 5


class StateOption(StrEnum):
    """How a ticket is."""

    OPEN = "open"
    TAKEN = "taken"
    ANSWERED = "answered"
    EXPIRED = "expired"


@app.command("list")
def list_tickets(
    environment: EnvironmentArgument,
    state: Annotated[StateOption | None, typer.Option("--state", help="Only those; all, unless said.")] = None,
    root: RootOption = Path(),
) -> None:
    """Name the tickets of an environment, those first that have to be answered first."""
    from rich.console import Console
    from rich.table import Table

    from stanchion.cli.regional import client, environment_in_reach, in_some_region
    from stanchion.tickets.names import ticket_table

    spec = environment_in_reach(environment, root)
    now = time.time()
    found = in_some_region(
        spec,
        "the tickets can't be listed",
        lambda region: read_all(client("dynamodb", region), ticket_table(spec.name)),
    )
    table = Table("id", "state", "endpoint", "team", "answer by", "taken by", box=None)
    for ticket in found:
        if state is None or ticket.state(now) == state.value:
            table.add_row(
                ticket.id, ticket.state(now), ticket.endpoint, ticket.team, _shown(ticket.answer_by), ticket.taken_by
            )  # fmt: skip
    # A line for each ticket, wherever it goes.
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = 500
    console.print(table)


@app.command()
def take(
    environment: EnvironmentArgument,
    by: Annotated[str, typer.Option("--by", help="Your name; others see that you are at it.", show_default=False)],
    ticket_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Of the ticket; the next one, unless said.", show_default=False)
    ] = None,
    root: RootOption = Path(),
) -> None:
    """Take a ticket to answer it, and show what was asked; for an hour nobody else can take it."""
    from stanchion.cli.regional import client, environment_in_reach, in_some_region
    from stanchion.tickets.names import ticket_table

    spec = environment_in_reach(environment, root)
    table = ticket_table(spec.name)
    what = "the ticket can't be taken"
    if ticket_id is not None:
        taken = in_some_region(
            spec, what, lambda region: take_ticket(client("dynamodb", region), table, ticket_id, by, time.time())
        )
    else:
        queued = _queued(spec)
        taken = in_some_region(
            spec, what, lambda region: take_next(client("dynamodb", region), table, queued, by, time.time())
        )
        if taken is None:
            typer.echo(f"no ticket of environment '{spec.name}' is open.")
            return
    typer.echo(
        f"ticket {taken.id} is yours: endpoint '{taken.endpoint}', answer by {_shown(taken.answer_by)}.", err=True
    )
    typer.echo(shown_on_terminal(taken.asked) if sys.stdout.isatty() else taken.asked)


@app.command()
def answer(
    environment: EnvironmentArgument,
    ticket_id: Annotated[str, typer.Argument(metavar="ID", help="Of a ticket that you took.", show_default=False)],
    text: Annotated[str | None, typer.Option("--text", help="The answer.")] = None,
    file: Annotated[Path | None, typer.Option("--json", help="A file with the answer as JSON.")] = None,
    root: RootOption = Path(),
) -> None:
    """Answer a ticket; who polls for it gets the answer, and it is sent to the webhook if there is one."""
    from stanchion.cli.regional import client, environment_in_reach, in_some_region
    from stanchion.tickets.names import ticket_table

    document = "" if file is None else _read(file)
    spec = environment_in_reach(environment, root)
    table = ticket_table(spec.name)
    answered = in_some_region(
        spec,
        "the ticket can't be answered",
        lambda region: answer_ticket(
            client("dynamodb", region), table, ticket_id, time.time(), text=text or "", document=document
        ),
    )
    typer.echo(f"ticket {answered.id} is answered.")
    if answered.webhook:
        said = in_some_region(
            spec, "the webhook can't be told", lambda region: tell(spec, client("dynamodb", region), answered)
        )
        typer.echo(said)


def shown_on_terminal(asked: str) -> str:
    """What a client asked, without the control characters by which it could write over the terminal."""
    return "".join(letter if letter.isprintable() or letter in "\n\t" else "\ufffd" for letter in asked)


def read_all(dynamodb: Any, table: str) -> "list[Ticket]":
    """All tickets, by when they have to be answered.

    Args:
        dynamodb: boto3's client.
        table: its name.
    """
    from stanchion.tickets import ticket_item

    pages: Any = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    found = [ticket_item.read(item) for page in pages for item in page["Items"]]
    return sorted(found, key=lambda each: (each.answer_by, each.id))


def take_ticket(dynamodb: Any, table: str, ticket_id: str, by: str, now: float) -> "Ticket":
    """Take one; of two who do so at once, one gets it.

    Raises:
        TicketError: there is none of this id, or another one has it.
    """
    from stanchion.tickets import ticket as tickets

    return _change(dynamodb, table, ticket_id, lambda ticket: tickets.take(ticket, by, now))


def take_next(dynamodb: Any, table: str, queued: "Callable[[], str | None]", by: str, now: float) -> "Ticket | None":
    """Take the next that is open: as the queue says, and, when that is empty, as the table does.

    The table is looked through because a ticket may have got into it and not into the queue, and because one that
    somebody took and left is open again.

    Args:
        dynamodb: boto3's client.
        table: of tickets.
        queued: gives the next id of the queue; None when it is empty.
        by: whose name it is.
        now: seconds since 1970.

    Returns:
        The ticket; None when none is open.
    """
    from stanchion.tickets.ticket import TicketError

    def attempt(ticket_id: str) -> "Ticket | None":
        try:
            return take_ticket(dynamodb, table, ticket_id, by, now)
        except TicketError:
            # Somebody was quicker, or it is over; there may be more.
            return None

    while (ticket_id := queued()) is not None:
        found = attempt(ticket_id)
        if found is not None:
            return found
    for ticket in read_all(dynamodb, table):
        if ticket.state(now) == "open":
            found = attempt(ticket.id)
            if found is not None:
                return found
    return None


def answer_ticket(
    dynamodb: Any, table: str, ticket_id: str, now: float, *, text: str = "", document: str = ""
) -> "Ticket":
    """Write the answer of one.

    Raises:
        TicketError: there is none of this id, nobody took it, or it is over.
    """
    from stanchion.tickets import ticket as tickets

    return _change(
        dynamodb, table, ticket_id, lambda ticket: tickets.answer(ticket, now, text=text, document=document)
    )  # fmt: skip


def tell(spec: "Environment", dynamodb: Any, ticket: "Ticket") -> str:
    """Send an answer to its webhook and write down what became of it.

    Returns:
        A sentence.
    """
    from dataclasses import replace

    from stanchion.keys.key_item import KeyItem
    from stanchion.keys.names import PARTITION_KEY, key_table
    from stanchion.spec import Cloud
    from stanchion.tickets.delivery import deliver
    from stanchion.tickets.names import ticket_table
    from stanchion.tickets.ticket import TicketError
    from stanchion.tickets.webhook import signing_key, target

    found = dynamodb.get_item(
        TableName=key_table(spec.name), Key={PARTITION_KEY: {"S": ticket.key_id}}, ConsistentRead=True
    ).get("Item")
    if found is None:
        said = "not sent: it was not asked with a key, and there is nothing to sign it with"
    else:
        from urllib.parse import urlsplit

        local = spec.cloud is Cloud.LOCAL
        try:
            # The gateway let this host pass when it opened the ticket; the form is looked at again.
            where = target(ticket.webhook, (urlsplit(ticket.webhook).hostname or "",), local=local)
        except TicketError as error:
            said = f"not sent: {error}"
        else:
            sent = deliver(ticket, where, signing_key(KeyItem.read(found).digest), local=local)
            said = "sent" if sent.done else f"not sent, after {sent.attempts} attempts: {sent.said}"
    _change(
        dynamodb, ticket_table(spec.name), ticket.id,
        lambda last: replace(last, delivered=said, revision=last.revision + 1),
    )  # fmt: skip
    return f"webhook: {said}; who polls for it gets it in any case."


def _change(dynamodb: Any, table: str, ticket_id: str, change: "Callable[[Ticket], Ticket]") -> "Ticket":
    """Read, change and write, unless somebody else wrote meanwhile; then look again."""
    from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs]

    from stanchion.tickets import ticket_item
    from stanchion.tickets.names import PARTITION_KEY
    from stanchion.tickets.ticket import TicketError

    for _ in range(_LOOKS):
        item = dynamodb.get_item(
            TableName=table, Key={PARTITION_KEY: {"S": ticket_id}}, ConsistentRead=True
        ).get("Item")  # fmt: skip
        if item is None:
            raise TicketError(f"there is no ticket {ticket_id!r} in {table}; `stanchion tickets list` names them.")
        changed = change(ticket_item.read(item))
        try:
            dynamodb.put_item(**ticket_item.put(table, changed))
        except ClientError as error:
            if cast("dict[str, Any]", error.response).get("Error", {}).get("Code") != _CONDITION:
                raise
            continue
        return changed
    raise TicketError(f"others change ticket {ticket_id} all the time; try again.")


def _queued(spec: "Environment") -> "Callable[[], str | None]":
    """Ids out of the queues of both regions; what is taken out is in the table all the same."""
    from stanchion.cli.regional import client
    from stanchion.tickets.names import ticket_queue

    regions = list(spec.regions.both)
    clients = dict[str, tuple[Any, str]]()

    def next_id() -> str | None:
        from botocore.exceptions import BotoCoreError, ClientError  # pyright: ignore[reportMissingTypeStubs]

        while regions:
            region = regions[0]
            try:
                if region not in clients:
                    sqs = client("sqs", region)
                    clients[region] = sqs, sqs.get_queue_url(QueueName=ticket_queue(spec.name))["QueueUrl"]
                sqs, url = clients[region]
                for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1).get("Messages", []):
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                    found = _id_in(str(message["Body"]))
                    if found is not None:
                        return found
                    break
                else:
                    regions.pop(0)
            except (BotoCoreError, ClientError):
                # The table knows all of them; a region whose queue can't be asked is gone without.
                regions.pop(0)
        return None

    return next_id


def _id_in(body: str) -> str | None:
    try:
        found: object = json.loads(body)
    except ValueError:
        return None
    said = cast("dict[str, object]", found).get("ticket") if isinstance(found, dict) else None
    return said if isinstance(said, str) and said else None


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise StanchionError(f"the answer {file} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise StanchionError(f"the answer {file} is not text in UTF-8.") from None


def _shown(seconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))
