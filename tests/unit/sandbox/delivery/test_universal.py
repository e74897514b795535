import json

import pytest

from sandbox.delivery.errors import NotDeliveredError
from sandbox.delivery.universal import PREFIX, call, is_universal, operation_of
from tests.unit.sandbox.delivery.fake_clients import FakeClients, refusal

REGION = "us-west-2"


def called(action: str, document: object) -> FakeClients:
    clients = FakeClients()
    call(clients.as_clients(), REGION, PREFIX + action, json.dumps(document))
    return clients


def test_a_job_is_submitted_with_the_names_that_batch_has():
    clients = called(
        "batch:submitJob",
        {
            "JobName": "one",
            "JobQueue": "q",
            "JobDefinition": "d",
            # Not a structure: its keys are the user's.
            "Parameters": {"Scheduled": "2026", "lower": "x"},
            "ContainerOverrides": {"Environment": [{"Name": "A", "Value": "1"}]},
        },
    )
    assert clients.calls("batch.submit_job") == [
        {
            "jobName": "one",
            "jobQueue": "q",
            "jobDefinition": "d",
            "parameters": {"Scheduled": "2026", "lower": "x"},
            "containerOverrides": {"environment": [{"name": "A", "value": "1"}]},
        }
    ]


def test_services_are_found_by_the_scheduler_s_names_for_them():
    clients = called("sfn:startExecution", {"StateMachineArn": "arn", "Input": "{}"})
    assert clients.calls("stepfunctions.start_execution") == [{"stateMachineArn": "arn", "input": "{}"}]
    clients = called("sqs:sendMessage", {"QueueUrl": "u", "MessageBody": "b"})
    assert clients.calls("sqs.send_message") == [{"QueueUrl": "u", "MessageBody": "b"}]


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("nothing:doIt", "names no service"),
        ("batch:flyAway", "batch has no action 'flyAway'"),
        ("batch:SubmitJob", "batch has no action 'SubmitJob'"),
        ("batch", "batch has no action ''"),
    ],
)
def test_an_operation_there_is_none_of(action: str, message: str):
    assert is_universal(PREFIX + action)
    with pytest.raises(ValueError, match=message):
        operation_of(PREFIX + action)
    with pytest.raises(NotDeliveredError, match=message) as caught:
        called(action, {})
    assert caught.value.lasting


def test_a_parameter_that_the_operation_does_not_have_is_named():
    with pytest.raises(
        NotDeliveredError, match=r"the input has 'JobNames', which is no parameter; allowed: .*JobName,"
    ):
        called("batch:submitJob", {"JobNames": "one"})
    with pytest.raises(NotDeliveredError, match=r"the input\.ContainerOverrides has 'Env'"):
        called("batch:submitJob", {"ContainerOverrides": {"Env": []}})


@pytest.mark.parametrize("payload", ["{", "[1]"])
def test_an_input_that_is_no_object_is_refused_for_good(payload: str):
    with pytest.raises(NotDeliveredError) as caught:
        call(FakeClients().as_clients(), REGION, PREFIX + "batch:submitJob", payload)
    assert caught.value.lasting


def test_a_refusal_of_the_service_is_told_with_its_code():
    clients = FakeClients({"batch.submit_job": refusal("ClientException", 400)})
    with pytest.raises(NotDeliveredError) as caught:
        call(clients.as_clients(), REGION, PREFIX + "batch:submitJob", "{}")
    assert (caught.value.code, caught.value.lasting) == ("ClientException", True)
