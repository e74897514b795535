"""Somebody hears of a backup that failed."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from policies.reading.backup_plans import AIR_GAPPED, PLAN, VAULT, copies_of, rules_of
from policies.reading.listed import names_somebody
from policies.rule import Example, Group, Program, Rule, Severity, Thresholds, Violation
from stanchion.graph import GraphBuilder, Resource, ResourceGraph, Unsettled
from stanchion.recovery.survival import Condition, all_of, any_of

NOTIFICATIONS = "aws:backup/vaultNotifications:VaultNotifications"
EVENT_RULE = "aws:cloudwatch/eventRule:EventRule"
EVENT_TARGET = "aws:cloudwatch/eventTarget:EventTarget"
METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
# BACKUP_JOB_COMPLETED is sent for jobs that failed too. BACKUP_JOB_FAILED and BACKUP_JOB_EXPIRED can still be set and
# send nothing any more (AWS Backup API, PutBackupVaultNotifications: deprecated events).
_JOB_EVENT = "BACKUP_JOB_COMPLETED"
_COPY_EVENT = "COPY_JOB_FAILED"
_DETAIL_TYPES = {"job": "Backup Job State Change", "copy": "Copy Job State Change"}
_METRICS = {"job": "NumberOfBackupJobsFailed", "copy": "NumberOfCopyJobsFailed"}
_DEMAND = "somebody hears of failed backups"


def check(program: Program, _: Thresholds) -> Iterable[Violation]:
    """Backup plans whose failed jobs, or failed copies, nobody hears of."""
    events = {kind: list(_heard_by_events(program, kind)) for kind in _DETAIL_TYPES}
    for plan in program.of_type(PLAN):
        yield from _judge(program, plan, events)


def _judge(program: Program, plan: Resource, events: dict[str, list[tuple[object, Condition]]]) -> Iterable[Violation]:
    here = program.graph.region_of(plan)
    for kind, what, event in (("job", "backups", _JOB_EVENT), ("copy", "copies", _COPY_EVENT)):
        vaults = _vaults(program, plan, copying=kind == "copy")
        if isinstance(vaults, Unsettled):
            yield Violation.unsettled(vaults, _DEMAND)
            return
        if vaults is None:
            continue
        by_vault = [_notified(program, vault, event) for vault in vaults]
        regional = [answer for region, answer in events[kind] if region == here]
        answer = any_of(*regional, all_of(*by_vault) if by_vault else False)
        if isinstance(answer, Unsettled):
            yield Violation.unsettled(answer, _DEMAND)
        elif not answer:
            yield Violation.at(
                plan,
                f"Nobody hears of failed {what} of plan '{plan.name}': its vault sends no {event}, and no EventBridge "
                f"rule or alarm of the region watches for them. (BACKUP_JOB_FAILED sends nothing any more.)",
            )


def _vaults(program: Program, plan: Resource, *, copying: bool) -> list[Resource] | Unsettled | None:
    """The vaults of a plan's rules; None when there is nothing to hear of."""
    rules = rules_of(plan)
    if isinstance(rules, Unsettled):
        return rules
    found: dict[str, Resource] = {}
    any_ = False
    for rule in rules:
        copies = copies_of(rule)
        if copying and not isinstance(copies, Unsettled) and not copies:
            continue
        any_ = True
        here = program.graph.region_of(plan)
        for vault in program.graph.reference(rule["targetVaultName"], VAULT, AIR_GAPPED).resources:
            # Edges may mean the vaults that copies go to as well; those of another region are not this rule's own.
            if program.graph.region_of(vault) == here:
                found[vault.urn] = vault
    return list(found.values()) if any_ else None


def _notified(program: Program, vault: Resource, event: str) -> Condition:
    answers: list[Condition] = []
    for notification in program.graph.referring(vault, "backupVaultName", NOTIFICATIONS):
        events = notification.at("backupVaultEvents").each()
        if isinstance(events, Unsettled):
            answers.append(events)
        else:
            answers.append(any(item.value == event for item in events))
    return any_of(*answers)


