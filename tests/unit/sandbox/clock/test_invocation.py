import asyncio
import json
from typing import Any

import pytest

from sandbox.clock.invocation import Invoker, Occurrence, send
from sandbox.clock.records import Document, Records
from sandbox.delivery.clients import Clients
from sandbox.delivery.errors import NotDeliveredError
from tests.unit.sandbox.clock.schedules import QUEUE, REGION, SUBMIT, made
from tests.unit.sandbox.delivery.fake_clients import FakeClients, refusal
from tests.unit.sandbox.delivery.hurried_time import BEGUN, HurriedTime

DEAD = f"arn:aws:sqs:{REGION}:000000000000:dead"
AT = "2027-01-15T08:00:00Z"


def occurrence(**more: Any) -> Occurrence:
    return Occurrence.of(REGION, made(Records(), BEGUN, **more), BEGUN)


def test_context_attributes_are_put_in():
    names = ("schedule-arn", "scheduled-time", "execution-id", "attempt-number", "unknown")
    found = occurrence(target={"Input": json.dumps({name: f"<aws.scheduler.{name}>" for name in names})})
    assert json.loads(found.payload(3)) == {
        "schedule-arn": f"arn:aws:scheduler:{REGION}:000000000000:schedule/default/s",
        "scheduled-time": AT,
        "execution-id": found.execution,
        "attempt-number": "3",
        "unknown": "<aws.scheduler.unknown>",
    }


def test_without_an_input_a_target_is_told_who_calls():
    told = json.loads(occurrence().payload(1))
    assert (told["source"], told["time"], told["region"]) == ("aws.scheduler", AT, REGION)
    assert told["resources"] == [f"arn:aws:scheduler:{REGION}:000000000000:schedule/default/s"]
    assert occurrence(arn=SUBMIT).payload(1) == "{}"


def invoked(found: Occurrence, clients: FakeClients, time: HurriedTime | None = None) -> None:
    asyncio.run(Invoker(clients.as_clients(), time or HurriedTime()).invoke(found))


def test_both_kinds_of_targets_are_invoked():
    clients = FakeClients()
    invoked(occurrence(target={"Input": "<aws.scheduler.scheduled-time>"}), clients)
    document = {
        "JobName": "j",
        "JobQueue": "q",
        "JobDefinition": "d",
        "Parameters": {"at": "<aws.scheduler.scheduled-time>"},
    }
    invoked(occurrence(arn=SUBMIT, target={"Input": json.dumps(document)}), clients)
    assert clients.calls("sqs.send_message") == [{"QueueUrl": "http://queue", "MessageBody": AT}]
    (job,) = clients.calls("batch.submit_job")
    assert job["parameters"] == {"at": AT}
    assert not clients.calls("cloudwatch.put_metric_data")


def test_a_target_that_is_down_is_tried_again_with_the_number_of_the_attempt():
    seen: list[str] = []

    def deliver(_: Clients, region: str, target: Document, payload: str) -> None:
        assert (region, target["Arn"]) == (REGION, QUEUE)
        seen.append(payload)
        if len(seen) < 3:
            raise NotDeliveredError("it is down", "ServiceUnavailable", lasting=False)

    clients, time = FakeClients(), HurriedTime()
    invoker = Invoker(clients.as_clients(), time, deliver)
    asyncio.run(invoker.invoke(occurrence(target={"Input": "<aws.scheduler.attempt-number>"})))
    assert seen == ["1", "2", "3"]
    assert time.passed == 1 + 2
    metrics = [call["MetricData"][0] for call in clients.calls("cloudwatch.put_metric_data")]
    assert [metric["MetricName"] for metric in metrics] == ["TargetErrorCount"] * 2
    assert metrics[0]["Dimensions"] == [{"Name": "ScheduleGroup", "Value": "default"}]


def test_what_is_given_up_goes_to_the_dead_letter_queue_with_what_is_known():
    found = occurrence(
        arn=SUBMIT,
        target={
            "Input": '{"JobName": "j"}',
            "DeadLetterConfig": {"Arn": DEAD},
            "RetryPolicy": {"MaximumRetryAttempts": 2},
        },
    )
    clients = FakeClients({"batch.submit_job": refusal("ServerException", 500)})
    invoked(found, clients)
    assert len(clients.calls("batch.submit_job")) == 3
    (message,) = clients.calls("sqs.send_message")
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert message["MessageBody"] == '{"JobName": "j"}'
    assert attributes.pop("ERROR_MESSAGE")
    assert attributes == {
        "SCHEDULE_ARN": found.schedule["Arn"],
        "SCHEDULED_TIME": AT,
        "TARGET_ARN": SUBMIT,
        "EXECUTION_ID": found.execution,
        "ERROR_CODE": "ServerException",
        "RETRY_ATTEMPTS": "2",
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        "IS_PAYLOAD_TRUNCATED": "false",
    }
    names = [call["MetricData"][0]["MetricName"] for call in clients.calls("cloudwatch.put_metric_data")]
    assert names == ["TargetErrorCount"] * 3 + ["InvocationDroppedCount"]


def test_what_is_refused_for_good_is_given_up_at_once_and_without_a_queue_it_is_gone():
    clients = FakeClients({"batch.submit_job": refusal("ClientException", 400)})
    invoked(occurrence(arn=SUBMIT), clients)
    assert len(clients.calls("batch.submit_job")) == 1
    assert not clients.calls("sqs.send_message")


def test_one_attempt_says_what_it_ran_into():
    clients = FakeClients({"sqs.send_message": refusal("AWS.SimpleQueueService.NonExistentQueue", 400)})
    with pytest.raises(NotDeliveredError) as caught:
        send(clients.as_clients(), REGION, {"Arn": QUEUE}, "x")
    assert caught.value.lasting
