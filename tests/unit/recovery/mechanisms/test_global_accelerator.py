import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.graph import UNKNOWN, GraphBuilder
from stanchion.recovery.mechanisms.global_accelerator import ACCELERATOR, GROUP, LISTENER, MECHANISM
from tests.unit.recovery.mechanisms.stepping import (
    DETECT,
    INFRASTRUCTURE,
    REGION,
    SHIFT,
    ZONE,
    Stepped,
    holds_for_junk,
    seconds,
)

BALANCER, TARGETS, LB_LISTENER = (
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:lb/targetGroup:TargetGroup",
    "aws:lb/listener:Listener",
)
EIP = "aws:ec2/eip:Eip"
EAST, WEST = "us-east-1", "us-west-2"


def balancer(builder, region, checks=None):
    front = builder.add(BALANCER, f"front-{region}", {}, region=region)
    group = builder.add(TARGETS, f"api-{region}", {"healthCheck": checks or {}}, region=region)
    actions = [{"targetGroupArn": group.ref("arn")}]
    listener = {"loadBalancerArn": front.ref("arn"), "defaultActions": actions}
    builder.add(LB_LISTENER, f"https-{region}", listener, region=region)
    return front.ref("arn")


def accelerated(*groups, accelerator=None, tags=None, checks=None):
    """Each group is a region and the inputs of its endpoint, and further inputs of the group."""
    builder = GraphBuilder(tags=tags)
    global_ = builder.add(ACCELERATOR, "edge", accelerator or {})
    listener = builder.add(LISTENER, "https", {"acceleratorArn": global_.ref("arn")})
    for i, (region, endpoint, more) in enumerate(groups):
        endpoints = [] if endpoint is None else [{"endpointId": balancer(builder, region, checks), **endpoint}]
        given = {
            "listenerArn": listener.ref("arn"),
            "endpointGroupRegion": region,
            "endpointConfigurations": endpoints,
        }
        builder.add(GROUP, f"group{i}", {**given, **more})
    return Stepped(MECHANISM, builder.graph())


def two(first=None, second=None, **more):
    return accelerated((EAST, first or {"weight": 128}, {}), (WEST, second or {"weight": 128}, {}), **more)


def test_a_lost_region_is_noticed_by_the_load_balancer_and_left_in_30_seconds():
    result = two()
    assert result.amount("group0", REGION, DETECT) == 3 * 30 + 6
    assert result.amount("edge", REGION, SHIFT) == 30


def test_the_groups_own_check_says_nothing_about_a_load_balancer():
    result = accelerated(
        (EAST, {"weight": 1}, {"healthCheckIntervalSeconds": 10, "thresholdCount": 1}), (WEST, {"weight": 1}, {})
    )
    assert result.amount("group0", REGION, DETECT) == 96


def test_addresses_are_watched_by_the_group():
    result = accelerated(
        (EAST, {"endpointId": "eipalloc-1", "weight": 1}, {"healthCheckIntervalSeconds": 10, "thresholdCount": 2}),
        (WEST, {"endpointId": "eipalloc-2", "weight": 1}, {}),
    )
    assert result.amount("group0", REGION, DETECT) == 20
    assert result.amount("group1", REGION, DETECT) == 90


def test_one_group_has_nowhere_to_send_traffic():
    result = accelerated((EAST, {"weight": 128}, {}))
    assert result.amount("edge", REGION, SHIFT) == float("inf")
    assert "one region only (us-east-1)" in result.why("edge", REGION, SHIFT)


def test_two_groups_of_one_region_are_one_region():
    result = accelerated((EAST, {"weight": 1}, {}), (EAST, {"weight": 1}, {}))
    assert result.amount("edge", REGION, SHIFT) == float("inf")


def test_an_accelerator_without_groups_or_switched_off_shifts_nothing():
    assert accelerated().amount("edge", REGION, SHIFT) == float("inf")
    assert two(accelerator={"enabled": False}).amount("edge", REGION, SHIFT) == float("inf")


def test_a_traffic_dial_of_zero_is_ignored_on_failover():
    result = accelerated((EAST, {"weight": 128}, {}), (WEST, {"weight": 128}, {"trafficDialPercentage": 0}))
    assert result.amount("edge", REGION, SHIFT) == 30


def test_a_standby_of_weight_zero_waits_for_somebody():
    result = two(second={"weight": 0})
    assert "tag stanchion:restore" in str(result.amount("edge", REGION, SHIFT))
    assert result.amount("group0", REGION, DETECT) is None
    declared = two(second={"weight": 0}, tags={"stanchion:restore": "5m"})
    assert declared.amount("edge", REGION, SHIFT) == 300


