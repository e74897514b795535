from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.tickets import ticket_item
from stanchion.tickets.ticket import TicketError, take
from tests.unit.tickets.making import OPENED, ticket


@given(
    asked=st.text(max_size=50), webhook=st.text(max_size=20), taken_at=st.integers(0, 2**40), text=st.text(max_size=9)
)
def test_it_is_read_as_it_was_written(**more: Any) -> None:
    one = ticket(**more)
    assert ticket_item.read(ticket_item.attributes(one)) == one


def test_a_field_that_came_later_is_empty_in_an_older_item() -> None:
    item = ticket_item.attributes(ticket())
    del item["delivered"]
    assert ticket_item.read({**item, "unheard-of": {"S": "x"}}) == ticket()


@pytest.mark.parametrize("field", ["team", "asked", "expires_at", "revision"])
def test_an_item_with_something_missing_is_no_ticket(field: str) -> None:
    item = ticket_item.attributes(ticket())
    del item[field]
    with pytest.raises(TicketError, match="can't be read"):
        ticket_item.read(item)


def test_a_new_one_replaces_none_and_a_change_replaces_what_was_read() -> None:
    new = ticket_item.put("table", ticket())
    assert new["ConditionExpression"] == "attribute_not_exists(#id)"
    assert new["Item"]["remove_at"] == {"N": str(ticket().remove_at)}
    changed = ticket_item.put("table", take(ticket(revision=4), "ann", OPENED))
    assert changed["ExpressionAttributeValues"] == {":before": {"N": "4"}}
    assert changed["Item"]["revision"] == {"N": "5"}
