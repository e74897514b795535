"""MemoryDB: writes are in a log across zones before they are acknowledged; snapshots are daily and off by default."""

from collections.abc import Iterator

from stanchion.graph import Resource, ResourceGraph
from stanchion.recovery.declared import restore_term
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Protection, Store
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.snapshots import daily_snapshots
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import HARDWARE, Footprint, at_least, nothing_lost, protections
from stanchion.recovery.term import Grade, Term

CLUSTER = "aws:memorydb/cluster:Cluster"
MULTI_REGION = "aws:memorydb/multiRegionCluster:MultiRegionCluster"

_GUIDE = "Amazon MemoryDB Developer Guide"
LOG = Source(_GUIDE, "Consistency: a write is in a log across zones before it is acknowledged")
SNAPSHOTS = Source(_GUIDE, "Scheduling automatic snapshots: one a day, within a window of 60 minutes or more")
REGIONS = Source(_GUIDE, "Multi-Region clusters: asynchronous, usually less than a second")

LAG_SECONDS = 1.0
LEAST_WINDOW = 3600.0


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Stores and protections of all MemoryDB clusters."""
    footprints = _footprints(graph)
    for cluster in graph.of_type(CLUSTER):
        yield Store(cluster.urn, "MemoryDB cluster")
        loss = nothing_lost("log across zones", LOG, cluster)
        back = restore_term(graph, cluster, "a node takes over, or is filled from the log")
        yield from protections(cluster, "log across zones", HARDWARE, [loss], [back])
        kept = at_least(cluster.at("snapshotRetentionLimit").number(0), 1)
        window = cluster.at("snapshotWindow")
        yield from daily_snapshots(graph, cluster, window, LEAST_WINDOW, SNAPSHOTS, given=kept)
        yield from _other_regions(graph, cluster, footprints)


def _key(graph: ResourceGraph, cluster: Resource) -> str:
    """The multi-Region cluster a cluster belongs to; empty for none."""
    named = graph.reference(cluster.at("multiRegionClusterName"), MULTI_REGION)
    return named.one.urn if named.one else (named.literal or "")


def _footprints(graph: ResourceGraph) -> dict[str, Footprint]:
    found: dict[str, list[Resource]] = {}
    for cluster in graph.of_type(CLUSTER):
        if key := _key(graph, cluster):
            found.setdefault(key, []).append(cluster)
    return {key: Footprint.of(graph, clusters) for key, clusters in found.items()}


def _other_regions(graph: ResourceGraph, cluster: Resource, footprints: dict[str, Footprint]) -> Iterator[Protection]:
    """Every member takes writes, so nothing has to be promoted."""
    footprint = footprints.get(_key(graph, cluster))
    given = footprint.beyond(graph.region_of(cluster)) if footprint else False
    loss = Term.of("replication lag between regions", LAG_SECONDS, Grade.TYPICAL, REGIONS, cluster)
    yield from protections(cluster, "multi-Region cluster", (Disruption.REGION,), [loss], given=given)


MECHANISM = Mechanism("memorydb", find, stores=frozenset({CLUSTER}), reads=frozenset({MULTI_REGION}))
