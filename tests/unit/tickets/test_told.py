import json

from stanchion.tickets.ticket import answer, take
from stanchion.tickets.told import told
from tests.unit.tickets.making import OPENED, ticket


def test_who_polls_sees_the_state_and_then_the_answer() -> None:
    opened = told(ticket(), OPENED)
    assert opened["state"] == "open"
    assert opened["poll"] == f"/v1/tickets/{ticket().id}"
    assert opened["answer_by"] == "2026-05-28T20:36:40+00:00"
    assert "answer" not in opened
    answered = told(answer(take(ticket(), "ann", OPENED), OPENED, document='{"digit": 7}'), OPENED)
    assert answered["state"] == "answered"
    assert answered["answer"] == {"digit": 7}


def test_who_answers_is_not_told() -> None:
    taken = take(ticket(asked="what was asked"), "ann of support", OPENED)
    said = json.dumps(told(taken, OPENED))
    assert "ann" not in said
    assert "what was asked" not in said
    assert told(taken, OPENED)["state"] == "taken"
