"""What AWS refuses of networks, alarms, rules and repositories is refused before anything is made."""

import json
from typing import Any

import pytest

from sandbox.provider import rows
from sandbox.provider.check import Surroundings, check
from sandbox.provider.values import UNKNOWN

VPC = "aws:ec2/vpc:Vpc"
NAT = "aws:ec2/natGateway:NatGateway"
ROUTE = "aws:ec2/route:Route"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
FLOW = "aws:ec2/flowLog:FlowLog"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
EVENTS = "aws:cloudwatch/eventRule:EventRule"
REPOSITORY = "aws:ecr/repository:Repository"
LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
REPLICATION = "aws:ecr/replicationConfiguration:ReplicationConfiguration"


def problems(token: str, inputs: dict[str, Any]) -> dict[str, str]:
    row = rows.find(token)
    assert row is not None
    _, found = check(row, {}, inputs, Surroundings("us-east-1", logical="thing", seed=b"seed"))
    return {problem.property: problem.reason for problem in found}


def alarm(**changes: Any) -> dict[str, Any]:
    wanted = {
        "namespace": "AWS/SQS",
        "metricName": "Age",
        "statistic": "Maximum",
        "period": 300,
        "evaluationPeriods": 1,
        "threshold": 0,
        "comparisonOperator": "GreaterThanThreshold",
        **changes,
    }
    return {name: value for name, value in wanted.items() if value is not None}


def flow(**changes: Any) -> dict[str, Any]:
    wanted = {
        "vpcId": "v",
        "trafficType": "ALL",
        "logDestination": "l",
        "iamRoleArn": "arn:aws:iam::0:role/r",
        **changes,
    }
    return {name: value for name, value in wanted.items() if value is not None}


def rule(**changes: Any) -> dict[str, Any]:
    wanted = {
        "securityGroupId": "sg-1",
        "ipProtocol": "tcp",
        "fromPort": 1,
        "toPort": 2,
        "cidrIpv4": "10.0.0.0/8",
        **changes,
    }
    return {name: value for name, value in wanted.items() if value is not None}


def lifecycle(**selection: Any) -> dict[str, Any]:
    wanted = {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1, **selection}
    one = {"rulePriority": 1, "selection": wanted, "action": {"type": "expire"}}
    return {"repository": "r", "policy": json.dumps({"rules": [one]})}


