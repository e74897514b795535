"""Rows of what ages in a bucket: lifecycle rules and intelligent tiering."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.row import AutoName, Example, Problem, Ref, Row
from sandbox.provider.rows.s3 import NEEDS, part
from sandbox.provider.rules import found, one_of

CLASSES = ("GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR")


def one_filter(inputs: Mapping[str, Any]) -> list[Problem]:
    """A rule's filter says one thing; several go into `and`."""
    problems: list[Problem] = []
    for where, value in found(inputs, "rules.filter"):
        if isinstance(value, Mapping) and len([name for name in value if value[name] is not None]) > 1:
            problems.append(
                Problem(where, f'only one of {", ".join(sorted(value))} can be set; put several into "and"')
            )
    return problems


ROWS = (
    part(
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "bucket_lifecycle_configuration",
        "LifecycleConfiguration",
        remove="delete_bucket_lifecycle",
        result="",
        properties=("rules",),
        provider_only=frozenset({"timeouts"}),
        # The emulators do not give it back; the default is what AWS does without it.
        write_only=frozenset({"transitionDefaultMinimumObjectSize"}),
        defaults={"transitionDefaultMinimumObjectSize": "all_storage_classes_128K"},
        sets=frozenset({"rules.transitions", "rules.noncurrentVersionTransitions"}),
        gone=("NoSuchLifecycleConfiguration",),
        rules=(
            one_of("rules.status", "Enabled", "Disabled"),
            one_of("rules.transitions.storageClass", *CLASSES),
            one_of("rules.noncurrentVersionTransitions.storageClass", *CLASSES),
            one_of("transitionDefaultMinimumObjectSize", "all_storage_classes_128K", "varies_by_storage_class"),
            one_filter,
        ),
        example=Example(
            inputs={
                "bucket": Ref("bucket"),
                "rules": [
                    {
                        "id": "cool",
                        "status": "Enabled",
                        "filter": {"prefix": ""},
                        "transitions": [
                            {"days": 90, "storageClass": "GLACIER_IR"},
                            {"days": 30, "storageClass": "STANDARD_IA"},
                        ],
                        "noncurrentVersionExpiration": {"noncurrentDays": 30},
                        "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
                    },
                    {
                        "id": "expire",
                        "status": "Enabled",
                        "filter": {"and": {"prefix": "tmp/", "tags": {"kind": "scratch"}}},
                        "expiration": {"days": 10},
                    },
                ],
            },
            update={
                "rules": [
                    {
                        "id": "cool",
                        "status": "Enabled",
                        "filter": {"objectSizeGreaterThan": 131072},
                        "transitions": [{"days": 60, "storageClass": "STANDARD_IA"}],
                    }
                ]
            },
            replace={"bucket": "another-name"},
            needs=NEEDS,
        ),
    ),
    Row(
        type="aws:s3/bucketIntelligentTieringConfiguration:BucketIntelligentTieringConfiguration",
        service="s3",
        # Recorded only, so that there is nothing to call; Check and Diff work as for every other type.
        create=(),
        read=(),
        delete=(),
        id=("bucket", "name"),
        replace=frozenset({"bucket", "name"}),
        auto_name=AutoName("name", 64),
        sets=frozenset({"tierings"}),
        defaults={"status": "Enabled"},
        rules=(
            one_of("status", "Enabled", "Disabled"),
            one_of("tierings.accessTier", "ARCHIVE_ACCESS", "DEEP_ARCHIVE_ACCESS"),
        ),
        example=Example(
            inputs={
                "bucket": Ref("bucket"),
                "name": "all",
                "filter": {"prefix": "models/", "tags": {"kind": "model"}},
                "tierings": [
                    {"accessTier": "DEEP_ARCHIVE_ACCESS", "days": 180},
                    {"accessTier": "ARCHIVE_ACCESS", "days": 90},
                ],
            },
            update={"filter": {"prefix": "models/"}, "status": "Disabled"},
            replace={"name": "other"},
            needs=NEEDS,
        ),
    ),
)
