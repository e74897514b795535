"""Rows of what protects a bucket: versions, encryption, access, ownership, object lock."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import Call, Example, Need, Problem, Ref, Row
from sandbox.provider.rows.s3 import BUCKET, NEEDS, NO_BUCKET, OWN, part
from sandbox.provider.rules import one_of
from sandbox.provider.values import Properties


def suspend_versioning(context: Context) -> None:
    """Versioning cannot be taken away, only suspended; a bucket with object lock keeps it."""
    if context["versioningConfiguration"]["status"] == "Disabled":
        return
    context.call("put_bucket_versioning", Bucket=context.id, VersioningConfiguration={"Status": "Suspended"})


def read_versioning(context: Context) -> Properties | None:
    """A bucket that was never versioned has no status; the program calls that Disabled."""
    status = context.call("get_bucket_versioning", Bucket=context.id).get("Status")
    wanted = context.inputs.get("versioningConfiguration", {}).get("status")
    if status is None and wanted != "Disabled":
        return None
    return {"bucket": context.id, "versioningConfiguration": {"status": status or "Disabled"}}


VERSIONED = {
    "bucket": Need(BUCKET, {"forceDestroy": True}),
    "versioning": Need(
        "aws:s3/bucketVersioning:BucketVersioning",
        {"bucket": Ref("bucket"), "versioningConfiguration": {"status": "Enabled"}},
    ),
}


def statement(action: str) -> str:
    """A bucket policy for the examples."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "one",
                    "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
                    "Action": [action],
                    "Resource": "${bucket.arn}/*",
                }
            ],
        }
    )


def clear_lock(context: Context) -> None:
    """Takes the default retention away."""
    context.call(
        "put_object_lock_configuration",
        Bucket=context.id,
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"},
    )


def retention(inputs: Mapping[str, Any]) -> list[Problem]:
    """A default retention is so many days or so many years."""
    found = inputs.get("rule", {})
    found = found.get("defaultRetention") if isinstance(found, Mapping) else None
    if not isinstance(found, Mapping) or ("days" in found) != ("years" in found):
        return []
    return [Problem("rule.defaultRetention", "exactly one of days and years is required")]


ROWS = (
    Row(
        type="aws:s3/bucketVersioning:BucketVersioning",
        service="s3",
        cfn="AWS::S3::Bucket",
        create=(Call("put_bucket_versioning", OWN, only=("versioningConfiguration", "mfa")),),
        read=(read_versioning,),
        update=(Call("put_bucket_versioning", OWN, only=("versioningConfiguration", "mfa")),),
        delete=(suspend_versioning,),
        id=("bucket",),
        replace=frozenset({"bucket", "expectedBucketOwner"}),
        # The device's code authorises one request and is not stored; its deletion setting needs the root user.
        write_only=frozenset({"expectedBucketOwner", "mfa", "versioningConfiguration.mfaDelete"}),
        gone=NO_BUCKET,
        rules=(one_of("versioningConfiguration.status", "Enabled", "Suspended", "Disabled"),),
        example=Example(
            inputs={"bucket": Ref("bucket"), "versioningConfiguration": {"status": "Enabled"}},
            update={"versioningConfiguration": {"status": "Suspended"}},
            replace={"bucket": "another-name"},
            needs=NEEDS,
            lasting="a bucket that was versioned once can only be suspended",
        ),
    ),
    part(
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "public_access_block",
        "PublicAccessBlockConfiguration",
        properties=("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"),
        gone=("NoSuchPublicAccessBlockConfiguration",),
        example=Example(
            inputs={"bucket": Ref("bucket"), "blockPublicAcls": True, "blockPublicPolicy": True},
            update={"ignorePublicAcls": True, "restrictPublicBuckets": True},
            replace={"bucket": "another-name"},
            needs=NEEDS,
        ),
        defaults={
            "blockPublicAcls": False,
            "blockPublicPolicy": False,
            "ignorePublicAcls": False,
            "restrictPublicBuckets": False,
        },
        provider_only=frozenset({"skipDestroy"}),
    ),
    part(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "bucket_encryption",
        "ServerSideEncryptionConfiguration",
        properties=("rules",),
        cfn="AWS::S3::Bucket/BucketEncryption",
        cfn_names={
            "rules": "ServerSideEncryptionConfiguration",
            "applyServerSideEncryptionByDefault": "ServerSideEncryptionByDefault",
        },
        sets=frozenset({"rules"}),
        gone=("ServerSideEncryptionConfigurationNotFoundError",),
        rules=(one_of("rules.applyServerSideEncryptionByDefault.sseAlgorithm", "AES256", "aws:kms", "aws:kms:dsse"),),
        example=Example(
            inputs={
                "bucket": Ref("bucket"),
                "rules": [
                    {
                        "applyServerSideEncryptionByDefault": {
                            "sseAlgorithm": "aws:kms",
                            "kmsMasterKeyId": Ref("key", "arn"),
                        },
                        "bucketKeyEnabled": True,
                    }
                ],
            },
            update={"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]},
            replace={"bucket": "another-name"},
            needs={**NEEDS, "key": Need("aws:kms/key:Key", {"deletionWindowInDays": 7})},
            lasting="a bucket is always encrypted; what is left is S3's own key",
        ),
    ),
    part(
        "aws:s3/bucketPolicy:BucketPolicy",
        "bucket_policy",
        "",
        properties=("policy",),
        json=frozenset({"policy"}),
        gone=("NoSuchBucketPolicy",),
        example=Example(
            inputs={"bucket": Ref("bucket"), "policy": statement("s3:GetObject")},
            update={"policy": statement("s3:PutObject")},
            replace={"bucket": "another-name"},
            needs=NEEDS,
        ),
    ),
    part(
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "bucket_ownership_controls",
        "OwnershipControls",
        properties=("rule",),
        names={"rule": "Rules"},
        gone=("OwnershipControlsNotFoundError",),
        rules=(one_of("rule.objectOwnership", "BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"),),
        example=Example(
            inputs={"bucket": Ref("bucket"), "rule": {"objectOwnership": "BucketOwnerEnforced"}},
            update={"rule": {"objectOwnership": "BucketOwnerPreferred"}},
            replace={"bucket": "another-name"},
            needs=NEEDS,
        ),
    ),
    part(
        "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        "object_lock_configuration",
        "ObjectLockConfiguration",
        properties=("objectLockEnabled", "rule"),
        defaults={"objectLockEnabled": "Enabled"},
        delete=(clear_lock,),
        replace=frozenset({"objectLockEnabled"}),
        # The token is asked for once by support and not stored.
        write_only=frozenset({"token"}),
        gone=("ObjectLockConfigurationNotFoundError",),
        rules=(
            one_of("objectLockEnabled", "Enabled"),
            one_of("rule.defaultRetention.mode", "GOVERNANCE", "COMPLIANCE"),
            retention,
        ),
        example=Example(
            inputs={"bucket": Ref("locked"), "rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 1}}},
            update={"rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 2}}},
            replace={"bucket": "another-name"},
            needs={"locked": Need(BUCKET, {"forceDestroy": True, "objectLockEnabled": True})},
            lasting="object lock cannot be turned off; only the default retention goes",
        ),
    ),
)
