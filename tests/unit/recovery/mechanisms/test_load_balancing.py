import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.graph import UNKNOWN, GraphBuilder
from stanchion.recovery.mechanisms.load_balancing import (
    CLASSIC,
    DEREGISTRATION_DELAY_SECONDS,
    LISTENERS,
    LOAD_BALANCERS,
    MECHANISM,
    RULES,
    TARGET_GROUPS,
    deregistration_delay,
    notices_a_lost_balancer,
    target_groups,
)
from tests.unit.recovery.mechanisms.stepping import (
    APPLICATION,
    DETECT,
    INFRASTRUCTURE,
    REGION,
    SHIFT,
    ZONE,
    Stepped,
    holds_for_junk,
    seconds,
)

SUBNET = "aws:ec2/subnet:Subnet"
BALANCER, GROUP, LISTENER, RULE = LOAD_BALANCERS[0], TARGET_GROUPS[0], LISTENERS[0], RULES[0]


def detected(inputs):
    builder = GraphBuilder()
    builder.add(GROUP, "api", inputs)
    return Stepped(MECHANISM, builder.graph())


def balanced(inputs, zones=("a", "b"), group=None):
    builder = GraphBuilder()
    subnets = [builder.add(SUBNET, f"s{i}", {"availabilityZone": f"us-east-1{z}"}) for i, z in enumerate(zones)]
    given = {"subnets": [subnet.ref("id") for subnet in subnets], **inputs}
    balancer = builder.add(BALANCER, "front", given)
    api = builder.add(GROUP, "api", group or {})
    actions = [{"type": "forward", "targetGroupArn": api.ref("arn")}]
    builder.add(LISTENER, "https", {"loadBalancerArn": balancer.ref("arn"), "defaultActions": actions})
    return Stepped(MECHANISM, builder.graph())


@pytest.mark.parametrize("disruption", [INFRASTRUCTURE, ZONE])
@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({}, 3 * 30 + 6),
        ({"protocol": "TCP"}, 3 * 30 + 10),
        ({"protocol": "HTTPS"}, 3 * 30 + 10),
        ({"healthCheck": {"interval": 5, "unhealthyThreshold": 2, "timeout": 2}}, 2 * 5 + 2),
        ({"healthCheck": {"interval": 300, "unhealthyThreshold": 10, "timeout": 120}}, 3120),
    ],
)
def test_a_dead_target_is_noticed_after_u_intervals_and_a_timeout(inputs, expected, disruption):
    assert detected(inputs).amount("api", disruption, DETECT) == expected


def test_health_checks_see_no_wrong_answers_and_no_lost_region():
    result = detected({})
    assert result.of("api", APPLICATION, DETECT) == []
    assert result.of("api", REGION, DETECT) == []


def test_lambda_targets_have_no_machine_to_check():
    assert detected({"targetType": "lambda"}).steps == []


def test_health_checks_that_are_off_notice_nothing():
    assert detected({"healthCheck": {"enabled": False}}).amount("api", ZONE, DETECT) == float("inf")


@pytest.mark.parametrize("key", ["interval", "unhealthyThreshold", "timeout"])
def test_an_unknown_setting_is_named(key):
    result = detected({"healthCheck": {"interval": 10, key: UNKNOWN}})
    assert result.missing("api", INFRASTRUCTURE, DETECT) == f"healthCheck.{key}"


def test_two_zones_are_left_after_the_dns_answer_expires():
    result = balanced({})
    assert result.amount("front", ZONE, SHIFT) == 60
    assert result.amount("front", INFRASTRUCTURE, SHIFT) is None


def test_one_zone_is_never_left():
    result = balanced({"loadBalancerType": "network"}, zones=("a",))
    assert result.amount("front", ZONE, SHIFT) == float("inf")
    assert "one zone only" in result.why("front", ZONE, SHIFT)


def test_subnets_outside_of_the_program_count_as_zones_since_aws_takes_one_a_zone():
    assert balanced({"subnets": ["subnet-1", "subnet-2"]}).amount("front", ZONE, SHIFT) == 60
    assert balanced({"subnets": ["subnet-1"]}).amount("front", ZONE, SHIFT) == float("inf")
    assert balanced({"subnets": [UNKNOWN, UNKNOWN]}).amount("front", ZONE, SHIFT) == 60


def test_an_unknown_list_is_two_zones_for_an_application_load_balancer_only():
    assert balanced({"subnets": UNKNOWN}).amount("front", ZONE, SHIFT) == 60
    network = balanced({"subnets": UNKNOWN, "loadBalancerType": "network"})
    assert network.missing("front", ZONE, SHIFT) == "subnets"


def test_subnet_mappings_count():
    builder = GraphBuilder()
    mappings = [{"subnetId": builder.add(SUBNET, z, {"availabilityZone": z}).ref("id")} for z in "ab"]
    builder.add(BALANCER, "front", {"loadBalancerType": "network", "subnetMappings": mappings})
    assert Stepped(MECHANISM, builder.graph()).amount("front", ZONE, SHIFT) == 60


