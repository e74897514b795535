"""Rows of AWS Backup: vaults, plans and what they select."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.errors import ProviderError
from sandbox.provider.row import AutoName, Call, Example, Need, Problem, Ref, Row, TagCalls
from sandbox.provider.rules import at_least_one, between, found, matches, one_of
from sandbox.provider.values import Properties

VAULT = "aws:backup/vault:Vault"
PLAN = "aws:backup/plan:Plan"
GONE = frozenset({"ResourceNotFoundException"})
# What the official provider sends where the program says nothing; the API's own would be 8 hours and 7 days.
START_MINUTES, COMPLETION_MINUTES = 60, 180
LONGEST_CONTINUOUS = 35
LONGEST_COLD_GAP = 90
NAMES = (r"[a-zA-Z0-9\-_.]{1,50}", "1 to 50 letters, digits, dashes, underscores and dots")
_BY_NAME = {"BackupVaultName": "$id"}


def tag_calls(at_create: str = "") -> TagCalls:
    """How all of the service's types are tagged."""
    return TagCalls(
        add="tag_resource",
        remove="untag_resource",
        read="list_tags",
        target=("ResourceArn", "arn"),
        tags="Tags",
        keys="TagKeyList",
        pair=None,
        at_create=at_create,
    )


def delete_vault(context: Context) -> None:
    """Deletes the vault; what lies in it goes along only with `forceDestroy`."""
    name = context.id
    held = context.call("describe_backup_vault", BackupVaultName=name).get("NumberOfRecoveryPoints", 0)
    if held and context["forceDestroy"] is not True:
        raise ProviderError(
            f"the backup vault {name} holds {held} recovery points, so it was not deleted: remove them, "
            "or set forceDestroy and run `up` before `destroy`"
        )
    points = context.call("list_recovery_points_by_backup_vault", BackupVaultName=name)["RecoveryPoints"]
    for point in points:
        context.call("delete_recovery_point", BackupVaultName=name, RecoveryPointArn=point["RecoveryPointArn"])
    context.call("delete_backup_vault", BackupVaultName=name)


def create_plan(context: Context) -> Properties:
    """Creates the plan; its id is the end of its ARN."""
    made = context.run(Call("create_backup_plan", within="BackupPlan")) or {}
    return {**made, "id": made["arn"].rpartition(":")[2]}


def create_selection(context: Context) -> Properties:
    """Creates the selection."""
    body = {
        "SelectionName": context["name"],
        "IamRoleArn": context["iamRoleArn"],
        "Resources": context.inputs.get("resources"),
        "NotResources": context.inputs.get("notResources"),
        "ListOfTags": [
            {"ConditionType": tag["type"], "ConditionKey": tag["key"], "ConditionValue": tag["value"]}
            for tag in context.inputs.get("selectionTags") or []
        ],
    }
    answer = context.call(
        "create_backup_selection",
        BackupPlanId=context["planId"],
        BackupSelection={member: value for member, value in body.items() if value},
    )
    return {"id": answer["SelectionId"]}


def read_selection(context: Context) -> Properties | None:
    """The selection; an import names it `<plan>|<selection>`, or the selection alone, whose plan is looked for."""
    plan, _, selection = context.id.rpartition("|")
    plan = context["planId"] or plan or _plan_of(context, selection)
    if not plan:
        return None
    answer = context.call("get_backup_selection", BackupPlanId=plan, SelectionId=selection)
    body = answer["BackupSelection"]
    state: Properties = {
        "id": selection,
        "planId": plan,
        "name": body["SelectionName"],
        "iamRoleArn": body["IamRoleArn"],
        "resources": body.get("Resources") or [],
        "notResources": body.get("NotResources") or [],
        "selectionTags": [
            {"key": tag["ConditionKey"], "type": tag["ConditionType"], "value": tag["ConditionValue"]}
            for tag in body.get("ListOfTags") or []
        ],
    }
    return {name: value for name, value in state.items() if value}


def _plan_of(context: Context, selection: str) -> str:
    for plan in context.call("list_backup_plans")["BackupPlansList"]:
        listed = context.call("list_backup_selections", BackupPlanId=plan["BackupPlanId"])["BackupSelectionsList"]
        if any(entry["SelectionId"] == selection for entry in listed):
            return plan["BackupPlanId"]
    return ""


