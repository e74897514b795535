"""A cloud that answers from a table, for what a test needs no emulator to show."""

from typing import Any

from botocore.exceptions import ClientError

from sandbox.provider.cloud import Cloud, Settings


def refused(code: str, message: str = "no", operation: str = "Operation") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class StubClient:
    """Answers each operation from `answers`: a value, an error to raise, or a list of them in order."""

    def __init__(self, cloud: "StubCloud", service: str, region: str) -> None:
        self._cloud = cloud
        self._service = service
        self._region = region
        real = Cloud.client(cloud, service, region)
        self.meta = real.meta

    def __getattr__(self, operation: str) -> Any:
        def call(**request: Any) -> Any:
            self._cloud.calls.append((self._region, operation, request))
            answer = self._cloud.answers.get(operation, {})
            if isinstance(answer, list):
                answer = answer.pop(0) if len(answer) > 1 else answer[0]
            if isinstance(answer, BaseException):
                raise answer
            return answer

        return call


class StubCloud(Cloud):
    """Records every call as (region, operation, request)."""

    def __init__(self, answers: dict[str, Any] | None = None, **settings: Any) -> None:
        super().__init__(Settings(**{"region": "us-east-1", "access_key": "test", "secret_key": "test", **settings}))
        self.answers = answers or {}
        self.calls: list[tuple[str, str, dict[str, Any]]] = []

    def client(self, service: str, region: str | None = None) -> Any:
        return StubClient(self, service, region or self.region)

    def operations(self) -> list[str]:
        return [operation for _, operation, _ in self.calls]
