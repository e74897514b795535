"""The foundation and its links in two regions, on the real engine and the local cloud, from preview to destroy.

One environment is brought up once and worked on by every test of this module, in order.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox import cloud
from sandbox.front_door.faults import Effect, Fault
from tests.engine.conftest import unique_name
from tests.engine.listing import listing
from tests.engine.project import Project, changes

PRIMARY, STANDBY = "us-east-1", "us-west-2"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, local_cloud: dict[str, str]) -> Project:
    return Project(tmp_path_factory.mktemp("foundation"), local_cloud, unique_name(__name__))


@pytest.fixture(scope="module")
def before(empty: Project) -> set[str]:
    return listing(empty)


@pytest.fixture(scope="module")
def previewed(empty: Project, before: set[str]) -> str:
    return empty.stanchion("preview").ok().out


@pytest.fixture(scope="module")
def project(empty: Project, previewed: str) -> Project:
    empty.stanchion("up", "--yes").ok()
    return empty


def until(condition: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    """Wait for a condition; what it gives back is the answer."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := condition():
            return answer
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what}")


def lake(project: Project, region: str) -> str:
    return project.outputs(project.stack("foundation", region))["foundation"]["buckets"]["raw"]["name"]


def test_a_first_preview_of_all_stacks_passes_and_changes_nothing(empty: Project, before: set[str], previewed: str):
    for stack in ("state", f"foundation-{PRIMARY}", f"foundation-{STANDBY}", "links"):
        assert f"preview {empty.environment}-{stack}" in previewed
    assert listing(empty) == before


def test_every_stack_publishes_its_contract(project: Project):
    for region in project.regions:
        outputs = project.outputs(project.stack("foundation", region))["foundation"]
        assert outputs["region"] == region
        assert len(outputs["network"]["private_subnet_ids"]) == 3
        assert outputs["key"]["arn"].split(":")[3] == region
    assert len(project.outputs(project.stack("links"))["links"]["replications"]) == 10
    state = project.outputs(project.stack("state"))["state"]
    assert state["standby"]["backend_url"].startswith("s3://")


def test_the_two_regions_share_one_key_and_the_standby_decrypts_what_the_primary_encrypted(project: Project):
    keys = {
        region: project.outputs(project.stack("foundation", region))["foundation"]["key"] for region in project.regions
    }
    assert keys[PRIMARY]["key_id"] == keys[STANDBY]["key_id"]
    assert keys[PRIMARY]["arn"] != keys[STANDBY]["arn"]
    sealed = project.client("kms", PRIMARY).encrypt(KeyId=keys[PRIMARY]["arn"], Plaintext=b"payload")["CiphertextBlob"]
    opened = project.client("kms", STANDBY).decrypt(KeyId=keys[STANDBY]["arn"], CiphertextBlob=sealed)["Plaintext"]
    assert opened == b"payload"


def test_a_second_up_changes_nothing(project: Project):
    answer = project.stanchion("up", "--yes").ok()
    summaries = [line for line in answer.out.splitlines() if " up " in line and "same" in line]
    assert len(summaries) == 4, answer.out
    assert not [line for line in summaries if "create" in line or "update" in line or "delete" in line], answer.out


def test_plain_pulumi_does_the_same_for_one_stack(project: Project):
    answer = project.pulumi("up", "--yes", "--skip-preview", "--stack", project.stack("foundation", PRIMARY)).ok()
    assert set(changes(answer)) == {"unchanged"}, answer.out


@pytest.mark.parametrize(("source", "destination"), [(PRIMARY, STANDBY), (STANDBY, PRIMARY)])
def test_an_object_of_one_lake_appears_in_the_other(project: Project, source: str, destination: str):
    key = f"events/from-{source}.json"
    project.client("s3", source).put_object(Bucket=lake(project, source), Key=key, Body=b'{"n": 1}')
    there = project.client("s3", destination)

    def arrived() -> bytes | None:
        try:
            return there.get_object(Bucket=lake(project, destination), Key=key)["Body"].read()
        except there.exceptions.NoSuchKey:
            return None

    assert until(arrived, f"{key} in {destination}") == b'{"n": 1}'


def test_a_deleted_object_leaves_a_marker_and_its_version_can_be_read(project: Project):
    bucket, s3 = lake(project, PRIMARY), project.client("s3", PRIMARY)
    version = s3.put_object(Bucket=bucket, Key="gone.json", Body=b"kept")["VersionId"]
    s3.delete_object(Bucket=bucket, Key="gone.json")
    found = s3.list_object_versions(Bucket=bucket, Prefix="gone.json")
    assert [marker["IsLatest"] for marker in found["DeleteMarkers"]] == [True]
    assert s3.get_object(Bucket=bucket, Key="gone.json", VersionId=version)["Body"].read() == b"kept"


