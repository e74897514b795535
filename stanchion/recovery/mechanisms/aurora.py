"""Aurora clusters and Multi-AZ DB clusters: both are `aws:rds/cluster:Cluster`, the engine tells them apart."""

from collections.abc import Iterator, Mapping

from stanchion.graph import Resource, ResourceGraph, Unsettled
from stanchion.recovery.cluster_volume import (
    Engine,
    GlobalCluster,
    continuous_backups,
    global_clusters,
    other_regions,
    volume,
)
from stanchion.recovery.declared import restore_term
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Protection, Store
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import EVERYTHING, HARDWARE, at_least, copy_of, nothing_lost, protections
from stanchion.recovery.term import Amount, Grade, Term, largest

CLUSTER = "aws:rds/cluster:Cluster"
INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
GLOBAL = "aws:rds/globalCluster:GlobalCluster"
PARAMETERS = "aws:rds/clusterParameterGroup:ClusterParameterGroup"

AURORA = Engine(
    cluster=CLUSTER,
    instance=INSTANCE,
    global_cluster=GLOBAL,
    storage=Source("Amazon Aurora User Guide", "High availability for Aurora data: six copies in three zones"),
    failover=Source(
        "Amazon Aurora User Guide",
        "Fault tolerance: less than 60 s with a replica; less than 10 minutes, in the same zone, without",
    ),
    replication=Source("Amazon Aurora User Guide", "Using Aurora global databases: latency typically under a second"),
    failover_seconds=60.0,
    rebuild_seconds=600.0,
    lag_seconds=1.0,
)
RPO_PARAMETER = "rds.global_db_rpo"
MANAGED_RPO = Source("Amazon Aurora User Guide", "Managing RPOs for Aurora PostgreSQL-based global databases")
LEAST_RPO_SECONDS = 20.0
BACKTRACK = Source("Amazon Aurora User Guide", "Backtracking an Aurora DB cluster: rewinds in place")
READERS = Source("Amazon RDS User Guide", "Multi-AZ DB clusters: a reader in another zone acknowledges each commit")
READER_FAILOVER = Source("Amazon RDS User Guide", "Failing over a Multi-AZ DB cluster: typically under 35 s")
READER_FAILOVER_SECONDS = 35.0


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Stores and protections of all RDS clusters."""
    joined = global_clusters(graph, AURORA)
    bounds = _bounds(graph, joined)
    for cluster in graph.of_type(CLUSTER):
        engine = cluster.at("engine").text()
        if isinstance(engine, Unsettled):
            yield Store(cluster.urn, "RDS cluster")
            gap = Term("what the engine loses", engine, Grade.NONE, AURORA.storage, engine.urn, engine.property)
            yield from protections(cluster, "engine that is not known", EVERYTHING, [gap], [gap])
        elif engine.startswith("aurora") or not engine:
            yield Store(cluster.urn, "Aurora cluster")
            yield from volume(graph, AURORA, cluster)
            yield from continuous_backups(graph, cluster)
            yield from _backtrack(graph, cluster)
            if cluster.at("replicationSourceIdentifier").is_set:
                yield from copy_of(cluster, "another cluster, from which it replicates")
            yield from other_regions(graph, AURORA, cluster, joined.get(cluster.urn, ()), _lag(cluster, bounds))
        else:
            yield Store(cluster.urn, "Multi-AZ DB cluster")
            yield from _readers(graph, cluster)


def _backtrack(graph: ResourceGraph, cluster: Resource) -> Iterator[Protection]:
    """Rewinding loses nothing from before the damage, if it is noticed within the window; that may turn out shorter."""
    setting = cluster.at("backtrackWindow")
    loss = nothing_lost("backtrack to before the damage", BACKTRACK, setting, Grade.TYPICAL)
    back = restore_term(graph, cluster, "backtrack")
    given = at_least(setting.number(0), 1)
    yield from protections(cluster, "backtrack", (Disruption.APPLICATION,), [loss], [back], given=given)


def _bounds(graph: ResourceGraph, joined: Mapping[str, tuple[GlobalCluster, ...]]) -> dict[str, Amount]:
    """The bound on the lag of the clusters that have one, by URN.

    The primary's parameter group sets it, so any member that may be the primary has to set it. It is a bound and not a
    target: the writer holds commits back while every other region lags more.
    """
    found: dict[str, Amount] = {}
    seen: set[int] = set()
    for together in (one for several in joined.values() for one in several):
        if id(together) in seen:
            continue
        seen.add(id(together))
        candidates = [member for member in together.members if _may_be_primary(member)] or together.members
        amounts = [_managed(graph, candidate) for candidate in candidates]
        known = [amount for amount in amounts if amount is not None]
        if len(known) == len(amounts):
            found.update((member.urn, largest(known)) for member in together.members)
    return found


def _lag(cluster: Resource, bounds: Mapping[str, Amount]) -> Term | None:
    if cluster.urn not in bounds:
        return None
    name, at = f"lag that `{RPO_PARAMETER}` allows", cluster.at("dbClusterParameterGroupName")
    return Term.of(name, bounds[cluster.urn], Grade.BOUND, MANAGED_RPO, at)


def _may_be_primary(cluster: Resource) -> bool:
    """Only the primary has credentials, a snapshot or a source of its own; secondaries take them over."""
    keys = ("masterUsername", "manageMasterUserPassword", "snapshotIdentifier", "restoreToPointInTime")
    return any(cluster.at(key).is_set for key in keys)


def _managed(graph: ResourceGraph, cluster: Resource) -> Amount | None:
    """What the parameter says in seconds; None when it is not set, or its group is not in the program."""
    group = graph.reference(cluster.at("dbClusterParameterGroupName"), PARAMETERS).one
    if group is None:
        return None
    parameters = group.at("parameters").each()
    if isinstance(parameters, Unsettled):
        return parameters
    for parameter in parameters:
        name = parameter["name"].text()
        if isinstance(name, Unsettled):
            return name
        if name == RPO_PARAMETER:
            seconds = parameter["value"].number(0)
            valid = isinstance(seconds, Unsettled) or seconds >= LEAST_RPO_SECONDS
            return seconds if valid else parameter["value"].wrong(f"at least {LEAST_RPO_SECONDS:.0f} s")
    return None


def _readers(graph: ResourceGraph, cluster: Resource) -> Iterator[Protection]:
    """Two readers in two other zones come with every Multi-AZ DB cluster."""
    loss = nothing_lost("commits acknowledged by a reader in another zone", READERS, cluster)
    seconds, source = READER_FAILOVER_SECONDS, READER_FAILOVER
    back = Term.of("failover to a reader", seconds, Grade.TYPICAL, source, cluster)
    yield from protections(cluster, "readers in two other zones", HARDWARE, [loss], [back])
    yield from continuous_backups(graph, cluster)


MECHANISM = Mechanism("aurora", find, stores=frozenset({CLUSTER}), reads=frozenset({INSTANCE, GLOBAL, PARAMETERS}))
