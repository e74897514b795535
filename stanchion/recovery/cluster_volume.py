"""Databases whose storage spans three zones while their instances are resources of their own.

Aurora, DocumentDB and Neptune share this shape: a machine or a zone takes no data, only the time until another
instance serves; every cluster keeps continuous backups; a global cluster copies to other regions.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from stanchion.graph import Resource, ResourceGraph, Unsettled
from stanchion.recovery.declared import declared, restore_term
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Protection
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import (
    HARDWARE,
    IN_REGION,
    Footprint,
    any_of,
    apart,
    at_least,
    nothing_lost,
    protections,
    spread,
)
from stanchion.recovery.term import Grade, Term

# Aurora's guide, DocumentDB's and Neptune's say that backups are continuous, and name no figure of their own.
CONTINUOUS = Source("Amazon RDS User Guide", "Restoring to a specified time: logs are uploaded every 5 minutes")

LOG_UPLOAD_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Engine:
    """One such database.

    Args:
        cluster, instance, global_cluster: type tokens.
        storage, failover, replication: where the figures stand.
        failover_seconds: until a reader has taken over.
        rebuild_seconds: until the only instance is replaced; None where nothing is published.
        lag_seconds: how far another region is behind.
        promotion_seconds: until another region takes writes; None where nothing is published.
    """

    cluster: str
    instance: str
    global_cluster: str
    storage: Source
    failover: Source
    replication: Source
    failover_seconds: float
    rebuild_seconds: float | None
    lag_seconds: float
    promotion_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class GlobalCluster:
    """The clusters that a global cluster joins.

    Args:
        members: in the order of their URNs.
        footprint: where they lie.
        serving: regions in which one of them has an instance.
    """

    members: tuple[Resource, ...]
    footprint: Footprint
    serving: frozenset[str]


def volume(graph: ResourceGraph, engine: Engine, cluster: Resource) -> Iterator[Protection]:
    """How a machine's and a zone's loss are survived."""
    loss = nothing_lost("storage in three zones", engine.storage, cluster)
    instances = _instances(graph, engine, cluster)
    for disruption in HARDWARE:
        back = _takeover(graph, engine, cluster, instances, disruption)
        yield from protections(cluster, "storage in three zones", (disruption,), [loss], [back])


def continuous_backups(graph: ResourceGraph, cluster: Resource) -> Iterator[Protection]:
    """Point-in-time recovery, for one day unless the program says more."""
    setting = cluster.at("backupRetentionPeriod")
    loss = Term.of("latest time that can be restored", LOG_UPLOAD_SECONDS, Grade.TYPICAL, CONTINUOUS, setting)
    back = restore_term(graph, cluster, "restore into a new cluster")
    kept = at_least(setting.number(1), 1)
    yield from protections(cluster, "point-in-time recovery", IN_REGION, [loss], [back], given=kept)


def global_clusters(graph: ResourceGraph, engine: Engine) -> dict[str, tuple[GlobalCluster, ...]]:
    """The global clusters of each cluster, by its URN; of one in another program only the name is known."""
    found: dict[str, dict[str, Resource]] = defaultdict(dict)
    for cluster in graph.of_type(engine.cluster):
        named = graph.reference(cluster.at("globalClusterIdentifier"), engine.global_cluster)
        for key in [one.urn for one in named.resources] or ([named.literal] if named.literal else []):
            found[key][cluster.urn] = cluster
    for one in graph.of_type(engine.global_cluster):
        for cluster in graph.reference(one.at("sourceDbClusterIdentifier"), engine.cluster).resources:
            found[one.urn][cluster.urn] = cluster
    of: dict[str, tuple[GlobalCluster, ...]] = {}
    for key in sorted(found):
        members = tuple(found[key][urn] for urn in sorted(found[key]))
        serving = [graph.region_of(member) for member in members if _instances(graph, engine, member)]
        regions = frozenset(region for region in serving if isinstance(region, str))
        together = GlobalCluster(members, Footprint.of(graph, members), regions)
        for member in members:
            of[member.urn] = (*of.get(member.urn, ()), together)
    return of


def other_regions(
    graph: ResourceGraph,
    engine: Engine,
    cluster: Resource,
    joined: tuple[GlobalCluster, ...],
    lag: Term | None = None,
) -> Iterator[Protection]:
    """What a global cluster saves when this cluster's region is lost.

    Args:
        graph: the program.
        engine: the database.
        cluster: one member.
        joined: the global clusters it is a member of.
        lag: what may be lost, in seconds, where a setting decides it; else the engine's usual lag.
    """
    here = graph.region_of(cluster)
    given = any_of(*(one.footprint.beyond(here) for one in joined))
    if given is False:
        return
    name = "replication lag between regions"
    loss = lag or Term.of(name, engine.lag_seconds, Grade.TYPICAL, engine.replication, cluster)
    name = "failover to the other region"
    back = [restore_term(graph, cluster, name)]
    if engine.promotion_seconds is not None:
        back = [Term.of(name, engine.promotion_seconds, Grade.TYPICAL, engine.replication, cluster)]
    # A secondary without instances holds the data but serves nobody until one is made.
    if engine.rebuild_seconds is not None and not any(one.serving - {here} for one in joined):
        name = "first instance in the other region"
        back.append(Term.of(name, engine.rebuild_seconds, Grade.TYPICAL, engine.failover, cluster))
    yield from protections(cluster, "global cluster", (Disruption.REGION,), [loss], back, given=given)


def _instances(graph: ResourceGraph, engine: Engine, cluster: Resource) -> tuple[Resource, ...]:
    """Its instances; clusters of one name in two regions keep theirs apart."""
    named = graph.referring(cluster, "clusterIdentifier", engine.instance)
    return tuple(instance for instance in named if apart(graph, cluster, instance) is not True)


def _takeover(
    graph: ResourceGraph, engine: Engine, cluster: Resource, instances: tuple[Resource, ...], disruption: Disruption
) -> Term:
    """How long until an instance serves again."""
    failover = Term.of("a reader takes over", engine.failover_seconds, Grade.TYPICAL, engine.failover, cluster)
    if disruption is Disruption.INFRASTRUCTURE:
        if len(instances) > 1:
            return failover
        if instances and engine.rebuild_seconds is not None:
            name = "the only instance is replaced"
            return Term.of(name, engine.rebuild_seconds, Grade.TYPICAL, engine.failover, instances[0])
        return restore_term(graph, cluster, "an instance is made anew")
    if len(instances) > 1:
        two = spread(instance.at("availabilityZone") for instance in instances)
        if two is True:
            return failover
        if isinstance(two, Unsettled) and declared(graph, cluster, "restore") is None:
            name = "a reader in another zone takes over"
            return Term(name, two, Grade.TYPICAL, engine.failover, two.urn, two.property)
    # With one instance, or all in the zone that is gone, AWS may not find room elsewhere at once.
    return restore_term(graph, cluster, "an instance is made in another zone")
