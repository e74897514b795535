"""A bucket: what protects it, how its objects age, and what is refused because S3 would fail silently."""

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.alarm import AlarmTopicsArgs
from components.storage.bucket import LockMode, TieredBucket, TieredBucketArgs
from stanchion.spec import ArchiveClass, Tiering
from tests.recorder import ACCOUNT, Recording, provider, record

KEY = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/mrk-1"
TOPICS = AlarmTopicsArgs(critical="arn:critical", warning="arn:warning", info="arn:info")


def args(**changes: Any) -> TieredBucketArgs:
    base = TieredBucketArgs(
        purpose="raw", account_id=ACCOUNT, noncurrent_days=30, keep=True, key_arn=KEY, alarm_topics=TOPICS
    )
    return replace(base, **changes)


def recorded(**changes: Any) -> Recording:
    def build() -> None:
        TieredBucket("local-raw", args(**changes), pulumi.ResourceOptions(provider=provider("us-west-2")))

    return record(build)


def statements(recording: Recording) -> dict[str, dict[str, Any]]:
    document = json.loads(recording.one("BucketPolicy").inputs["policy"])
    return {statement["Sid"]: statement for statement in document["Statement"]}


def rules(recording: Recording) -> dict[str, dict[str, Any]]:
    return {rule["id"]: rule for rule in recording.one("BucketLifecycleConfiguration").inputs["rules"]}


def log_bucket(**changes: Any) -> dict[str, Any]:
    return {"receives_access_logs": True, "key_arn": None, **changes}


def test_versions_are_kept_and_encrypted_with_the_regions_key_through_a_bucket_key() -> None:
    recording = recorded()
    assert recording.one("BucketVersioning").inputs["versioningConfiguration"] == {"status": "Enabled"}
    (rule,) = recording.one("BucketServerSideEncryptionConfiguration").inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}
    assert rule["bucketKeyEnabled"] is True


