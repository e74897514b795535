"""What AWS refuses of load balancers, firewalls, batch and schedules is refused before anything is made."""

import json
from typing import Any

import pytest

from sandbox.provider import rows
from sandbox.provider.check import Surroundings, check
from sandbox.provider.context import Context
from sandbox.provider.errors import ProviderError
from sandbox.provider.rows import batch, ec2_templates, lb, lb_listeners, wafv2
from sandbox.provider.values import UNKNOWN
from tests.unit.provider.cloud_stub import StubCloud

ARN = "arn:aws:elasticloadbalancing:us-east-1:0:loadbalancer/app/a/1"
FIXED = {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "404"}}
VISIBLE = {"cloudwatchMetricsEnabled": True, "metricName": "one", "sampledRequestsEnabled": True}


def problems(token: str, inputs: dict[str, Any]) -> dict[str, str]:
    row = rows.find(token)
    assert row is not None
    _, found = check(row, {}, inputs, Surroundings("us-east-1", logical="thing", seed=b"seed"))
    return {problem.property: problem.reason for problem in found}


def targets(**changes: Any) -> dict[str, Any]:
    return {"targetType": "ip", "protocol": "HTTP", "port": 80, "vpcId": "vpc-1", **changes}


def listener(**changes: Any) -> dict[str, Any]:
    wanted = {"loadBalancerArn": ARN, "port": 80, "protocol": "HTTP", "defaultActions": [FIXED], **changes}
    return {name: value for name, value in wanted.items() if value is not None}


def rule(**changes: Any) -> dict[str, Any]:
    condition = {"hostHeader": {"values": ["a.example.com"]}}
    return {"listenerArn": "arn:listener", "conditions": [condition], "actions": [FIXED], **changes}


def acl(*found: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "scope": "REGIONAL",
        "defaultAction": {"allow": {}},
        "visibilityConfig": VISIBLE,
        "rules": list(found),
        **changes,
    }


def rate(limit: int) -> dict[str, Any]:
    statement = {"rateBasedStatement": {"limit": limit, "aggregateKeyType": "IP"}}
    return {"name": "r", "priority": 0, "statement": statement, "action": {"block": {}}, "visibilityConfig": VISIBLE}


def job(**changes: Any) -> dict[str, Any]:
    return {"type": "container", "containerProperties": "{}", **changes}


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        (lb.BALANCER, {"name": "prod-gateways", "subnets": ["a", "b"], "idleTimeout": 4000}),
        (lb.TARGETS, targets(namePrefix="criti-", healthCheck={"interval": 5, "timeout": 2})),
        (lb.TARGETS, targets(healthCheck={"interval": UNKNOWN, "timeout": 5})),
        (lb_listeners.LISTENER, listener(protocol="HTTPS", certificateArn=UNKNOWN)),
        (lb_listeners.LISTENER, listener(defaultActions=[{"type": "forward", "targetGroupArn": UNKNOWN}])),
        (lb_listeners.RULE, rule(priority=1)),
        (wafv2.ACL, acl(rate(10))),
        (batch.ENVIRONMENT, {"type": "MANAGED", "updatePolicy": {"jobExecutionTimeoutMinutes": 60}}),
        ("aws:batch/jobDefinition:JobDefinition", job(retryStrategy={"attempts": 10})),
        (ec2_templates.TEMPLATE, {"metadataOptions": {"httpTokens": "required"}, "updateDefaultVersion": True}),
    ],
)
def test_what_is_right_passes(token: str, inputs: dict[str, Any]) -> None:
    assert problems(token, inputs) == {}


