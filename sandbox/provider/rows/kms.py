"""Rows of AWS KMS: keys, their copies in other regions, aliases."""

from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import Call, Example, Row, TagCalls
from sandbox.provider.rules import between, only_if
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
)
