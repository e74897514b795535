"""The event of a person's answer: what the model should have said, joined to the request by its id."""

from uuid import NAMESPACE_URL, uuid5

from stanchion.events.feedback import FeedbackEvent
from stanchion.tickets.ticket import Ticket, TicketError

LONGEST_LABEL = 8 * 1024


def feedback_of(ticket: Ticket, *, env: str, account: str) -> FeedbackEvent:
    """The event of a ticket's answer; the same one whenever it is made, so that one sent twice counts once.

    Args:
        ticket: answered.
        env: name of the environment.
        account: of the environment.

    Raises:
        TicketError: it is not answered.
    """
    if not ticket.answered_at:
        raise TicketError(f"ticket {ticket.id} is not answered, so that there is nothing to tell of it.")
    said = ticket.document or ticket.text
    return FeedbackEvent(
        event_id=uuid5(NAMESPACE_URL, f"stanchion:ticket:{ticket.id}").hex,
        ts=float(ticket.answered_at),
        env=env,
        region=ticket.region,
        account=account,
        endpoint=ticket.endpoint,
        request_id=ticket.request_id,
        team=ticket.team,
        key_id=ticket.key_id,
        source="ticket",
        label=said.encode()[:LONGEST_LABEL].decode("utf-8", "ignore"),
    )
