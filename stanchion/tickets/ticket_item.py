"""How a ticket lies in the table, and the condition under which it may be written over."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from stanchion.tickets.names import PARTITION_KEY, TIME_TO_LIVE
from stanchion.tickets.ticket import Ticket, TicketError

Attributes = dict[str, dict[str, Any]]
_NUMBERS = {"opened_at", "answer_by", "expires_at", "taken_at", "answered_at", "revision"}
_OPTIONAL = {"webhook", "taken_by", "text", "document", "delivered"}


def attributes(ticket: Ticket) -> Attributes:
    """As boto3's client writes it."""
    item: Attributes = {TIME_TO_LIVE: {"N": str(ticket.remove_at)}}
    for each in fields(ticket):
        value = getattr(ticket, each.name)
        item[each.name] = {"N": str(value)} if each.name in _NUMBERS else {"S": value}
    return item


def read(item: Mapping[str, Mapping[str, Any]]) -> Ticket:
    """From the table.

    Raises:
        TicketError: it is no ticket.
    """
    try:
        values: dict[str, Any] = {}
        for each in fields(Ticket):
            if each.name in _NUMBERS:
                values[each.name] = int(item[each.name]["N"])
            elif each.name in item or each.name not in _OPTIONAL:
                values[each.name] = str(item[each.name]["S"])
        return Ticket(**values)
    except (KeyError, ValueError, TypeError):
        said = item.get(PARTITION_KEY, {}).get("S", "without an id")
        raise TicketError(f"the ticket {said!r} in the table can't be read.") from None


def put(table: str, ticket: Ticket) -> dict[str, Any]:
    """Arguments of DynamoDB's PutItem for a ticket: a new one, or one that is still as it was when it was read."""
    arguments: dict[str, Any] = {"TableName": table, "Item": attributes(ticket)}
    if ticket.revision == 0:
        return {
            **arguments,
            "ConditionExpression": "attribute_not_exists(#id)",
            "ExpressionAttributeNames": {"#id": PARTITION_KEY},
        }
    return {
        **arguments,
        "ConditionExpression": "#revision = :before",
        "ExpressionAttributeNames": {"#revision": "revision"},
        "ExpressionAttributeValues": {":before": {"N": str(ticket.revision - 1)}},
    }
