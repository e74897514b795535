"""Where a region's routing document is published, and where it is said what the routing should be."""

import json
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs, Comparison, Metric, MissingData, Severity, Signal
from components.component import Component
from components.storage.table import TableArgs, table
from stanchion.routing.document import RoutingDocument
from stanchion.routing.places import Places

# AppConfig API, Validator: what a validator may be long.
LONGEST_SCHEMA = 32768
# AppConfig user guide, validators: inline schemas are of version 4.
DRAFT = "http://json-schema.org/draft-04/schema#"
# They say nothing about what is valid, and a better wording must not change the profile.
_WORDS = frozenset({"title", "description", "default"})


def document_schema() -> str:
    """The schema of routing documents, as AppConfig takes it.

    Raises:
        ValueError: it is longer than AppConfig takes.
    """
    generated = RoutingDocument.model_json_schema(ref_template="#/definitions/{model}")
    schema = {"$schema": DRAFT, **_plain(generated)}
    text = json.dumps(schema, sort_keys=True, separators=(",", ":"))
    if len(text) > LONGEST_SCHEMA:
        raise ValueError(f"the schema of routing documents has {len(text)} letters; AppConfig takes {LONGEST_SCHEMA}.")
    return text


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without words for people, with the names of draft 4."""
    plain: dict[str, Any] = {}
    for key, value in schema.items():
        if key in ("properties", "$defs"):
            # Below these are names of the document's own, and no words of the schema's.
            plain["definitions" if key == "$defs" else key] = {name: _plain(each) for name, each in value.items()}
        elif key not in _WORDS:
            plain[key] = _plain_value(value)
    return plain


def _plain_value(value: Any) -> Any:
    if isinstance(value, dict):
        return _plain(value)
    return [_plain_value(each) for each in value] if isinstance(value, list) else value


@dataclass
class RoutingConfigurationArgs:
    """Args of `RoutingConfiguration`.

    Args:
        environment: the environment's name.
        region: of the gateways that go by the document.
        key_arn: ARN of the region's KMS key.
        keep: protect the table from deletion, and leave it in the cloud when the stack goes.
        alarm_topics: topics of the region.
        restore_time: how long the team takes to put the table back, such as `1h`.
    """

    environment: str
    region: str
    key_arn: pulumi.Input[str]
    keep: bool
    alarm_topics: AlarmTopicsArgs
    restore_time: str | None = None


class RoutingConfiguration(Component):
    """The AppConfig profile of a region's routing document, and the table of intents that it follows from.

    Who wants something of the routing writes an intent; one function, started by the table's stream, writes the
    document; gateways ask AppConfig for it. AppConfig refuses what is no routing document by its schema.

    A document reaches all gateways at once and is not watched afterwards: the weights in it are what goes in steps, and
    who raised them takes them back. A document that waits ten minutes would keep the way back from being taken.

    Cost: 0.20 USD per million requests for the document and 0.0008 per one received (us-east-1, from memory): about
        0.04 USD a month for each gateway that asks every 15 s.
    Recovery: regional, on purpose: each region has its own document, and steers its own traffic when the other one is
        gone. While AppConfig is gone gateways go by the last document they had, which lies on their disk. Intents that
        are lost are said again; those of people can be had back by point-in-time recovery.
    """

    def __init__(self, name: str, args: RoutingConfigurationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.places = Places(args.environment, args.region)
        self.intents = self._intents(args)
        self.application = self._application()
        self.environment = self._environment()
        self.profile = self._profile(args)
        self.strategy = self._strategy()
        self._alarms()
        self.register_outputs(
            {
                "applicationId": self.application.id,
                "environmentId": self.environment.environment_id,
                "profileId": self.profile.configuration_profile_id,
                "strategyId": self.strategy.id,
                "intentsTable": self.intents.name,
                "intentsStreamArn": self.intents.stream_arn,
            }
        )

    def _intents(self, args: RoutingConfigurationArgs) -> aws.dynamodb.Table:
        return table(
            self,
            "intents",
            TableArgs(
                name=self.places.intents_table,
                partition_key="endpoint",
                sort_key="source",
                time_to_live="expires_at",
                stream=True,
                key_arn=args.key_arn,
                keep=args.keep,
                # What was wanted of a region's routing is worth nothing without the region.
                tags={**self.shared(), **self.disposable(), **self.restored_within(args.restore_time)},
            ),
        )

    def _application(self) -> aws.appconfig.Application:
        return aws.appconfig.Application(
            f"{self.name}-application",
            name=self.places.application,
            description="How requests are routed.",
            tags=self.shared(),
            opts=self.child(),
        )

    def _environment(self) -> aws.appconfig.Environment:
        return aws.appconfig.Environment(
            f"{self.name}-region",
            application_id=self.application.id,
            name=self.places.app_config_environment,
            description="The gateways of a region.",
            tags=self.shared(),
            opts=self.child(),
        )

    def _profile(self, args: RoutingConfigurationArgs) -> aws.appconfig.ConfigurationProfile:
        validator = aws.appconfig.ConfigurationProfileValidatorArgs(type="JSON_SCHEMA", content=document_schema())
        return aws.appconfig.ConfigurationProfile(
            f"{self.name}-profile",
            application_id=self.application.id,
            name=self.places.profile,
            description="Versions of the routing document.",
            location_uri="hosted",
            type="AWS.Freeform",
            kms_key_identifier=args.key_arn,
            validators=[validator],
            tags=self.shared(),
            opts=self.child(),
        )

    def _strategy(self) -> aws.appconfig.DeploymentStrategy:
        return aws.appconfig.DeploymentStrategy(
            f"{self.name}-strategy",
            name=self.places.strategy,
            description="To all gateways at once.",
            deployment_duration_in_minutes=0,
            final_bake_time_in_minutes=0,
            growth_factor=100,
            growth_type="LINEAR",
            replicate_to="NONE",
            tags=self.shared(),
            opts=self.child(),
        )

    def _alarms(self) -> None:
        for metric in ("ReadThrottleEvents", "WriteThrottleEvents"):
            self.alarm(
                f"intents-{metric.removesuffix('ThrottleEvents').lower()}s-throttled",
                signal=Signal.SATURATION,
                severity=Severity.WARNING,
                metric=Metric("AWS/DynamoDB", metric, {"TableName": self.intents.name}, period=60),
                threshold=0,
                comparison=Comparison.ABOVE,
                missing_data=MissingData.NOT_BREACHING,
                periods=5,
                runbook="routing-intents",
                description="DynamoDB has refused requests to the table of routing intents for 5 minutes.",
            )
