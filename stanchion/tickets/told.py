"""What a client is told of its ticket, when it polls and by webhook."""

from datetime import UTC, datetime
from typing import Any

from stanchion.tickets.ticket import Ticket

PATH = "/v1/tickets/"


def told(ticket: Ticket, now: float) -> dict[str, Any]:
    """The ticket as its team sees it: not the names of those who answer, and not the request again.

    Args:
        ticket: as it is.
        now: seconds since 1970.
    """
    state = ticket.state(now)
    document: dict[str, Any] = {
        "ticket": ticket.id,
        "state": state,
        "request_id": ticket.request_id,
        "endpoint": ticket.endpoint,
        "poll": f"{PATH}{ticket.id}",
        "opened_at": _time(ticket.opened_at),
        "answer_by": _time(ticket.answer_by),
        "expires_at": _time(ticket.expires_at),
    }
    if state == "answered":
        document |= {"answered_at": _time(ticket.answered_at), "answer": ticket.answer}
    return document


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
