"""Neptune clusters: storage in three zones, continuous backups, global clusters."""

from collections.abc import Iterator

from stanchion.graph import ResourceGraph
from stanchion.recovery.cluster_volume import Engine, continuous_backups, global_clusters, other_regions, volume
from stanchion.recovery.findings import Finding, Store
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.sources import Source

NEPTUNE = Engine(
    cluster="aws:neptune/cluster:Cluster",
    instance="aws:neptune/clusterInstance:ClusterInstance",
    global_cluster="aws:neptune/globalCluster:GlobalCluster",
    storage=Source("Amazon Neptune User Guide", "Storage, reliability and availability: copies across three zones"),
    failover=Source(
        "Amazon Neptune User Guide",
        "Fault tolerance: usually less than 120 s with a replica, less than 10 minutes without",
    ),
    replication=Source("Amazon Neptune User Guide", "Global database recovery: an RPO measured in seconds"),
    failover_seconds=120.0,
    rebuild_seconds=600.0,
    # "Seconds", read as less than a minute.
    lag_seconds=60.0,
)


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Stores and protections of all Neptune clusters."""
    joined = global_clusters(graph, NEPTUNE)
    for cluster in graph.of_type(NEPTUNE.cluster):
        yield Store(cluster.urn, "Neptune cluster")
        yield from volume(graph, NEPTUNE, cluster)
        yield from continuous_backups(graph, cluster)
        yield from other_regions(graph, NEPTUNE, cluster, joined.get(cluster.urn, ()))


MECHANISM = Mechanism(
    "neptune",
    find,
    stores=frozenset({NEPTUNE.cluster}),
    reads=frozenset({NEPTUNE.instance, NEPTUNE.global_cluster}),
)
