"""Looks at a profile of AppConfig, and does one step there."""

import logging
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from stanchion.routing.document import RoutingDocument, RoutingError
from stanchion.routing.publishing import Create, Deployment, Seen, Start, Step, Stop, Version, superfluous
from stanchion.routing.writer_settings import WriterSettings

log = logging.getLogger(__name__)
CONTENT_TYPE = "application/json"
# The most that ListDeployments gives in a page.
_PAGE = 50
# Somebody else did something since it was looked at. A deployment that is over can't be stopped, which AppConfig calls
# a bad request.
_OVERTAKEN = {Create: "ConflictException", Start: "ConflictException", Stop: "BadRequestException"}


class AppConfig:
    """One profile, deployed in one environment.

    Args:
        client: boto3's of `appconfig`.
        settings: where.
    """

    def __init__(self, client: Any, settings: WriterSettings) -> None:
        self._client, self._settings = client, settings
        self._profile = {
            "ApplicationId": settings.application,
            "ConfigurationProfileId": settings.profile,
        }
        self._environment = {
            "ApplicationId": settings.application,
            "EnvironmentId": settings.app_config_environment,
        }

    def look(self) -> Seen:
        """What it holds."""
        numbers = self._versions()
        version = Version(numbers[-1], self._document(numbers[-1])) if numbers else None
        found = self._newest_deployment()
        deployment = None
        if found is not None:
            text = str(found["ConfigurationVersion"])
            number = int(text) if text.isdecimal() else None
            if version is not None and number == version.number:
                document = version.document
            else:
                document = None if number is None else self._document(number)
            deployment = Deployment(int(found["DeploymentNumber"]), str(found["State"]), number, document)
        return Seen(version, deployment, numbers)

    def do(self, step: Step) -> str | None:
        """One step.

        Returns:
            None when it was done; why AppConfig refused it, when somebody else was quicker.
        """
        try:
            match step:
                case Create(document, after):
                    self._client.create_hosted_configuration_version(
                        **self._profile,
                        Content=document.model_dump_json().encode(),
                        ContentType=CONTENT_TYPE,
                        **({} if after is None else {"LatestVersionNumber": after}),
                    )
                case Stop(deployment, revert):
                    self._client.stop_deployment(**self._environment, DeploymentNumber=deployment, AllowRevert=revert)
                case Start(version, after):
                    self._client.start_deployment(
                        **self._environment,
                        ConfigurationProfileId=self._settings.profile,
                        ConfigurationVersion=str(version),
                        DeploymentStrategyId=self._settings.strategy,
                        **({} if after is None else {"LatestDeploymentNumber": after}),
                    )
                case _:
                    pass
        except ClientError as error:
            if error.response["Error"]["Code"] != _OVERTAKEN.get(type(step)):
                raise
            return str(error)
        return None

    def tidy(self, seen: Seen) -> None:
        """Remove old versions, of which a profile can't have any number; what can't be removed stays."""
        for number in superfluous(seen):
            try:
                self._client.delete_hosted_configuration_version(**self._profile, VersionNumber=number)
            except (BotoCoreError, ClientError) as error:
                log.warning("version %d of the routing document can't be removed: %s", number, error)
                return

    def _versions(self) -> tuple[int, ...]:
        pages = self._client.get_paginator("list_hosted_configuration_versions").paginate(**self._profile)
        return tuple(sorted(int(each["VersionNumber"]) for page in pages for each in page["Items"]))

    def _document(self, number: int) -> RoutingDocument | None:
        try:
            answer = self._client.get_hosted_configuration_version(**self._profile, VersionNumber=number)
            return RoutingDocument.read(
                answer["Content"].read(), environment=self._settings.environment, region=self._settings.region
            )
        except self._client.exceptions.ResourceNotFoundException:
            return None
        except RoutingError as error:
            log.warning("version %d is no routing document of this region: %s", number, error)
            return None

    def _newest_deployment(self) -> dict[str, Any] | None:
        found = self._client.list_deployments(**self._environment, MaxResults=_PAGE)["Items"]
        newest = max(found, key=lambda each: each["DeploymentNumber"], default=None)
        # AppConfig lists the newest first, so one page is enough; the local cloud's lists the oldest first, and has
        # no second page.
        if newest is not None and len(found) == _PAGE and newest is not found[0]:
            newest = self._above(newest)
        return newest

    def _above(self, newest: dict[str, Any]) -> dict[str, Any]:
        while True:
            try:
                newest = self._client.get_deployment(
                    **self._environment, DeploymentNumber=newest["DeploymentNumber"] + 1
                )
            except self._client.exceptions.ResourceNotFoundException:
                return newest
