"""Rows of Amazon S3: the bucket, and one row for each part of its configuration."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import CallError, Context
from sandbox.provider.errors import ProviderError
from sandbox.provider.row import AutoName, Call, Example, Need, Problem, Row, TagCalls
from sandbox.provider.rules import conflicts
from sandbox.provider.schema import schema_of
from sandbox.provider.values import Properties

BUCKET = "aws:s3/bucket:Bucket"
NO_BUCKET = frozenset({"NoSuchBucket", "404"})
OWN = {"Bucket": "bucket"}
NEEDS = {"bucket": Need(BUCKET, {"forceDestroy": True})}
DELETE_AT_ONCE = 1000  # objects in one request, the most that DeleteObjects takes


def create_bucket(context: Context) -> Properties:
    """Creates the bucket; us-east-1 is the one region that must not be named."""
    place = None if context.region == "us-east-1" else {"LocationConstraint": context.region}
    context.call(
        "create_bucket",
        Bucket=context["bucket"],
        CreateBucketConfiguration=place,
        ObjectLockEnabledForBucket=context["objectLockEnabled"] or None,
    )
    return {"id": context["bucket"]}


def read_bucket(context: Context) -> Properties | None:
    """What the bucket itself says; its other configuration belongs to rows of its own."""
    context.call("head_bucket", Bucket=context.id)
    try:
        lock = context.call("get_object_lock_configuration", Bucket=context.id).get("ObjectLockConfiguration", {})
    except CallError:
        lock = {}
    return {
        "bucket": context.id,
        "objectLockEnabled": lock.get("ObjectLockEnabled") == "Enabled",
        "forceDestroy": bool(context["forceDestroy"]),
    }


def has_nothing_in_it(context: Context) -> bool:
    """Whether the bucket is empty: an untagged empty one is what an interrupted create leaves behind."""
    page = context.call("list_object_versions", Bucket=context.id, MaxKeys=1)
    return not page.get("Versions") and not page.get("DeleteMarkers")


def delete_bucket(context: Context) -> None:
    """Deletes the bucket; only `forceDestroy` takes what is in it along."""
    if context["forceDestroy"] is True:
        _empty(context)
    try:
        context.call("delete_bucket", Bucket=context.id)
    except CallError as error:
        if error.code != "BucketNotEmpty":
            raise
        raise ProviderError(
            f"the bucket {context.id} is not empty, so it was not deleted: empty it, "
            "or set forceDestroy and run `up` before `destroy`"
        ) from error


def _empty(context: Context) -> None:
    marker: dict[str, str] = {}
    while True:
        page = context.call("list_object_versions", Bucket=context.id, **marker)
        found = [
            {"Key": entry["Key"], "VersionId": entry["VersionId"]}
            for entry in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        ]
        for start in range(0, len(found), DELETE_AT_ONCE):
            part = {"Objects": found[start : start + DELETE_AT_ONCE], "Quiet": True}
            answer = context.call("delete_objects", Bucket=context.id, Delete=part, BypassGovernanceRetention=True)
            for problem in answer.get("Errors", [])[:1]:
                raise ProviderError(
                    f"{problem.get('Key')} in {context.id} could not be deleted: {problem.get('Code')}: "
                    f"{problem.get('Message')}"
                )
        if not page.get("IsTruncated"):
            return
        marker = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page.get("NextVersionIdMarker", "")}


def bucket_name(inputs: Mapping[str, Any]) -> list[Problem]:
    """The length; the official provider leaves the letters to S3 as well."""
    name = inputs.get("bucket")
    if isinstance(name, str) and not 3 <= len(name) <= 63:
        return [Problem("bucket", f"expected length of bucket to be in the range (3 - 63), got {len(name)}")]
    return []


def part(
    token: str, name: str, within: str, *, remove: str | None = None, gone: tuple[str, ...] = (), **more: Any
) -> Row:
    """The row of one part of a bucket's configuration, which the API puts, gets and deletes by the bucket's name.

    Args:
        name: the operations' name after put_, get_ and delete_, such as bucket_logging.
        within: the member of put's request and, its last part, of get's answer.
        remove: the operation that takes it away, where it is not delete_<name>.
        gone: codes of get that mean there is none.
    """
    # The owner that a request expects is a condition of the request, not a property of the bucket.
    owner = {"expectedBucketOwner"} & schema_of(token).inputs.keys()
    put = {**OWN, **({"ExpectedBucketOwner": "expectedBucketOwner"} if owner else {})}
    replace = more.pop("replace", frozenset()) | {"bucket"} | owner
    properties = more.pop("properties")
    return Row(
        type=token,
        service="s3",
        create=(Call(f"put_{name}", put, within, properties),),
        read=(read_part(f"get_{name}", more.pop("result", within)),),
        update=(Call(f"put_{name}", put, within, properties),),
        delete=more.pop("delete", (Call(remove or f"delete_{name}", OWN, fill=False),)),
        id=("bucket",),
        replace=replace,
        write_only=owner | more.pop("write_only", frozenset()),
        gone=NO_BUCKET | set(gone),
        **more,
    )


def read_part(operation: str, result: str) -> Any:
    """A read that knows the bucket from the id."""
    call = Call(operation, OWN, fill=False, result=result)

    def read(context: Context) -> Properties | None:
        context.state["bucket"] = context.id.partition(":")[0]
        found = context.run(call)
        return None if not found else {**found, "bucket": context.state["bucket"]}

    return read


ROWS = (
    Row(
        type=BUCKET,
        service="s3",
        auto_name=AutoName("bucket", 63, "bucketPrefix", lower=True),
        create=(create_bucket,),
        read=(read_bucket,),
        delete=(delete_bucket,),
        id=("bucket",),
        replace=frozenset({"bucket", "bucketPrefix", "objectLockEnabled"}),
        provider_only=frozenset({"forceDestroy", "bucketPrefix"}),
        sticky=frozenset({"objectLockEnabled"}),
        defaults={"forceDestroy": False},
        unsupported={
            "accelerationStatus": "the local cloud has no accelerated endpoints",
            "acl": "use BucketOwnershipControls and policies",
            "bucketNamespace": "the local cloud has one namespace",
            "corsRules": "no row configures CORS yet",
            "grants": "use BucketOwnershipControls and policies",
            "lifecycleRules": "use BucketLifecycleConfiguration",
            "logging": "use BucketLogging",
            "objectLockConfiguration": "use objectLockEnabled and BucketObjectLockConfiguration",
            "policy": "use BucketPolicy",
            "replicationConfiguration": "use BucketReplicationConfig",
            "requestPayer": "the local cloud bills nobody",
            "serverSideEncryptionConfiguration": "use BucketServerSideEncryptionConfiguration",
            "versioning": "use BucketVersioning",
            "website": "no row configures websites",
        },
        outputs={
            "arn": lambda context: f"arn:{context.cloud.partition}:s3:::{context.id or context['bucket']}",
            "bucketDomainName": lambda context: f"{context['bucket']}.s3.amazonaws.com",
            "bucketRegionalDomainName": lambda context: f"{context['bucket']}.s3.{context.region}.amazonaws.com",
            "bucketRegion": lambda context: context.region,
        },
        gone=NO_BUCKET,
        taken=frozenset({"BucketAlreadyOwnedByYou"}),
        half_done=has_nothing_in_it,
        tags=TagCalls(
            "put_bucket_tagging",
            "delete_bucket_tagging",
            "get_bucket_tagging",
            ("Bucket", "bucket"),
            tags="Tagging.TagSet",
            whole=True,
            none=frozenset({"NoSuchTagSet"}),
        ),
        rules=(conflicts("bucket", "bucketPrefix"), bucket_name),
        example=Example(
            inputs={"tags": {"team": "a"}},
            update={"tags": {"team": "b"}, "forceDestroy": True},
            replace={"bucket": "another-name"},
        ),
    ),
)
