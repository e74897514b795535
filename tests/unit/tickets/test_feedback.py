import pytest

from stanchion.tickets.feedback import LONGEST_LABEL, feedback_of
from stanchion.tickets.ticket import TicketError, answer, take
from tests.unit.tickets.making import OPENED, ticket


def test_the_answer_is_an_event_of_the_request() -> None:
    answered = answer(take(ticket(), "ann", OPENED), OPENED + 60, text="seven")
    event = feedback_of(answered, env="prod", account="111122223333")
    assert (event.source, event.label, event.request_id, event.ts) == ("ticket", "seven", "r1", OPENED + 60)
    assert (event.team, event.key_id, event.endpoint, event.region) == ("forms", "k1", "digits", "us-east-1")
    assert "ann" not in repr(event)
    # Made again, by whoever did not know that it was made, it is the same one.
    assert feedback_of(answered, env="prod", account="111122223333") == event
    other = answer(take(ticket(id="1" * 32), "ann", OPENED), OPENED + 60, text="seven")
    assert feedback_of(other, env="prod", account="111122223333").event_id != event.event_id


def test_a_long_answer_is_cut_between_letters() -> None:
    answered = answer(take(ticket(), "ann", OPENED), OPENED, text="x" + "é" * LONGEST_LABEL)
    label = feedback_of(answered, env="prod", account="1").label
    assert len(label.encode()) == LONGEST_LABEL - 1
    assert set(label) == {"x", "é"}


def test_what_is_not_answered_is_no_event() -> None:
    with pytest.raises(TicketError, match="is not answered"):
        feedback_of(ticket(), env="prod", account="1")
