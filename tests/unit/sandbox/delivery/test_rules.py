import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.delivery.errors import NotDeliveredError
from sandbox.delivery.rules import Bus, matching, payload_of
from tests.unit.sandbox.delivery.fake_clients import FakeClients, refusal
from tests.unit.sandbox.delivery.hurried_time import HurriedTime

REGION = "us-east-1"
EVENT = {"id": "e", "source": "aws.batch", "detail": {"status": "FAILED", "attempts": 2}}
TOPIC = "arn:aws:sns:us-east-1:000000000000:warning"
DEAD = "arn:aws:sqs:us-east-1:000000000000:dead"


def rule(name: str, source: Any, state: str = "ENABLED") -> dict[str, Any]:
    pattern = {} if source is None else {"source": source}
    arn = f"arn:aws:events:{REGION}:000000000000:rule/{name}"
    return {"Name": name, "Arn": arn, "State": state, "EventPattern": json.dumps(pattern)}


def bus_of(*rules: dict[str, Any], **answers: Any) -> FakeClients:
    """A cloud with these rules, each of whose patterns fits and whose target is the topic."""
    named = {name.replace("__", "."): answer for name, answer in answers.items()}
    return FakeClients(
        {
            "events.list_rules": [{"Rules": list(rules)}],
            "events.test_event_pattern": {"Result": True},
            "events.list_targets_by_rule": {"Targets": [{"Id": "t", "Arn": TOPIC}]},
            **named,
        }
    )


def test_only_rules_that_may_match_are_judged():
    clients = bus_of(
        rule("ours", ["aws.batch"]),
        rule("others", ["aws.kms", "aws.backup"]),
        rule("any", None),
        rule("prefix", [{"prefix": "aws."}]),
        rule("off", ["aws.batch"], "DISABLED"),
        {"Name": "clock", "Arn": "a", "State": "ENABLED", "ScheduleExpression": "rate(1 hour)"},
    )
    found = matching(clients.as_clients(), REGION, EVENT)
    assert [arn.rpartition("/")[2] for arn, _ in found] == ["ours", "any", "prefix"]
    assert len(clients.calls("events.test_event_pattern")) == 3


def test_eventbridge_itself_judges_a_pattern():
    clients = bus_of(rule("ours", ["aws.batch"]), events__test_event_pattern={"Result": False})
    assert matching(clients.as_clients(), REGION, EVENT) == []
    (asked,) = clients.calls("events.test_event_pattern")
    assert json.loads(asked["Event"]) == EVENT


@pytest.mark.parametrize(
    ("target", "payload"),
    [
        ({}, EVENT),
        ({"Input": '{"fixed": 1}'}, {"fixed": 1}),
        ({"InputPath": "$.detail.status"}, "FAILED"),
        # As MiniStack: a path that leads nowhere leaves the event.
        ({"InputPath": "$.detail.nothing.there"}, EVENT),
    ],
)
def test_a_target_gets_the_event_or_what_it_says(target: dict[str, str], payload: Any):
    assert json.loads(payload_of(target, EVENT)) == payload


def test_an_input_transformer_is_refused_rather_than_ignored():
    with pytest.raises(NotDeliveredError, match=r"has no input transformer for events of aws\.batch"):
        payload_of({"InputTransformer": {"InputTemplate": "x"}}, EVENT)


def published(clients: FakeClients, events: list[dict[str, Any]], until: Callable[[], bool]) -> None:
    async def run() -> None:
        bus = Bus(clients.as_clients(), HurriedTime())
        for event in events:
            bus.put(REGION, event)
        running = bus.running(None)  # type: ignore[arg-type]
        await anext(running)
        while not until():
            await asyncio.sleep(0.001)
        await anext(running, None)

    asyncio.run(asyncio.wait_for(run(), 30))


def test_an_event_is_brought_to_the_target_of_its_rule():
    clients = bus_of(rule("ours", ["aws.batch"]))
    published(clients, [EVENT], lambda: bool(clients.calls("sns.publish")))
    (message,) = clients.calls("sns.publish")
    assert message["TopicArn"] == TOPIC
    assert json.loads(message["Message"]) == EVENT


def test_rules_that_can_not_be_read_now_are_read_later():
    down = [refusal("ServiceUnavailable", 503), refusal("ServiceUnavailable", 503)]

    def pages() -> Any:
        if down:
            raise down.pop()
        return [{"Rules": [rule("ours", ["aws.batch"])]}]

    clients = bus_of(events__list_rules=pages)
    published(clients, [EVENT], lambda: bool(clients.calls("sns.publish")))
    assert not down


def test_what_can_not_be_delivered_is_counted_and_kept_in_the_dead_letter_queue():
    target = {"Id": "t", "Arn": TOPIC, "DeadLetterConfig": {"Arn": DEAD}}
    clients = bus_of(
        rule("ours", ["aws.batch"]),
        events__list_targets_by_rule={"Targets": [target]},
        sns__publish=refusal("NotFound", 404),
    )
    published(clients, [EVENT], lambda: bool(clients.calls("sqs.send_message")))
    (message,) = clients.calls("sqs.send_message")
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert json.loads(message["MessageBody"]) == EVENT
    assert (attributes["ERROR_CODE"], attributes["RETRY_ATTEMPTS"]) == ("NotFound", "0")
    assert attributes["RULE_ARN"].endswith(":rule/ours")
    assert "EXHAUSTED_RETRY_CONDITION" not in attributes
    (counted,) = clients.calls("cloudwatch.put_metric_data")
    assert (counted["Namespace"], counted["MetricData"][0]["MetricName"]) == ("AWS/Events", "FailedInvocations")
    assert counted["MetricData"][0]["Dimensions"] == [{"Name": "RuleName", "Value": "ours"}]
