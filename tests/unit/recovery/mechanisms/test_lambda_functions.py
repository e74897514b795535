import pytest

from stanchion.graph import UNKNOWN, GraphBuilder
from stanchion.recovery.mechanisms.lambda_functions import FUNCTION, MAPPING, MECHANISM, PROVISIONED
from stanchion.recovery.term import Grade
from tests.unit.recovery.mechanisms.stepping import (
    APPLICATION,
    DETECT,
    INFRASTRUCTURE,
    RECOVER,
    REGION,
    ZONE,
    Stepped,
    holds_for_junk,
)

SUBNET = "aws:ec2/subnet:Subnet"


def declared(inputs=None, zones=()):
    builder = GraphBuilder()
    given = dict(inputs or {})
    if zones:
        subnets = [builder.add(SUBNET, f"s{i}", {"availabilityZone": zone}).ref("id") for i, zone in enumerate(zones)]
        given["vpcConfig"] = {"subnetIds": subnets, "securityGroupIds": []}
    builder.add(FUNCTION, "score", given)
    return Stepped(MECHANISM, builder.graph())


@pytest.mark.parametrize("zones", [(), ("a", "b")])
def test_a_function_outlives_machines_and_zones_by_design(zones):
    result = declared(zones=zones)
    for disruption in (INFRASTRUCTURE, ZONE):
        assert result.amount("score", disruption, RECOVER) == 0
        assert result.amount("score", disruption, DETECT) == 0
        assert result.grades("score", disruption, RECOVER) == {Grade.BOUND}


def test_design_helps_against_no_bad_deployment_and_no_lost_region():
    result = declared()
    for disruption in (APPLICATION, REGION):
        assert result.of("score", disruption, RECOVER) == []
        assert result.of("score", disruption, DETECT) == []


@pytest.mark.parametrize("zones", [("a",), ("a", "a")])
def test_a_network_of_one_zone_holds_the_function_there(zones):
    result = declared(zones=zones)
    assert result.amount("score", INFRASTRUCTURE, RECOVER) == 0
    assert result.amount("score", ZONE, RECOVER) == float("inf")


def test_a_network_that_is_not_known_is_named():
    assert declared({"vpcConfig": UNKNOWN}).missing("score", ZONE, RECOVER) == "vpcConfig.subnetIds"
    outside = declared({"vpcConfig": {"subnetIds": ["subnet-1", "subnet-2"]}})
    assert outside.missing("score", ZONE, RECOVER) == "vpcConfig.subnetIds[0]"


def test_an_empty_network_is_none():
    assert declared({"vpcConfig": {"subnetIds": []}}).amount("score", ZONE, RECOVER) == 0


def test_a_function_that_is_switched_off_is_noted():
    result = declared({"reservedConcurrentExecutions": 0})
    assert result.steps == []
    assert "throttled" in result.notes[0]
    unknown = declared({"reservedConcurrentExecutions": UNKNOWN})
    assert unknown.missing("score", ZONE, RECOVER) == "reservedConcurrentExecutions"


def twins(*places):
    builder = GraphBuilder()
    for i, (name, region, inputs) in enumerate(places):
        builder.add(FUNCTION, f"f{i}", {"name": name, **inputs}, region=region)
    return Stepped(MECHANISM, builder.graph())


def test_the_same_function_in_another_region_serves():
    result = twins(("score", "us-east-1", {}), ("score", "us-west-2", {}))
    assert result.amount("f0", REGION, RECOVER) == 0
    assert result.amount("f1", REGION, RECOVER) == 0
    assert result.grades("f0", REGION, RECOVER) == {Grade.TYPICAL}


@pytest.mark.parametrize(
    "other",
    [
        ("score", "us-east-1", {}),
        ("other", "us-west-2", {}),
        ("score", "us-west-2", {"reservedConcurrentExecutions": 0}),
        (UNKNOWN, "us-west-2", {}),
    ],
)
def test_another_function_is_no_copy(other):
    assert twins(("score", "us-east-1", {}), other).of("f0", REGION, RECOVER) == []


def mapped(**inputs):
    builder = GraphBuilder()
    stream = builder.add("aws:kinesis/stream:Stream", "events", {})
    builder.add(MAPPING, "map", {"eventSourceArn": stream.ref("arn"), "functionName": "score", **inputs})
    return Stepped(MECHANISM, builder.graph())


def test_a_record_that_always_fails_holds_up_its_shard_by_default():
    assert "holds up all behind it" in mapped().notes[0]
    assert "keeps it nowhere" in mapped(maximumRetryAttempts=3).notes[0]
    kept = {"onFailure": {"destinationArn": "arn:aws:sqs:us-east-1:1:dead"}}
    assert mapped(maximumRetryAttempts=3, destinationConfig=kept).notes == []
    assert mapped(eventSourceArn="arn:aws:sqs:us-east-1:1:queue").notes == []
    assert mapped(eventSourceArn="arn:aws:kinesis:us-east-1:1:stream/x").notes != []


def test_nonsense_is_answered():
    keys = ("name", "vpcConfig", "reservedConcurrentExecutions", "eventSourceArn", "maximumRetryAttempts")
    base = {MAPPING: {"eventSourceArn": "arn:aws:kinesis:us-east-1:1:stream/x"}, PROVISIONED: {}}
    holds_for_junk(MECHANISM, (*keys, "destinationConfig", "maximumRecordAgeInSeconds"), base)
