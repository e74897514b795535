import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.graph import UNKNOWN, GraphBuilder
from stanchion.recovery.mechanisms.route53 import HEALTH_CHECK, MECHANISM, RECORD, ZONE
from tests.unit.recovery.mechanisms.stepping import DETECT, REGION, SHIFT, Stepped, holds_for_junk, seconds

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
TARGETS = "aws:lb/targetGroup:TargetGroup"
LISTENER = "aws:lb/listener:Listener"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
CONTROL = "aws:route53recoverycontrol/routingControl:RoutingControl"
EAST, WEST = "us-east-1", "us-west-2"


class Zone:
    """A zone with records of one name; `check` makes health checks."""

    def __init__(self, tags=None):
        self.builder = GraphBuilder(tags=tags)
        self.zone = self.builder.add(ZONE, "zone", {"name": "example.com"})

    def check(self, name, **inputs):
        return self.builder.add(HEALTH_CHECK, name, {"type": "HTTP", **inputs})

    def record(self, logical, **inputs):
        given = {"zoneId": self.zone.ref("zoneId"), "name": "api", "type": "A", "records": ["192.0.2.1"], "ttl": 60}
        self.builder.add(RECORD, logical, {**given, **inputs})
        return self

    def result(self):
        return Stepped(MECHANISM, self.builder.graph())


def failover(role):
    return [{"type": role}]


def active_passive(check=None, *, ttl: object = 60, tags=None, **more):
    zone = Zone(tags)
    watched = {} if check is None else {"healthCheckId": zone.check("probe", **check).ref("id")}
    zone.record("first", failoverRoutingPolicies=failover("PRIMARY"), ttl=ttl, **watched, **more)
    zone.record("second", failoverRoutingPolicies=failover("SECONDARY"))
    return zone.result()


@pytest.mark.parametrize(
    ("check", "detect"),
    [
        ({}, 90 + 18),
        ({"type": "HTTPS"}, 90 + 18),
        ({"type": "TCP"}, 90 + 30),
        ({"type": "HTTPS_STR_MATCH"}, 90 + 24),
        ({"requestInterval": 10, "failureThreshold": 1}, 10 + 6),
        ({"requestInterval": 30, "failureThreshold": 10}, 300 + 60),
    ],
)
def test_a_check_fails_after_f_intervals_and_timeouts_and_answers_live_for_their_ttl(check, detect):
    result = active_passive(check)
    assert result.amount("first", REGION, DETECT) == detect
    assert result.amount("first", REGION, SHIFT) == 60


def test_the_shortest_that_is_advised_takes_76_seconds():
    result = active_passive({"requestInterval": 10, "failureThreshold": 1})
    detect, shift = result.amount("first", REGION, DETECT), result.amount("first", REGION, SHIFT)
    assert seconds(detect) + seconds(shift) == 10 + 6 + 60


def test_a_long_ttl_is_what_resolvers_remember():
    assert active_passive({}, ttl=86400).amount("first", REGION, SHIFT) == 86400


def test_a_primary_without_check_is_answered_for_ever():
    result = active_passive()
    assert result.amount("first", REGION, SHIFT) == float("inf")
    assert "nothing checks record 'first'" in result.why("first", REGION, SHIFT)


def test_a_check_that_is_switched_off_never_fails():
    assert active_passive({"disabled": True}).amount("first", REGION, DETECT) == float("inf")


def test_a_primary_alone_has_nothing_to_fail_over_to():
    zone = Zone()
    zone.record("first", failoverRoutingPolicies=failover("PRIMARY"), healthCheckId=zone.check("probe").ref("id"))
    assert zone.result().amount("first", REGION, SHIFT) == float("inf")


def test_a_secondary_alone_is_noted():
    result = Zone().record("second", failoverRoutingPolicies=failover("SECONDARY")).result()
    assert result.steps == []
    assert "not part of this program" in result.notes[0]


def test_simple_records_shift_nothing():
    assert Zone().record("plain").result().findings == []


@pytest.mark.parametrize(
    "policy",
    [
        {"weightedRoutingPolicies": [{"weight": 10}]},
        {"latencyRoutingPolicies": [{"region": EAST}]},
        {"multivalueAnswerRoutingPolicy": True},
    ],
)
def test_every_active_record_needs_a_check(policy):
    zone = Zone()
    check = zone.check("probe").ref("id")
    both = Zone()
    for name in ("first", "second"):
        both.record(name, healthCheckId=both.check(f"probe-{name}").ref("id"), **policy)
    assert both.result().amount("first", REGION, SHIFT) == 60
    assert both.result().amount("second", REGION, DETECT) == 108
    result = zone.record("first", healthCheckId=check, **policy).record("second", **policy).result()
    assert result.amount("second", REGION, SHIFT) == float("inf")