def continuous(inputs: Mapping[str, Any]) -> list[Problem]:
    """A continuous backup has an end within 35 days and no cold storage."""
    problems: list[Problem] = []
    for where, rule in found(inputs, "rules"):
        if not isinstance(rule, Mapping) or rule.get("enableContinuousBackup") is not True:
            continue
        lifecycle = rule.get("lifecycle")
        kept = lifecycle.get("deleteAfter") if isinstance(lifecycle, Mapping) else None
        if kept is None or (isinstance(kept, int | float) and not 1 <= kept <= LONGEST_CONTINUOUS):
            reason = f"a rule with continuous backup says deleteAfter, 1 to {LONGEST_CONTINUOUS} days"
            problems.append(Problem(f"{where}.lifecycle.deleteAfter", f"InvalidParameterValueException: {reason}"))
    return problems


def cold_long_enough(inputs: Mapping[str, Any]) -> list[Problem]:
    """What goes to cold storage stays there for 90 days at least."""
    problems: list[Problem] = []
    for path in ("rules.lifecycle", "rules.copyActions.lifecycle"):
        for where, lifecycle in found(inputs, path):
            if not isinstance(lifecycle, Mapping):
                continue
            cold, kept = lifecycle.get("coldStorageAfter"), lifecycle.get("deleteAfter")
            if isinstance(cold, int) and isinstance(kept, int) and kept < cold + LONGEST_COLD_GAP:
                reason = f"deleteAfter has to be {LONGEST_COLD_GAP} days or more after coldStorageAfter"
                problems.append(Problem(f"{where}.deleteAfter", reason))
    return problems


def rule_names(inputs: Mapping[str, Any]) -> list[Problem]:
    """Rules of one plan have names of their own."""
    names = [name for _, name in found(inputs, "rules.ruleName") if isinstance(name, str)]
    twice = sorted({name for name in names if names.count(name) > 1})
    return [Problem("rules", f"two rules have the name '{twice[0]}'")] if twice else []


ROLE = "arn:aws:iam::000000000000:role/backup"
VAULT_NEED = {"vault": Need(VAULT, {"name": "rows-vault"})}
_RULE: Mapping[str, Any] = {
    "ruleName": "hourly",
    "targetVaultName": Ref("vault", "name"),
    "schedule": "cron(0 * * * ? *)",
    "enableContinuousBackup": True,
    "lifecycle": {"deleteAfter": 35},
    "copyActions": [
        {
            "destinationVaultArn": "arn:aws:backup:us-west-2:000000000000:backup-vault:copies",
            "lifecycle": {"deleteAfter": 90},
        }
    ],
}

