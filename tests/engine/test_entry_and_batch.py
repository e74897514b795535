"""The way in and a batch endpoint deployed by the engine: up, no change, a change, drift, a job, destroy."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from sandbox.batch.__main__ import interrupt
from sandbox.batch.host import COMMAND_VARIABLE
from sandbox.run_directory import DIRECTORY_VARIABLE
from tests.engine.conftest import unique_name
from tests.engine.project import CHECKOUT, Answer, run_command

pytestmark = pytest.mark.engine

PROGRAM = "from tests.engine.serving_program import build\n\nbuild()\n"
NAME = unique_name("test_entry_and_batch")
PATIENCE = 60
SECOND_TIME = "import os, time; os.environ['AWS_BATCH_JOB_ATTEMPT'] == '2' or time.sleep(600)"


class Program:
    """The program in a folder of its own."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self.folder = folder
        self.variables = {**variables, "PYTHONPATH": str(CHECKOUT), "PULUMI_BACKEND_URL": f"file://{folder}/state"}
        (folder / "state").mkdir()
        virtualenv = str(Path(sys.executable).parent.parent)
        settings = {"name": "serving", "runtime": {"name": "python", "options": {"virtualenv": virtualenv}}}
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        (folder / "__main__.py").write_text(PROGRAM, encoding="utf-8")
        self.pulumi("stack", "init", "test").ok()
        self.configure("aws:region", "us-east-1")
        self.configure("app:name", NAME)
        self.configure("app:code", SECOND_TIME)

    def pulumi(self, *arguments: str) -> Answer:
        return run_command(["pulumi", *arguments, "--non-interactive", "--color", "never"], self.folder, self.variables)

    def configure(self, key: str, value: str) -> None:
        self.pulumi("config", "set", key, value, "--stack", "test").ok()

    def up(self, *more: str) -> Answer:
        return self.pulumi("up", "--yes", "--skip-preview", "--stack", "test", *more).ok()

    def outputs(self) -> dict[str, Any]:
        return json.loads(self.pulumi("stack", "output", "--json", "--stack", "test").ok().out)

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            region_name="us-east-1",
            endpoint_url=self.variables["AWS_ENDPOINT_URL"],
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, engine: dict[str, str]) -> Iterator[Program]:
    made = Program(tmp_path_factory.mktemp("serving"), engine)
    made.pulumi("up", "--yes", "--stack", "test").ok()
    yield made
    made.pulumi("destroy", "--yes", "--stack", "test").ok()
    assert not [each for each in made.client("elbv2").describe_load_balancers()["LoadBalancers"] if _ours(each)]
    assert made.client("batch").describe_job_queues(jobQueues=[NAME])["jobQueues"] == []


def _ours(balancer: dict[str, Any]) -> bool:
    return balancer["LoadBalancerName"] == NAME


def test_a_second_up_that_looks_at_the_cloud_changes_nothing(program: Program) -> None:
    program.up("--refresh", "--expect-no-changes")


def test_what_somebody_changed_in_the_cloud_is_put_back(program: Program) -> None:
    balancers, target = program.client("elbv2"), program.outputs()["targets"]["critical"]
    balancers.modify_target_group_attributes(
        TargetGroupArn=target, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "300"}]
    )
    batch, queue = program.client("batch"), program.outputs()["queue"]
    batch.update_job_queue(jobQueue=queue, priority=9)
    acls = program.client("wafv2")
    (acl,) = [each for each in acls.list_web_acls(Scope="REGIONAL")["WebACLs"] if each["Name"].startswith("way-in")]
    named = {name: acl[name] for name in ("Id", "Name")} | {"Scope": "REGIONAL"}
    found = acls.get_web_acl(**named)
    acls.update_web_acl(
        **named,
        LockToken=found["LockToken"],
        DefaultAction={"Block": {}},
        Rules=found["WebACL"]["Rules"],
        VisibilityConfig=found["WebACL"]["VisibilityConfig"],
    )
    changed = program.up("--refresh").out
    assert changed.count(" updated") >= 3, changed
    attributes = balancers.describe_target_group_attributes(TargetGroupArn=target)["Attributes"]
    assert {"Key": "deregistration_delay.timeout_seconds", "Value": "90"} in attributes
    assert batch.describe_job_queues(jobQueues=[queue])["jobQueues"][0]["priority"] == 1
    assert acls.get_web_acl(**named)["WebACL"]["DefaultAction"] == {"Allow": {}}


