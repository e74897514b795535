"""The last rung: a ticket for people in place of an answer."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from gateway.exchange import Exchange
from gateway.tickets.desk import WEBHOOK, Desk
from stanchion.tickets.told import PATH, told


def opening(desk: Desk) -> Callable[[Exchange], Awaitable[tuple[int, list[tuple[bytes, bytes]], bytes]]]:
    """What opens a ticket for a request: 202, where it can be asked for, and what is known of it.

    Args:
        desk: where tickets are opened.
    """

    async def open_ticket(exchange: Exchange) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        asked = exchange.asked
        ticket = await desk.open(
            asked.endpoint, exchange.place, exchange.caller, exchange.request_id, asked.body, _webhook(asked.document)
        )
        headers = [(b"content-type", b"application/json"), (b"location", f"{PATH}{ticket.id}".encode())]
        return 202, headers, orjson.dumps(told(ticket, time.time()))

    return open_ticket


def _webhook(document: dict[str, Any] | None) -> str:
    """Where the client wants the answer sent, by either protocol's place for what is the client's own."""
    for place in ("metadata", "parameters"):
        own = (document or {}).get(place)
        if isinstance(own, dict) and isinstance(own.get(WEBHOOK), str):
            return own[WEBHOOK]
    return ""
