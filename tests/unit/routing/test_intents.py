"""Intents: what is refused, how they lie in the table, and how their epochs rise."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from stanchion.routing.document import RoutingError
from stanchion.routing.intents import (
    RoutingIntent,
    delete_request,
    epoch_after,
    intent_of,
    item_of,
    key_of,
    make_intent,
    outdated,
    put_request,
)
from tests.unit.routing.given import INTENTS, NOW, intent


def through_dynamodb(item: dict[str, Any]) -> dict[str, Any]:
    """As boto3 gives back what was put."""
    stored = TypeSerializer().serialize(item)
    return TypeDeserializer().deserialize(json.loads(json.dumps(stored)))


@given(INTENTS)
def test_an_intent_comes_back_from_the_table_as_it_was(given_intent: RoutingIntent):
    assert intent_of(through_dynamodb(item_of(given_intent))) == given_intent


def test_an_item_has_what_dynamodb_removes_it_by():
    expires_at = datetime(2026, 5, 1, 14, 0, 0, 999, tzinfo=UTC)
    item = item_of(intent(expires_at=expires_at, weights={"full": {"blue": 90, "green": 10}}))
    assert item == {
        "endpoint": "chat",
        "source": "operator",
        "change": {"weights": {"full": {"blue": 90, "green": 10}}},
        "epoch": 1,
        "reason": "operator says so",
        "expires_at": int(expires_at.timestamp()),
    }
    assert "expires_at" not in item_of(intent())


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"change": {}}, "change: nothing is wanted: set rung, weights, split_by or experiment"),
        ({"change": {"rung": "best"}}, "change.rung: Input should be 'full', 'quantized', 'cached' or 'human'"),
        ({"change": {"rung": "full", "mirror": 1}}, "change.mirror: Extra inputs are not permitted"),
        ({"weights": {"full": {"blue": 0}}}, "variant 'full' are {'blue': 0}: one of them has to be above 0"),
        ({"weights": {"full": {}}}, "one of them has to be above 0"),
        ({"weights": {"full": {"red": 1}}}, "change.weights.full.red"),
        ({"weights": {"full": {"blue": -1, "green": 1}}}, "greater than or equal to 0"),
        ({"weights": {"full": {"blue": 1.5}}}, "valid integer"),
        ({"weights": {"full": {"blue": True}}}, "valid integer"),
        ({"weights": {"full": {"blue": 10**7}}}, "less than or equal to 1000000"),
        ({"experiment": "a b"}, "change.experiment"),
        ({"epoch": 0}, "epoch: Input should be greater"),
        ({"source": "somebody"}, "source: Input should be 'operator', 'guard', 'budget', 'ladder' or 'rollout'"),
        ({"expires_at": datetime(2026, 5, 1)}, "expires_at: Input should have timezone info"),
        ({"reason": " "}, "reason: one line of text"),
        ({"reason": "a\nb"}, "reason: one line of text"),
        ({"reason": "\x1b[31m"}, "reason: one line of text"),
        ({"reason": "a" * 301}, "reason: String should have at most 300"),
        ({"endpoint": ""}, "endpoint: String should have at least 1"),
    ],
)
def test_what_can_t_be_an_intent_is_a_sentence(fields: dict[str, Any], message: str):
    with pytest.raises(RoutingError, match="this can't be an intent: ") as error:
        intent(**fields)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epoch": Decimal("1.5")}, "epoch:"),
        ({"change": {"weights": {"full": {"blue": Decimal("0.5")}}}}, "change.weights.full.blue:"),
        ({"change": {"rung": "full", "mirror": "all"}}, "change.mirror: Extra inputs are not permitted"),
        ({"later": "field"}, "later: Extra inputs are not permitted"),
        ({"expires_at": Decimal(10) ** 20}, "expires_at: not a time in seconds since 1970"),
        ({"expires_at": "soon"}, "expires_at: not a time in seconds since 1970"),
        ({"change": None}, "change:"),
    ],
)
def test_an_item_that_this_version_does_not_know_is_refused_with_its_key(change: dict[str, Any], message: str):
    with pytest.raises(RoutingError, match="the intent of 'operator' for endpoint 'chat' can't be read: ") as error:
        intent_of(item_of(intent()) | change)
    assert message in str(error.value)


@given(st.none() | st.integers(1, 2**53), st.integers(0, 10**9))
def test_epochs_rise_even_when_the_last_intent_is_gone(stored: int | None, later: int):
    first = epoch_after(stored, NOW)
    assert first > (stored or 0)
    assert epoch_after(first, NOW) > first
    if stored is None:
        assert epoch_after(None, NOW + timedelta(milliseconds=later + 1)) > first


def test_an_intent_counts_until_it_expires():
    short = intent(expires_at=NOW)
    assert short.counts(NOW - timedelta(seconds=1))
    assert not short.counts(NOW)
    assert intent().counts(NOW)


def test_the_table_refuses_what_is_not_higher():
    with mock_aws():
        session: Any = boto3.Session("test", "test", region_name="us-east-1")
        table = session.resource("dynamodb").create_table(
            TableName="intents",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "endpoint", "KeyType": "HASH"},
                {"AttributeName": "source", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "endpoint", "AttributeType": "S"},
                {"AttributeName": "source", "AttributeType": "S"},
            ],
        )
        table.put_item(**put_request(intent(epoch=5)))
        for epoch in (4, 5):
            with pytest.raises(ClientError, match="ConditionalCheckFailed"):
                table.put_item(**put_request(intent(epoch=epoch, rung="human")))
        # Another source's epochs are its own.
        table.put_item(**put_request(intent("guard", epoch=1)))
        table.put_item(**put_request(intent(epoch=6, rung="human")))
        with pytest.raises(ClientError, match="ConditionalCheckFailed"):
            table.delete_item(**delete_request("chat", "operator", 5))
        stored = table.get_item(Key=key_of("chat", "operator"))["Item"]
        assert intent_of(stored) == intent(epoch=6, rung="human")
        table.delete_item(**delete_request("chat", "operator", 6))
        assert table.scan()["Count"] == 1
    assert "was changed by somebody else" in str(outdated("chat", "operator", 5))


def test_an_intent_is_made_of_what_a_person_gave():
    made = make_intent(endpoint="chat", source="guard", change={"rung": "human"}, epoch=3, reason="fire")
    assert made.change.fields == ("rung",)
    assert intent(experiment="x").change.fields == ("split_by",)
    assert intent(weights={"quantized": {"blue": 1}, "full": {"green": 1}}).change.fields == (
        "weights.full",
        "weights.quantized",
    )
