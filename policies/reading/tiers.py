"""Which tier a resource is judged by."""

from weakref import WeakKeyDictionary

from policies.rule import Program
from stanchion.graph import Resource, Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.objectives import Objective, TierObjectives, strictest
from stanchion.recovery.workloads import owner_of, tier_of


def tier_named(program: Program, resource: Resource) -> str | Unsettled | None:
    """The tier a resource says it has, itself, through a parent, or through its workload; None when nobody says."""
    own = tier_of(program.graph, resource)
    if own is not None:
        return own
    owner = owner_of(program.graph, resource)
    if not isinstance(owner, str):
        return owner
    return tiers_by_workload(program).get(owner)


def tiers_by_workload(program: Program) -> dict[str, str | Unsettled | None]:
    """The tier of each workload that a resource of the program names."""
    if program not in _TIERS:
        _TIERS[program] = {workload.name: workload.tier for workload in program.estimates.workloads}
    return _TIERS[program]


_TIERS: WeakKeyDictionary[Program, dict[str, str | Unsettled | None]] = WeakKeyDictionary()


def objective_of(program: Program, resources: list[Resource], disruption: Disruption) -> Objective | None:
    """The strictest objective of the workloads that own or reach one of these; None when no tier is defined.

    What no workload owns or reaches is judged by the strictest tier there is: what is not said must not look better.
    """
    tiers = program.settings.tiers
    urns = {resource.urn for resource in resources}
    found: list[TierObjectives] = []
    for workload in program.estimates.workloads:
        if urns & workload.members:
            objectives = workload.objectives(tiers)
            found += list(tiers.values()) if isinstance(objectives, Unsettled) else [objectives]
    for resource in resources if not found else ():
        named = tier_named(program, resource)
        if isinstance(named, str) and named in tiers:
            found.append(tiers[named])
    judged = strictest(found or tiers.values())
    return judged.of.get(disruption, Objective()) if judged else None


def objectives_named(program: Program, resource: Resource) -> TierObjectives | None:
    """The objectives of the tier that a resource says it has; None when it says none, or one that is not defined."""
    tier = tier_named(program, resource)
    return program.settings.tiers.get(tier) if isinstance(tier, str) else None