def test_a_change_out_of_band_is_seen_by_refresh_and_repaired_by_up(project: Project):
    stack = project.stack("foundation", PRIMARY)
    bucket, s3 = lake(project, PRIMARY), project.client("s3", PRIMARY)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    seen = project.pulumi("refresh", "--preview-only", "--diff", "--stack", stack).ok()
    assert "raw-versioning" in seen.out, seen.out
    assert "Suspended" in seen.out, seen.out
    answer = project.pulumi("up", "--yes", "--refresh", "--skip-preview", "--stack", stack).ok()
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert changes(answer).get("updated") == 1, answer.out


def test_one_edited_property_updates_exactly_one_resource(project: Project):
    project.edit("flow_log_retention: 7d", "flow_log_retention: 14d")
    answer = project.pulumi("up", "--yes", "--skip-preview", "--stack", project.stack("foundation", PRIMARY)).ok()
    assert {k: v for k, v in changes(answer).items() if k != "unchanged"} == {"updated": 1}, answer.out
    groups = project.client("logs", PRIMARY).describe_log_groups()["logGroups"]
    assert [g["retentionInDays"] for g in groups if f"{project.environment}-network-flow" in g["logGroupName"]] == [14]


def test_one_edited_property_replaces_the_network_and_leaves_the_data(project: Project):
    """A VPC's range can't be changed: the network is made anew, and everything that holds data stays."""
    stack = project.stack("foundation", STANDBY)
    old = project.outputs(stack)["foundation"]
    project.edit("standby: 10.21.0.0/16", "standby: 10.22.0.0/16")
    preview = project.pulumi("preview", "--json", "--stack", stack).ok().out
    steps = json.loads(preview[preview.index("{") :])["steps"]
    replaced = {step["urn"].split("::")[-1]: step.get("replaceReasons") for step in steps if step["op"] == "replace"}
    assert replaced[f"{project.environment}-network-vpc"] == ["cidrBlock"]
    assert all(name.startswith(f"{project.environment}-network") for name in replaced), replaced
    project.pulumi("up", "--yes", "--skip-preview", "--stack", stack).ok()
    new = project.outputs(stack)["foundation"]
    assert new["network"]["vpc_id"] != old["network"]["vpc_id"]
    assert (new["buckets"], new["key"], new["repositories"]) == (old["buckets"], old["key"], old["repositories"])
    vpcs = {vpc["VpcId"]: vpc["CidrBlock"] for vpc in project.client("ec2", STANDBY).describe_vpcs()["Vpcs"]}
    assert vpcs[new["network"]["vpc_id"]] == "10.22.0.0/16"
    assert old["network"]["vpc_id"] not in vpcs


def test_the_standby_is_updated_while_the_primary_region_is_lost(project: Project, local_cloud: dict[str, str]):
    control = cloud.control(Path(local_cloud["STANCHION_SANDBOX_DIR"]))
    control.add(Fault(Effect.DROP, region=PRIMARY))
    try:
        answer = project.stanchion("up", "--yes", "--stack", project.stack("foundation", STANDBY)).ok()
    finally:
        control.heal()
    assert "same" in answer.out
    assert "update" not in answer.out


def test_nothing_that_is_written_down_holds_a_secret(project: Project, local_cloud: dict[str, str]):
    """State, checkpoints and backups are searched for what was given as a secret."""
    backend = Path(local_cloud["PULUMI_BACKEND_URL"].removeprefix("file://"))
    texts = [file.read_text(encoding="utf-8") for file in (backend / ".pulumi").rglob("*.json*")]
    assert texts
    for text in texts:
        assert local_cloud["PULUMI_CONFIG_PASSPHRASE"] not in text
        assert "PRIVATE KEY" not in text


def test_at_last_a_disposable_environment_leaves_nothing_behind(project: Project, before: set[str]):
    """Whatever it went through; what stays of one that is kept is in test_destroy.py."""
    assert len(listing(project) - before) > 100
    bucket = project.outputs(project.stack("foundation", PRIMARY))["foundation"]["buckets"]["raw"]["name"]
    project.client("s3").put_object(Bucket=bucket, Key="data", Body=b"1")
    project.stanchion("destroy", "--yes").ok()
    assert listing(project) - before == set()
    for stack in ("state", f"foundation-{PRIMARY}", f"foundation-{STANDBY}", "links"):
        assert project.resources(f"{project.environment}-{stack}") == []