@pytest.mark.parametrize(
    ("inputs", "group", "expected"),
    [
        ({"loadBalancerType": "network"}, {}, 60),
        ({"loadBalancerType": "network", "enableCrossZoneLoadBalancing": True}, {}, None),
        ({"loadBalancerType": "network"}, {"loadBalancingCrossZoneEnabled": "true"}, None),
        ({}, {"loadBalancingCrossZoneEnabled": "false"}, 60),
    ],
)
def test_without_cross_zone_the_last_target_of_a_zone_takes_its_address_along(inputs, group, expected):
    assert balanced(inputs, group=group).amount("front", INFRASTRUCTURE, SHIFT) == expected


def test_cross_zone_that_is_unknown_is_named():
    result = balanced({"loadBalancerType": "network", "enableCrossZoneLoadBalancing": UNKNOWN})
    assert result.missing("front", INFRASTRUCTURE, SHIFT) == "enableCrossZoneLoadBalancing"


def test_a_classic_load_balancer_checks_by_itself():
    builder = GraphBuilder()
    builder.add(CLASSIC, "old", {"availabilityZones": ["us-east-1a", "us-east-1b"], "healthCheck": {"interval": 10}})
    result = Stepped(MECHANISM, builder.graph())
    assert result.amount("old", INFRASTRUCTURE, DETECT) == 2 * 10 + 5
    assert result.amount("old", ZONE, SHIFT) == 60


def test_target_groups_are_found_through_listeners_rules_and_weights():
    builder = GraphBuilder()
    balancer = builder.add(BALANCER, "front", {})
    one, two, three = (builder.add(GROUP, name, {}) for name in ("one", "two", "three"))
    weighted = {"targetGroups": [{"arn": two.ref("arn"), "weight": 1}]}
    listener = builder.add(
        LISTENER,
        "https",
        {
            "loadBalancerArn": balancer.ref("arn"),
            "defaultActions": [
                {"type": "forward", "targetGroupArn": one.ref("arn")},
                {"type": "forward", "forward": weighted},
            ],
        },
    )
    rule = {"listenerArn": listener.ref("arn"), "actions": [{"type": "forward", "targetGroupArn": three.ref("arn")}]}
    builder.add(RULE, "path", rule)
    builder.add(GROUP, "unused", {})
    graph = builder.graph()
    assert [group.name for group in target_groups(graph, graph.resources[balancer.urn])] == ["one", "three", "two"]


def test_a_load_balancer_is_lost_when_its_slowest_target_group_is():
    builder = GraphBuilder()
    balancer = builder.add(BALANCER, "front", {})
    for name, interval in (("quick", 5), ("slow", 60)):
        group = builder.add(GROUP, name, {"healthCheck": {"interval": interval, "timeout": 5}})
        actions = [{"targetGroupArn": group.ref("arn")}]
        builder.add(LISTENER, name, {"loadBalancerArn": balancer.ref("arn"), "defaultActions": actions})
    graph = builder.graph()
    terms = notices_a_lost_balancer(graph, graph.resources[balancer.urn])
    assert terms is not None
    assert [term.amount for term in terms] == [180, 5]


def test_a_load_balancer_whose_target_groups_are_elsewhere_says_nothing():
    builder = GraphBuilder()
    balancer = builder.add(BALANCER, "front", {})
    graph = builder.graph()
    assert notices_a_lost_balancer(graph, graph.resources[balancer.urn]) is None


def test_draining_takes_longer_than_a_spot_notice_unless_set():
    builder = GraphBuilder()
    builder.add(GROUP, "default", {})
    builder.add(GROUP, "short", {"deregistrationDelay": 30})
    builder.add(CLASSIC, "old", {"connectionDrainingTimeout": 60})
    read = {
        r.name: deregistration_delay(r).number(DEREGISTRATION_DELAY_SECONDS)
        for r in builder.graph().of_type(GROUP, CLASSIC)
    }
    assert read == {"default": 300, "short": 30, "old": 60}


@settings(max_examples=40)
@given(st.integers(5, 300), st.integers(2, 10), st.integers(0, 60), st.integers(0, 5))
def test_a_longer_interval_or_threshold_never_notices_sooner(interval, threshold, longer, more):
    def after(i, u):
        return seconds(detected({"healthCheck": {"interval": i, "unhealthyThreshold": u}}).amount("api", ZONE, DETECT))

    assert after(interval + longer, threshold + more) >= after(interval, threshold)


@settings(max_examples=30)
@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=4), st.sampled_from("abc"))
def test_one_more_zone_never_makes_it_worse(zones, another):
    before = balanced({}, zones=tuple(zones)).amount("front", ZONE, SHIFT)
    assert seconds(balanced({}, zones=(*zones, another)).amount("front", ZONE, SHIFT)) <= seconds(before)


def test_nonsense_is_answered():
    keys = (
        "subnets",
        "subnetMappings",
        "loadBalancerType",
        "enableCrossZoneLoadBalancing",
        "healthCheck",
        "targetType",
    )
    more = ("protocol", "defaultActions", "actions", "loadBalancerArn", "listenerArn", "availabilityZones", "type")
    holds_for_junk(MECHANISM, (*keys, *more, "loadBalancingCrossZoneEnabled"), {})
