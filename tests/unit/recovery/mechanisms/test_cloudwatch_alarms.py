import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.graph import SECRET, UNKNOWN, GraphBuilder
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.estimate import estimate
from stanchion.recovery.mechanisms.cloudwatch_alarms import ALARM, COMPOSITE, MECHANISM
from stanchion.recovery.objectives import Objective, TierObjectives
from stanchion.recovery.settings import Settings
from tests.unit.recovery.mechanisms.stepping import (
    APPLICATION,
    DETECT,
    INFRASTRUCTURE,
    REGION,
    ZONE,
    Stepped,
    holds_for_junk,
    seconds,
)

TOPIC, FUNCTION = "aws:sns/topic:Topic", "aws:lambda/function:Function"
ARN = "arn:aws:sns:us-east-1:111122223333:page"
GOOD = {"namespace": "AWS/ApplicationELB", "metricName": "HTTPCode_Target_5XX_Count", "alarmActions": [ARN]}


def alarmed(**inputs):
    builder = GraphBuilder()
    builder.add(ALARM, "errors", {**GOOD, "period": 60, "evaluationPeriods": 5, **inputs})
    return Stepped(MECHANISM, builder.graph())


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({}, 5 * 60 + 60),
        ({"period": 300, "evaluationPeriods": 1}, 300 + 60),
        ({"datapointsToAlarm": 3}, 3 * 60 + 60),
        ({"datapointsToAlarm": 0}, 5 * 60 + 60),
        ({"period": 10, "evaluationPeriods": 3}, 30 + 10),
        ({"period": 300, "evaluationPeriods": 1, "evaluationWindow": {"wallClockWindow": {"timezone": "UTC"}}}, 660),
    ],
)
def test_an_alarm_needs_m_periods_and_its_evaluation(inputs, expected):
    assert alarmed(**inputs).amount("errors", APPLICATION, DETECT) == expected


def test_alarms_are_about_answers_and_nothing_else():
    result = alarmed()
    for disruption in (INFRASTRUCTURE, ZONE, REGION):
        assert result.of("errors", disruption, DETECT) == []


def test_an_expression_is_as_slow_as_the_longest_period_in_it():
    queries = [
        {"id": "e", "expression": "a/b", "returnData": True},
        {"id": "a", "metric": {"namespace": "app", "metricName": "errors", "period": 60, "stat": "Sum"}},
        {"id": "b", "metric": {"namespace": "app", "metricName": "all", "period": 300, "stat": "Sum"}},
    ]
    assert alarmed(period=0, metricQueries=queries, evaluationPeriods=2).amount("errors", APPLICATION, DETECT) == 660


def test_a_promql_alarm_takes_its_pending_period_and_interval():
    criteria = {"promqlCriteria": {"query": "up == 0", "pendingPeriod": 120}}
    result = alarmed(evaluationCriteria=criteria, evaluationInterval=30)
    assert result.amount("errors", APPLICATION, DETECT) == 150


@pytest.mark.parametrize(
    "inputs",
    [
        {"alarmActions": []},
        {"alarmActions": None},
        {"actionsEnabled": False},
        {"alarmActions": ["arn:aws:autoscaling:us-east-1:1:scalingPolicy:ab:autoScalingGroupName/g:policyName/p"]},
    ],
)
def test_an_alarm_that_tells_nobody_detects_nothing(inputs):
    result = alarmed(**inputs)
    assert result.steps == []
    assert "tells nobody" in result.notes[0]


@pytest.mark.parametrize("actions", [7, [{"a": 1}], True])
def test_an_action_that_is_no_arn_is_named(actions):
    assert alarmed(alarmActions=actions).missing("errors", APPLICATION, DETECT).startswith("alarmActions")


def test_an_action_that_scales_is_known_by_its_edge():
    builder = GraphBuilder()
    policy = builder.add("aws:autoscaling/policy:Policy", "out", {})
    topic = builder.add(TOPIC, "page", {})
    alarm = {**GOOD, "period": 60, "evaluationPeriods": 1}
    builder.add(ALARM, "scales", {**alarm, "alarmActions": [policy.ref("arn")]})
    builder.add(ALARM, "tells", {**alarm, "alarmActions": [topic.ref("arn")]})
    builder.add(ALARM, "whole", {**alarm, "alarmActions": topic.ref("arn")})
    result = Stepped(MECHANISM, builder.graph())
    assert result.amount("tells", APPLICATION, DETECT) == 120
    assert result.amount("whole", APPLICATION, DETECT) == 120
    assert result.of("scales", APPLICATION, DETECT) == []


@pytest.mark.parametrize("key", ["period", "evaluationPeriods", "datapointsToAlarm", "alarmActions", "actionsEnabled"])
@pytest.mark.parametrize("value", [UNKNOWN, SECRET])
def test_what_can_not_be_told_is_named(key, value):
    assert alarmed(**{key: value}).missing("errors", APPLICATION, DETECT) == key


@pytest.mark.parametrize(
    ("namespace", "metric"),
    [
        ("AWS/Billing", "EstimatedCharges"),
        ("AWS/Backup", "NumberOfBackupJobsFailed"),
        ("AWS/EC2", "CPUUtilization"),
        ("AWS/RDS", "FreeStorageSpace"),
    ],
)
def test_spending_backups_and_utilisation_need_not_move_with_a_bad_answer(namespace, metric):
    assert alarmed(namespace=namespace, metricName=metric).findings == []