ROWS = (
    Row(
        type=VAULT,
        service="backup",
        names={
            "name": "BackupVaultName",
            "arn": "BackupVaultArn",
            "kmsKeyArn": "EncryptionKeyArn",
            "recoveryPoints": "NumberOfRecoveryPoints",
        },
        create=(
            Call(
                "create_backup_vault", params={"BackupVaultName": "name", "EncryptionKeyArn": "kmsKeyArn"}, fill=False
            ),
        ),
        read=(Call("describe_backup_vault", params=_BY_NAME, fill=False),),
        delete=(delete_vault,),
        id=("name",),
        replace=frozenset({"name", "kmsKeyArn"}),
        defaults={"forceDestroy": False},
        sticky=frozenset({"kmsKeyArn"}),
        provider_only=frozenset({"forceDestroy"}),
        gone=GONE,
        taken=frozenset({"AlreadyExistsException"}),
        auto_name=AutoName("name", 50),
        tags=tag_calls("BackupVaultTags"),
        rules=(matches("name", r"[a-zA-Z0-9\-_]{2,50}", "2 to 50 letters, digits, dashes and underscores"),),
        example=Example(
            inputs={"name": "rows", "kmsKeyArn": Ref("key", "arn"), "tags": {"a": "1", "b": "1"}},
            update={"forceDestroy": True, "tags": {"a": "2"}},
            replace={"name": "another"},
            needs={"key": Need("aws:kms/key:Key", {"deletionWindowInDays": 7})},
        ),
    ),
    Row(
        type=PLAN,
        service="backup",
        names={
            "arn": "BackupPlanArn",
            "version": "VersionId",
            "name": "BackupPlanName",
            "targetVaultName": "TargetBackupVaultName",
            "targetLogicallyAirGappedBackupVaultArn": "TargetLogicallyAirGappedBackupVaultArn",
            "schedule": "ScheduleExpression",
            "startWindow": "StartWindowMinutes",
            "completionWindow": "CompletionWindowMinutes",
            "coldStorageAfter": "MoveToColdStorageAfterDays",
            "deleteAfter": "DeleteAfterDays",
            "destinationVaultArn": "DestinationBackupVaultArn",
        },
        create=(create_plan,),
        read=(
            Call("get_backup_plan", params={"BackupPlanId": "$id"}, fill=False),
            Call("get_backup_plan", params={"BackupPlanId": "$id"}, fill=False, result="BackupPlan"),
        ),
        update=(
            Call(
                "update_backup_plan",
                params={"BackupPlanId": "$id"},
                within="BackupPlan",
                only=("name", "rules", "advancedBackupSettings"),
            ),
        ),
        delete=(Call("delete_backup_plan", params={"BackupPlanId": "$id"}, fill=False),),
        replace=frozenset({"name"}),
        sets=frozenset({"rules", "rules.copyActions", "advancedBackupSettings"}),
        nested_filled={
            "rules.startWindow": START_MINUTES,
            "rules.completionWindow": COMPLETION_MINUTES,
            "rules.scheduleExpressionTimezone": "Etc/UTC",
        },
        gone=GONE,
        auto_name=AutoName("name", 50),
        tags=tag_calls(),
        unsupported={"scanSettings": "the local cloud scans no backups"},
        rules=(
            matches("name", *NAMES),
            matches(
                "rules.ruleName", r"[a-zA-Z0-9\-_.]{1,50}", "1 to 50 letters, digits, dashes, underscores and dots"
            ),
            between("rules.startWindow", 60, 100 * 365 * 24 * 60),
            between("rules.completionWindow", 60, 100 * 365 * 24 * 60),
            rule_names,
            continuous,
            cold_long_enough,
        ),
        example=Example(
            inputs={"rules": [_RULE], "tags": {"a": "1", "b": "1"}},
            update={
                "rules": [
                    {**_RULE, "schedule": "cron(0 0/6 * * ? *)", "startWindow": 90, "completionWindow": 240},
                    {"ruleName": "monthly", "targetVaultName": Ref("vault", "name"), "schedule": "cron(0 5 1 * ? *)"},
                ],
                "tags": {"a": "2"},
            },
            replace={"name": "another"},
            needs=VAULT_NEED,
        ),
    ),
    Row(
        type="aws:backup/selection:Selection",
        service="backup",
        create=(create_selection,),
        read=(read_selection,),
        delete=(Call("delete_backup_selection", params={"BackupPlanId": "planId", "SelectionId": "$id"}, fill=False),),
        replace=frozenset({"name", "planId", "iamRoleArn", "resources", "notResources", "selectionTags"}),
        sets=frozenset({"resources", "notResources", "selectionTags"}),
        sticky=frozenset({"notResources"}),
        gone=GONE,
        auto_name=AutoName("name", 50),
        unsupported={"conditions": "select by selectionTags, resources and notResources"},
        rules=(
            matches("name", *NAMES),
            matches("iamRoleArn", r"arn:[\w-]+:iam::\d{12}:role/.+", "the ARN of a role"),
            one_of("selectionTags.type", "STRINGEQUALS"),
            at_least_one("selectionTags", "resources", "notResources", "conditions"),
        ),
        example=Example(
            inputs={
                "planId": Ref("plan"),
                "iamRoleArn": ROLE,
                "selectionTags": [{"type": "STRINGEQUALS", "key": "backup", "value": "critical"}],
            },
            replace={"selectionTags": None, "resources": ["arn:aws:s3:::bucket"]},
            needs={
                **VAULT_NEED,
                "plan": Need(PLAN, {"rules": [{"ruleName": "daily", "targetVaultName": Ref("vault", "name")}]}),
            },
        ),
    ),
)