def test_a_weight_that_is_not_set_is_sent_as_zero():
    result = two(second={"clientIpPreservationEnabled": True})
    assert result.missing("edge", REGION, SHIFT) == "endpointConfigurations[0].weight"


def test_a_group_without_endpoints_takes_nothing_over():
    assert accelerated((EAST, {"weight": 1}, {}), (WEST, None, {})).amount("edge", REGION, SHIFT) == float("inf")


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        ({"endpointGroupRegion": UNKNOWN}, "endpointGroupRegion"),
        ({"endpointConfigurations": UNKNOWN}, "endpointConfigurations"),
        ({"endpointConfigurations": [{"endpointId": "x", "weight": UNKNOWN}]}, "endpointConfigurations[0].weight"),
    ],
)
def test_what_can_not_be_told_is_named(more, missing):
    result = accelerated((EAST, {"weight": 1}, {}), (WEST, {"weight": 1}, more))
    assert result.missing("edge", REGION, SHIFT) == missing


def test_an_endpoint_without_value_and_edge_is_named():
    result = two(first={"weight": 1, "endpointId": UNKNOWN})
    assert result.missing("group0", REGION, DETECT) == "endpointConfigurations[0].endpointId"


def test_detection_is_not_claimed_when_one_endpoint_lies_outside_of_the_program():
    arn = "arn:aws:elasticloadbalancing:us-west-2:111122223333:loadbalancer/app/other/1"
    result = two(second={"weight": 1, "endpointId": arn})
    assert result.amount("edge", REGION, SHIFT) == 30
    assert result.amount("group0", REGION, DETECT) is None
    assert arn in " ".join(result.notes)


def test_a_region_that_is_not_set_is_the_providers():
    builder = GraphBuilder()
    listener = builder.add(LISTENER, "https", {"acceleratorArn": "arn:elsewhere"})
    for region in (EAST, WEST):
        endpoints = [{"endpointId": balancer(builder, region), "weight": 1}]
        given = {"listenerArn": listener.ref("arn"), "endpointConfigurations": endpoints}
        builder.add(GROUP, region, given, region=region)
    assert Stepped(MECHANISM, builder.graph()).amount("https", REGION, SHIFT) == 30


def test_a_group_of_a_listener_elsewhere_is_noted():
    builder = GraphBuilder()
    builder.add(GROUP, "east", {"listenerArn": "arn:elsewhere", "endpointConfigurations": []})
    result = Stepped(MECHANISM, builder.graph())
    assert result.steps == []
    assert "can't be told" in result.notes[0]


def test_machines_of_one_group_stand_in_for_each_other():
    builder = GraphBuilder()
    endpoints = [{"endpointId": builder.add(EIP, name, {}).ref("id"), "weight": 1} for name in ("one", "two")]
    builder.add(GROUP, "east", {"endpointConfigurations": endpoints, "healthCheckIntervalSeconds": 10})
    result = Stepped(MECHANISM, builder.graph())
    for disruption in (INFRASTRUCTURE, ZONE):
        assert result.amount("east", disruption, DETECT) == 30
        assert result.amount("east", disruption, SHIFT) == 30


@settings(max_examples=25)
@given(st.integers(5, 300), st.integers(2, 10), st.integers(0, 60))
def test_a_longer_check_never_notices_sooner(interval, threshold, longer):
    def after(every):
        return seconds(
            two(checks={"interval": every, "unhealthyThreshold": threshold}).amount("group0", REGION, DETECT)
        )

    assert after(interval + longer) >= after(interval)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from([EAST, WEST, "eu-west-1"]), st.sampled_from([0, 1, 128])), max_size=4))
def test_one_more_region_never_makes_it_worse(groups):
    given_ = [(region, {"endpointId": f"eipalloc-{i}", "weight": w}, {}) for i, (region, w) in enumerate(groups)]
    more = (*given_, ("ap-south-1", {"endpointId": "eipalloc-9", "weight": 1}, {}))
    before = accelerated(*given_).amount("edge", REGION, SHIFT)
    assert seconds(accelerated(*more).amount("edge", REGION, SHIFT)) <= seconds(before)


def test_nonsense_is_answered():
    keys = (
        "acceleratorArn",
        "listenerArn",
        "endpointConfigurations",
        "endpointGroupRegion",
        "enabled",
        "thresholdCount",
    )
    holds_for_junk(MECHANISM, (*keys, "healthCheckIntervalSeconds", "trafficDialPercentage"), {})
