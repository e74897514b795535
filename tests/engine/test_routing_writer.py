"""The routing writer on the local cloud: its table, and AppConfig, which is read back as a gateway reads it."""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from functions.routing_writer import handler as function
from functions.routing_writer.app_config import AppConfig
from functions.routing_writer.intents_table import IntentsTable
from functions.routing_writer.writer import Report, run
from gateway.routing.app_config import AppConfigDocuments
from stanchion.packaging.archive import function_files, write_archive
from stanchion.routing.document import RoutingDocument, Source
from stanchion.routing.intents import epoch_after, make_intent, put_request
from stanchion.routing.places import Places
from stanchion.routing.writer_settings import WriterSettings
from tests.engine.conftest import unique_name
from tests.engine.project import CHECKOUT, Project

REGION = "us-east-1"
ENDPOINTS = ("digits", "chat")


class KilledError(Exception):
    """Stands for the end of a function that ran out of time."""


@dataclass
class Region:
    """What the program makes for routing in a region."""

    session: Any
    settings: WriterSettings
    places: Places

    @property
    def table(self) -> Any:
        return self.session.resource("dynamodb").Table(self.settings.intents_table)

    @property
    def app_config(self) -> Any:
        return self.session.client("appconfig")

    def want(self, source: Source, endpoint: str = "digits", *, until: datetime | None = None, **change: Any) -> None:
        now = datetime.now(UTC)
        stored = self.table.get_item(Key={"endpoint": endpoint, "source": source}).get("Item")
        epoch = epoch_after(int(stored["epoch"]) if stored else None, now)
        intent = make_intent(
            endpoint=endpoint, source=source, change=change, epoch=epoch, expires_at=until, reason=f"{source} says so"
        )
        self.table.put_item(**put_request(intent))

    def write(
        self,
        *,
        client: Any = None,
        strategy: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> Report:
        settings = self.settings if strategy is None else replace(self.settings, strategy=strategy)
        app_config = AppConfig(client or self.app_config, settings)
        return run(settings, IntentsTable(self.table), app_config, clock=clock)

    def read(self) -> RoutingDocument | None:
        """A new gateway's first document."""
        client = self.session.client("appconfigdata")
        text = AppConfigDocuments(client, self.places.gateway())()
        return RoutingDocument.read(text, environment=self.settings.environment, region=REGION) if text else None

    def states(self) -> list[str]:
        found = self.app_config.list_deployments(
            ApplicationId=self.settings.application, EnvironmentId=self.settings.app_config_environment
        )["Items"]
        return [each["State"] for each in sorted(found, key=lambda each: each["DeploymentNumber"])]


def make_region(session: Any, environment: str, region: str = REGION) -> Region:
    places = Places(environment, region)
    keys = {"endpoint": "HASH", "source": "RANGE"}
    dynamodb = session.client("dynamodb", region_name=region)
    dynamodb.create_table(
        TableName=places.intents_table,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )
    dynamodb.get_waiter("table_exists").wait(TableName=places.intents_table)
    client = session.client("appconfig", region_name=region)
    application = client.create_application(Name=places.application)["Id"]
    settings = WriterSettings(
        environment=environment,
        region=region,
        intents_table=places.intents_table,
        endpoints=ENDPOINTS,
        application=application,
        app_config_environment=client.create_environment(ApplicationId=application, Name=places.app_config_environment)[
            "Id"
        ],
        profile=client.create_configuration_profile(
            ApplicationId=application, Name=places.profile, LocationUri="hosted"
        )["Id"],
        strategy=client.create_deployment_strategy(
            Name=places.strategy,
            DeploymentDurationInMinutes=0,
            FinalBakeTimeInMinutes=0,
            GrowthFactor=100.0,
            GrowthType="LINEAR",
            ReplicateTo="NONE",
        )["Id"],
    )
    return Region(session, settings, places)


@pytest.fixture
def region(local_cloud: dict[str, str], monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Region:
    for name in (
        "AWS_ENDPOINT_URL",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    ):
        monkeypatch.setenv(name, local_cloud[name])
    return make_region(boto3.Session(region_name=REGION), unique_name(request.node.name))


def test_two_sources_at_once_end_in_the_declared_precedence_and_an_expired_one_gives_way(region: Region):
    until = datetime.now(UTC) + timedelta(minutes=30)
    region.want("rollout", weights={"full": {"blue": 95, "green": 5}}, rung="full")
    region.want("operator", rung="cached", until=until)
    region.want("budget", rung="quantized", split_by="user")
    first = region.write()
    assert first.deployed
    document = region.read()
    assert document is not None
    assert document.epoch == first.epoch
    route = document.endpoints["digits"]
    assert (route.rung, route.weights, route.split_by) == ("cached", {"full": {"blue": 95, "green": 5}}, "user")
    assert {reason.field: reason.source for reason in route.reasons} == {
        "rung": "operator",
        "split_by": "budget",
        "weights.full": "rollout",
    }
    assert document.endpoints["chat"].rung == "full"
    assert first.next_change == until.replace(microsecond=0)
    # Nothing new: nothing is published.
    assert not region.write().deployed
    # The operator's hour is over, and nobody has to do anything for it.
    second = region.write(clock=lambda: until)
    assert (second.deployed, second.epoch) == (True, first.epoch + 1)
    later = region.read()
    assert later is not None
    assert later.endpoints["digits"].rung == "quantized"
    region.table.delete_item(Key={"endpoint": "digits", "source": "budget"})
    region.write(clock=lambda: until)
    last = region.read()
    assert last is not None
    assert last.endpoints["digits"].rung == "full"
    assert {reason.source for reason in last.endpoints["digits"].reasons} == {"rollout"}


# Two strategies that AppConfig has: one waits for ten minutes when all have it, the other goes by steps.
@pytest.mark.parametrize(
    ("strategy", "state"),
    [("AppConfig.AllAtOnce", "BAKING"), ("AppConfig.Linear50PercentEvery30Seconds", "DEPLOYING")],
)
def test_a_deployment_under_way_is_superseded(region: Region, strategy: str, state: str):
    region.want("rollout", rung="quantized")
    region.write()
    region.want("rollout", rung="cached")
    assert region.write(strategy=strategy).deployed
    assert region.states() == ["COMPLETE", state]
    # What is on its way already is left alone.
    assert not region.write().deployed
    region.want("guard", rung="human")
    begun = time.monotonic()
    report = region.write()
    assert time.monotonic() - begun < 10
    assert region.states() == ["COMPLETE", "ROLLED_BACK", "COMPLETE"]
    document = region.read()
    assert document is not None
    assert (document.epoch, document.endpoints["digits"].rung) == (report.epoch, "human")


@pytest.mark.parametrize("call", ["create_hosted_configuration_version", "stop_deployment", "start_deployment"])
@pytest.mark.parametrize("takes_effect", [False, True])
def test_a_writer_that_dies_leaves_the_last_good_document_and_the_next_run_deploys(
    region: Region, call: str, takes_effect: bool
):
    region.want("rollout", rung="quantized")
    good = region.write().epoch
    if call == "stop_deployment":
        region.want("rollout", rung="cached")
        good = region.write(strategy="AppConfig.AllAtOnce").epoch
    region.want("guard", rung="human")
    with pytest.raises(KilledError):
        region.write(client=Dying(region.app_config, call, takes_effect))
    document = region.read()
    assert document is not None
    if not takes_effect:
        assert document.epoch == good
    report = region.write()
    document = region.read()
    assert document is not None
    assert (document.epoch, document.endpoints["digits"].rung) == (report.epoch, "human")
    assert report.epoch == good + 1
    assert region.states()[-1] == "COMPLETE"


class Dying:
    """A client whose caller ends with one of its calls."""

    def __init__(self, client: Any, call: str, takes_effect: bool) -> None:
        self._client, self._call, self._takes_effect = client, call, takes_effect

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._client, name)
        if name != self._call:
            return real

        def last(**arguments: Any) -> None:
            if self._takes_effect:
                real(**arguments)
            raise KilledError

        return last


def test_a_gateway_gets_a_changed_document_with_its_next_question_and_none_otherwise(region: Region):
    region.write()
    documents = AppConfigDocuments(region.session.client("appconfigdata"), region.places.gateway())
    first = documents()
    assert first is not None
    assert documents() is None
    region.want("guard", rung="human")
    region.write()
    changed = documents()
    assert changed is not None
    read = RoutingDocument.read(changed, environment=region.settings.environment, region=REGION)
    assert read.endpoints["digits"].rung == "human"
    assert json.loads(first)["epoch"] == read.epoch - 1


def test_more_deployments_than_a_page_has(region: Region):
    region.write()
    for _ in range(52):
        region.app_config.start_deployment(
            ApplicationId=region.settings.application,
            EnvironmentId=region.settings.app_config_environment,
            ConfigurationProfileId=region.settings.profile,
            ConfigurationVersion="1",
            DeploymentStrategyId=region.settings.strategy,
        )
    for rung in ("cached", "human"):
        region.want("guard", rung=rung)
        assert region.write().deployed
        assert not region.write().deployed
        document = region.read()
        assert document is not None
        assert document.endpoints["digits"].rung == rung


def test_the_handler_goes_by_its_variables(region: Region, monkeypatch: pytest.MonkeyPatch):
    for name, value in region.settings.variables().items():
        monkeypatch.setenv(name, value)
    region.want("operator", "gone", rung="human")
    region.want("operator", "chat", rung="human")
    answer = function.handler({"Records": []}, None)
    assert answer["deployed"] is True
    assert answer["unknown_endpoints"] == ["gone"]
    document = region.read()
    assert document is not None
    assert (document.epoch, document.endpoints["chat"].rung) == (answer["epoch"], "human")


def test_an_operator_sets_sees_and_clears(region: Region, project: Project):
    # Both are named after this test.
    assert region.settings.environment == project.environment

    def route(*arguments: str) -> Any:
        command = (sys.executable, "-m", "stanchion.cli.main", "route", *arguments, "--region", REGION)
        return project.run(*command)

    region.want("guard", rung="quantized")
    route("set", project.environment, "digits", "--rung", "full", "--reason", "it is well again", "--for", "1h").ok()
    region.write()
    document = region.read()
    assert document is not None
    assert document.endpoints["digits"].rung == "full"
    shown = json.loads(route("show", project.environment, "--json").ok().out)["regions"][REGION]
    assert shown["in_service"]["epoch"] == document.epoch
    assert [(each["source"], each["decides"]) for each in shown["intents"]] == [("operator", ["rung"]), ("guard", [])]
    route("clear", project.environment, "digits").ok()
    region.write()
    cleared = region.read()
    assert cleared is not None
    assert cleared.endpoints["digits"].rung == "quantized"


def test_the_packaged_function_runs_when_an_intent_changes(region: Region, tmp_path: Path):
    archive = write_archive(function_files("routing_writer", CHECKOUT), tmp_path / "routing_writer.zip")
    functions = region.session.client("lambda")
    name = f"{region.settings.environment}-routing-writer"
    functions.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Handler="functions.routing_writer.handler.handler",
        Role="arn:aws:iam::000000000000:role/routing-writer",
        Code={"ZipFile": archive.read_bytes()},
        Timeout=60,
        Environment={"Variables": region.settings.variables()},
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=name)
    # Nobody wants anything yet: the schedule's run publishes the default.
    answer = functions.invoke(FunctionName=name, Payload=json.dumps({"source": "aws.scheduler"}))
    said = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, said
    assert said["deployed"] is True
    mapping = functions.create_event_source_mapping(
        FunctionName=name, EventSourceArn=region.table.latest_stream_arn, StartingPosition="TRIM_HORIZON", BatchSize=100
    )
    try:
        region.want("guard", rung="human")
        document = wait_for(region, lambda document: document.epoch > said["epoch"])
        assert document.endpoints["digits"].rung == "human"
        # Taking it back is a change as well.
        region.table.delete_item(Key={"endpoint": "digits", "source": "guard"})
        document = wait_for(region, lambda later: later.epoch > document.epoch)
        assert document.endpoints["digits"].rung == "full"
    finally:
        functions.delete_event_source_mapping(UUID=mapping["UUID"])
        functions.delete_function(FunctionName=name)


def wait_for(region: Region, holds: Callable[[RoutingDocument], bool]) -> RoutingDocument:
    """What gateways get, as soon as it is what is waited for."""
    begun = time.monotonic()
    while time.monotonic() - begun < 60:
        document = region.read()
        if document is not None and holds(document):
            return document
        time.sleep(0.2)
    raise AssertionError(f"the document is still {document}")