REFUSED = [
    (VPC, {}, "cidrBlock", "required"),
    (VPC, {"cidrBlock": "10.0.0.1/16"}, "cidrBlock", "valid IPv4"),
    (VPC, {"cidrBlock": "10.0.0.0/8"}, "cidrBlock", "/16 to /28"),
    (VPC, {"cidrBlock": "10.0.0.0/16", "ipv6CidrBlock": "::/56"}, "ipv6CidrBlock", "IPv4"),
    (NAT, {"subnetId": "s"}, "allocationId", "needs an address"),
    (NAT, {"subnetId": "s", "allocationId": "e", "connectivityType": "private"}, "allocationId", "private"),
    (ROUTE, {"routeTableId": "t", "destinationCidrBlock": "0.0.0.0/0"}, "gatewayId", "exactly one"),
    (ROUTE, {"routeTableId": "t", "gatewayId": "i"}, "destinationCidrBlock", "required"),
    (ENDPOINT, {"vpcId": "v", "serviceName": "s3"}, "serviceName", "com.amazonaws.us-east-1.s3"),
    (ENDPOINT, {"vpcId": "v", "serviceName": "com.amazonaws.us-west-2.s3"}, "serviceName", "us-west-2"),
    (ENDPOINT, {"vpcId": "v", "serviceName": "com.amazonaws.us-east-1.sts"}, "serviceName", "Interface"),
    (ENDPOINT, {"vpcId": "v", "serviceName": "com.amazonaws.us-east-1.s3", "subnetIds": ["s"]}, "subnetIds", "Gateway"),
    (FLOW, flow(maxAggregationInterval=300), "maxAggregationInterval", "60 or 600"),
    (FLOW, flow(iamRoleArn=None), "iamRoleArn", "role"),
    (FLOW, flow(logDestinationType="s3"), "iamRoleArn", "bucket"),
    (GROUP, {"name": "sg-web"}, "name", "sg-"),
    (GROUP, {"description": "naïve"}, "description", "255 letters"),
    (GROUP, {"ingress": [{"protocol": "-1", "fromPort": 0, "toPort": 0}]}, "ingress[0]", "cidrBlocks"),
    (GROUP, {"ingress": [{"protocol": "-1", "fromPort": 1, "toPort": 1, "self": True}]}, "ingress[0]", "no ports"),
    (RULE, rule(toPort=None), "toPort", "fromPort and toPort"),
    (RULE, rule(toPort=0), "toPort", "before it begins"),
    (RULE, rule(ipProtocol="-1"), "fromPort", "no ports"),
    (RULE, rule(referencedSecurityGroupId="sg-2"), "cidrIpv4", "exactly one"),
    (ALARM, alarm(period=90), "period", "multiple of 60"),
    (ALARM, alarm(evaluationPeriods=289), "evaluationPeriods", "look back"),
    (ALARM, alarm(evaluationPeriods=2, datapointsToAlarm=3), "datapointsToAlarm", "3 datapoints"),
    (ALARM, alarm(extendedStatistic="p95"), "statistic", "exactly one"),
    (ALARM, alarm(metricName=None), "metricName", "required"),
    (LOGS, {"retentionInDays": 8}, "retentionInDays", "expected retentionInDays to be one of 0, 1, 3, 5, 7"),
    (LOGS, {"name": "a b"}, "name", "letters"),
    (EVENTS, {"description": "never"}, "eventPattern", "required"),
    (EVENTS, {"scheduleExpression": "rate(1 hour)", "eventBusName": "own"}, "scheduleExpression", "default event bus"),
    (REPOSITORY, {"name": "UPPER"}, "name", "has to match"),
    (REPOSITORY, {"name": "a/b", "encryptionConfigurations": [{"kmsKey": "k"}]},
     "encryptionConfigurations[0].kmsKey", "use KMS"),
    (LIFECYCLE, {"repository": "r", "policy": "{}"}, "policy", "rulePriority"),
    (LIFECYCLE, lifecycle(tagStatus="tagged"), "policy", "tagPatternList"),
    (LIFECYCLE, lifecycle(tagPrefixList=["v"]), "policy", "takes no tagPrefixList"),
    (LIFECYCLE, lifecycle(countUnit="days"), "policy", "sinceImagePushed"),
    (REPLICATION,
     {"replicationConfiguration": {"rules": [{"destinations": [{"region": "us-east-1", "registryId": "0" * 12}]}]}},
     "replicationConfiguration.rules[0].destinations[0].region", "other regions"),
]  # fmt: skip


@pytest.mark.parametrize(("token", "inputs", "path", "part"), REFUSED)
def test_what_aws_refuses_is_refused(token: str, inputs: dict[str, Any], path: str, part: str) -> None:
    found = problems(token, inputs)
    assert path in found, found
    assert part in found[path]


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        (ALARM, alarm(period=10800, evaluationPeriods=56)),
        (ALARM, alarm(statistic=None, extendedStatistic="p99.9")),
        (ENDPOINT, {"vpcId": UNKNOWN, "serviceName": UNKNOWN}),
        (ENDPOINT, {"vpcId": "v", "vpcEndpointType": "Interface", "serviceName": "aws.sagemaker.us-east-1.notebook"}),
        (GROUP, {"ingress": UNKNOWN}),
        (LIFECYCLE, lifecycle(tagStatus="tagged", tagPatternList=["*"])),
        (LIFECYCLE, lifecycle(countType="sinceImagePushed", countUnit="days")),
        (LIFECYCLE, {"repository": "r", "policy": UNKNOWN}),
        (RULE, rule(ipProtocol="-1", fromPort=None, toPort=None)),
        (VPC, {"cidrBlock": UNKNOWN}),
    ],
)
def test_what_aws_takes_is_let_through(token: str, inputs: dict[str, Any]) -> None:
    assert problems(token, inputs) == {}
