"""Rows of AWS Secrets Manager: a secret, and its value as a version of its own."""

import base64
from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import CallError, Context
from sandbox.provider.errors import ProviderError
from sandbox.provider.row import AutoName, Example, Need, Problem, Ref, Row, TagCalls
from sandbox.provider.rules import conflicts, exactly_one, matches
from sandbox.provider.tags import wire
from sandbox.provider.values import UNKNOWN, Properties

SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type, no secret
GONE = frozenset({"ResourceNotFoundException"})
TAGS = TagCalls(add="tag_resource", remove="untag_resource", target=("SecretId", "$id"))
CURRENT = "AWSCURRENT"
OWN_KEY = "alias/aws/secretsmanager"  # what encrypts a secret that names no key
RECOVERY_DAYS = 30  # what the official provider fills in; 0 is its word for no recovery


def _replicas(context: Context) -> list[dict[str, str]]:
    return [
        {"Region": one["region"], **({"KmsKeyId": one["kmsKeyId"]} if one.get("kmsKeyId") else {})}
        for one in context.inputs.get("replicas") or []
    ]


def create_secret(context: Context) -> Properties:
    """Creates the secret without a value."""
    answer = context.call(
        "create_secret",
        Name=context["name"],
        Description=context["description"],
        KmsKeyId=context["kmsKeyId"],
        Tags=wire(TAGS, context["tagsAll"] or {}) or None,
    )
    context.tags_sent = True
    return {"id": answer["ARN"], "arn": answer["ARN"]}


def put_policy(context: Context) -> None:
    """Sets the policy, which the create call does not take."""
    policy = context.inputs.get("policy")
    if policy and (context.creating or "policy" in context.changed):
        context.call("put_resource_policy", SecretId=context.id, ResourcePolicy=policy)


def replicate(context: Context) -> None:
    """Copies the secret to the regions that are new."""
    before = {one["region"]: one for one in context.old.get("replicas") or []}
    wanted = {one["Region"]: one for one in _replicas(context)}
    if lost := sorted(before.keys() - wanted.keys()):
        raise ProviderError(
            f"the local cloud cannot take the copies of {context['name']} in {', '.join(lost)} away: replace the secret"
        )
    new = [replica for region, replica in wanted.items() if region not in before]
    if new:
        context.call(
            "replicate_secret_to_regions",
            SecretId=context.id,
            AddReplicaRegions=new,
            ForceOverwriteReplicaSecret=bool(context["forceOverwriteReplicaSecret"]),
        )


def read_secret(context: Context) -> Properties | None:
    """The secret without its value; one that waits for deletion counts as gone."""
    secret = context.call("describe_secret", SecretId=context.id)
    if secret.get("DeletedDate"):
        return None
    state: Properties = {
        "id": secret["ARN"],
        "arn": secret["ARN"],
        "name": secret["Name"],
        "description": secret.get("Description", ""),
        "tags": secret.get("Tags") or [],
        "replicas": [
            {
                name: replica[member]
                for name, member in (("region", "Region"), ("kmsKeyId", "KmsKeyId"), ("status", "Status"))
                if replica.get(member)
            }
            for replica in secret.get("ReplicationStatus") or []
        ],
    }
    if secret.get("KmsKeyId") not in (None, "", OWN_KEY):
        state["kmsKeyId"] = secret["KmsKeyId"]
    policy = context.call("get_resource_policy", SecretId=context.id).get("ResourcePolicy")
    if policy:
        state["policy"] = policy
    return state


def update_secret(context: Context) -> None:
    """Sets description and key; neither makes a new version."""
    if context.changed & {"description", "kmsKeyId"}:
        context.call(
            "update_secret",
            SecretId=context.id,
            Description=context.inputs.get("description", ""),
            KmsKeyId=context.inputs.get("kmsKeyId", OWN_KEY if "kmsKeyId" in context.old else None),
        )


def delete_secret(context: Context) -> None:
    """Deletes the secret at once or after its recovery window."""
    if context.call("describe_secret", SecretId=context.id).get("DeletedDate"):
        return
    days = context["recoveryWindowInDays"]
    days = RECOVERY_DAYS if days is None else int(days)
    how: dict[str, Any] = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
    context.call("delete_secret", SecretId=context.id, **how)


def create_version(context: Context) -> Properties:
    """Stores the value; unless stages are named it becomes the current one."""
    binary = context["secretBinary"]
    answer = context.call(
        "put_secret_value",
        SecretId=context["secretId"],
        SecretString=context["secretString"],
        SecretBinary=base64.b64decode(binary) if binary is not None else None,
        VersionStages=context["versionStages"],
    )
    return {"secretId": context["secretId"], "versionId": answer["VersionId"]}


def read_version(context: Context) -> Properties | None:
    """The value and its stages."""
    try:
        found = context.call("get_secret_value", SecretId=context["secretId"], VersionId=context["versionId"])
    except CallError as error:
        # A secret that waits for deletion does not tell its value.
        if error.code == "InvalidRequestException":
            return None
        raise
    state: Properties = {
        "secretId": context["secretId"],
        "versionId": found["VersionId"],
        "arn": found["ARN"],
        "secretArn": found["ARN"],
        "versionStages": found.get("VersionStages") or [],
        "hasSecretStringWo": False,
    }
    if found.get("SecretString") is not None:
        state["secretString"] = found["SecretString"]
    if found.get("SecretBinary") is not None:
        state["secretBinary"] = base64.b64encode(found["SecretBinary"]).decode()
    return state