def test_nothing_is_public_and_the_bucket_owns_what_is_put_into_it() -> None:
    recording = recorded()
    block = recording.one("BucketPublicAccessBlock").inputs
    assert all(block[k] for k in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"))
    assert recording.one("BucketOwnershipControls").inputs["rule"] == {"objectOwnership": "BucketOwnerEnforced"}


def test_plain_http_and_old_tls_are_refused_for_the_bucket_and_its_objects() -> None:
    said = statements(recorded())
    for sid in ("RefusePlainHttp", "RefuseOldTls"):
        assert said[sid]["Effect"] == "Deny"
        assert said[sid]["Resource"] == ["arn:aws:s3:::local-raw-bucket", "arn:aws:s3:::local-raw-bucket/*"]
    assert said["RefusePlainHttp"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert said["RefuseOldTls"]["Condition"] == {"NumericLessThan": {"s3:TlsVersion": "1.2"}}


def test_another_encryption_is_refused_but_a_request_that_names_none_passes() -> None:
    said = statements(recorded())
    for sid in ("RefuseOtherEncryption", "RefuseOtherKeys"):
        # Negated conditions hold for an absent header as well; Null false keeps the Deny to requests that have one.
        assert list(said[sid]["Condition"]["Null"].values()) == ["false"]
    assert said["RefuseOtherKeys"]["Condition"]["ArnNotEquals"] == {
        "s3:x-amz-server-side-encryption-aws-kms-key-id": KEY
    }


def test_objects_go_to_cold_and_to_the_archive_class_by_age_and_small_ones_stay() -> None:
    recording = recorded(tiering=Tiering.AGE, cold_days=30, archive_days=120, archive_class=ArchiveClass.DEEP)
    assert rules(recording)["tiering"]["transitions"] == [
        {"days": 30.0, "storageClass": "STANDARD_IA"},
        {"days": 120.0, "storageClass": "DEEP_ARCHIVE"},
    ]
    lifecycle = recording.one("BucketLifecycleConfiguration").inputs
    assert lifecycle["transitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"


@pytest.mark.parametrize(
    ("archive_class", "storage_class"),
    [(ArchiveClass.INSTANT, "GLACIER_IR"), (ArchiveClass.FLEXIBLE, "GLACIER"), (ArchiveClass.DEEP, "DEEP_ARCHIVE")],
)
def test_an_archive_without_a_cold_step_is_possible(archive_class: ArchiveClass, storage_class: str) -> None:
    recording = recorded(tiering=Tiering.AGE, archive_days=1, archive_class=archive_class)
    assert rules(recording)["tiering"]["transitions"] == [{"days": 1.0, "storageClass": storage_class}]


def test_intelligent_tiering_takes_objects_from_the_first_day_and_archives_only_if_asked() -> None:
    recording = recorded(tiering=Tiering.INTELLIGENT)
    assert rules(recording)["tiering"]["transitions"] == [{"days": 0.0, "storageClass": "INTELLIGENT_TIERING"}]
    assert not recording.all("BucketIntelligentTieringConfiguration")
    asked = recorded(tiering=Tiering.INTELLIGENT, archive_access_days=90, deep_archive_access_days=180)
    assert asked.one("BucketIntelligentTieringConfiguration").inputs["tierings"] == [
        {"accessTier": "ARCHIVE_ACCESS", "days": 90.0},
        {"accessTier": "DEEP_ARCHIVE_ACCESS", "days": 180.0},
    ]


def test_without_tiering_only_the_clearing_rule_is_there() -> None:
    found = rules(recorded(noncurrent_days=365, incomplete_upload_days=3))
    assert set(found) == {"clearing"}
    assert found["clearing"]["noncurrentVersionExpiration"] == {"noncurrentDays": 365.0}
    assert found["clearing"]["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 3.0}


def test_delete_markers_of_nothing_go_in_the_one_form_s3_takes() -> None:
    assert rules(recorded())["clearing"]["expiration"] == {"expiredObjectDeleteMarker": True}
    assert rules(recorded(expire_days=400))["clearing"]["expiration"] == {"days": 400.0}


def test_a_bucket_for_access_logs_is_one_that_s3_delivers_to() -> None:
    recording = recorded(**log_bucket())
    (rule,) = recording.one("BucketServerSideEncryptionConfiguration").inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}
    said = statements(recording)
    assert said["AccessLogDelivery"]["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert said["AccessLogDelivery"]["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    balancers = said["LoadBalancerLogDelivery"]
    assert balancers["Principal"] == {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    ours = f"arn:aws:elasticloadbalancing:*:{ACCOUNT}:loadbalancer/*"
    assert balancers["Condition"] == {"ArnLike": {"aws:SourceArn": ours}}
    assert "RefuseOtherKeys" not in said
    assert not {"AccessLogDelivery", "LoadBalancerLogDelivery"} & set(statements(recorded()))


def test_access_goes_to_the_log_bucket_under_the_buckets_own_prefix() -> None:
    logging = recorded(log_bucket="the-logs").one("BucketLogging").inputs
    assert logging["targetBucket"] == "the-logs"
    assert logging["targetPrefix"] == "local-raw/"
    assert not recorded().all("BucketLogging")


def test_an_object_lock_is_set_with_the_bucket_and_for_every_version() -> None:
    recording = recorded(object_lock_days=90, object_lock_mode=LockMode.COMPLIANCE)
    assert recording.one("Bucket").inputs["objectLockEnabled"] is True
    assert recording.one("BucketObjectLockConfiguration").inputs["rule"] == {
        "defaultRetention": {"mode": "COMPLIANCE", "days": 90.0}
    }
    assert recorded().one("Bucket").inputs["objectLockEnabled"] is False


def test_what_protects_kept_data_is_kept_with_it() -> None:
    recording = recorded(object_lock_days=1, log_bucket="the-logs")
    gone_with_the_stack = {r.kind for r in recording.resources if r.custom and not r.retain_on_delete}
    assert gone_with_the_stack == {"aws", "BucketNotification", "BucketMetric", "MetricAlarm"}
    assert all(r.protect == r.retain_on_delete for r in recording.resources)
    assert recording.one("Bucket").inputs["forceDestroy"] is False


def test_disposable_data_goes_with_the_stack() -> None:
    recording = recorded(keep=False)
    assert recording.one("Bucket").inputs["forceDestroy"] is True
    assert not any(r.protect or r.retain_on_delete for r in recording.resources)


def test_the_policy_waits_for_the_access_block_and_the_lifecycle_for_versions() -> None:
    recording = recorded()
    assert recording.one("BucketPublicAccessBlock").urn in recording.one("BucketPolicy").dependencies
    assert recording.one("BucketVersioning").urn in recording.one("BucketLifecycleConfiguration").dependencies


def test_events_go_to_eventbridge() -> None:
    assert recorded().one("BucketNotification").inputs["eventbridge"] is True


def test_errors_on_s3s_side_raise_a_warning_only_where_requests_are_counted() -> None:
    alarm = recorded().one("MetricAlarm").inputs
    assert alarm["dimensions"] == {"BucketName": "local-raw-bucket", "FilterId": "EntireBucket"}
    assert alarm["alarmActions"] == ["arn:warning"]
    without = recorded(request_metrics=False, alarm_topics=None)
    assert not without.all("MetricAlarm")
    assert not without.all("BucketMetric")


def test_a_regional_bucket_takes_its_providers_region_and_names_none() -> None:
    recording = recorded(object_lock_days=1, log_bucket="logs", tiering=Tiering.INTELLIGENT, archive_access_days=90)
    custom = [r for r in recording.resources if r.custom and r.kind != "aws"]
    assert {recording.region_of(r) for r in custom} == {"us-west-2"}
    assert not [r.name for r in custom if "region" in r.inputs]


def test_a_named_region_reaches_every_resource() -> None:
    recording = recorded(
        object_lock_days=1, log_bucket="l", tiering=Tiering.INTELLIGENT, archive_access_days=90, region="eu-west-1"
    )
    assert {r.inputs.get("region") for r in recording.resources if r.custom and r.kind != "aws"} == {"eu-west-1"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"queried": True, "tiering": Tiering.AGE, "archive_days": 90, "archive_class": ArchiveClass.DEEP}, "Athena"),
        ({"queried": True, "tiering": Tiering.INTELLIGENT, "archive_access_days": 90}, "Athena"),
        ({"tiering": Tiering.AGE, "archive_access_days": 90}, "Use tiering intelligent"),
        (log_bucket(key_arn=KEY), "receives access logs"),
        (log_bucket(object_lock_days=1), "receives access logs"),
        ({"key_arn": None}, "no key_arn"),
        ({"object_lock_days": 9, "object_lock_mode": LockMode.COMPLIANCE, "keep": False}, "destroy would fail"),
    ],
)
def test_what_s3_would_accept_and_not_do_is_refused_with_the_buckets_name(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=f"bucket 'local-raw'.*{said}"):
        recorded(**changes)


def test_instant_retrieval_is_fine_for_what_is_queried() -> None:
    recording = recorded(queried=True, tiering=Tiering.AGE, cold_days=30, archive_days=90)
    assert rules(recording)["tiering"]["transitions"][-1]["storageClass"] == "GLACIER_IR"