def test_one_weighted_record_has_no_other_answer():
    zone = Zone()
    zone.record("only", weightedRoutingPolicies=[{"weight": 1}], healthCheckId=zone.check("probe").ref("id"))
    assert zone.result().amount("only", REGION, SHIFT) == float("inf")


def test_names_are_one_name_with_and_without_the_zone():
    zone = Zone()
    zone.record(
        "first", failoverRoutingPolicies=failover("PRIMARY"), name="api", healthCheckId=zone.check("p").ref("id")
    )
    zone.record("second", failoverRoutingPolicies=failover("SECONDARY"), name="API.example.com.")
    assert zone.result().amount("first", REGION, SHIFT) == 60


def test_other_names_and_types_are_other_groups():
    zone = Zone()
    zone.record("first", failoverRoutingPolicies=failover("PRIMARY"), healthCheckId=zone.check("p").ref("id"))
    zone.record("second", failoverRoutingPolicies=failover("SECONDARY"), name="web")
    zone.record("third", failoverRoutingPolicies=failover("SECONDARY"), type="AAAA")
    assert zone.result().amount("first", REGION, SHIFT) == float("inf")


def aliased(regions=(EAST, WEST), *, evaluate: object = True, checks=None):
    zone = Zone()
    for role, region, name in zip(("PRIMARY", "SECONDARY"), regions, ("first", "second"), strict=True):
        balancer = zone.builder.add(BALANCER, f"front-{name}", {}, region=region)
        group = zone.builder.add(TARGETS, f"api-{name}", {"healthCheck": checks or {}}, region=region)
        listener = {
            "loadBalancerArn": balancer.ref("arn"),
            "defaultActions": [{"targetGroupArn": group.ref("arn")}],
        }
        zone.builder.add(LISTENER, f"https-{name}", listener, region=region)
        alias = {"name": balancer.ref("dnsName"), "zoneId": balancer.ref("zoneId"), "evaluateTargetHealth": evaluate}
        zone.record(name, failoverRoutingPolicies=failover(role), aliases=[alias], records=None, ttl=None)
    return zone.result()


def test_an_alias_follows_the_health_of_its_load_balancer_and_lives_for_a_minute():
    result = aliased(checks={"interval": 10, "unhealthyThreshold": 2, "timeout": 5})
    assert result.amount("first", REGION, DETECT) == 25
    assert result.amount("first", REGION, SHIFT) == 60


def test_an_alias_that_does_not_evaluate_is_healthy_for_ever():
    assert aliased(evaluate=False).amount("first", REGION, SHIFT) == float("inf")


def test_an_alias_that_may_evaluate_is_named():
    assert aliased(evaluate=UNKNOWN).missing("first", REGION, DETECT) == "aliases[0].evaluateTargetHealth"


def test_two_records_that_point_into_one_region_leave_it_never():
    result = aliased(regions=(EAST, EAST))
    assert result.amount("first", REGION, SHIFT) == float("inf")
    assert "us-east-1" in result.why("first", REGION, SHIFT)


def test_a_target_outside_of_the_program_is_noted_and_not_claimed():
    alias = {"name": "front-1.elb.amazonaws.com", "zoneId": "Z1", "evaluateTargetHealth": True}
    result = active_passive(aliases=[alias], records=None)
    assert result.amount("first", REGION, DETECT) is None
    assert result.amount("first", REGION, SHIFT) == 60
    assert "can't be told" in " ".join(result.notes)


def test_a_secondary_that_points_at_nothing_here_is_noted():
    assert "record 'second', which takes over for 'first'" in active_passive({}).notes[0]
    assert aliased().notes == []


def test_a_check_outside_of_the_program_is_noted():
    result = active_passive(healthCheckId="0123")
    assert result.amount("first", REGION, DETECT) is None
    assert "0123" in " ".join(result.notes)


