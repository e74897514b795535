import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.graph import SECRET, UNKNOWN, GraphBuilder
from stanchion.recovery.mechanisms.auto_scaling import (
    CONFIGURATION,
    GROUP,
    MECHANISM,
    MIN_HEALTHY_PERCENTAGE,
    TEMPLATE,
    Floor,
    floor_of,
    min_healthy_percentage,
)
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


def mixed(base: object = 0, share: object = 100):
    mix = {"onDemandBaseCapacity": base, "onDemandPercentageAboveBaseCapacity": share}
    return {"mixedInstancesPolicy": {"instancesDistribution": mix, "launchTemplate": {}}, "launchTemplate": None}


def build(inputs, zones=("a", "b"), template=None):
    builder = GraphBuilder()
    subnets = [builder.add(SUBNET, f"s{i}", {"availabilityZone": zone}) for i, zone in enumerate(zones)]
    launch = builder.add(TEMPLATE, "template", template or {})
    given_ = {
        "minSize": 2,
        "maxSize": 10,
        "vpcZoneIdentifiers": [subnet.ref("id") for subnet in subnets],
        "launchTemplate": {"id": launch.ref("id")},
    }
    builder.add(GROUP, "fleet", {**given_, **inputs})
    return builder


def scaled(inputs, zones=("a", "b"), template=None):
    return Stepped(MECHANISM, build(inputs, zones, template).graph())


def test_two_instances_in_two_zones_outlive_a_machine_and_a_zone():
    result = scaled({})
    assert result.amount("fleet", INFRASTRUCTURE, RECOVER) == 0
    assert result.amount("fleet", ZONE, RECOVER) == 0
    assert result.of("fleet", REGION, RECOVER) == []


def test_zones_are_balanced_as_well_as_can_be_unless_told_otherwise():
    assert scaled({}).grades("fleet", ZONE, RECOVER) == {Grade.TYPICAL}
    strict = scaled({"availabilityZoneDistribution": {"capacityDistributionStrategy": "balanced-only"}})
    assert strict.grades("fleet", ZONE, RECOVER) == {Grade.BOUND}


@pytest.mark.parametrize("size", [0, 1])
def test_a_replacement_takes_what_the_team_declares(size):
    silent = scaled({"minSize": size})
    for disruption in (INFRASTRUCTURE, ZONE):
        assert "stanchion:restore" in str(silent.amount("fleet", disruption, RECOVER))
    tags = [{"key": "stanchion:restore", "value": "6m", "propagateAtLaunch": False}]
    declared = scaled({"minSize": size, "tags": tags})
    assert declared.amount("fleet", INFRASTRUCTURE, RECOVER) == 360
    assert declared.amount("fleet", ZONE, RECOVER) == 360


def test_one_zone_does_not_outlive_itself():
    result = scaled({"minSize": 10}, zones=("a", "a"))
    assert result.amount("fleet", INFRASTRUCTURE, RECOVER) == 0
    assert result.amount("fleet", ZONE, RECOVER) == NEVER
    assert "one zone only" in result.why("fleet", ZONE, RECOVER)


def test_zones_that_are_named_are_zones():
    result = scaled({"vpcZoneIdentifiers": None, "availabilityZones": ["us-east-1a", "us-east-1b"]})
    assert result.amount("fleet", ZONE, RECOVER) == 0


@pytest.mark.parametrize(
    ("inputs", "template"),
    [
        (mixed(0, 0), None),
        ({"minSize": 0, **mixed(0, 0)}, None),
        ({}, {"instanceMarketOptions": {"marketType": "spot"}}),
        ({"minSize": 0}, {"instanceMarketOptions": {"marketType": "spot"}}),
        ({"minSize": 2, **mixed(0, 40)}, None),
    ],
)
def test_spot_only_has_no_bound(inputs, template):
    result = scaled(inputs, template=template)
    assert result.amount("fleet", INFRASTRUCTURE, RECOVER) == NEVER
    assert result.amount("fleet", ZONE, RECOVER) == NEVER
    assert "spot capacity only" in result.why("fleet", ZONE, RECOVER)


def test_a_launch_configuration_with_a_spot_price_is_spot():
    builder = build({"launchTemplate": None})
    spot = builder.add(CONFIGURATION, "spot", {"spotPrice": "0.5"})
    firm = builder.add(CONFIGURATION, "firm", {})
    builder.add(GROUP, "cheap", {"minSize": 2, "launchConfiguration": spot.ref("name")})
    builder.add(GROUP, "dear", {"minSize": 2, "launchConfiguration": firm.ref("name")})
    result = Stepped(MECHANISM, builder.graph())
    assert result.amount("cheap", INFRASTRUCTURE, RECOVER) == NEVER
    assert result.amount("dear", INFRASTRUCTURE, RECOVER) == 0


@pytest.mark.parametrize(
    ("size", "mix", "expected"),
    [
        (4, mixed(), Floor(4, 4, False)),
        (4, mixed(1, 0), Floor(4, 1, False)),
        (4, mixed(1, 50), Floor(4, 2, False)),
        (4, mixed(6, 0), Floor(4, 4, False)),
        (3, mixed(0, 50), Floor(3, 1, False)),
        (1, mixed(0, 50), Floor(1, 0, True)),
        (0, mixed(0, 50), Floor(0, 0, True)),
        (0, mixed(0, 100), Floor(0, 0, False)),
        (0, mixed(2, 0), Floor(0, 0, False)),
        (0, mixed(0, 0), Floor(0, 0, True)),
    ],
)
def test_the_on_demand_part_of_the_floor(size, mix, expected):
    graph = build({"minSize": size, **mix}).graph()
    assert floor_of(graph, graph.of_type(GROUP)[0]) == expected


