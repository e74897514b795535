import pytest

from sandbox.delivery.errors import NotDeliveredError
from sandbox.delivery.targets import Arn, deliver, to_queue
from tests.unit.sandbox.delivery.fake_clients import FakeClients, refusal

REGION = "us-west-2"
PAYLOAD = '{"a": 1}'


def arn(service: str, resource: str, region: str = REGION) -> str:
    return f"arn:aws:{service}:{region}:000000000000:{resource}"


@pytest.mark.parametrize(
    ("target", "operation", "parameters"),
    [
        (
            {"Arn": arn("lambda", "function:f")},
            "lambda.invoke",
            {"FunctionName": arn("lambda", "function:f"), "InvocationType": "Event", "Payload": PAYLOAD.encode()},
        ),
        ({"Arn": arn("sqs", "q")}, "sqs.send_message", {"QueueUrl": "http://queue", "MessageBody": PAYLOAD}),
        (
            {"Arn": arn("sqs", "q.fifo"), "SqsParameters": {"MessageGroupId": "g"}},
            "sqs.send_message",
            {"QueueUrl": "http://queue", "MessageBody": PAYLOAD, "MessageGroupId": "g"},
        ),
        ({"Arn": arn("sns", "t")}, "sns.publish", {"TopicArn": arn("sns", "t"), "Message": PAYLOAD}),
        (
            {"Arn": arn("states", "stateMachine:m")},
            "stepfunctions.start_execution",
            {"stateMachineArn": arn("states", "stateMachine:m"), "input": PAYLOAD},
        ),
    ],
)
def test_each_kind_of_target_gets_the_payload(target: dict[str, str], operation: str, parameters: dict[str, str]):
    clients = FakeClients()
    deliver(clients.as_clients(), REGION, target, PAYLOAD)
    assert clients.calls(operation) == [parameters]
    assert {region for _, region, _, _ in clients.asked} == {REGION}


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (arn("kinesis", "stream/s"), "does not deliver to .*kinesis.*; it does to: lambda, sns, sqs, states"),
        (arn("sns", "t", "us-east-1"), "lies in another region than us-west-2"),
    ],
)
def test_what_it_can_not_deliver_to_it_never_can(target: str, message: str):
    with pytest.raises(NotDeliveredError, match=message) as caught:
        deliver(FakeClients().as_clients(), REGION, {"Arn": target}, PAYLOAD)
    assert caught.value.lasting


def test_a_refusal_of_the_target_is_told_with_its_code():
    clients = FakeClients({"lambda.invoke": refusal("ResourceNotFoundException", 404)})
    with pytest.raises(NotDeliveredError) as caught:
        deliver(clients.as_clients(), REGION, {"Arn": arn("lambda", "function:f")}, PAYLOAD)
    assert (caught.value.code, caught.value.lasting) == ("ResourceNotFoundException", True)


def test_a_dead_letter_carries_what_is_known_of_its_end():
    clients = FakeClients()
    to_queue(clients.as_clients(), REGION, arn("sqs", "dead"), PAYLOAD, {"ERROR_CODE": "Gone", "EXHAUSTED": ""})
    assert clients.calls("sqs.get_queue_url") == [{"QueueName": "dead"}]
    (message,) = clients.calls("sqs.send_message")
    assert message["MessageAttributes"] == {"ERROR_CODE": {"DataType": "String", "StringValue": "Gone"}}


def test_a_text_that_is_no_arn():
    with pytest.raises(ValueError, match="'nobody' is no ARN; allowed: arn:aws:"):
        Arn.of("nobody")
