"""The profile of a routing document: its names, what it refuses, and the table that it follows from."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pulumi
import pytest

from components.alarm import AlarmTopicsArgs
from components.serving import routing_configuration
from components.serving.routing_configuration import RoutingConfiguration, RoutingConfigurationArgs, document_schema
from stanchion.routing.document import EndpointRoute, Reason, RoutingDocument
from tests.component.judged import broken_rules
from tests.recorder import ACCOUNT, Recording, provider, record

KEY = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/mrk-local"
ARGS = RoutingConfigurationArgs(
    environment="prod",
    region="us-west-2",
    key_arn=KEY,
    keep=True,
    alarm_topics=AlarmTopicsArgs(critical="arn:critical", warning="arn:warning", info="arn:info"),
)
DOCUMENT = RoutingDocument(
    environment="prod",
    region="us-west-2",
    epoch=7,
    written_at=datetime(2026, 11, 27, tzinfo=UTC),
    endpoints={
        "chat": EndpointRoute(
            rung="quantized",
            weights={"full": {"blue": 90, "green": 10}},
            split_by="user",
            experiment="warmer",
            reasons=(
                Reason(field="rung", source="guard", reason="errors", expires_at=datetime(2026, 11, 28, tzinfo=UTC)),
            ),
        )
    },
)


def recorded(**changes: Any) -> Recording:
    args = replace(ARGS, **changes)
    return record(lambda: RoutingConfiguration("routing", args, pulumi.ResourceOptions(provider=provider("us-west-2"))))


def valid(document: Any) -> bool:
    return jsonschema.Draft4Validator(json.loads(document_schema())).is_valid(document)


def test_names_are_those_that_gateways_and_the_writer_look_for() -> None:
    recording = recorded()
    names = {r.type.split(":")[-1]: r.inputs["name"] for r in recording.resources if "name" in r.inputs}
    assert names["Table"] == "prod-routing-intents"
    assert names["Application"] == "prod-routing"
    assert names["Environment"] == "us-west-2"
    assert names["ConfigurationProfile"] == "routing"
    assert names["DeploymentStrategy"] == "prod-at-once"


def test_a_document_goes_out_at_once_and_bakes_no_time() -> None:
    strategy = recorded().one("DeploymentStrategy").inputs
    assert (strategy["deploymentDurationInMinutes"], strategy["finalBakeTimeInMinutes"]) == (0, 0)
    assert (strategy["growthFactor"], strategy["replicateTo"]) == (100, "NONE")


def test_the_profile_has_the_schema_and_the_regions_key() -> None:
    profile = recorded().one("ConfigurationProfile").inputs
    assert profile["validators"] == [{"type": "JSON_SCHEMA", "content": document_schema()}]
    assert profile["kmsKeyIdentifier"] == KEY
    assert (profile["locationUri"], profile["type"]) == ("hosted", "AWS.Freeform")


def test_the_schema_is_one_of_version_four_and_takes_every_document() -> None:
    schema = json.loads(document_schema())
    jsonschema.Draft4Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-04/schema#"
    assert "$defs" not in document_schema()
    assert valid(DOCUMENT.model_dump(mode="json"))


def test_a_document_of_a_later_version_with_more_fields_is_taken() -> None:
    later = DOCUMENT.model_dump(mode="json") | {"schema_version": "1.4", "more": {"x": 1}}
    assert valid(later)


@pytest.mark.parametrize(
    "change",
    [
        {"epoch": -1},
        {"epoch": "seven"},
        {"endpoints": None},
        {"endpoints": {"chat": {"rung": "best"}}},
        {"endpoints": {"chat": {"weights": {"full": {"blue": "all"}}}}},
        {"endpoints": {"chat": {"split_by": "coin"}}},
    ],
    ids=str,
)
def test_what_is_no_document_is_refused(change: dict[str, Any]) -> None:
    assert not valid(DOCUMENT.model_dump(mode="json") | change)


def test_a_document_without_an_epoch_is_refused() -> None:
    without = DOCUMENT.model_dump(mode="json")
    del without["epoch"]
    assert not valid(without)


def test_words_for_people_are_not_in_the_schema_and_fields_that_are_called_so_are() -> None:
    assert '"description"' not in document_schema()
    plain = routing_configuration._plain({"properties": {"title": {"title": "Title", "type": "string"}}})
    assert plain == {"properties": {"title": {"type": "string"}}}


def test_a_schema_that_is_too_long_is_not_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing_configuration, "LONGEST_SCHEMA", 100)
    with pytest.raises(ValueError, match="AppConfig takes 100"):
        document_schema()


def test_the_table_of_intents_has_a_stream_and_forgets_what_expired() -> None:
    table = recorded().one("aws:dynamodb/table:Table").inputs
    assert (table["hashKey"], table["rangeKey"]) == ("endpoint", "source")
    assert table["ttl"] == {"attributeName": "expires_at", "enabled": True}
    assert (table["streamEnabled"], table["streamViewType"]) == (True, "NEW_AND_OLD_IMAGES")
    assert table["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": KEY}
    assert "replicas" not in table


def test_everything_is_of_the_one_application() -> None:
    recording = recorded()
    application = recording.one("Application")
    for kind in ("aws:appconfig/environment:Environment", "ConfigurationProfile"):
        assert application.urn in recording.one(kind).property_dependencies["applicationId"]


def test_it_breaks_no_rule() -> None:
    assert broken_rules(recorded()) == []