def test_one_on_demand_instance_under_spot_outlives_spot_but_not_its_zone():
    result = scaled({"minSize": 4, **mixed(1, 0)})
    assert result.amount("fleet", INFRASTRUCTURE, RECOVER) == 0
    assert "another zone" in result.why("fleet", ZONE, RECOVER)
    assert scaled({"minSize": 4, **mixed(2, 0)}).amount("fleet", ZONE, RECOVER) == 0


@pytest.mark.parametrize("value", [UNKNOWN, SECRET])
@pytest.mark.parametrize(
    ("inputs", "missing"),
    [
        (lambda v: {"minSize": v}, "minSize"),
        (lambda v: mixed(v, 0), "mixedInstancesPolicy.instancesDistribution.onDemandBaseCapacity"),
        (lambda v: {"mixedInstancesPolicy": v}, "mixedInstancesPolicy.instancesDistribution.onDemandBaseCapacity"),
    ],
)
def test_unknown_sizes_are_named(inputs, missing, value):
    result = scaled(inputs(value))
    assert result.missing("fleet", INFRASTRUCTURE, RECOVER) == missing
    assert result.missing("fleet", ZONE, RECOVER) == missing


def test_what_a_template_buys_is_unknown_outside_of_the_program():
    assert scaled({"launchTemplate": {"id": "lt-1"}}).missing("fleet", ZONE, RECOVER) == "launchTemplate"
    unknown = scaled({}, template={"instanceMarketOptions": UNKNOWN})
    assert unknown.missing("fleet", ZONE, RECOVER) == "instanceMarketOptions.marketType"


def test_subnets_outside_of_the_program_are_named():
    result = scaled({"vpcZoneIdentifiers": ["subnet-1", "subnet-2"]})
    assert result.missing("fleet", ZONE, RECOVER) == "vpcZoneIdentifiers[0]"
    assert result.amount("fleet", INFRASTRUCTURE, RECOVER) == 0


def refreshed(**preferences):
    builder = build({})
    for name, periods in (("errors", 2), ("latency", 10)):
        builder.add(ALARM, name, {"name": name, "period": 60, "evaluationPeriods": periods})
    alarms = {"alarms": ["latency", "errors"]}
    refresh = {"strategy": "Rolling", "preferences": {"alarmSpecification": alarms, **preferences}}
    builder.add(GROUP, "rolled", {"minSize": 2, "instanceRefresh": refresh})
    return Stepped(MECHANISM, builder.graph())


def test_a_refresh_that_rolls_back_notices_with_its_first_alarm():
    assert refreshed(autoRollback=True).amount("rolled", APPLICATION, DETECT) == 180
    assert refreshed().of("rolled", APPLICATION, DETECT) == []


def test_a_refresh_with_alarms_elsewhere_notices_nothing_here():
    elsewhere = {"alarms": ["not-here"]}
    assert refreshed(autoRollback=True, alarmSpecification=elsewhere).of("rolled", APPLICATION, DETECT) == []
    unknown = refreshed(autoRollback=True, alarmSpecification={"alarms": UNKNOWN})
    assert unknown.missing("rolled", APPLICATION, DETECT).startswith("instanceRefresh.preferences.alarmSpecification")


def test_a_rollout_keeps_nine_of_ten_unless_set():
    graph = build({"instanceRefresh": {"preferences": {"minHealthyPercentage": 50}}}).graph()
    fleet = graph.of_type(GROUP)[0]
    assert min_healthy_percentage(fleet).number(MIN_HEALTHY_PERCENTAGE) == 50
    plain = build({}).graph().of_type(GROUP)[0]
    assert min_healthy_percentage(plain).number(MIN_HEALTHY_PERCENTAGE) == 90


def test_a_group_behind_a_load_balancer_that_ignores_its_checks_is_noted():
    attached = {"targetGroupArns": ["arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/api/1"]}
    assert "health check type is EC2" in scaled(attached).notes[0]
    assert scaled({**attached, "healthCheckType": "ELB"}).notes == []
    assert scaled({}).notes == []


@settings(max_examples=50)
@given(
    st.integers(0, 6),
    st.integers(0, 4),
    st.sampled_from([0, 25, 50, 100]),
    st.lists(st.sampled_from("abc"), max_size=3),
)
def test_one_more_instance_or_zone_never_makes_it_worse(size, base, share, zones):
    def after(more_instances, more_zones, disruption):
        inputs = {"minSize": size + more_instances, **mixed(base + more_instances, share)}
        inputs["tags"] = [{"key": "stanchion:restore", "value": "6m"}]
        result = scaled(inputs, zones=(*zones, *more_zones))
        return seconds(result.amount("fleet", disruption, RECOVER))

    for disruption in (INFRASTRUCTURE, ZONE):
        assert after(1, (), disruption) <= after(0, (), disruption)
        assert after(0, ("d",), disruption) <= after(0, (), disruption)


def test_nonsense_is_answered():
    keys = ("minSize", "vpcZoneIdentifiers", "availabilityZones", "mixedInstancesPolicy", "launchTemplate")
    more = ("launchConfiguration", "instanceRefresh", "healthCheckType", "targetGroupArns", "instanceMarketOptions")
    base = {GROUP: {"minSize": 2, "mixedInstancesPolicy": {"instancesDistribution": {}}}}
    holds_for_junk(MECHANISM, (*keys, *more, "spotPrice", "autoscalingGroupName", "availabilityZoneDistribution"), base)