@pytest.mark.parametrize(
    ("token", "inputs", "where", "reason"),
    [
        (lb.BALANCER, {"name": "a_b"}, "name", "letters, digits and hyphens"),
        (lb.BALANCER, {"loadBalancerType": "network"}, "loadBalancerType", "expected one of"),
        (lb.BALANCER, {"idleTimeout": 4001}, "idleTimeout", "1 - 4000"),
        (lb.BALANCER, {"subnetMappings": [{"subnetId": "a"}]}, "subnetMappings", "use subnets"),
        (lb.TARGETS, targets(namePrefix="critical"), "namePrefix", "up to 6 characters"),
        (lb.TARGETS, targets(deregistrationDelay=3601), "deregistrationDelay", "0 - 3600"),
        (lb.TARGETS, targets(healthCheck={"interval": 4}), "healthCheck.interval", "5 - 300"),
        (
            lb.TARGETS,
            targets(healthCheck={"interval": 5, "timeout": 5}),
            "healthCheck.timeout",
            "must be smaller than the interval",
        ),
        (lb_listeners.LISTENER, listener(protocol="HTTPS"), "certificateArn", "must be specified for HTTPS"),
        (lb_listeners.LISTENER, listener(certificateArn="arn:c"), "certificateArn", "cannot be specified for HTTP"),
        (
            lb_listeners.LISTENER,
            listener(defaultActions=[{"type": "forward"}]),
            "defaultActions[0]",
            "needs targetGroupArn",
        ),
        (
            lb_listeners.LISTENER,
            listener(defaultActions=[{"type": "forward", "forward": {"targetGroups": [{"arn": "a"}]}}]),
            "defaultActions[0].forward",
            "no such action",
        ),
        (lb_listeners.RULE, rule(priority=50001), "priority", "1 - 50000"),
        (
            lb_listeners.RULE,
            rule(conditions=[{"queryStrings": [{"value": "a"}]}]),
            "conditions[0].queryStrings",
            "host, method, path and address only",
        ),
        (
            wafv2.ACL,
            acl(rate(9)),
            "rules[0].statement.rateBasedStatement.limit",
            "10 - 2000000000",
        ),
        (wafv2.ACL, acl(scope="GLOBAL"), "scope", "expected one of"),
        (
            "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
            {"resourceArn": "arn:acl", "logDestinationConfigs": ["arn:aws:logs:us-east-1:0:log-group:entry"]},
            "logDestinationConfigs[0]",
            "aws-waf-logs-",
        ),
        (batch.ENVIRONMENT, {"type": "MANAGED", "state": "ON"}, "state", "expected one of"),
        ("aws:batch/jobDefinition:JobDefinition", {"type": "container"}, "containerProperties", "containerProperties"),
        (
            "aws:batch/jobDefinition:JobDefinition",
            job(retryStrategy={"attempts": 11}),
            "retryStrategy.attempts",
            "1 - 10",
        ),
        (
            "aws:batch/jobDefinition:JobDefinition",
            job(timeout={"attemptDurationSeconds": 59}),
            "timeout.attemptDurationSeconds",
            "60 - ",
        ),
        ("aws:batch/jobDefinition:JobDefinition", job(containerProperties="{"), "containerProperties", "JSON"),
        (
            "aws:scheduler/schedule:Schedule",
            {
                "scheduleExpression": "daily",
                "flexibleTimeWindow": {"mode": "OFF"},
                "target": {"arn": "a", "roleArn": "r"},
            },
            "scheduleExpression",
            "rate",
        ),
        (ec2_templates.TEMPLATE, {"instanceMarketOptions": {"marketType": "spot"}}, "instanceMarketOptions", "keep"),
    ],
)
def test_what_aws_or_the_local_cloud_can_not_do_is_refused(
    token: str, inputs: dict[str, Any], where: str, reason: str
) -> None:
    found = problems(token, inputs)
    assert where in found, found
    assert reason in found[where]


def context(token: str, inputs: dict[str, Any], **answers: Any) -> tuple[Context, StubCloud]:
    row = rows.find(token)
    assert row is not None
    cloud = StubCloud(answers)
    made = Context(cloud, row, inputs, {}, ARN)
    made.creating = True
    return made, cloud


def test_a_load_balancer_in_one_zone_is_refused_as_aws_does() -> None:
    subnets = [{"SubnetId": name, "AvailabilityZone": "us-east-1a", "VpcId": "vpc-1"} for name in ("a", "b")]
    made, cloud = context(lb.BALANCER, {"name": "a", "subnets": ["a", "b"]}, describe_subnets={"Subnets": subnets})
    with pytest.raises(ProviderError, match="two different Availability Zones"):
        lb.create_balancer(made)
    assert "create_load_balancer" not in cloud.operations()


def test_a_protected_load_balancer_stays() -> None:
    protected = {"Attributes": [{"Key": "deletion_protection.enabled", "Value": "true"}]}
    made, cloud = context(lb.BALANCER, {}, describe_load_balancer_attributes=protected)
    with pytest.raises(ProviderError, match="deletion protection is enabled"):
        lb.delete_balancer(made)
    assert "delete_load_balancer" not in cloud.operations()


def test_a_priority_is_given_out_once_and_the_last_one_is_taken_when_none_is_said() -> None:
    taken = {"Rules": [{"Priority": "default"}, {"Priority": "1"}, {"Priority": "7"}]}
    made = {"Rules": [{"RuleArn": "arn:rule"}]}
    twice, _ = context(lb_listeners.RULE, rule(priority=7), describe_rules=taken)
    with pytest.raises(ProviderError, match="PriorityInUse: Priority '7' is currently in use"):
        lb_listeners.create_rule(twice)
    last, cloud = context(lb_listeners.RULE, rule(), describe_rules=taken, create_rule=made)
    lb_listeners.create_rule(last)
    assert cloud.calls[-1][2]["Priority"] == 8


@pytest.mark.parametrize("stays", [True, False])
def test_an_older_revision_goes_unless_it_is_to_stay(stays: bool) -> None:
    before = {"jobDefinitionArn": "arn:aws:batch:us-east-1:0:job-definition/nightly:1", "revision": 1}
    inputs = job(containerProperties=json.dumps({"image": "a"}), deregisterOnNewRevision=not stays)
    made, cloud = context(
        "aws:batch/jobDefinition:JobDefinition",
        inputs,
        describe_job_definitions={"jobDefinitions": [before]},
        register_job_definition={
            "jobDefinitionArn": "arn:aws:batch:us-east-1:0:job-definition/nightly:2",
            "revision": 2,
        },
    )
    made.creating, made.changed = False, frozenset({"containerProperties"})
    batch.new_revision(made)
    assert made.state["revision"] == 2
    assert ("deregister_job_definition" in cloud.operations()) is not stays
