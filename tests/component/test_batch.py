"""A batch endpoint: its order of capacity, what its jobs may touch, and who hears that one failed."""

import json
from dataclasses import replace
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.alarm import AlarmTopicsArgs
from components.serving.batch import BatchEndpoint, BatchEndpointArgs
from components.serving.job_definition import JobArgs
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.estimate import Verdict
from tests.component.judged import broken_rules, estimates_of
from tests.recorder import ACCOUNT, Recording, provider, record

TYPES = [f"m{generation}.{size}xlarge" for generation in ("5", "6i", "6a", "7i", "7a") for size in (1, 2, 4)]
KEY = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/mrk-1"
CURATED = "arn:aws:s3:::prod-curated"
JOB = JobArgs(
    image=f"1.dkr.ecr.us-west-2.amazonaws.com/prod/batch@sha256:{'0' * 64}",
    command=["score", "Ref::input"],
    parameters={"input": "nightly/in"},
)
ARGS = BatchEndpointArgs(
    endpoint_name="prod-nightly",
    account_id=ACCOUNT,
    workload="nightly",
    tier="standard",
    job=JOB,
    instance_types=TYPES,
    vpc_id="vpc-1",
    subnet_ids=["subnet-a", "subnet-b", "subnet-c"],
    model_bucket_arn="arn:aws:s3:::prod-models",
    model_prefix="scorer/2026-05",
    input_bucket_arn=CURATED,
    input_prefix="nightly/in",
    output_bucket_arn=CURATED,
    output_prefix="nightly/out",
    key_arn=KEY,
    alarm_topics=AlarmTopicsArgs(critical="arn:critical", warning="arn:warning", info="arn:info"),
    keep=True,
    restore_time="2h",
    schedule="cron(0 3 * * ? *)",
    environment={"MODEL": "s3://prod-models/scorer/2026-05"},
)


def recorded(*, preview: bool = False, **changes: Any) -> Recording:
    args = replace(ARGS, **changes)
    build = lambda: BatchEndpoint("local", args, pulumi.ResourceOptions(provider=provider("us-west-2")))  # noqa: E731
    return record(build, preview=preview)


def test_the_queue_asks_spot_first_and_on_demand_when_there_is_none() -> None:
    queue = recorded().one("JobQueue").inputs
    orders = sorted(queue["computeEnvironmentOrders"], key=lambda order: order["order"])
    assert [order["computeEnvironment"].rpartition("/")[2] for order in orders] == [
        "local-capacity-spot",
        "local-capacity-on-demand",
    ]


def test_a_job_waits_for_capacity_for_a_day_at_most() -> None:
    actions = recorded().one("JobQueue").inputs["jobStateTimeLimitActions"]
    assert {(action["state"], action["action"], action["maxTimeSeconds"]) for action in actions} == {
        ("RUNNABLE", "CANCEL", 86400)
    }


def test_a_job_is_started_again_after_its_host_and_ends_by_its_time() -> None:
    definition = recorded(job=replace(JOB, attempts=4, timeout="90m")).one("JobDefinition").inputs
    assert definition["retryStrategy"]["attempts"] == 4
    assert definition["retryStrategy"]["evaluateOnExits"][0] == {"action": "RETRY", "onStatusReason": "Host EC2*"}
    assert definition["timeout"] == {"attemptDurationSeconds": 5400}
    assert definition["platformCapabilities"] == ["EC2"]
    assert definition["parameters"] == {"input": "nightly/in"}
    assert definition["propagateTags"] is True


def test_an_older_revision_stays_for_submissions_that_name_it() -> None:
    assert recorded().one("JobDefinition").inputs["deregisterOnNewRevision"] is False


def test_the_container_runs_by_digest_as_the_jobs_role() -> None:
    recording = recorded()
    properties = json.loads(recording.one("JobDefinition").inputs["containerProperties"])
    assert properties["image"] == JOB.image
    assert properties["jobRoleArn"].endswith("/local-job")
    assert properties["executionRoleArn"].endswith("/local-execution")
    assert properties["environment"] == [{"name": "MODEL", "value": "s3://prod-models/scorer/2026-05"}]
    group = recording.one("LogGroup", "local-jobs-logs")
    assert properties["logConfiguration"]["options"]["awslogs-group"] == group.inputs["name"]