def test_a_calculated_check_is_as_slow_as_its_slowest_child():
    zone = Zone()
    children = [zone.check("quick", requestInterval=10).ref("id"), zone.check("slow", failureThreshold=5).ref("id")]
    check = zone.check("both", type="CALCULATED", childHealthchecks=children, childHealthThreshold=1)
    zone.record("first", failoverRoutingPolicies=failover("PRIMARY"), healthCheckId=check.ref("id"))
    zone.record("second", failoverRoutingPolicies=failover("SECONDARY"))
    assert zone.result().amount("first", REGION, DETECT) == 5 * 36


def test_checks_that_are_made_of_each_other_end():
    urn = "urn:pulumi:test::program::aws:route53/healthCheck:HealthCheck::a"
    zone = Zone()
    check = zone.check("a", type="CALCULATED", childHealthchecks=["a-id"], id="a-id")
    assert check.urn == urn
    zone.record("first", failoverRoutingPolicies=failover("PRIMARY"), healthCheckId="a-id")
    zone.record("second", failoverRoutingPolicies=failover("SECONDARY"))
    assert zone.result().missing("first", REGION, DETECT) == "childHealthchecks"


def test_a_check_on_an_alarm_is_as_slow_as_the_alarm():
    zone = Zone()
    alarm = zone.builder.add(ALARM, "errors", {"name": "errors", "period": 60, "evaluationPeriods": 2})
    check = zone.check("probe", type="CLOUDWATCH_METRIC", cloudwatchAlarmName=alarm.ref("name", "errors"))
    zone.record("first", failoverRoutingPolicies=failover("PRIMARY"), healthCheckId=check.ref("id"))
    zone.record("second", failoverRoutingPolicies=failover("SECONDARY"))
    assert zone.result().amount("first", REGION, DETECT) == 2 * 60 + 60


def routed(tags):
    zone = Zone(tags)
    control = zone.builder.add(CONTROL, "cell", {})
    check = zone.check("probe", type="RECOVERY_CONTROL", routingControlArn=control.ref("arn"))
    zone.record("first", failoverRoutingPolicies=failover("PRIMARY"), healthCheckId=check.ref("id"))
    zone.record("second", failoverRoutingPolicies=failover("SECONDARY"))
    return zone.result()


def test_a_routing_control_waits_for_people():
    assert "stanchion:restore" in str(routed(None).amount("first", REGION, SHIFT))
    result = routed({"stanchion:restore": "2m"})
    assert result.amount("first", REGION, SHIFT) == 120 + 60
    assert result.amount("first", REGION, DETECT) is None


@pytest.mark.parametrize("key", ["requestInterval", "failureThreshold", "type", "disabled"])
def test_an_unknown_setting_of_a_check_is_named(key):
    assert active_passive({key: UNKNOWN}).missing("first", REGION, DETECT) == key


def test_unknown_settings_of_a_record_are_named():
    assert active_passive({}, ttl=UNKNOWN).missing("first", REGION, SHIFT) == "ttl"
    assert active_passive(healthCheckId=UNKNOWN).missing("first", REGION, DETECT) == "healthCheckId"
    zone = Zone().record("first", failoverRoutingPolicies=[{"type": UNKNOWN}])
    assert zone.result().missing("first", REGION, SHIFT) == "failoverRoutingPolicies[0].type"


@settings(max_examples=40)
@given(st.sampled_from([10, 30]), st.integers(1, 10), st.integers(0, 5), st.integers(0, 600), st.integers(0, 600))
def test_a_higher_threshold_interval_or_ttl_never_moves_sooner(interval, threshold, more, ttl, longer):
    def after(every, failed, lives):
        result = active_passive({"requestInterval": every, "failureThreshold": failed}, ttl=lives)
        return seconds(result.amount("first", REGION, DETECT)) + seconds(result.amount("first", REGION, SHIFT))

    assert after(30, threshold + more, ttl + longer) >= after(interval, threshold, ttl)


def test_nonsense_is_answered():
    base = {
        RECORD: {"name": "api", "type": "A", "zoneId": "Z1", "ttl": 60, "weightedRoutingPolicies": [{"weight": 1}]},
        HEALTH_CHECK: {"type": "CALCULATED", "childHealthchecks": ["x"]},
    }
    keys = ("name", "type", "zoneId", "ttl", "aliases", "records", "healthCheckId", "failoverRoutingPolicies")
    more = ("weightedRoutingPolicies", "childHealthchecks", "requestInterval", "disabled", "cloudwatchAlarmName")
    holds_for_junk(MECHANISM, (*keys, *more, "routingControlArn", "multivalueAnswerRoutingPolicy"), base)
