"""Clients that write down what they are asked, and answer or refuse as a test wants."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from botocore.exceptions import ClientError

from sandbox.delivery.clients import Clients

# Service, region, operation, parameters.
Asked = tuple[str, str, str, dict[str, Any]]


class FakeClients:
    """Stands for `Clients`.

    Args:
        answers: by service and operation, such as `sqs.send_message`; a function is called, an error raised.
    """

    def __init__(self, answers: Mapping[str, Any] | None = None) -> None:
        self.asked: list[Asked] = []
        self._answers = {"sqs.get_queue_url": {"QueueUrl": "http://queue"}, **(answers or {})}

    def of(self, service: str, region: str) -> Any:
        return _Service(self, service, region)

    def answer(self, asked: Asked) -> Any:
        self.asked.append(asked)
        answer = self._answers.get(f"{asked[0]}.{asked[2]}", {})
        if isinstance(answer, Exception):
            raise answer
        return answer(**asked[3]) if callable(answer) else answer

    def calls(self, operation: str) -> list[dict[str, Any]]:
        """The parameters of all calls of an operation, such as `sqs.send_message`."""
        return [parameters for service, _, name, parameters in self.asked if f"{service}.{name}" == operation]

    def as_clients(self) -> Clients:
        return cast("Clients", self)


class _Service:
    def __init__(self, clients: FakeClients, service: str, region: str) -> None:
        self._clients, self._service, self._region = clients, service, region

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        return lambda **parameters: self._clients.answer((self._service, self._region, operation, parameters))

    def get_paginator(self, operation: str) -> Any:
        return _Pages(lambda: self._clients.answer((self._service, self._region, operation, {})))


class _Pages:
    def __init__(self, answer: Callable[[], Any]) -> None:
        self._answer = answer

    def paginate(self) -> Any:
        return self._answer()


def refusal(code: str, status: int) -> ClientError:
    """An error of a service."""
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Operation")  # type: ignore[typeddict-item]