def test_another_rto_and_another_job_are_changes_in_place(program: Program) -> None:
    before = program.outputs()
    program.configure("app:rto", "10m")
    program.configure("app:attempts", "4")
    program.up()
    after = program.outputs()

    assert after["targets"] == before["targets"]
    arns = [after["targets"]["critical"]]
    (group,) = program.client("elbv2").describe_target_groups(TargetGroupArns=arns)["TargetGroups"]
    assert (group["HealthCheckIntervalSeconds"], group["UnhealthyThresholdCount"]) == (30, 3)

    # A new revision, which the clock submits; what names the old one still finds it.
    assert int(after["definition"].rpartition(":")[2]) == int(before["definition"].rpartition(":")[2]) + 1
    batch, scheduler = program.client("batch"), program.client("scheduler")
    active = batch.describe_job_definitions(jobDefinitionName=NAME, status="ACTIVE")["jobDefinitions"]
    assert {each["jobDefinitionArn"] for each in active} >= {before["definition"], after["definition"]}
    schedules = [each for each in scheduler.list_schedules()["Schedules"] if each["Name"].startswith("nightly")]
    (target,) = [scheduler.get_schedule(GroupName=s["GroupName"], Name=s["Name"])["Target"] for s in schedules]
    assert json.loads(target["Input"])["JobDefinition"] == after["definition"]
    program.up("--expect-no-changes")


def test_a_job_that_fails_is_told_to_the_topic_that_the_endpoint_names(program: Program) -> None:
    batch, outputs, topics, queues = (
        program.client("batch"),
        program.outputs(),
        program.client("sns"),
        program.client("sqs"),
    )
    (topic,) = [each["TopicArn"] for each in topics.list_topics()["Topics"] if f":{NAME}-warning" in each["TopicArn"]]
    url = queues.create_queue(QueueName=f"{NAME}-told")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    jobs: dict[int, str] = {}
    for code in (0, 3):
        command = json.dumps(["python", "-c", f"raise SystemExit({code})"])
        jobs[code] = batch.submit_job(
            jobName=f"ends-with-{code}",
            jobQueue=outputs["queue"],
            jobDefinition=outputs["definition"],
            containerOverrides={"environment": [{"name": COMMAND_VARIABLE, "value": command}]},
        )["jobId"]
    begun, told = time.monotonic(), list[dict[str, Any]]()
    while not told:
        assert time.monotonic() - begun < PATIENCE
        messages = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
        told = [json.loads(message["Body"]) for message in messages]
    queues.delete_queue(QueueUrl=url)
    # Of the states that both went through, its rule takes this one.
    (event,) = told
    assert (event["source"], event["detail-type"]) == ("aws.batch", "Batch Job State Change")
    detail = event["detail"]
    assert (detail["jobId"], detail["status"], detail["container"]["exitCode"]) == (jobs[3], "FAILED", 3)


def test_a_job_of_the_endpoint_that_is_taken_back_runs_again_by_its_own_rules(program: Program) -> None:
    batch, outputs = program.client("batch"), program.outputs()
    submitted = batch.submit_job(jobName="one", jobQueue=outputs["queue"], jobDefinition=outputs["definition"])
    identity = submitted["jobId"]

    def until(*statuses: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while (job := batch.describe_jobs(jobs=[identity])["jobs"][0])["status"] not in statuses:
            assert time.monotonic() < deadline, job
            time.sleep(0.05)
        return job

    until("RUNNING")
    interrupt(identity, 0, Path(program.variables[DIRECTORY_VARIABLE]))
    job = until("SUCCEEDED", "FAILED")
    assert (job["status"], len(job["attempts"])) == ("SUCCEEDED", 2)
    # The first environment of the queue's order is spot.
    instances = [attempt["container"]["containerInstanceArn"] for attempt in job["attempts"]]
    assert all("/AWSBatch-nightly-capacity-spot-" in instance for instance in instances)
    assert job["tags"]["stanchion:workload"] == "nightly"
