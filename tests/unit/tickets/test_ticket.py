import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.tickets.ticket import LARGEST_ANSWER_BYTES, SEEN_SECONDS, TAKEN_SECONDS, TicketError, answer, take
from tests.unit.tickets.making import OPENED, ticket


def test_a_ticket_is_opened_taken_and_answered() -> None:
    opened = ticket()
    assert opened.state(OPENED) == "open"
    taken = take(opened, "ann", OPENED + 5)
    assert (taken.state(OPENED + 5), taken.taken_by, taken.revision) == ("taken", "ann", 1)
    answered = answer(taken, OPENED + 60, text="seven")
    assert (answered.state(OPENED + 60), answered.answer, answered.revision) == ("answered", "seven", 2)
    assert answer(taken, OPENED + 60, document='{"digit": 7}').answer == {"digit": 7}


def test_of_two_people_one_has_it() -> None:
    taken = take(ticket(), "ann", OPENED)
    with pytest.raises(TicketError, match=r"was taken by ann; take another one, or this one when .* in 60 min"):
        take(taken, "bob", OPENED + 5)
    assert take(taken, "ann", OPENED + 5).taken_by == "ann"


def test_a_ticket_that_was_left_is_anybodys_again() -> None:
    taken = take(ticket(), "ann", OPENED)
    later = OPENED + TAKEN_SECONDS
    assert taken.state(later - 1) == "taken"
    assert taken.state(later) == "open"
    assert take(taken, "bob", later).taken_by == "bob"


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 129])
def test_somebody_takes_it(name: str) -> None:
    with pytest.raises(TicketError, match="has a name"):
        take(ticket(), name, OPENED)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "a text, or a JSON document"),
        ({"text": "a", "document": "{}"}, "one of both"),
        ({"document": "{"}, "no JSON document"),
        ({"text": "x" * (LARGEST_ANSWER_BYTES + 1)}, "larger than 65536 bytes"),
    ],
)
def test_an_answer_is_one(given: dict[str, str], said: str) -> None:
    with pytest.raises(TicketError, match=said):
        answer(take(ticket(), "ann", OPENED), OPENED, **given)


def test_who_answers_has_taken_it_and_it_is_not_over() -> None:
    with pytest.raises(TicketError, match="take it first"):
        answer(ticket(), OPENED, text="seven")
    answered = answer(take(ticket(), "ann", OPENED), OPENED, text="seven")
    for change in (lambda: take(answered, "bob", OPENED), lambda: answer(answered, OPENED, text="eight")):
        with pytest.raises(TicketError, match="was answered by ann already"):
            change()
    over = ticket().expires_at
    for change in (lambda: take(ticket(), "bob", over), lambda: answer(take(ticket(), "a", OPENED), over, text="x")):
        with pytest.raises(TicketError, match="has expired"):
            change()
    assert answered.state(over + 1) == "answered"


def test_what_expired_can_be_seen_for_a_while() -> None:
    assert ticket().remove_at == ticket().expires_at + SEEN_SECONDS
    answered = answer(take(ticket(), "ann", OPENED), OPENED, text="seven")
    assert answered.remove_at == answered.expires_at


@given(st.lists(st.tuples(st.sampled_from(["ann", "bob", "eve"]), st.integers(0, 2000), st.booleans()), max_size=30))
def test_nobody_answers_what_another_one_has(steps: list[tuple[str, int, bool]]) -> None:
    """Whatever people try, in any order: the answer is of who had the ticket, and it stays."""
    now, last = float(OPENED), ticket()
    for who, seconds, answers in steps:
        now += seconds
        before, state = last, last.state(now)
        try:
            last = answer(last, now, text=who) if answers and last.taken_by == who else take(last, who, now)
        except TicketError:
            assert last is before
            assert state in ("taken", "answered", "expired")
        else:
            assert last.revision == before.revision + 1
            assert state in ("open", "taken")
            assert state == "open" or before.taken_by == who
    if last.answered_at:
        assert last.text == last.taken_by
