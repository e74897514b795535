"""Every store says whose it is, and how much its loss matters."""

from collections.abc import Iterable

from policies.reading.examples import STANDARD, single, tiered
from policies.reading.tiers import tier_named
from policies.rule import Example, Group, Program, Rule, Severity, Thresholds, Violation
from stanchion.graph import Resource, Unsettled
from stanchion.recovery.declared import DISPOSABLE, declared
from stanchion.recovery.stateful import stateful_kind
from stanchion.recovery.workloads import owner_of

_DEMAND = "its workload and its tier are declared"


def check(program: Program, _: Thresholds) -> Iterable[Violation]:
    """Stateful resources without workload and defined tier, unless they are shared or disposable."""
    for resource in program.graph:
        kind = stateful_kind(resource.type)
        if kind is None or (program.own is not None and resource.urn not in program.own):
            continue
        yield from _judge(program, resource, f"{kind} '{resource.name}'")


def _judge(program: Program, resource: Resource, label: str) -> Iterable[Violation]:
    if _says(program, resource, "data") == DISPOSABLE or _says(program, resource, "shared") == "true":
        return
    owner = owner_of(program.graph, resource)
    tier = tier_named(program, resource) if owner is not None else None
    for answer in (owner, tier):
        if isinstance(answer, Unsettled):
            yield Violation.unsettled(answer, _DEMAND)
            return
    if owner is None:
        yield Violation.at(
            resource,
            f"{label} holds state and doesn't say which workload it belongs to, so it is judged by the strictest tier.",
        )
    elif tier is None:
        yield Violation.at(resource, f"{label} belongs to workload '{owner}', of which no resource says a tier.")
    elif tier not in program.settings.tiers:
        known = ", ".join(sorted(program.settings.tiers)) or "none"
        yield Violation.at(resource, f"{label} has tier '{tier}', which is not defined; defined are: {known}.")


def _says(program: Program, resource: Resource, key: str) -> object:
    for candidate in (resource, *program.graph.ancestors(resource)):
        value = declared(program.graph, candidate, key)
        if value is not None:
            return value
    return None


_BUCKET = "aws:s3/bucket:Bucket"

RULE = Rule(
    id="recovery-tier-declared",
    group=Group.RECOVERY,
    severity=Severity.HIGH,
    description="A resource that holds state says its workload and its tier, itself or through a parent, or that it is "
    "shared or disposable: without, nobody can say what its loss would mean.",
    remediation="Set the tags stanchion:workload and stanchion:tier (default tags of the provider count), or "
    "stanchion:shared=true, or map the resource in the configuration.",
    source="decision: objectives are promised to workloads, by tier",
    check=check,
    passing=(
        Example("default tags say both", lambda: single(_BUCKET, "lake", {}, STANDARD), settings=tiered),
        Example(
            "it is shared, and judged by who reaches it",
            lambda: single(_BUCKET, "lake", {"tags": {"stanchion:shared": "true"}}),
            settings=tiered,
        ),
    ),
    failing=(
        Example("nothing is said", lambda: single(_BUCKET, "lake", {}), ("lake",), settings=tiered),
        Example(
            "the tier is not defined",
            lambda: single(_BUCKET, "lake", {}, STANDARD | {"stanchion:tier": "gold"}),
            ("lake",),
            settings=tiered,
        ),
        Example(
            "a workload without tier",
            lambda: single(_BUCKET, "lake", {"tags": {"stanchion:workload": "search"}}),
            ("lake",),
            settings=tiered,
        ),
    ),
)