def test_one_bad_metric_in_an_expression_does_not_hide_a_good_one():
    queries = [
        {"metric": {"namespace": "AWS/EC2", "metricName": "CPUUtilization", "period": 60}},
        {"metric": {"namespace": "app", "metricName": "errors", "period": 60}},
    ]
    assert len(alarmed(metricQueries=queries).steps) == 1
    assert alarmed(metricQueries=queries[:1]).steps == []


def test_a_workloads_own_metric_falls_silent_with_it():
    for missing in (None, "missing", "ignore", "notBreaching"):
        assert "stays silent" in alarmed(namespace="app", treatMissingData=missing).notes[0]
    assert alarmed(namespace="app", treatMissingData="breaching").notes == []
    assert alarmed().notes == []


def composite(rule, **more):
    builder = GraphBuilder()
    quick = builder.add(ALARM, "quick", {"name": "quick", "period": 60, "evaluationPeriods": 1, "namespace": "app"})
    builder.add(ALARM, "slow", {"name": "slow", "period": 300, "evaluationPeriods": 3, "namespace": "app"})
    value = quick.ref("name") if rule is UNKNOWN else rule
    builder.add(
        COMPOSITE, "both", {"alarmName": "both", "name": "both", "alarmRule": value, "alarmActions": [ARN], **more}
    )
    return Stepped(MECHANISM, builder.graph())


def test_a_composite_alarm_is_as_slow_as_the_slowest_of_its_rule():
    assert composite('ALARM("quick") AND ALARM(slow)').amount("both", APPLICATION, DETECT) == 960
    assert composite("ALARM('quick')").amount("both", APPLICATION, DETECT) == 120


def test_a_rule_that_is_unknown_is_read_by_its_edges():
    assert composite(UNKNOWN).amount("both", APPLICATION, DETECT) == 120


def test_a_rule_about_itself_or_about_nothing_ends():
    assert composite("ALARM(both)").missing("both", APPLICATION, DETECT) == "alarmRule"
    assert composite("TRUE").missing("both", APPLICATION, DETECT) == "alarmRule"


def test_alarms_of_one_workload_are_alternatives():
    assert {step.alternative for step in alarmed().steps} == {"alarms"}


def test_an_alarm_on_a_name_belongs_to_what_has_the_name():
    builder = GraphBuilder()
    function = builder.add(FUNCTION, "api", {"name": "api-prod"})
    alarm = {**GOOD, "period": 60, "evaluationPeriods": 1}
    builder.add(ALARM, "literal", {**alarm, "dimensions": {"FunctionName": "api-prod"}})
    builder.add(ALARM, "edge", {**alarm, "dimensions": {"FunctionName": function.ref("name")}})
    tagged = {**alarm, "dimensions": {"FunctionName": "api-prod"}, "tags": {"stanchion:workload": "other"}}
    builder.add(ALARM, "tagged", tagged)
    result = Stepped(MECHANISM, builder.graph())
    by_alarm = {step.name: step.urn.rsplit("::")[-1] for step in result.steps}
    assert by_alarm == {
        "alarm 'literal' goes off": "api",
        "alarm 'edge' goes off": "edge",
        "alarm 'tagged' goes off": "tagged",
    }


@settings(max_examples=40)
@given(st.sampled_from([10, 30, 60, 300, 3600]), st.integers(1, 20), st.integers(0, 5), st.integers(0, 10))
def test_more_periods_or_longer_ones_never_go_off_sooner(period, needed, more, minutes):
    def after(length, count):
        return seconds(alarmed(period=length, evaluationPeriods=count).amount("errors", APPLICATION, DETECT))

    assert after(period + minutes * 60, needed + more) >= after(period, needed)


def test_nonsense_is_answered():
    base = {ALARM: {**GOOD, "period": 60, "evaluationPeriods": 1}, COMPOSITE: {"alarmActions": [ARN]}}
    keys = ("period", "evaluationPeriods", "datapointsToAlarm", "metricQueries", "alarmActions", "actionsEnabled")
    more = ("dimensions", "namespace", "metricName", "treatMissingData", "alarmRule", "evaluationCriteria")
    holds_for_junk(MECHANISM, (*keys, *more, "evaluationWindow", "evaluationInterval"), base)


def test_one_more_alarm_never_makes_the_estimate_worse():
    builder = GraphBuilder(tags={"stanchion:workload": "search", "stanchion:tier": "standard"})
    for name, periods in (("errors", 2), ("drift", 60)):
        builder.add(ALARM, name, {**GOOD, "period": 60, "evaluationPeriods": periods})
    tier = TierObjectives("standard", {disruption: Objective(900.0, 900.0, 0.0) for disruption in Disruption})
    found = estimate(builder.graph(), Settings(tiers={"standard": tier})).estimates
    rto = next(e.rto for e in found if e.disruption is APPLICATION)
    assert rto.amount == 180
    spare = next(part for part in rto.parts if "drift" in part.name)
    assert not spare.counts
    assert spare.note == "not needed: faster is alarm 'errors' goes off"
