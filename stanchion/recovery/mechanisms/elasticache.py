"""ElastiCache: nodes keep data in memory; replicas copy asynchronously, or a durable log takes every write.

A node without a replica loses all of its shard. Snapshots are daily and stay in the region. A cache that may be lost
is declared with the tag `stanchion:data: disposable`.
"""

from collections.abc import Iterator

from stanchion.graph import Resource, ResourceGraph, Unsettled
from stanchion.recovery.declared import restore_term
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Protection, Store
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.snapshots import daily_snapshots
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import (
    HARDWARE,
    Condition,
    all_of,
    any_of,
    apart,
    at_least,
    copy_of,
    nothing_lost,
    protections,
    zones_of,
)
from stanchion.recovery.term import Grade, Term

GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
CLUSTER = "aws:elasticache/cluster:Cluster"
SERVERLESS = "aws:elasticache/serverlessCache:ServerlessCache"
GLOBAL = "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup"

_GUIDE = "Amazon ElastiCache User Guide"
# No lag within a region is published; between regions, the slower case, it is.
_WORKSHOP = "AWS Disaster Recovery Workshop"
LAG = Source(_WORKSHOP, "ElastiCache Global Datastore: an RPO of generally less than a second")
PROMOTION = Source(_GUIDE, "Minimizing downtime with Multi-AZ: a replica is promoted, usually in seconds")
GLOBAL_PROMOTION = Source(_WORKSHOP, "ElastiCache Global Datastore: an RTO of a minute, once somebody promotes")
DURABILITY = Source(_GUIDE, "Durability options: sync loses no acknowledged write, async up to 10 s of them")
SNAPSHOTS = Source(_GUIDE, "Scheduling automatic backups: one a day, begun within a window of 60 minutes or more")

LAG_SECONDS = 1.0
ASYNC_SECONDS = 10.0
# "Seconds", read as a minute: the same as a global datastore, whose promotion is published.
PROMOTION_SECONDS = 60.0
LEAST_WINDOW = 3600.0


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Stores and protections of all caches."""
    for group in graph.of_type(GROUP):
        yield Store(group.urn, "ElastiCache replication group")
        yield from _durability(graph, group)
        yield from _replicas(group)
        yield from _snapshots(graph, group, "snapshotWindow")
        yield from _other_regions(graph, group)
    for cluster in graph.of_type(CLUSTER):
        yield Store(cluster.urn, "ElastiCache cluster")
        if cluster.at("replicationGroupId").is_set:
            yield from copy_of(cluster, "a replication group, of which it is a node")
        yield from _snapshots(graph, cluster, "snapshotWindow")
    for cache in graph.of_type(SERVERLESS):
        yield Store(cache.urn, "ElastiCache serverless cache")
        lag = Term.of("replication lag between zones", LAG_SECONDS, Grade.TYPICAL, LAG, cache)
        yield from protections(cache, "copies in several zones", HARDWARE, [lag])
        yield from _snapshots(graph, cache, "dailySnapshotTime")


def _durability(graph: ResourceGraph, group: Resource) -> Iterator[Protection]:
    """A log in several zones takes the writes; at creation of the group only, with Valkey 9 and cluster mode."""
    setting = group.at("durability")
    mode = setting.text("default")
    back = restore_term(graph, group, "nodes are filled from the durable log")
    sync = mode if isinstance(mode, Unsettled) else mode == "sync"
    none = nothing_lost("writes acknowledged after the durable log has them", DURABILITY, setting)
    yield from protections(group, "durable log, synchronous", HARDWARE, [none], [back], given=sync)
    if mode == "async":
        some = Term.of("writes the durable log lacks", ASYNC_SECONDS, Grade.BOUND, DURABILITY, setting)
        yield from protections(group, "durable log, asynchronous", HARDWARE, [some], [back])


def _replicas(group: Resource) -> Iterator[Protection]:
    """A replica that takes over by itself: anywhere against a machine's loss, in another zone against a zone's."""
    replicas = at_least(_fewest_replicas(group), 1)
    automatic = group.at("automaticFailoverEnabled").flag(False)
    loss = Term.of("replication lag", LAG_SECONDS, Grade.TYPICAL, LAG, group.at("automaticFailoverEnabled"))
    back = Term.of("a replica is promoted", PROMOTION_SECONDS, Grade.TYPICAL, PROMOTION, group)
    machine, zone = Disruption.INFRASTRUCTURE, Disruption.ZONE
    yield from protections(group, "replica", (machine,), [loss], [back], given=all_of(automatic, replicas))
    elsewhere = any_of(group.at("multiAzEnabled").flag(False), _placed(group))
    given = all_of(automatic, replicas, elsewhere)
    yield from protections(group, "replica in another zone", (zone,), [loss], [back], given=given)


def _fewest_replicas(group: Resource) -> float | Unsettled:
    """Of the shard that has the fewest: the weakest one decides."""
    shards = group.at("nodeGroupConfigurations").each()
    if isinstance(shards, Unsettled):
        return shards
    counts = [shard["replicaCount"].number(0) for shard in shards]
    if not counts:
        per_shard = group.at("replicasPerNodeGroup")
        if per_shard.is_set:
            return per_shard.number(0)
        nodes = group.at("numCacheClusters").number(1)
        return nodes if isinstance(nodes, Unsettled) else nodes - 1
    gaps = [count for count in counts if isinstance(count, Unsettled)]
    return gaps[0] if gaps else min(count for count in counts if not isinstance(count, Unsettled))


def _placed(group: Resource) -> Condition:
    """Whether its nodes are put into two zones by name."""
    zones = group.at("preferredCacheClusterAzs").each()
    if isinstance(zones, Unsettled):
        return zones
    known, gap = zones_of(zones)
    return True if len(known) > 1 else (gap or False)


def _snapshots(graph: ResourceGraph, cache: Resource, window: str) -> Iterator[Protection]:
    kept = at_least(cache.at("snapshotRetentionLimit").number(0), 1)
    yield from daily_snapshots(graph, cache, cache.at(window), LEAST_WINDOW, SNAPSHOTS, given=kept)


def _other_regions(graph: ResourceGraph, group: Resource) -> Iterator[Protection]:
    """A global datastore: secondaries name it, it names the primary."""
    own = graph.reference(group.at("globalReplicationGroupId"), GLOBAL)
    if group.at("globalReplicationGroupId").is_set:
        name = own.one.name if own.one else "of another program"
        yield from copy_of(group, f"the primary of global datastore '{name}'")
    for store in graph.referring(group, "primaryReplicationGroupId", GLOBAL):
        secondaries = graph.referring(store, "globalReplicationGroupId", GROUP)
        given = any_of(*(apart(graph, group, secondary) for secondary in secondaries if secondary is not group))
        loss = Term.of("replication lag between regions", LAG_SECONDS, Grade.TYPICAL, LAG, store)
        back = Term.of("a secondary is promoted", PROMOTION_SECONDS, Grade.TYPICAL, GLOBAL_PROMOTION, store)
        name = f"global datastore '{store.name}'"
        yield from protections(group, name, (Disruption.REGION,), [loss], [back], given=given)


MECHANISM = Mechanism("elasticache", find, stores=frozenset({GROUP, CLUSTER, SERVERLESS}), reads=frozenset({GLOBAL}))
