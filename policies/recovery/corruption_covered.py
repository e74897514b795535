"""Corrupt or deleted data can be had back."""

import math
from collections.abc import Iterable

from policies.reading.examples import STANDARD, part, single, tiered
from policies.reading.examples import bucket as a_bucket
from policies.rule import Example, Group, Program, Rule, Severity, Thresholds, Violation
from stanchion.graph import GraphBuilder, ResourceGraph, Unsettled
from stanchion.recovery.declared import DISPOSABLE, declared
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Protection
from stanchion.recovery.reading.buckets import BUCKETS
from stanchion.recovery.term import Amount, rank, total


def check(program: Program, _: Thresholds) -> Iterable[Violation]:
    """Stores that no versions, point-in-time recovery or backup protects against corruption."""
    if Disruption.APPLICATION in program.settings.elsewhere:
        return
    findings = program.estimates.findings
    protections: dict[str, list[Protection]] = {}
    for protection in findings.protections:
        if protection.disruption is Disruption.APPLICATION:
            protections.setdefault(protection.store, []).append(protection)
    for urn, store in findings.stores.items():
        resource = program.graph.resources.get(urn)
        if resource is None or (program.own is not None and urn not in program.own):
            continue
        if declared(program.graph, resource, "data") == DISPOSABLE:
            continue
        best = min((_loss(p) for p in protections.get(urn, ())), key=rank, default=math.inf)
        if isinstance(best, Unsettled):
            yield Violation.unsettled(best, "corrupt or deleted data can be had back")
        elif math.isinf(best):
            yield Violation.at(
                resource,
                f"{store.kind} '{resource.name}' has no versions, no point-in-time recovery and no backup: what is "
                "corrupted or deleted is gone, and replicas are damaged with it.",
            )


def _loss(protection: Protection) -> Amount:
    return total(term.amount for term in protection.loss)


def _versions(status: str) -> ResourceGraph:
    builder = GraphBuilder(tags=STANDARD)
    lake = a_bucket(builder, "lake")
    part(builder, "BucketVersioning", lake, "lake", {"versioningConfiguration": {"status": status}})
    return builder.graph()


RULE = Rule(
    id="recovery-corruption-covered",
    group=Group.RECOVERY,
    severity=Severity.HIGH,
    description="Each store has versions, point-in-time recovery or a backup, whatever its tier promises: "
    "replication repeats the damage.",
    remediation="Turn on versioning, point-in-time recovery or automated backups, or select the store in a backup "
    "plan; tag it stanchion:data=disposable if it can be computed again.",
    source="decision: replication counts for nothing against corruption",
    check=check,
    passing=(
        Example("versions are kept", lambda: _versions("Enabled"), settings=tiered),
        Example(
            "what it holds can be computed again",
            lambda: single(BUCKETS[0], "lake", {"tags": {"stanchion:data": "disposable"}}, STANDARD),
            settings=tiered,
        ),
    ),
    failing=(
        Example("nothing keeps what was overwritten", lambda: _versions("Suspended"), ("lake",), settings=tiered),
    ),
)
