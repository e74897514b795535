"""A run of the writer: what is wanted is in service at its end, and whatever ends it leaves the last good document."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.routing_writer.app_config import AppConfig
from functions.routing_writer.intents_table import IntentsTable
from functions.routing_writer.writer import Report, run
from stanchion.errors import RunFailedError
from stanchion.routing.compose import compose, same_content
from stanchion.routing.document import RoutingDocument
from stanchion.routing.intents import RoutingIntent, intent_of
from stanchion.routing.publishing import KEPT_VERSIONS
from tests.unit.functions.routing_writer.fakes import SETTINGS, FakeAppConfig, FakeTable, Killed, Power, refusal
from tests.unit.routing.given import NOW, TABLES, intent


@dataclass
class World:
    """A region, with a gateway that never goes back to a lower epoch."""

    app_config: FakeAppConfig = field(default_factory=FakeAppConfig)
    table: FakeTable = field(default_factory=FakeTable)
    held: RoutingDocument | None = None
    now: datetime = NOW

    def want(self, *intents: RoutingIntent) -> None:
        self.table.items.clear()
        for each in intents:
            self.table.put(each)

    def run(self, power: Power | None = None) -> Report:
        self.table.power = self.app_config.power = power or Power()
        return run(
            SETTINGS,
            IntentsTable(self.table),
            AppConfig(self.app_config, SETTINGS),
            clock=lambda: self.now,
            sleep=lambda _: self.app_config.finish(),
        )

    def poll(self) -> None:
        served = self.app_config.served()
        if served is not None and (self.held is None or served.epoch >= self.held.epoch):
            self.held = served

    def wanted(self) -> RoutingDocument:
        intents = [intent_of(item) for item in self.table.items.values()]
        return compose(intents, self.now, environment="prod", region="us-east-1", endpoints=SETTINGS.endpoints, epoch=0)

    def settled(self) -> bool:
        """Whether gateways go by what is wanted."""
        self.app_config.finish()
        self.poll()
        return same_content(self.held, self.wanted()) and same_content(self.app_config.served(), self.wanted())


def test_the_first_run_publishes_and_the_second_has_nothing_to_do():
    world = World()
    world.want(intent("rollout", weights={"full": {"blue": 90, "green": 10}}), intent(rung="cached"))
    report = world.run()
    assert report.deployed
    assert world.settled()
    second = Power()
    assert world.run(second) == Report(report.epoch, False, (), {}, None)
    assert not {"create_hosted_configuration_version", "start_deployment", "stop_deployment"} & set(second.calls)
    assert len(world.app_config.versions) == len(world.app_config.deployments) == 1


def test_each_change_has_the_next_epoch():
    world = World()
    epochs = []
    for rung in ("cached", "human", "cached"):
        world.want(intent(rung=rung))
        epochs.append(world.run().epoch)
        assert world.settled()
    assert epochs == [epochs[0], epochs[0] + 1, epochs[0] + 2]


def test_the_operators_intent_expires_and_the_rollouts_counts_again():
    world = World()
    until = NOW + timedelta(hours=1)
    world.want(intent("rollout", rung="full"), intent(rung="human", expires_at=until))
    assert world.run().next_change == until
    assert world.settled()
    world.now = until
    assert world.run().next_change is None
    assert world.settled()
    assert world.held is not None
    assert world.held.endpoints["chat"].rung == "full"


@pytest.mark.parametrize("state", ["DEPLOYING", "BAKING"])
def test_a_deployment_under_way_is_superseded(state: str):
    world = World(FakeAppConfig(slow=True))
    world.want(intent(rung="cached"))
    world.run()
    world.poll()
    world.app_config.deployments[-1]["State"] = state
    world.want(intent(rung="human"))
    assert world.run().deployed
    assert [each["State"] for each in world.app_config.deployments] == ["ROLLED_BACK", "DEPLOYING"]
    assert world.settled()


def test_what_was_before_a_superseded_deployment_reaches_gateways_that_got_it():
    world = World(FakeAppConfig(slow=True))
    world.run()
    assert world.settled()
    world.want(intent(rung="human"))
    world.run()
    world.poll()
    assert world.held is not None
    assert world.held.endpoints["chat"].rung == "human"
    world.want()
    world.run()
    assert world.settled()


def test_a_deployment_that_ends_when_it_is_stopped_is_looked_at_again():
    world = World(FakeAppConfig(slow=True))
    world.run()
    world.want(intent(rung="human"))
    world.app_config.before["stop_deployment"] = world.app_config.finish
    world.run()
    assert world.settled()


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize(
    "operation",
    [
        "list_hosted_configuration_versions",
        "get_hosted_configuration_version",
        "list_deployments",
        "scan",
        "create_hosted_configuration_version",
        "start_deployment",
    ],
)
def test_of_two_writers_at_once_the_one_that_knows_less_does_not_have_the_last_word(operation: str, slow: bool):
    """The other one comes in just before a call, when more is wanted than this one may have read."""
    world = World(FakeAppConfig(slow=slow))
    world.run()
    world.want(intent(rung="cached"))

    def other() -> None:
        world.want(intent(rung="human"))
        power = world.app_config.power
        world.run()
        world.table.power = world.app_config.power = power

    where = world.table if operation == "scan" else world.app_config
    where.before[operation] = other
    world.run()
    assert where.before == {}
    assert world.settled()
    assert world.held is not None
    assert world.held.endpoints["chat"].rung == "human"


@pytest.mark.parametrize("takes_effect", [False, True])
@pytest.mark.parametrize("slow", [False, True])
def test_a_writer_killed_at_any_call_leaves_a_good_document_and_the_next_run_finishes(slow: bool, takes_effect: bool):
    def world_before() -> World:
        world = World(FakeAppConfig(slow=slow))
        world.want(intent("rollout", rung="quantized"))
        world.run()
        world.poll()
        world.want(intent("rollout", rung="quantized"), intent(rung="human"))
        return world

    whole = Power()
    world_before().run(whole)
    assert {"scan", "create_hosted_configuration_version", "start_deployment"} <= set(whole.calls)
    assert ("stop_deployment" in whole.calls) == slow
    for last in range(1, len(whole.calls) + 1):
        world = world_before()
        before = world.held
        with pytest.raises(Killed):
            world.run(Power(last, takes_effect))
        world.poll()
        assert same_content(world.held, before) or same_content(world.held, world.wanted())
        assert world.app_config.served() is not None or slow
        world.run()
        assert world.settled(), whole.calls[last - 1]
        # Nothing was published twice for it.
        assert len(world.app_config.versions) == 2


OPERATIONS = st.one_of(
    st.tuples(st.just("want"), TABLES),
    st.tuples(st.just("run"), st.integers(0, 25), st.booleans()),
    st.tuples(st.sampled_from(["poll", "finish"])),
)


@given(st.lists(OPERATIONS, max_size=25), st.booleans())
def test_whatever_happened_one_whole_run_brings_what_is_wanted_to_every_gateway(operations: list[Any], slow: bool):
    world = World(FakeAppConfig(slow=slow))
    for name, *arguments in operations:
        match name:
            case "want":
                world.want(*arguments[0])
            case "run":
                with suppress(Killed):
                    world.run(Power(*arguments))
            case "poll":
                world.poll()
            case _:
                world.app_config.finish()
    world.run()
    assert world.settled()
    epochs = [
        RoutingDocument.read(text, environment="prod", region="us-east-1").epoch
        for text in world.app_config.versions.values()
    ]
    assert epochs == sorted(set(epochs))


def test_what_can_t_be_read_or_is_unknown_is_told_and_the_rest_goes_on():
    world = World()
    world.want(intent(rung="human"), intent(endpoint="digits", rung="human"))
    world.run()
    # An operator with a newer version wants something that this writer does not know.
    world.table.items["chat", "operator"]["change"] = {"rung": "full", "mirror": "all"}
    world.table.put(intent(endpoint="digits", rung="cached"))
    world.table.put(intent(endpoint="gone"))
    report = world.run()
    assert report.unknown_endpoints == ("gone",)
    assert report.unreadable == {
        "chat": "the intent of 'operator' for endpoint 'chat' can't be read: change.mirror: Extra inputs are not "
        "permitted."
    }
    served = world.app_config.served()
    assert served is not None
    assert {name: route.rung for name, route in served.endpoints.items()} == {"chat": "human", "digits": "cached"}


def test_a_profile_that_was_made_anew_goes_on_above_what_gateways_have():
    world = World()
    for rung in ("human", "cached", "human"):
        world.want(intent(rung=rung))
        world.run()
        world.poll()
        world.now += timedelta(minutes=1)
    world.app_config = FakeAppConfig()
    world.want()
    world.run()
    assert world.settled()


def test_old_versions_are_removed_but_for_the_newest():
    world = World()
    for number in range(KEPT_VERSIONS + 5):
        world.want(intent(rung="human", reason=f"number {number}"))
        world.run()
    assert len(world.app_config.versions) == KEPT_VERSIONS
    assert world.settled()


def test_a_version_that_can_t_be_removed_stays():
    world = World()
    for number in range(KEPT_VERSIONS):
        world.want(intent(rung="human", reason=f"number {number}"))
        world.run()

    def refuse() -> None:
        raise refusal("BadRequestException", "DeleteHostedConfigurationVersion")

    world.app_config.before["delete_hosted_configuration_version"] = refuse
    world.want(intent(rung="cached"))
    world.run()
    assert len(world.app_config.versions) == KEPT_VERSIONS + 1
    assert world.settled()


def test_garbage_in_the_profile_is_replaced():
    world = World()
    world.run()
    world.app_config.versions[2] = b"not a document"
    world.app_config.created = 2
    world.app_config.deployments.append({"DeploymentNumber": 2, "ConfigurationVersion": "2", "State": "COMPLETE"})
    world.run()
    assert world.settled()


def test_an_environment_with_a_long_history_is_looked_at_once():
    world = World()
    for number in range(60):
        world.want(intent(rung="human", reason=f"number {number}"))
        world.run()
    power = Power()
    world.run(power)
    assert power.calls.count("list_deployments") == 1
    assert "get_deployment" not in power.calls


def test_the_local_cloud_lists_the_oldest_deployments_first_and_no_more_than_a_page():
    class Ascending(FakeAppConfig):
        def list_deployments(self, *, MaxResults: int, **_: Any) -> dict[str, Any]:
            return {"Items": self.deployments[:MaxResults]}

    world = World(Ascending())
    for number in range(55):
        world.want(intent(rung="human", reason=f"number {number}"))
        world.run()
    assert len(world.app_config.deployments) == 55
    assert world.settled()


def test_an_app_config_that_refuses_again_and_again_is_said_with_its_reason():
    class Refusing(FakeAppConfig):
        def start_deployment(self, **_: Any) -> None:
            raise refusal("ConflictException", "StartDeployment")

    with pytest.raises(RunFailedError, match=r"can't be brought into service: .*StartDeployment is refused"):
        World(Refusing()).run()


def test_a_refusal_that_nobody_else_is_the_cause_of_is_not_tried_again():
    class Refusing(FakeAppConfig):
        def start_deployment(self, **_: Any) -> None:
            raise refusal("BadRequestException", "StartDeployment")

    world = World(Refusing())
    with pytest.raises(Exception, match="StartDeployment is refused"):
        world.run()
    assert len(world.app_config.versions) == 1
