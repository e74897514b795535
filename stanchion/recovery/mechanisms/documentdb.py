"""DocumentDB clusters: storage in three zones, continuous backups, global clusters."""

from collections.abc import Iterator

from stanchion.graph import ResourceGraph
from stanchion.recovery.cluster_volume import Engine, continuous_backups, global_clusters, other_regions, volume
from stanchion.recovery.findings import Finding, Store
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.sources import Source

DOCUMENTDB = Engine(
    cluster="aws:docdb/cluster:Cluster",
    instance="aws:docdb/clusterInstance:ClusterInstance",
    global_cluster="aws:docdb/globalCluster:GlobalCluster",
    storage=Source("Amazon DocumentDB Developer Guide", "Resilience: six copies across three Availability Zones"),
    failover=Source("Amazon DocumentDB Developer Guide", "Fault tolerance: usually less than 30 s with a replica"),
    replication=Source(
        "Amazon DocumentDB Developer Guide",
        "Global clusters: lag under a second, failover under a minute",
    ),
    failover_seconds=30.0,
    rebuild_seconds=None,
    lag_seconds=1.0,
    promotion_seconds=60.0,
)


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Stores and protections of all DocumentDB clusters."""
    joined = global_clusters(graph, DOCUMENTDB)
    for cluster in graph.of_type(DOCUMENTDB.cluster):
        yield Store(cluster.urn, "DocumentDB cluster")
        yield from volume(graph, DOCUMENTDB, cluster)
        yield from continuous_backups(graph, cluster)
        yield from other_regions(graph, DOCUMENTDB, cluster, joined.get(cluster.urn, ()))


MECHANISM = Mechanism(
    "documentdb",
    find,
    stores=frozenset({DOCUMENTDB.cluster}),
    reads=frozenset({DOCUMENTDB.instance, DOCUMENTDB.global_cluster}),
)
