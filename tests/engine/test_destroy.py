"""What a destroy leaves of an environment that is kept: all of its data, and what protects it."""

from pathlib import Path

import pytest

from tests.engine.listing import listing
from tests.engine.project import Project

PRIMARY = "us-east-1"


@pytest.fixture
def kept(project: Project) -> Project:
    project.edit("retention: disposable", "retention: keep")
    # One region is enough to see what stays; the others cost a minute.
    for file in (project.folder / "stacks/config").glob("*"):
        if "foundation" not in file.name:
            file.unlink()
    return project


def test_a_kept_environment_leaves_its_data_and_what_protects_it(kept: Project):
    before = listing(kept)
    stack = kept.stack("foundation", PRIMARY)
    kept.stanchion("up", "--yes", "--stack", stack).ok()
    outputs = kept.outputs(stack)["foundation"]
    bucket, s3 = outputs["buckets"]["raw"]["name"], kept.client("s3")
    s3.put_object(Bucket=bucket, Key="data", Body=b"precious")

    refused = kept.pulumi("destroy", "--yes", "--stack", stack)
    assert refused.code != 0
    assert "protected" in refused.out, refused.out

    answer = kept.stanchion("destroy", "--yes", "--stack", stack).ok()
    assert f"{kept.environment}-raw-bucket" in answer.out
    assert s3.get_object(Bucket=bucket, Key="data")["Body"].read() == b"precious"
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    assert "SecureTransport" in s3.get_bucket_policy(Bucket=bucket)["Policy"]
    key = kept.client("kms").describe_key(KeyId=outputs["key"]["arn"])["KeyMetadata"]
    assert key["KeyState"] == "Enabled"
    left = {entry.split(" ", 2)[1] for entry in listing(kept) - before}
    assert left <= {"bucket", "key", "alias", "log", "repository"}, left


def test_a_stack_name_that_does_not_exist_is_refused_before_anything_is_destroyed(project: Project, tmp_path: Path):
    answer = project.stanchion("destroy", "--yes", "--stack", "nonsense")
    assert answer.code == 2
    assert f"environment '{project.environment}' has no stack 'nonsense'; allowed: " in " ".join(answer.out.split())
