"""The targets that rules and schedules of the local cloud deliver to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.delivery.clients import Clients
from sandbox.delivery.errors import NotDeliveredError, not_delivered

Target = Mapping[str, Any]


@dataclass(frozen=True)
class Arn:
    """The parts of an ARN that a delivery needs."""

    service: str
    region: str
    resource: str

    @classmethod
    def of(cls, text: str) -> "Arn":
        """Read one.

        Raises:
            ValueError: a sentence with the text.
        """
        parts = text.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn":
            raise ValueError(f"'{text}' is no ARN; allowed: arn:aws:<service>:<region>:<account>:<resource>.")
        return cls(parts[2], parts[3], parts[5])


def deliver(clients: Clients, region: str, target: Target, payload: str) -> None:
    """Send a payload to a target, once.

    Args:
        region: of the rule or the schedule.
        target: its `Arn`, and `SqsParameters` for a FIFO queue.
        payload: JSON, or any text for a queue and a topic.

    Raises:
        NotDeliveredError: it was not taken.
    """
    arn = Arn.of(target["Arn"])
    if arn.service not in TARGETS:
        raise NotDeliveredError(
            f"the local cloud does not deliver to {target['Arn']}; it does to: {', '.join(sorted(TARGETS))}.",
            "UNSUPPORTED_TARGET",
            lasting=True,
        )
    if arn.region != region:
        raise NotDeliveredError(
            f"{target['Arn']} lies in another region than {region}, and only a bus may.", "INVALID_REGION", lasting=True
        )
    try:
        TARGETS[arn.service](clients, region, target, payload)
    except (BotoCoreError, ClientError) as error:
        raise not_delivered(error) from error


def to_queue(clients: Clients, region: str, arn: str, body: str, attributes: Mapping[str, str]) -> None:
    """Put a message with attributes into a queue, as dead letters are.

    Raises:
        NotDeliveredError: it was not taken.
    """
    told = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items() if value}
    try:
        _send(clients, region, arn, MessageBody=body, MessageAttributes=told)
    except (BotoCoreError, ClientError) as error:
        raise not_delivered(error) from error


def _send(clients: Clients, region: str, arn: str, **message: Any) -> None:
    queues = clients.of("sqs", region)
    url = queues.get_queue_url(QueueName=Arn.of(arn).resource)["QueueUrl"]
    queues.send_message(QueueUrl=url, **message)


def _to_function(clients: Clients, region: str, target: Target, payload: str) -> None:
    clients.of("lambda", region).invoke(FunctionName=target["Arn"], InvocationType="Event", Payload=payload.encode())


def _to_queue(clients: Clients, region: str, target: Target, payload: str) -> None:
    group = (target.get("SqsParameters") or {}).get("MessageGroupId")
    _send(clients, region, target["Arn"], MessageBody=payload, **({"MessageGroupId": group} if group else {}))


def _to_topic(clients: Clients, region: str, target: Target, payload: str) -> None:
    clients.of("sns", region).publish(TopicArn=target["Arn"], Message=payload)


def _to_state_machine(clients: Clients, region: str, target: Target, payload: str) -> None:
    clients.of("stepfunctions", region).start_execution(stateMachineArn=target["Arn"], input=payload)


# By the service in the ARN.
TARGETS: Mapping[str, Callable[[Clients, str, Target, str], None]] = {
    "lambda": _to_function,
    "sns": _to_topic,
    "sqs": _to_queue,
    "states": _to_state_machine,
}
