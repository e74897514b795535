import pytest

from stanchion.graph import UNKNOWN, GraphBuilder
from stanchion.recovery.mechanisms.batch import ENVIRONMENT, JOB, MECHANISM, QUEUE
from tests.unit.recovery.mechanisms.stepping import (
    DETECT,
    INFRASTRUCTURE,
    RECOVER,
    REGION,
    ZONE,
    Stepped,
    holds_for_junk,
)

SUBNET = "aws:ec2/subnet:Subnet"
NEVER = float("inf")


def queued(*kinds, zones=("a", "b"), tags=None, orders: object = None):
    builder = GraphBuilder(tags=tags)
    subnets = [builder.add(SUBNET, f"s{i}", {"availabilityZone": zone}).ref("id") for i, zone in enumerate(zones)]
    made = []
    for i, kind in enumerate(kinds):
        resources = {"subnets": subnets} if kind is None else {"type": kind, "subnets": subnets}
        made.append(builder.add(ENVIRONMENT, f"e{i}", {"type": "MANAGED", "computeResources": resources}))
    listed = [{"order": i, "computeEnvironment": one.ref("arn")} for i, one in enumerate(made)]
    builder.add(QUEUE, "train", {"computeEnvironmentOrders": listed if orders is None else orders})
    return Stepped(MECHANISM, builder.graph())


@pytest.mark.parametrize("kinds", [("SPOT",), ("FARGATE_SPOT",), ("SPOT", "FARGATE_SPOT")])
def test_spot_only_has_no_bound(kinds):
    result = queued(*kinds)
    for disruption in (INFRASTRUCTURE, ZONE):
        assert result.amount("train", disruption, RECOVER) == NEVER
    assert "spot capacity only" in result.why("train", ZONE, RECOVER)


@pytest.mark.parametrize("kinds", [("EC2",), ("FARGATE",), ("SPOT", "EC2")])
def test_on_demand_takes_what_the_team_declares(kinds):
    assert "stanchion:restore" in str(queued(*kinds).amount("train", INFRASTRUCTURE, RECOVER))
    declared = queued(*kinds, tags={"stanchion:restore": "2h"})
    for disruption in (INFRASTRUCTURE, ZONE):
        assert declared.amount("train", disruption, RECOVER) == 7200
        assert declared.amount("train", disruption, DETECT) == 0
    assert declared.of("train", REGION, RECOVER) == []


def test_one_zone_of_on_demand_is_not_outlived():
    result = queued("EC2", zones=("a",), tags={"stanchion:restore": "2h"})
    assert result.amount("train", INFRASTRUCTURE, RECOVER) == 7200
    assert result.amount("train", ZONE, RECOVER) == NEVER


@pytest.mark.parametrize(
    ("said", "told"), [("3", True), ("2", True), ("1", False), ("many", False), (None, False), (UNKNOWN, False)]
)
def test_zones_of_unknown_subnets_are_those_that_the_environment_declares(said: object, told: bool):
    builder = GraphBuilder(tags={"stanchion:restore": "2h"})
    tags = {} if said is None else {"tags": {"stanchion:zones": said}}
    resources = {"type": "EC2", "subnets": [UNKNOWN, UNKNOWN]}
    made = builder.add(ENVIRONMENT, "e", {"type": "MANAGED", "computeResources": resources, **tags})
    builder.add(QUEUE, "train", {"computeEnvironmentOrders": [{"order": 0, "computeEnvironment": made.ref("arn")}]})
    amount = Stepped(MECHANISM, builder.graph()).amount("train", ZONE, RECOVER)
    assert (amount == 7200) is told


def test_what_is_declared_never_makes_up_for_subnets_that_are_known():
    builder = GraphBuilder(tags={"stanchion:restore": "2h"})
    subnet = builder.add(SUBNET, "s", {"availabilityZone": "a"}).ref("id")
    resources = {"type": "EC2", "subnets": [subnet]}
    inputs = {"type": "MANAGED", "computeResources": resources, "tags": {"stanchion:zones": "3"}}
    made = builder.add(ENVIRONMENT, "e", inputs)
    builder.add(QUEUE, "train", {"computeEnvironmentOrders": [{"order": 0, "computeEnvironment": made.ref("arn")}]})
    assert Stepped(MECHANISM, builder.graph()).amount("train", ZONE, RECOVER) == NEVER


def test_one_more_environment_never_makes_it_worse():
    tags = {"stanchion:restore": "2h"}
    assert queued("SPOT", tags=tags).amount("train", ZONE, RECOVER) == NEVER
    assert queued("SPOT", "FARGATE", tags=tags).amount("train", ZONE, RECOVER) == 7200
    assert queued("FARGATE", "SPOT", tags=tags).amount("train", ZONE, RECOVER) == 7200


def test_what_can_not_be_told_is_named():
    assert queued(UNKNOWN).missing("train", INFRASTRUCTURE, RECOVER) == "computeResources.type"
    assert queued(orders=UNKNOWN).missing("train", INFRASTRUCTURE, RECOVER) == "computeEnvironmentOrders"
    outside = queued(orders=[{"order": 1, "computeEnvironment": "arn:elsewhere"}])
    assert outside.missing("train", ZONE, RECOVER) == "computeEnvironmentOrders[0].computeEnvironment"


def job(**strategy):
    builder = GraphBuilder()
    builder.add(JOB, "epoch", {"retryStrategy": strategy} if strategy else {})
    return Stepped(MECHANISM, builder.graph())


@pytest.mark.parametrize("disruption", [INFRASTRUCTURE, ZONE])
def test_one_attempt_is_not_retried(disruption):
    assert job().amount("epoch", disruption, RECOVER) == NEVER
    assert job(attempts=1).amount("epoch", disruption, RECOVER) == NEVER
    assert job(attempts=2).amount("epoch", disruption, RECOVER) is None


SPOT_RULE = {"onStatusReason": "Host EC2*", "action": "RETRY"}
EXIT_RULE = {"onReason": "*", "action": "EXIT"}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([SPOT_RULE, EXIT_RULE], None),
        ([EXIT_RULE, SPOT_RULE], NEVER),
        ([{"onExitCode": "137", "action": "EXIT"}], None),
        ([{"onStatusReason": "Task failed*", "action": "RETRY"}], None),
        ([{"onStatusReason": "Task failed*", "action": "RETRY"}, EXIT_RULE], NEVER),
        ([{"onStatusReason": "Host EC2*", "action": "exit"}], NEVER),
    ],
)
def test_the_first_rule_about_a_lost_host_decides(rules, expected):
    assert job(attempts=5, evaluateOnExits=rules).amount("epoch", INFRASTRUCTURE, RECOVER) == expected


def test_unknown_retries_are_named():
    assert job(attempts=UNKNOWN).missing("epoch", ZONE, RECOVER) == "retryStrategy.attempts"
    assert job(attempts=2, evaluateOnExits=UNKNOWN).missing("epoch", ZONE, RECOVER) == "retryStrategy.evaluateOnExits"
    rule = {"onReason": "*", "action": UNKNOWN}
    assert "action" in job(attempts=2, evaluateOnExits=[rule]).missing("epoch", ZONE, RECOVER)


def test_nonsense_is_answered():
    keys = ("computeEnvironmentOrders", "computeEnvironments", "computeResources", "retryStrategy", "type", "tags")
    holds_for_junk(MECHANISM, keys, {JOB: {"retryStrategy": {"attempts": 3}}})
