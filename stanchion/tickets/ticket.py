"""A ticket: `open`, then `taken` by somebody, then `answered`; `expired` when nobody answered in time.

`expired` is not written down: it follows from the time, so that nothing has to run for it.
"""

import json
from dataclasses import dataclass, replace
from typing import Any, Literal

from stanchion.errors import StanchionError

State = Literal["open", "taken", "answered", "expired"]
STATES: tuple[State, ...] = ("open", "taken", "answered", "expired")
# After which a ticket that somebody took and did not answer is anybody's again.
TAKEN_SECONDS = 3600
# For which an expired ticket can still be seen; then who asks for it is told that there is none.
SEEN_SECONDS = 7 * 86400
LARGEST_ANSWER_BYTES = 64 * 1024
LONGEST_NAME = 128


class TicketError(StanchionError):
    """Something that can't be done with a ticket as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One request that people answer.

    Args:
        id: random, and all that the queue says of it.
        endpoint: that was asked.
        use_case: of the endpoint.
        team: that may read it.
        key_id: of the key it was asked with.
        request_id: that the client was told.
        region: of the gateway that took it.
        asked: the request, as JSON or as it came.
        opened_at: seconds since 1970.
        answer_by: when the client was told to expect the answer, seconds since 1970.
        expires_at: until when it may be answered, and the answer be read, seconds since 1970.
        webhook: where the answer is sent; empty when it is polled for.
        taken_by: who is at it; empty for nobody.
        taken_at: since when; 0 for never.
        answered_at: when; 0 for not yet.
        text: the answer as text; empty when it is JSON.
        document: the answer as JSON; empty when it is text.
        delivered: what became of the webhook; empty before.
        revision: rises with each change; who changes an older one is told so.
    """

    id: str
    endpoint: str
    use_case: str
    team: str
    key_id: str
    request_id: str
    region: str
    asked: str
    opened_at: int
    answer_by: int
    expires_at: int
    webhook: str = ""
    taken_by: str = ""
    taken_at: int = 0
    answered_at: int = 0
    text: str = ""
    document: str = ""
    delivered: str = ""
    revision: int = 0

    def state(self, now: float) -> State:
        """How it is at a time."""
        if self.answered_at:
            return "answered"
        if now >= self.expires_at:
            return "expired"
        return "taken" if self.taken_by and now < self.taken_at + TAKEN_SECONDS else "open"

    @property
    def remove_at(self) -> int:
        """From when on it need not be kept, seconds since 1970."""
        return self.expires_at if self.answered_at else self.expires_at + SEEN_SECONDS

    @property
    def answer(self) -> Any:
        """The answer: text, or what the JSON says."""
        return json.loads(self.document) if self.document else self.text


def take(ticket: Ticket, by: str, now: float) -> Ticket:
    """Somebody takes it to answer it; who has it already just goes on.

    Args:
        ticket: as it is.
        by: whose name it is.
        now: seconds since 1970.

    Raises:
        TicketError: another one has it, it is answered or expired, or the name is none.
    """
    if not by.strip() or len(by) > LONGEST_NAME or not by.isprintable():
        raise TicketError(f"who takes a ticket has a name of 1 to {LONGEST_NAME} letters that can be printed.")
    state = ticket.state(now)
    if state == "taken" and ticket.taken_by != by:
        left = max(1, round((ticket.taken_at + TAKEN_SECONDS - now) / 60))
        raise TicketError(
            f"ticket {ticket.id} was taken by {ticket.taken_by}; take another one, or this one when it is not answered "
            f"in {left} min."
        )
    _refuse_ended(ticket, state)
    return replace(ticket, taken_by=by, taken_at=int(now), revision=ticket.revision + 1)


def answer(ticket: Ticket, now: float, *, text: str = "", document: str = "") -> Ticket:
    """The person who took it answers.

    Args:
        ticket: as it is.
        now: seconds since 1970.
        text: the answer; empty when it is JSON.
        document: the answer as JSON; empty when it is text.

    Raises:
        TicketError: nobody took it, it is answered or expired, or what is given is no answer.
    """
    if bool(text) == bool(document):
        raise TicketError("an answer is a text, or a JSON document: one of both.")
    if len((text or document).encode()) > LARGEST_ANSWER_BYTES:
        raise TicketError(f"the answer is larger than {LARGEST_ANSWER_BYTES} bytes; shorten it.")
    if document:
        try:
            json.loads(document)
        except ValueError:
            raise TicketError("the answer is no JSON document; correct it, or give it as text.") from None
    _refuse_ended(ticket, ticket.state(now))
    if not ticket.taken_by:
        raise TicketError(f"nobody took ticket {ticket.id} yet; take it first, so that no two people answer it.")
    return replace(
        ticket, answered_at=int(now), text=text, document=document, revision=ticket.revision + 1
    )  # fmt: skip


def _refuse_ended(ticket: Ticket, state: State) -> None:
    if state == "answered":
        raise TicketError(f"ticket {ticket.id} was answered by {ticket.taken_by} already.")
    if state == "expired":
        raise TicketError(f"ticket {ticket.id} has expired: nobody waits for its answer any more.")