def update_stages(context: Context) -> None:
    """Moves the stages that are new here, and takes those away that are no longer wanted."""
    if "versionStages" not in context.changed:
        return
    versions = context.call("describe_secret", SecretId=context["secretId"]).get("VersionIdsToStages") or {}
    holders = {stage: version for version, stages in versions.items() for stage in stages}
    own, wanted = context["versionId"], set(context.inputs.get("versionStages") or [])
    here = {stage for stage, version in holders.items() if version == own}
    where: dict[str, Any] = {"SecretId": context["secretId"]}
    for stage in sorted(wanted - here):
        context.call(
            "update_secret_version_stage",
            VersionStage=stage,
            MoveToVersionId=own,
            RemoveFromVersionId=holders.get(stage),
            **where,
        )
    for stage in sorted(here - wanted - {CURRENT}):
        context.call("update_secret_version_stage", VersionStage=stage, RemoveFromVersionId=own, **where)


def delete_version(context: Context) -> None:
    """Takes the stages away, by which a version goes; the current one cannot lose its own."""
    state = read_version(context)
    for stage in sorted(set((state or {}).get("versionStages", [])) - {CURRENT}):
        context.call(
            "update_secret_version_stage",
            SecretId=context["secretId"],
            VersionStage=stage,
            RemoveFromVersionId=context["versionId"],
        )


def window(inputs: Mapping[str, Any]) -> list[Problem]:
    """A secret can be recovered for 7 to 30 days, or not at all."""
    days = inputs.get("recoveryWindowInDays")
    if days is UNKNOWN or days is None or days == 0 or 7 <= days <= 30:
        return []
    return [
        Problem("recoveryWindowInDays", f"expected recoveryWindowInDays to be 0 or in the range (7 - 30), got {days}")
    ]


ROWS = (
    Row(
        type=SECRET,
        service="secretsmanager",
        create=(create_secret, put_policy, replicate),
        read=(read_secret,),
        update=(update_secret, put_policy, replicate),
        delete=(delete_secret,),
        replace=frozenset({"name", "namePrefix"}),
        sets=frozenset({"replicas"}),
        json=frozenset({"policy"}),
        defaults={"recoveryWindowInDays": RECOVERY_DAYS, "forceOverwriteReplicaSecret": False},
        nested_computed=frozenset({"replicas.kmsKeyId", "replicas.status"}),
        sticky=frozenset({"policy"}),
        provider_only=frozenset({"namePrefix", "recoveryWindowInDays", "forceOverwriteReplicaSecret"}),
        watched=frozenset({"kmsKeyId"}),
        gone=GONE,
        taken=frozenset({"ResourceExistsException"}),
        taken_id=lambda context: context.call("describe_secret", SecretId=context["name"])["ARN"],
        auto_name=AutoName("name", 512, "namePrefix"),
        tags=TAGS,
        unsupported={"type": "the local cloud has no secrets of other makers"},
        rules=(
            conflicts("name", "namePrefix"),
            matches("name", r"[\w/+=.@-]{1,512}", "a name has up to 512 letters, digits and /_+=.@-"),
            window,
        ),
        example=Example(
            inputs={
                "description": "of keys",
                "kmsKeyId": Ref("key", "arn"),
                "policy": '{"Version": "2012-10-17", "Statement": []}',
                "recoveryWindowInDays": 0,
                "replicas": [{"region": "us-west-2", "kmsKeyId": "alias/other"}],
                "tags": {"a": "1", "b": "1"},
            },
            update={"description": None, "recoveryWindowInDays": 7, "tags": {"a": "2"}},
            replace={"name": "another"},
            needs={"key": Need("aws:kms/key:Key", {"deletionWindowInDays": 7})},
        ),
    ),
    Row(
        type="aws:secretsmanager/secretVersion:SecretVersion",
        service="secretsmanager",
        create=(create_version,),
        read=(read_version,),
        update=(update_stages,),
        delete=(delete_version,),
        id=("secretId", "versionId"),
        id_separator="|",
        replace=frozenset({"secretId", "secretString", "secretBinary"}),
        sets=frozenset({"versionStages"}),
        sticky=frozenset({"versionStages"}),
        gone=GONE,
        unsupported={
            "secretStringWo": "use secretString, which is encrypted in the state",
            "secretStringWoVersion": "use secretString, which is encrypted in the state",
        },
        rules=(exactly_one("secretString", "secretBinary"),),
        example=Example(
            inputs={"secretId": Ref("secret"), "secretString": "one value"},
            update={"versionStages": [CURRENT, "green"]},
            replace={"secretString": "another value"},
            needs={"secret": Need(SECRET, {"recoveryWindowInDays": 0})},
            lasting="the current version stays as long as its secret",
        ),
    ),
)
