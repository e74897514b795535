"""Which workload a resource belongs to: by tag, by parent, by reachability; and which tier judges it."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stanchion.graph import Resource, ResourceGraph, Unsettled
from stanchion.graph.graph import PROVIDER_PREFIX, STACK_TYPE
from stanchion.recovery.declared import declared
from stanchion.recovery.objectives import TierObjectives, strictest

# What several workloads use and none of them reaches by an edge, and what nobody owns.
SHARED = "shared"

# Traffic reaches a workload through these: they refer to each other and to what they serve in both directions, so a
# workload's entry is found against the direction of the edges as well.
_ENTRY = (
    "aws:lb/",
    "aws:alb/",
    "aws:globalaccelerator/",
    "aws:route53/",
    "aws:route53recoverycontrol/",
    "aws:cloudfront/",
    "aws:apigateway",
)
# Whole networks and identities hang together through these; a walk that entered them would reach every workload.
_NO_PASSAGE = ("aws:ec2/", "aws:iam/", "aws:kms/", "aws:sns/", "kubernetes:core/v1:Namespace", "aws:route53/zone:")
# Parts that AWS splits off, and watchers: they belong to the workload of what they refer to.
_ATTACHED = ("aws:cloudwatch/metricAlarm:", "aws:cloudwatch/compositeAlarm:", "aws:appautoscaling/", "aws:autoscaling/")


@dataclass(frozen=True, slots=True)
class Workload:
    """A workload: the tier it says it has (None: no tag), and the URNs of what it owns or reaches."""

    name: str
    tier: str | Unsettled | None
    members: frozenset[str]

    def objectives(self, tiers: Mapping[str, TierObjectives]) -> TierObjectives | Unsettled:
        """What it is promised.

        A workload that says no tier is judged by the strictest there is: what is not said must not look better.
        """
        if isinstance(self.tier, Unsettled):
            return self.tier
        if self.tier is None:
            return strictest(tiers.values()) or Unsettled("", "", "no tier is defined, so there is nothing to judge by")
        if self.tier not in tiers:
            known = ", ".join(sorted(tiers)) or "none"
            why = f"workload '{self.name}' has tier '{self.tier}', which is not defined; defined are: {known}"
            return Unsettled("", "", why)
        return tiers[self.tier]


def owner_of(graph: ResourceGraph, resource: Resource) -> str | Unsettled | None:
    """The workload a resource says it belongs to, itself or through a parent; None when nobody says."""
    for candidate in (resource, *graph.ancestors(resource)):
        owner = declared(graph, candidate, "workload")
        if owner is not None:
            return owner
    return None


def tier_of(graph: ResourceGraph, resource: Resource) -> str | Unsettled | None:
    """The tier a resource says it has, itself or through a parent; None when nobody says."""
    for candidate in (resource, *graph.ancestors(resource)):
        tier = declared(graph, candidate, "tier")
        if tier is not None:
            return tier
    return None


def workloads_of(graph: ResourceGraph, relevant: Iterable[str]) -> tuple[Workload, ...]:
    """The workloads of a program, by name, `shared` last.

    Args:
        graph: the program.
        relevant: URNs of stores and steps; what of them no workload owns or reaches is in `shared`.
    """
    owned: dict[str, list[Resource]] = {}
    owner_by_urn: dict[str, str] = {}
    unsettled: list[Unsettled] = []
    for resource in graph:
        owner = owner_of(graph, resource)
        if isinstance(owner, Unsettled):
            unsettled.append(owner)
        elif owner is not None:
            owned.setdefault(owner, []).append(resource)
            owner_by_urn[resource.urn] = owner
    found: list[Workload] = []
    reached: set[str] = set()
    for name in sorted(owned):
        members = _reach(graph, owned[name], name, owner_by_urn)
        reached |= members
        found.append(Workload(name, _tier(graph, owned[name], name), frozenset(members)))
    rest = [urn for urn in sorted(set(relevant) - reached) if urn in graph.resources]
    if rest:
        tier = _tier(graph, [graph.resources[urn] for urn in rest], SHARED)
        found.append(Workload(SHARED, unsettled[0] if unsettled else tier, frozenset(rest)))
    return tuple(found)


def _tier(graph: ResourceGraph, resources: Iterable[Resource], workload: str) -> str | Unsettled | None:
    tiers: dict[str, Resource] = {}
    for resource in resources:
        tier = tier_of(graph, resource)
        if isinstance(tier, Unsettled):
            return tier
        if tier is not None:
            tiers.setdefault(tier, resource)
    if len(tiers) > 1 and workload != SHARED:
        names = " and ".join(f"'{tier}' on {tiers[tier].label}" for tier in sorted(tiers))
        return Unsettled("", "", f"workload '{workload}' has two tiers: {names}")
    # Shared things of several tiers are judged by the strictest one.
    return next(iter(tiers)) if len(tiers) == 1 else None


def _reach(graph: ResourceGraph, own: Iterable[Resource], name: str, owners: Mapping[str, str]) -> set[str]:
    """What a workload owns, what that depends on, and the entry through which traffic comes to it.

    An entry that one tier shares, such as the targets of its hostname, is none of another tier's. Stores that say a
    tier are not left out like that: who uses one depends on it, whatever it was meant for.
    """
    own = list(own)
    tier = _tier(graph, own, name)
    seen = {resource.urn for resource in own}
    queue = deque(own)
    while queue:
        resource = queue.popleft()
        neighbours = [graph.resources[urn] for urn in graph.edges(resource) if urn in graph.resources]
        # Against the edges: only what steers traffic here or is a part of it, never other users of a shared thing.
        neighbours += [other for other in graph.referrers(resource) if other.type.startswith((*_ENTRY, *_ATTACHED))]
        for other in neighbours:
            if other.urn in seen or owners.get(other.urn, name) != name or _passed_over(other):
                continue
            if isinstance(tier, str) and _of_another_tier(graph, other, tier):
                continue
            seen.add(other.urn)
            if not other.type.startswith(_NO_PASSAGE):
                queue.append(other)
    return seen


def _of_another_tier(graph: ResourceGraph, resource: Resource, tier: str) -> bool:
    """Whether an entry itself says that several workloads use it, and that they are of another tier."""
    if not resource.type.startswith(_ENTRY):
        return False
    shared, own = declared(graph, resource, "shared"), declared(graph, resource, "tier")
    return shared == "true" and isinstance(own, str) and own != tier


def _passed_over(resource: Resource) -> bool:
    return resource.type == STACK_TYPE or resource.type.startswith(PROVIDER_PREFIX)
