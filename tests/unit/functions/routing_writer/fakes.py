"""A table and an AppConfig in memory, in which any call can be the last one of a writer."""

import io
from collections.abc import Callable
from functools import wraps
from typing import Any

from botocore.exceptions import ClientError

from stanchion.routing.document import RoutingDocument
from stanchion.routing.intents import RoutingIntent, item_of
from stanchion.routing.publishing import UNDER_WAY
from stanchion.routing.writer_settings import WriterSettings

SETTINGS = WriterSettings(
    environment="prod",
    region="us-east-1",
    intents_table="prod-routing-intents",
    endpoints=("chat", "digits"),
    application="app1",
    app_config_environment="env1",
    profile="profile1",
    strategy="strategy1",
)


class Killed(BaseException):
    """The process is gone; nothing of the writer's catches it."""


class Power:
    """Counts calls, and ends the writer at one of them.

    Args:
        last: the number of the call that is the last one; 0 for none.
        takes_effect: whether that call still does what it is there for.
    """

    def __init__(self, last: int = 0, takes_effect: bool = False) -> None:
        self.last, self.takes_effect = last, takes_effect
        self.calls: list[str] = []


def call(method: Callable[..., Any]) -> Callable[..., Any]:
    """A call to AWS."""

    @wraps(method)
    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        self.power.calls.append(method.__name__)
        dies = len(self.power.calls) == self.power.last
        if dies and not self.power.takes_effect:
            raise Killed
        if other := self.before.pop(method.__name__, None):
            other()
        answer = method(self, *args, **kwargs)
        if dies:
            raise Killed
        return answer

    return counted


def refusal(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": f"{operation} is refused"}}, operation)


class FakeTable:
    """Gives two items a page."""

    def __init__(self) -> None:
        self.power = Power()
        self.before: dict[str, Callable[[], None]] = {}
        self.items: dict[tuple[str, str], dict[str, Any]] = {}

    def put(self, intent: RoutingIntent) -> None:
        self.items[intent.endpoint, intent.source] = item_of(intent)

    @call
    def scan(self, *, ConsistentRead: bool, ExclusiveStartKey: int = 0) -> dict[str, Any]:
        assert ConsistentRead
        items = list(self.items.values())
        end = ExclusiveStartKey + 2
        more = {"LastEvaluatedKey": end} if end < len(items) else {}
        return {"Items": items[ExclusiveStartKey:end], **more}


class _NotFoundError(ClientError):
    pass


class _Exceptions:
    ResourceNotFoundException = _NotFoundError


class FakeAppConfig:
    """One profile and one environment, as AppConfig's API reference says it.

    Args:
        slow: deployments stay under way until `finish`.
    """

    exceptions = _Exceptions

    def __init__(self, *, slow: bool = False) -> None:
        self.power = Power()
        self.slow = slow
        self.versions: dict[int, bytes] = {}
        self.created = 0
        self.deployments: list[dict[str, Any]] = []
        # What somebody else does just before a call of that name.
        self.before: dict[str, Callable[[], None]] = {}

    def served(self) -> RoutingDocument | None:
        """What gateways get."""
        for deployment in reversed(self.deployments):
            if deployment["State"] in ("COMPLETE", "BAKING", "DEPLOYING"):
                content = self.versions[int(deployment["ConfigurationVersion"])]
                return RoutingDocument.read(content, environment="prod", region="us-east-1")
        return None

    def finish(self) -> None:
        """Time passes."""
        for deployment in self.deployments:
            if deployment["State"] in UNDER_WAY:
                deployment["State"] = "COMPLETE"
            if deployment["State"] == "ROLLING_BACK":
                deployment["State"] = "ROLLED_BACK"

    def get_paginator(self, operation: str) -> Any:
        return _Paginator(getattr(self, operation))

    @call
    def list_hosted_configuration_versions(self, **_: Any) -> dict[str, Any]:
        return {"Items": [{"VersionNumber": number} for number in reversed(self.versions)]}

    @call
    def get_hosted_configuration_version(self, *, VersionNumber: int, **_: Any) -> dict[str, Any]:
        if VersionNumber not in self.versions:
            raise _NotFoundError({"Error": {"Code": "ResourceNotFoundException"}}, "GetHostedConfigurationVersion")
        return {"Content": io.BytesIO(self.versions[VersionNumber])}

    @call
    def create_hosted_configuration_version(
        self,
        *,
        Content: bytes,
        LatestVersionNumber: int = 0,
        **_: Any,
    ) -> None:
        if LatestVersionNumber != self.created:
            raise refusal("ConflictException", "CreateHostedConfigurationVersion")
        self.created += 1
        self.versions[self.created] = Content

    @call
    def delete_hosted_configuration_version(self, *, VersionNumber: int, **_: Any) -> None:
        del self.versions[VersionNumber]

    @call
    def list_deployments(self, *, MaxResults: int, **_: Any) -> dict[str, Any]:
        return {"Items": [dict(each) for each in self.deployments[::-1][:MaxResults]]}

    @call
    def get_deployment(self, *, DeploymentNumber: int, **_: Any) -> dict[str, Any]:
        if DeploymentNumber > len(self.deployments):
            raise _NotFoundError({"Error": {"Code": "ResourceNotFoundException"}}, "GetDeployment")
        return dict(self.deployments[DeploymentNumber - 1])

    @call
    def start_deployment(
        self,
        *,
        ConfigurationVersion: str,
        LatestDeploymentNumber: int = 0,
        **_: Any,
    ) -> None:
        under_way = any(each["State"] in {*UNDER_WAY, "ROLLING_BACK"} for each in self.deployments)
        if under_way or LatestDeploymentNumber != len(self.deployments):
            raise refusal("ConflictException", "StartDeployment")
        assert int(ConfigurationVersion) in self.versions
        self.deployments.append(
            {
                "DeploymentNumber": len(self.deployments) + 1,
                "ConfigurationVersion": ConfigurationVersion,
                "State": "DEPLOYING" if self.slow else "COMPLETE",
            }
        )

    @call
    def stop_deployment(self, *, DeploymentNumber: int, AllowRevert: bool, **_: Any) -> None:
        deployment = self.deployments[DeploymentNumber - 1]
        if deployment["State"] == "DEPLOYING" or (deployment["State"] == "BAKING" and AllowRevert):
            deployment["State"] = "ROLLING_BACK"
        elif deployment["State"] == "COMPLETE" and AllowRevert:
            deployment["State"] = "REVERTED"
        else:
            raise refusal("BadRequestException", "StopDeployment")


class _Paginator:
    def __init__(self, operation: Callable[..., Any]) -> None:
        self._operation = operation

    def paginate(self, **arguments: Any) -> list[Any]:
        return [self._operation(**arguments)]