def test_jobs_read_model_and_input_and_write_their_output_and_nothing_beside() -> None:
    document = json.loads(recorded().one("RolePolicy", "local-job").inputs["policy"])
    allowed: dict[str, set[str]] = {}
    for statement in document["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        for action in actions:
            allowed.setdefault(action, set()).add(statement["Resource"])
    assert allowed.pop("kms:Decrypt") == allowed.pop("kms:GenerateDataKey") == {KEY}
    assert allowed == {
        "s3:GetObject": {
            "arn:aws:s3:::prod-models/scorer/2026-05/*",
            f"{CURATED}/nightly/in/*",
            # What is there already is skipped by a retry, which has to see it.
            f"{CURATED}/nightly/out/*",
        },
        "s3:ListBucket": {"arn:aws:s3:::prod-models", CURATED},
        "s3:PutObject": {f"{CURATED}/nightly/out/*"},
        "s3:AbortMultipartUpload": {f"{CURATED}/nightly/out/*"},
    }


def test_only_tasks_of_this_account_get_the_roles() -> None:
    for name in ("local-job", "local-execution"):
        (trust,) = json.loads(recorded().one("Role", name).inputs["assumeRolePolicy"])["Statement"]
        assert trust["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
        assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_a_failed_job_is_told_and_so_is_that_it_could_not_be() -> None:
    recording = recorded()
    rule = recording.one("EventRule")
    pattern = json.loads(rule.inputs["eventPattern"])
    assert pattern["source"] == ["aws.batch"]
    assert pattern["detail"]["status"] == ["FAILED"]
    assert pattern["detail"]["jobQueue"] == [recording.known[recording.one("JobQueue").urn]["arn"]]
    assert recording.one("EventTarget").inputs["arn"] == "arn:warning"
    untold = next(r.inputs for r in recording.all("MetricAlarm") if r.name == "local-failures-untold")
    assert (untold["metricName"], untold["alarmActions"]) == ("FailedInvocations", ["arn:critical"])


def test_the_clock_submits_the_definition_as_it_is_now() -> None:
    recording = recorded()
    target = recording.one("aws:scheduler/schedule:Schedule").inputs["target"]
    said = json.loads(target["input"])
    assert said["JobDefinition"] == recording.known[recording.one("JobDefinition").urn]["arn"]
    assert said["JobQueue"] == recording.known[recording.one("JobQueue").urn]["arn"]
    assert not recorded(schedule=None).all("aws:scheduler/schedule:Schedule")


def in_a_network(zones: str, *, preview: bool = False) -> Recording:
    """The endpoint in subnets of the same program, whose zones are known."""

    def build() -> None:
        given = provider("us-west-2")
        subnets = [
            aws.ec2.Subnet(
                f"private-{number}",
                vpc_id="vpc-1",
                cidr_block=f"10.0.{number}.0/24",
                availability_zone=f"us-west-2{zone}",
                tags={"stanchion:shared": "true"},
                opts=pulumi.ResourceOptions(provider=given),
            )
            for number, zone in enumerate(zones)
        ]
        args = replace(ARGS, subnet_ids=[subnet.id for subnet in subnets])
        BatchEndpoint("local", args, pulumi.ResourceOptions(provider=given))

    return record(build, preview=preview)


@pytest.mark.parametrize("preview", [False, True], ids=["deployed", "first preview"])
@pytest.mark.parametrize("disruption", [Disruption.INFRASTRUCTURE, Disruption.ZONE])
def test_a_lost_host_and_a_lost_zone_cost_what_the_team_declares(disruption: Disruption, preview: bool) -> None:
    recording = in_a_network("abc", preview=preview)
    figure = estimates_of(recording, "standard", 4 * 3600)[disruption].rto
    assert figure.verdict is Verdict.MET
    assert figure.amount == 7200
    assert estimates_of(recording, "standard", 3600)[disruption].rto.verdict is Verdict.BROKEN


def test_three_subnets_in_one_zone_are_lost_with_it() -> None:
    figure = estimates_of(in_a_network("aaa"), "standard", 4 * 3600)[Disruption.ZONE].rto
    assert figure.verdict is Verdict.BROKEN
    assert figure.deciding is not None
    assert "in one zone only" in figure.deciding.name


def test_without_a_declaration_nobody_can_tell() -> None:
    recording = recorded(restore_time=None)
    figure = estimates_of(recording, "standard", 4 * 3600)[Disruption.INFRASTRUCTURE].rto
    assert figure.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("preview", [False, True], ids=["deployed", "first preview"])
def test_it_breaks_no_rule(preview: bool) -> None:
    assert broken_rules(recorded(preview=preview)) == []


def test_a_job_that_would_not_run_again_is_refused() -> None:
    with pytest.raises(ValueError, match="batch job 'local' has 1 attempts"):
        recorded(job=replace(JOB, attempts=1))
