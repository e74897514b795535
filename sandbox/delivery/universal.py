"""Universal targets: any operation of any service that the local cloud has (EventBridge Scheduler user guide).

`arn:aws:scheduler:::aws-sdk:<service>:<action>` names the operation, and the input holds its parameters under their
names in the API reference, with a capital first letter whatever the service itself begins them with.
"""

import json
from functools import cache
from typing import Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError, UnknownServiceError

from sandbox.delivery.clients import Clients
from sandbox.delivery.errors import NotDeliveredError, not_delivered

PREFIX = "arn:aws:scheduler:::aws-sdk:"
# Where EventBridge Scheduler has another name for a service than boto3.
_NAMES = {"cloudwatchlogs": "logs", "elasticloadbalancingv2": "elbv2", "eventbridge": "events", "sfn": "stepfunctions"}


def is_universal(arn: str) -> bool:
    """Whether a target is an operation."""
    return arn.startswith(PREFIX)


def operation_of(arn: str) -> tuple[str, Any]:
    """The service, by boto3's name, and the model of the operation that a universal target names.

    Raises:
        ValueError: there is no such service, or it has no such action; a sentence.
    """
    service, _, action = arn.removeprefix(PREFIX).partition(":")
    name = _NAMES.get(service, service)
    try:
        model = _model(name)
    except UnknownServiceError:
        raise ValueError(f"'{arn}' names no service; allowed: {PREFIX}<service>:<action>.") from None
    operation = action[:1].upper() + action[1:]
    if not action[:1].islower() or operation not in model.operation_names:
        raise ValueError(f"'{arn}': {service} has no action '{action}'; allowed: its operations, such as submitJob.")
    return name, model.operation_model(operation)


@cache
def _model(service: str) -> Any:
    # Imported on first use: what delivers nothing does not need the half of botocore.
    from botocore.session import get_session

    return get_session().get_service_model(service)


def call(clients: Clients, region: str, arn: str, payload: str) -> None:
    """Call the operation with the parameters of the payload, once.

    Raises:
        NotDeliveredError: it was refused, or could not be asked.
    """
    try:
        service, operation = operation_of(arn)
        document = json.loads(payload or "{}")
        parameters = _arguments(operation.input_shape, document, "the input") if operation.input_shape else {}
    except ValueError as error:
        raise NotDeliveredError(str(error), "ValidationException", lasting=True) from error
    try:
        getattr(clients.of(service, region), xform_name(operation.name))(**parameters)
    except (BotoCoreError, ClientError) as error:
        raise not_delivered(error) from error


def _arguments(shape: Any, value: Any, where: str) -> Any:
    """The parameters under the names that the service's model has for them.

    Raises:
        ValueError: a parameter that the operation does not have, or no object where it has one; a sentence.
    """
    if shape.type_name == "structure":
        if not isinstance(value, dict):
            raise ValueError(f"{where} is {json.dumps(value)}; allowed: a JSON object.")
        names = {name[:1].upper() + name[1:]: name for name in shape.members}
        unknown = sorted(set(value) - set(names))
        if unknown:
            allowed = ", ".join(sorted(names))
            raise ValueError(f"{where} has '{unknown[0]}', which is no parameter; allowed: {allowed}.")
        return {
            names[key]: _arguments(shape.members[names[key]], item, f"{where}.{key}") for key, item in value.items()
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [_arguments(shape.member, item, where) for item in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {key: _arguments(shape.value, item, f"{where}.{key}") for key, item in value.items()}
    return value
