"""Rows of AWS KMS: keys, their copies in other regions, aliases."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Call, Example, Need, Problem, Ref, Row, TagCalls
from sandbox.provider.rules import between, conflicts, matches, only_if
from sandbox.provider.values import Properties

KEY = "aws:kms/key:Key"
GONE = frozenset({"NotFoundException"})
TAGS = TagCalls(
    "tag_resource",
    "untag_resource",
    "list_resource_tags",
    ("KeyId", "$id"),
    pair=("TagKey", "TagValue"),
    at_create="Tags",
)


def read_key(context: Context) -> Properties | None:
    """The key with its policy and rotation; one that waits for deletion counts as gone."""
    found = context.call("describe_key", KeyId=context.id)["KeyMetadata"]
    if found["KeyState"] in ("PendingDeletion", "PendingReplicaDeletion"):
        return None
    state: Properties = {
        "arn": found["Arn"],
        "keyId": found["KeyId"],
        "description": found.get("Description", ""),
        "keyUsage": found["KeyUsage"],
        "customerMasterKeySpec": found.get("KeySpec", found.get("CustomerMasterKeySpec")),
        "keySpec": found.get("KeySpec"),
        "multiRegion": bool(found.get("MultiRegion", False)),
        "isEnabled": found["Enabled"],
        "enabled": found["Enabled"],
        "policy": context.call("get_key_policy", KeyId=context.id, PolicyName="default")["Policy"],
        "enableKeyRotation": False,
    }
    primary = found.get("MultiRegionConfiguration", {}).get("PrimaryKey", {}).get("Arn")
    if primary and primary != found["Arn"]:
        state["primaryKeyArn"] = primary
    if found.get("KeySpec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT":
        rotation = context.call("get_key_rotation_status", KeyId=context.id)
        state["enableKeyRotation"] = state["keyRotationEnabled"] = rotation["KeyRotationEnabled"]
        if rotation["KeyRotationEnabled"]:
            state["rotationPeriodInDays"] = rotation.get("RotationPeriodInDays", 365)
    return state


def rotate(context: Context) -> None:
    """Turns rotation on or off, when that changes or a new key wants it."""
    wanted = context.inputs.get("enableKeyRotation", False)
    if context.creating and not wanted:
        return
    if context.creating or context.changed & {"enableKeyRotation", "rotationPeriodInDays"}:
        if wanted:
            period = context.inputs.get("rotationPeriodInDays")
            context.call("enable_key_rotation", KeyId=context.id, RotationPeriodInDays=period)
        else:
            context.call("disable_key_rotation", KeyId=context.id)


def enable(name: str) -> Any:
    """A step that enables or disables the key as the property says."""

    def step(context: Context) -> None:
        wanted = context.inputs.get(name, True)
        if name in context.changed or (context.creating and not wanted):
            context.call("enable_key" if wanted else "disable_key", KeyId=context.id)

    return step


def _put_policy(context: Context) -> None:
    if "policy" in context.changed and context.inputs.get("policy"):
        context.call("put_key_policy", KeyId=context.id, PolicyName="default", Policy=context["policy"])


def delete_key(context: Context) -> None:
    """Schedules the deletion: a key is never deleted at once."""
    if read_key(context) is not None:
        context.call("schedule_key_deletion", KeyId=context.id, PendingWindowInDays=context["deletionWindowInDays"])


def replicate(context: Context) -> Properties:
    """Copies the primary key into the resource's region; the request goes to the primary's."""
    primary = context["primaryKeyArn"]
    tags = [{"TagKey": key, "TagValue": value} for key, value in (context["tagsAll"] or {}).items()]
    wanted = {
        "KeyId": primary,
        "ReplicaRegion": context.region,
        "Description": context.inputs.get("description"),
        "Policy": context.inputs.get("policy"),
        "Tags": tags or None,
    }
    answer = context.cloud.call(
        "kms",
        "replicate_key",
        primary.split(":")[3],
        **{name: value for name, value in wanted.items() if value is not None},
    )
    context.tags_sent = True
    return {"keyId": answer["ReplicaKeyMetadata"]["KeyId"], "arn": answer["ReplicaKeyMetadata"]["Arn"]}


def read_alias(context: Context) -> Properties | None:
    """The alias among all of the region: there is no call for one."""
    more: dict[str, str] = {}
    while True:
        page = context.call("list_aliases", **more)
        for alias in page["Aliases"]:
            if alias["AliasName"] == context.id:
                return _alias(context, alias)
        if not page.get("Truncated"):
            return None
        more = {"Marker": page["NextMarker"]}


def _alias(context: Context, alias: Mapping[str, Any]) -> Properties:
    target, wanted = alias["TargetKeyId"], context.inputs.get("targetKeyId", "")
    region_and_account = alias["AliasArn"].rsplit(":", 1)[0]
    return {
        "name": alias["AliasName"],
        "arn": alias["AliasArn"],
        # The program may name the key by its id or its ARN, which is the same key.
        "targetKeyId": wanted if str(wanted).rpartition("/")[2] == target else target,
        "targetKeyArn": f"{region_and_account}:key/{target}",
    }


def not_of_aws(inputs: Mapping[str, Any]) -> list[Problem]:
    """Names under alias/aws/ belong to AWS."""
    if str(inputs.get("name", "")).startswith("alias/aws/"):
        return [Problem("name", "an alias may not begin with alias/aws/, which belongs to AWS")]
    return []


DESCRIBE = Call("update_key_description", {"KeyId": "$id"}, only=("description",))
WINDOW = between("deletionWindowInDays", 7, 30)

ROWS = (
    Row(
        type=KEY,
        service="kms",
        cfn="AWS::KMS::Key",
        names={"customerMasterKeySpec": "KeySpec", "customKeyStoreId": "CustomKeyStoreId"},
        create=(
            Call(
                "create_key",
                {"BypassPolicyLockoutSafetyCheck": "bypassPolicyLockoutSafetyCheck"},
                only=("description", "policy", "keyUsage", "customerMasterKeySpec", "multiRegion", "customKeyStoreId"),
                result="KeyMetadata",
            ),
            rotate,
            enable("isEnabled"),
        ),
        read=(read_key,),
        update=(DESCRIBE, _put_policy, rotate, enable("isEnabled")),
        delete=(delete_key,),
        id=("keyId",),
        replace=frozenset({"customerMasterKeySpec", "keyUsage", "multiRegion", "customKeyStoreId", "xksKeyId"}),
        json=frozenset({"policy"}),
        sticky=frozenset({"policy", "description", "multiRegion", "rotationPeriodInDays"}),
        unsupported={"xksKeyId": "the local cloud has no external key stores"},
        # How long to wait before deleting, and whether to check the policy, are of this program and not of the key.
        provider_only=frozenset({"deletionWindowInDays", "bypassPolicyLockoutSafetyCheck"}),
        defaults={
            "bypassPolicyLockoutSafetyCheck": False,
            "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "enableKeyRotation": False,
            "isEnabled": True,
            "keyUsage": "ENCRYPT_DECRYPT",
        },
        gone=GONE,
        tags=TAGS,
        rules=(WINDOW, between("rotationPeriodInDays", 90, 2560), only_if("rotationPeriodInDays", "enableKeyRotation")),
        example=Example(
            inputs={"description": "first", "enableKeyRotation": True, "multiRegion": True, "tags": {"team": "a"}},
            update={"description": "second", "deletionWindowInDays": 7, "tags": {"team": "b"}},
            replace={"multiRegion": False},
        ),
    ),
    Row(
        type="aws:kms/replicaKey:ReplicaKey",
        service="kms",
        cfn="AWS::KMS::ReplicaKey",
        create=(replicate, enable("enabled")),
        read=(read_key,),
        update=(DESCRIBE, _put_policy, enable("enabled")),
        delete=(delete_key,),
        id=("keyId",),
        replace=frozenset({"primaryKeyArn"}),
        json=frozenset({"policy"}),
        sticky=frozenset({"policy", "description"}),
        provider_only=frozenset({"deletionWindowInDays", "bypassPolicyLockoutSafetyCheck"}),
        defaults={"bypassPolicyLockoutSafetyCheck": False, "enabled": True},
        gone=GONE,
        tags=TAGS,
        rules=(
            WINDOW,
            matches("primaryKeyArn", r"arn:[\w-]+:kms:[\w-]+:\d{12}:key/mrk-\w+", "a multi-region key's ARN"),
        ),
        example=Example(
            inputs={
                "primaryKeyArn": Ref("key", "arn"),
                "region": "us-west-2",
                "description": "first",
                "tags": {"a": "1"},
            },
            update={"description": "second", "deletionWindowInDays": 7, "tags": {"a": "2"}},
            replace={"region": "eu-west-1"},
            needs={"key": Need(KEY, {"multiRegion": True, "deletionWindowInDays": 7})},
        ),
    ),
    Row(
        type="aws:kms/alias:Alias",
        service="kms",
        cfn="AWS::KMS::Alias",
        names={"name": "AliasName"},
        # The pattern there forbids what the service takes at the end of a name.
        uncheck=frozenset({"targetKeyId"}),
        auto_name=AutoName("name", 256, "namePrefix", start="alias/"),
        create=(Call("create_alias", only=("name", "targetKeyId")),),
        read=(read_alias,),
        update=(Call("update_alias", {"AliasName": "$id"}, only=("targetKeyId",)),),
        delete=(Call("delete_alias", {"AliasName": "$id"}, fill=False),),
        id=("name",),
        replace=frozenset({"name", "namePrefix"}),
        provider_only=frozenset({"namePrefix"}),
        gone=GONE,
        taken=frozenset({"AlreadyExistsException"}),
        rules=(
            conflicts("name", "namePrefix"),
            matches("name", r"alias/[a-zA-Z0-9/_-]{1,250}", "it begins with alias/, then letters, digits, /, _ and -"),
            not_of_aws,
        ),
        example=Example(
            inputs={"name": "alias/table", "targetKeyId": Ref("one")},
            update={"targetKeyId": Ref("two", "arn")},
            replace={"name": "alias/other"},
            needs={"one": Need(KEY), "two": Need(KEY)},
        ),
    ),
)
