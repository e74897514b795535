from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from stanchion.cli.state.archive import Archive, ArchiveError
from stanchion.cli.state.bucket import ArchiveBucket, parse_url


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="archives")
        yield client


def encrypt(s3: Any, algorithm: str) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}
    s3.put_bucket_encryption(Bucket="archives", ServerSideEncryptionConfiguration={"Rules": [rule]})


def archive(saved_at: str = "2026-11-23T10-00-00Z") -> Archive:
    return Archive("prod", saved_at, ("prod-state",), {"stacks/exports/prod-state.json": b"{}"})


def test_an_archive_goes_in_and_comes_back(s3: Any):
    encrypt(s3, "aws:kms")
    bucket = ArchiveBucket("archives", "us-east-1")
    url = bucket.save(archive())
    assert url == "s3://archives/state-archives/prod/2026-11-23T10-00-00Z"
    assert bucket.load("prod", "2026-11-23T10-00-00Z") == archive()


def test_a_bucket_without_a_key_of_kms_is_refused_before_anything_is_written(s3: Any):
    encrypt(s3, "AES256")
    with pytest.raises(ArchiveError, match="does not encrypt with a key of KMS"):
        ArchiveBucket("archives", "us-east-1").save(archive())
    assert s3.list_objects_v2(Bucket="archives")["KeyCount"] == 0


def test_only_whole_archives_are_listed_oldest_first(s3: Any):
    encrypt(s3, "aws:kms")
    bucket = ArchiveBucket("archives", "us-east-1")
    bucket.save(archive("2026-11-24T10-00-00Z"))
    bucket.save(archive("2026-11-23T10-00-00Z"))
    s3.put_object(Bucket="archives", Key="state-archives/prod/2026-11-25T10-00-00Z/stacks/exports/x.json", Body=b"{}")
    assert bucket.list("prod") == ("2026-11-23T10-00-00Z", "2026-11-24T10-00-00Z")
    with pytest.raises(ArchiveError, match="no whole archive"):
        bucket.load("prod", "2026-11-25T10-00-00Z")


def test_a_bucket_that_is_not_there_is_a_sentence(s3: Any):
    with pytest.raises(ArchiveError, match="bucket 'nowhere' refuses"):
        ArchiveBucket("nowhere", "us-east-1").save(archive())


@pytest.mark.parametrize("url", ["", "archives/prod/x", "s3://archives", "s3://archives/prod/now", "https://a/b/c/d"])
def test_what_is_no_url_of_an_archive_says_what_one_looks_like(url: str):
    with pytest.raises(ArchiveError, match="s3://BUCKET/state-archives/ENVIRONMENT/TIME"):
        parse_url(url)


def test_a_url_has_bucket_environment_and_time():
    assert parse_url("s3://archives/state-archives/prod/now/") == ("archives", "prod", "now")
