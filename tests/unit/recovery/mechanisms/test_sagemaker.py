import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.graph import UNKNOWN, GraphBuilder
from stanchion.recovery.mechanisms.sagemaker import CONFIGURATION, ENDPOINT, MECHANISM, MODEL, TARGET
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
    seconds,
)

SUBNET, ALARM = "aws:ec2/subnet:Subnet", "aws:cloudwatch/metricAlarm:MetricAlarm"
NEVER = float("inf")


def build(*variants, zones=None, tags=None, endpoint=None):
    builder = GraphBuilder(tags=tags)
    network = {}
    if zones is not None:
        subnets = [builder.add(SUBNET, f"s{i}", {"availabilityZone": zone}).ref("id") for i, zone in enumerate(zones)]
        network = {"vpcConfig": {"subnets": subnets, "securityGroupIds": []}}
    model = builder.add(MODEL, "model", network)
    given_ = [{"variantName": f"v{i}", "modelName": model.ref("name"), **v} for i, v in enumerate(variants)]
    configuration = builder.add(CONFIGURATION, "configuration", {"productionVariants": given_})
    inputs = {"name": "llm", "endpointConfigName": configuration.ref("name"), **(endpoint or {})}
    return builder, builder.add(ENDPOINT, "llm", inputs)


def served(*variants, **more):
    return Stepped(MECHANISM, build(*variants, **more)[0].graph())


def test_two_instances_outlive_a_machine_and_usually_a_zone():
    result = served({"initialInstanceCount": 2})
    assert result.amount("llm", INFRASTRUCTURE, RECOVER) == 0
    assert result.grades("llm", INFRASTRUCTURE, RECOVER) == {Grade.BOUND}
    assert result.amount("llm", ZONE, RECOVER) == 0
    assert result.grades("llm", ZONE, RECOVER) == {Grade.TYPICAL}
    assert result.of("llm", REGION, RECOVER) == []


@pytest.mark.parametrize("variant", [{}, {"initialInstanceCount": 1}])
def test_the_only_instance_takes_what_the_team_declares(variant):
    for disruption in (INFRASTRUCTURE, ZONE):
        assert "stanchion:restore" in str(served(variant).amount("llm", disruption, RECOVER))
        assert served(variant, tags={"stanchion:restore": "20m"}).amount("llm", disruption, RECOVER) == 1200


def test_the_worst_variant_counts():
    result = served({"initialInstanceCount": 4}, {"initialInstanceCount": 1}, tags={"stanchion:restore": "20m"})
    assert result.amount("llm", ZONE, RECOVER) == 1200


def test_a_model_in_a_network_of_one_zone_stays_there():
    one = served({"initialInstanceCount": 3}, zones=("a", "a"))
    assert one.amount("llm", INFRASTRUCTURE, RECOVER) == 0
    assert one.amount("llm", ZONE, RECOVER) == NEVER
    assert served({"initialInstanceCount": 3}, zones=("a", "b")).amount("llm", ZONE, RECOVER) == 0


def test_serverless_variants_have_no_instances():
    result = served({"serverlessConfig": {"maxConcurrency": 5, "memorySizeInMb": 2048}})
    assert result.amount("llm", ZONE, RECOVER) == 0


def test_scaling_may_take_the_floor_down():
    managed = {"initialInstanceCount": 4, "managedInstanceScaling": {"status": "ENABLED", "minInstanceCount": 1}}
    assert "runs 1" in served(managed).why("llm", INFRASTRUCTURE, RECOVER)
    builder, _ = build({"initialInstanceCount": 4})
    builder.add(TARGET, "scale", {"resourceId": "endpoint/llm/variant/v0", "minCapacity": 0, "maxCapacity": 8})
    assert "runs 0" in Stepped(MECHANISM, builder.graph()).why("llm", INFRASTRUCTURE, RECOVER)
    builder, _ = build({"initialInstanceCount": 4})
    builder.add(TARGET, "other", {"resourceId": "endpoint/llm/variant/other", "minCapacity": 0})
    assert Stepped(MECHANISM, builder.graph()).amount("llm", INFRASTRUCTURE, RECOVER) == 0


def test_a_scaling_target_that_is_not_known_yet_is_found_by_its_edge():
    builder, endpoint = build({"initialInstanceCount": 4})
    builder.add(TARGET, "scale", {"resourceId": endpoint.ref("name"), "minCapacity": 1})
    assert "runs 1" in Stepped(MECHANISM, builder.graph()).why("llm", INFRASTRUCTURE, RECOVER)


def test_what_can_not_be_told_is_named():
    count = served({"initialInstanceCount": UNKNOWN})
    assert count.missing("llm", ZONE, RECOVER) == "productionVariants[0].initialInstanceCount"
    assert served(endpoint={"endpointConfigName": UNKNOWN}).missing("llm", ZONE, RECOVER) == "endpointConfigName"
    assert served(endpoint={"endpointConfigName": "elsewhere"}).missing("llm", ZONE, RECOVER) == "endpointConfigName"


def rolled(*, wait=300, kept=60, alarms=("slow", "quick")):
    deployment = {
        "autoRollbackConfiguration": {"alarms": [{"alarmName": name} for name in alarms]},
        "blueGreenUpdatePolicy": {
            "trafficRoutingConfiguration": {"type": "CANARY", "waitIntervalInSeconds": wait},
            "terminationWaitInSeconds": kept,
        },
    }
    builder, _ = build({"initialInstanceCount": 2}, endpoint={"deploymentConfig": deployment})
    for name, periods in (("quick", 2), ("slow", 9)):
        builder.add(ALARM, name, {"name": name, "period": 60, "evaluationPeriods": periods})
    return Stepped(MECHANISM, builder.graph())


def test_a_bad_deployment_is_noticed_by_the_first_alarm():
    result = rolled()
    assert result.amount("llm", APPLICATION, DETECT) == 180
    assert result.notes == []
    assert {step.alternative for step in result.of("llm", APPLICATION, DETECT)} == {"alarms"}


def test_an_alarm_slower_than_the_bake_is_noted():
    assert "needs 180 s" in rolled(wait=60, kept=0).notes[0]


def test_without_alarms_nothing_is_rolled_back():
    assert rolled(alarms=()).of("llm", APPLICATION, DETECT) == []
    assert rolled(alarms=("elsewhere",)).of("llm", APPLICATION, DETECT) == []
    assert rolled(alarms=(UNKNOWN,)).missing("llm", APPLICATION, DETECT).endswith("alarms[0].alarmName")


@settings(max_examples=30)
@given(st.integers(0, 5), st.sampled_from([("a",), ("a", "b")]))
def test_one_more_instance_or_zone_never_makes_it_worse(count, zones):
    def after(instances, where, disruption):
        result = served({"initialInstanceCount": instances}, zones=where, tags={"stanchion:restore": "20m"})
        return seconds(result.amount("llm", disruption, RECOVER))

    for disruption in (INFRASTRUCTURE, ZONE):
        assert after(count + 1, zones, disruption) <= after(count, zones, disruption)
        assert after(count, (*zones, "c"), disruption) <= after(count, zones, disruption)


def test_nonsense_is_answered():
    keys = ("endpointConfigName", "productionVariants", "deploymentConfig", "vpcConfig", "resourceId", "minCapacity")
    base = {
        CONFIGURATION: {"name": "c", "productionVariants": [{}]},
        ENDPOINT: {"name": "e", "endpointConfigName": "c"},
    }
    holds_for_junk(MECHANISM, keys, base)
