"""A sandbox of this module's own: its faults and its end would disturb the one that other engine tests share."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from sandbox import cloud
from sandbox.front_door.faults import Effect, Fault
from sandbox.ports import is_free
from sandbox.processes.supervisor import Supervisor
from sandbox.run_directory import RunDirectory

pytestmark = pytest.mark.engine

REGIONS = ("us-east-1", "us-west-2")
MOST_MEMORY = 1.5 * 2**30


@contextlib.contextmanager
def sandbox() -> Iterator[Path]:
    root = Path(tempfile.mkdtemp(prefix="stanchion-"))
    try:
        cloud.start_processes(print, root)
        yield root
    finally:
        cloud.stop(print, root)
        shutil.rmtree(root)


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    with sandbox() as started:
        yield started


@pytest.fixture(autouse=True)
def _healed(root: Path) -> Iterator[None]:
    yield
    with contextlib.suppress(Exception):
        cloud.control(root).heal()


def client(root: Path, service: str, region: str) -> Any:
    variables = cloud.environment_variables(root)
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=20),
    )


def make_bucket(root: Path, name: str, region: str) -> Any:
    s3 = client(root, "s3", region)
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **where)
    return s3


@pytest.mark.parametrize("region", REGIONS)
def test_boto3_works_in_each_region_through_one_address(root: Path, region: str):
    s3 = make_bucket(root, f"objects-{region}", region)
    key, body = "a b/ü+%2F//x?y=1&z", os.urandom(3 * 1024 * 1024)
    s3.put_object(Bucket=f"objects-{region}", Key=key, Body=body)
    assert s3.get_object(Bucket=f"objects-{region}", Key=key)["Body"].read() == body
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=f"objects-{region}")["Contents"]] == [key]
    queues = client(root, "sqs", region)
    url = queues.create_queue(QueueName="jobs")["QueueUrl"]
    assert url.startswith(cloud.environment_variables(root)["AWS_ENDPOINT_URL"])
    queues.send_message(QueueUrl=url, MessageBody=region)
    assert [found["Body"] for found in queues.receive_message(QueueUrl=url)["Messages"]] == [region]
    # One that MiniStack lacks, and the account both are in.
    models = client(root, "sagemaker", region)
    arn = models.create_model_package_group(ModelPackageGroupName=f"support-{region}")["ModelPackageGroupArn"]
    assert f":{region}:{cloud.ACCOUNT}:" in arn
    assert client(root, "sts", region).get_caller_identity()["Account"] == cloud.ACCOUNT


def test_the_plain_environment_is_enough_for_boto3(root: Path):
    code = (
        "import boto3; print(boto3.client('sts').get_caller_identity()['Account'], "
        "boto3.client('dynamodb', region_name='us-west-2').list_tables()['TableNames'])"
    )
    inherited = {"AWS_PROFILE": "production", "AWS_SESSION_TOKEN": "of-the-user", "HTTP_PROXY": "http://127.0.0.1:9"}
    variables = {**os.environ, **inherited, **cloud.environment_variables(root)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == (f"{cloud.ACCOUNT} []\n", "")


def test_a_region_is_lost_and_comes_back(root: Path):
    for region in REGIONS:
        make_bucket(root, f"kept-{region}", region)
    cloud.control(root).add(Fault(Effect.DROP, region="us-west-2"))
    assert [fault.region for fault in cloud.status(root).faults] == ["us-west-2"]
    for service, call in (("s3", "list_buckets"), ("sqs", "list_queues"), ("sagemaker", "list_models")):
        with pytest.raises(BotoCoreError):
            getattr(client(root, service, "us-west-2"), call)()
        assert getattr(client(root, service, "us-east-1"), call)()
    cloud.control(root).heal()
    assert client(root, "s3", "us-west-2").head_bucket(Bucket="kept-us-west-2")
    assert cloud.status(root).faults == ()


@pytest.mark.parametrize(("service", "call"), [("s3", "list_buckets"), ("ec2", "describe_vpcs"), ("kms", "list_keys")])
def test_a_lost_service_answers_what_boto3_understands(root: Path, service: str, call: str):
    cloud.control(root).add(Fault(Effect.UNAVAILABLE, "us-west-2", service))
    with pytest.raises(ClientError) as caught:
        getattr(client(root, service, "us-west-2"), call)()
    assert caught.value.response["Error"]["Code"] == "ServiceUnavailable"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert getattr(client(root, service, "us-east-1"), call)()


def test_nothing_listens_beyond_loopback_and_memory_is_bounded(root: Path):
    # A cache and a database are what MiniStack would open ports for.
    cache = client(root, "elasticache", "us-east-1")
    cache.create_cache_cluster(CacheClusterId="c", Engine="redis", CacheNodeType="cache.t3.micro", NumCacheNodes=1)
    client(root, "rds", "us-east-1").describe_db_instances()
    found = cloud.status(root)
    assert found.running
    family = [psutil.Process(each.pid) for each in found.processes]
    family += [child for process in family for child in process.children(recursive=True)]
    listening = [c.laddr for process in set(family) for c in process.net_connections("inet") if c.status == "LISTEN"]
    assert {address.ip for address in listening} == {"127.0.0.1"}
    assert {address.port for address in listening} == {each.port for each in found.processes if each.port}
    assert found.memory_bytes < MOST_MEMORY


def test_two_sandboxes_do_not_meet(root: Path):
    make_bucket(root, "mine", "us-east-1")
    with sandbox() as other:
        assert client(other, "s3", "us-east-1").list_buckets()["Buckets"] == []
        cloud.control(other).add(Fault(Effect.DROP, region="us-east-1"))
        assert client(root, "s3", "us-east-1").head_bucket(Bucket="mine")
    assert client(root, "s3", "us-east-1").head_bucket(Bucket="mine")


def test_a_stop_leaves_no_process_and_a_start_finds_the_content(root: Path):
    s3 = make_bucket(root, "durable", "us-west-2")
    s3.put_bucket_versioning(Bucket="durable", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"first", b"second"):
        s3.put_object(Bucket="durable", Key="k", Body=body)
    key = client(root, "kms", "us-east-1").create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    secret = client(root, "kms", "us-east-1").encrypt(KeyId=key, Plaintext=b"plain")["CiphertextBlob"]
    before = cloud.status(root)
    assert cloud.stop(print, root)
    assert not [each.pid for each in before.processes if alive(each.pid)]
    assert all(is_free(each.port) for each in before.processes if each.port)
    assert not cloud.status(root).processes
    cloud.start_processes(print, root)
    assert cloud.status(root).endpoint == before.endpoint
    versions = client(root, "s3", "us-west-2").list_object_versions(Bucket="durable")["Versions"]
    bodies = [
        client(root, "s3", "us-west-2").get_object(Bucket="durable", Key="k", VersionId=v["VersionId"])["Body"].read()
        for v in versions
    ]
    assert bodies == [b"second", b"first"]
    assert client(root, "kms", "us-east-1").decrypt(CiphertextBlob=secret)["Plaintext"] == b"plain"


def test_a_second_start_changes_nothing_and_a_dead_emulator_is_seen(root: Path):
    before = {each.name: each.pid for each in cloud.status(root).processes}
    assert not cloud.start_processes(print, root)
    assert {each.name: each.pid for each in cloud.status(root).processes} == before
    psutil.Process(before["moto"]).kill()
    until_state(root, "moto", "EXITED")
    assert not cloud.status(root).running
    assert cloud.start_processes(print, root)
    until_state(root, "moto", "RUNNING")


def test_the_commands_tell_a_person_and_a_program(root: Path):
    environment = {**os.environ, "STANCHION_SANDBOX_DIR": str(root)}

    def stanchion(*arguments: str) -> str:
        command = [sys.executable, "-m", "stanchion.cli.main", "sandbox", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True).stdout

    document = json.loads(stanchion("status", "--json"))
    assert document["running"] is True
    processes = {"supervisord", "front-door", "ministack", "moto", "eks", "batch", "clock"}
    assert {each["name"] for each in document["processes"]} == processes
    assert f"export AWS_ENDPOINT_URL={document['endpoint']}" in stanchion("env")
    stanchion("add-latency", "1", "--service", "s3")
    assert "s3 in every region: answers 1 ms later" in stanchion("status")


def until_state(root: Path, name: str, state: str) -> None:
    """Wait for supervisord to say so; it looks at its programs about once a second."""

    supervisor = Supervisor(RunDirectory.resolve(root))
    deadline = time.monotonic() + 30
    while supervisor.states().get(name, ("",))[0] != state:
        assert time.monotonic() < deadline, supervisor.states()
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
