"""Flow logs: all traffic, into one encrypted log group, by a role that can do nothing else."""

import json
from dataclasses import replace
from typing import Any

import pulumi

from components.alarm import AlarmTopicsArgs
from components.network.flow_logs import FlowLogs, FlowLogsArgs
from tests.recorder import ACCOUNT, Recording, provider, record

REGION = "us-west-2"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/mrk-1"
ARGS = FlowLogsArgs(
    vpc_id="vpc-1",
    key_arn=KEY,
    retention_days=90,
    account_id=ACCOUNT,
    alarm_topics=AlarmTopicsArgs(critical="arn:critical", warning="arn:warning", info="arn:info"),
    keep=True,
)
LOG_GROUP = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:log-group/local-flow-logs-logs"


def recorded(**changes: Any) -> Recording:
    args = replace(ARGS, **changes)
    return record(lambda: FlowLogs("local-flow", args, pulumi.ResourceOptions(provider=provider(REGION))))


def statement(document: str) -> dict[str, Any]:
    (only,) = json.loads(document)["Statement"]
    return only


def test_accepted_and_rejected_traffic_of_the_vpc_goes_to_the_log_group() -> None:
    log = recorded().one("FlowLog").inputs
    assert (log["vpcId"], log["trafficType"]) == ("vpc-1", "ALL")
    assert (log["logDestinationType"], log["logDestination"]) == ("cloud-watch-logs", LOG_GROUP)


def test_the_log_group_is_encrypted_and_forgets_in_time() -> None:
    group = recorded(retention_days=400).one("LogGroup", "local-flow-logs-logs").inputs
    assert (group["kmsKeyId"], group["retentionInDays"]) == (KEY, 400)


def test_the_role_is_the_flow_log_services_for_this_account_only() -> None:
    trust = statement(recorded().one("Role").inputs["assumeRolePolicy"])
    assert trust == {
        "Effect": "Allow",
        "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }


def test_the_role_writes_to_this_one_log_group_and_reads_nothing() -> None:
    recording = recorded()
    permission = recording.one("RolePolicy").inputs
    assert permission["role"] == "local-flow-role"
    assert statement(permission["policy"]) == {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
        "Resource": f"{LOG_GROUP}:*",
    }


def test_the_flow_log_uses_the_role_once_the_role_can_write() -> None:
    recording = recorded()
    log = recording.one("FlowLog")
    assert log.inputs["iamRoleArn"].endswith("role/local-flow-role")
    assert recording.one("RolePolicy").urn in log.dependencies


def test_silence_is_an_alarm_only_where_there_is_traffic() -> None:
    alarm = recorded().one("MetricAlarm").inputs
    assert (alarm["metricName"], alarm["period"], alarm["treatMissingData"]) == (
        "IncomingLogEvents",
        3 * 3600,
        "breaching",
    )
    assert not recorded(watched=False).all("MetricAlarm")


def test_what_was_logged_is_kept_but_not_what_logs() -> None:
    kept = {r.kind for r in recorded(keep=True).resources if r.custom and r.retain_on_delete}
    assert kept == {"LogGroup"}