def _heard_by_events(program: Program, kind: str) -> Iterator[tuple[object, Condition]]:
    """What in a region would notice a failure, whichever vault it is about."""
    graph = program.graph
    for rule in graph.of_type(EVENT_RULE):
        if rule.at("state").value == "DISABLED" or rule.at("isEnabled").value is False:
            continue
        if not graph.referring(rule, "rule", EVENT_TARGET):
            continue
        yield graph.region_of(rule), _matches(rule, kind)
    for alarm in graph.of_type(METRIC_ALARM):
        if alarm.at("namespace").value == "AWS/Backup" and alarm.at("metricName").value == _METRICS[kind]:
            yield graph.region_of(alarm), names_somebody(graph, alarm.at("alarmActions"))


def _matches(rule: Resource, kind: str) -> Condition:
    setting = rule.at("eventPattern")
    if setting.unsettled:
        return setting.unsettled
    try:
        pattern: Any = json.loads(setting.value) if isinstance(setting.value, str) else setting.value
    except ValueError:
        return False
    if not isinstance(pattern, dict) or "aws.backup" not in _listed(pattern.get("source")):
        return False
    types = pattern.get("detail-type")
    if types is not None and _DETAIL_TYPES[kind] not in _listed(types):
        return False
    detail = pattern.get("detail")
    states = detail.get("state") if isinstance(detail, dict) else None
    return states is None or "FAILED" in _listed(states)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _program(*events: str, pattern: str = "", copies: bool = False) -> ResourceGraph:
    builder = GraphBuilder()
    vault = builder.add(VAULT, "lake", {})
    topic = builder.add("aws:sns/topic:Topic", "critical", {})
    if events:
        inputs = {
            "backupVaultName": vault.ref("name"),
            "backupVaultEvents": list(events),
            "snsTopicArn": topic.ref("arn"),
        }
        builder.add(NOTIFICATIONS, "lake", inputs)
    if pattern:
        rule = builder.add(EVENT_RULE, "failed", {"eventPattern": pattern})
        builder.add(EVENT_TARGET, "failed", {"rule": rule.ref("name"), "arn": topic.ref("arn")})
    actions = [{"destinationVaultArn": "arn:aws:backup:us-west-2:111122223333:backup-vault:copies"}] if copies else []
    builder.add(PLAN, "hourly", {"rules": [{"targetVaultName": vault.ref("name"), "copyActions": actions}]})
    return builder.graph()


_PATTERN = '{"source": ["aws.backup"], "detail-type": ["Backup Job State Change"], "detail": {"state": ["FAILED"]}}'

RULE = Rule(
    id="observability-backup-failures-noticed",
    group=Group.OBSERVABILITY,
    severity=Severity.HIGH,
    description="Somebody hears of failed backup jobs and failed copies of each plan: by the vault's notifications, an "
    "EventBridge rule with a target, or an alarm on the metric. A backup that fails in silence is found at the "
    "restore.",
    remediation="Add aws.backup.VaultNotifications with BACKUP_JOB_COMPLETED and COPY_JOB_FAILED, or an EventBridge "
    "rule on aws.backup with a target.",
    source="AWS Backup API: PutBackupVaultNotifications, supported and deprecated events; AWS Backup developer guide: "
    "monitoring events using EventBridge",
    check=check,
    passing=(
        Example("the vault tells", lambda: _program(_JOB_EVENT)),
        Example("the vault tells of copies too", lambda: _program(_JOB_EVENT, _COPY_EVENT, copies=True)),
        Example("a rule watches", lambda: _program(pattern=_PATTERN)),
    ),
    failing=(
        Example("nobody", _program, ("hourly",)),
        Example("an event that is not sent any more", lambda: _program("BACKUP_JOB_FAILED"), ("hourly",)),
        Example("nobody hears of copies", lambda: _program(_JOB_EVENT, copies=True), ("hourly",)),
        Example(
            "a rule for what succeeded", lambda: _program(pattern=_PATTERN.replace("FAILED", "COMPLETED")), ("hourly",)
        ),
    ),
)
