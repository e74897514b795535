"""Redshift clusters: managed storage in the region (RA3) or on the nodes (older types), snapshots every 8 hours."""

from collections.abc import Iterator

from stanchion.graph import Resource, ResourceGraph, Unsettled
from stanchion.recovery.declared import restore_term
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Note, Protection, Store
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import (
    HARDWARE,
    HOUR,
    IN_REGION,
    Condition,
    any_of,
    at_least,
    nothing_lost,
    protections,
)
from stanchion.recovery.term import Grade, Term

CLUSTER = "aws:redshift/cluster:Cluster"
SNAPSHOT_COPY = "aws:redshift/snapshotCopy:SnapshotCopy"
SCHEDULE = "aws:redshift/snapshotScheduleAssociation:SnapshotScheduleAssociation"

_GUIDE = "Amazon Redshift Management Guide"
MANAGED = Source(_GUIDE, "Relocating a cluster: managed storage always has the latest copy in other zones")
NODES = Source(_GUIDE, "Nodes: data of one node is copied to others of the cluster")
SNAPSHOTS = Source(_GUIDE, "Automated snapshots: about every 8 hours, or after 5 GB of changes per node")

INTERVAL = 8 * HOUR
# Families whose data is in Redshift managed storage.
_MANAGED_FAMILIES = ("ra3.", "rg.")


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Stores, protections and notes of all Redshift clusters."""
    for cluster in graph.of_type(CLUSTER):
        yield Store(cluster.urn, "Redshift cluster")
        yield from _storage(graph, cluster)
        yield from _snapshots(graph, cluster)


def _storage(graph: ResourceGraph, cluster: Resource) -> Iterator[Protection]:
    node_type = cluster.at("nodeType")
    managed = _is_managed(cluster)
    regional = nothing_lost("managed storage in several zones", MANAGED, node_type)
    back = restore_term(graph, cluster, "nodes are made anew, if need be in another zone")
    yield from protections(cluster, "managed storage", HARDWARE, [regional], [back], given=managed)
    if managed is False:
        nodes = cluster.at("numberOfNodes")
        copied = nothing_lost("copies on other nodes", NODES, nodes)
        again = restore_term(graph, cluster, "the node is replaced")
        machine, several = Disruption.INFRASTRUCTURE, at_least(nodes.number(1), 2)
        yield from protections(cluster, "copies on other nodes", (machine,), [copied], [again], given=several)


def _is_managed(cluster: Resource) -> Condition:
    type_ = cluster.at("nodeType").text()
    return type_ if isinstance(type_, Unsettled) else type_.lower().startswith(_MANAGED_FAMILIES)


def _snapshots(graph: ResourceGraph, cluster: Resource) -> Iterator[Finding]:
    """RA3 always makes them; a schedule of one's own replaces the interval."""
    setting = cluster.at("automatedSnapshotRetentionPeriod")
    kept = any_of(at_least(setting.number(1), 1), _is_managed(cluster))
    own = graph.referring(cluster, "clusterIdentifier", SCHEDULE)
    why = "replaces the usual 8 hours by a schedule of its own, which Stanchion does not read"
    interval = Unsettled(own[0].urn, "scheduleIdentifier", why) if own else INTERVAL
    loss = Term.of("interval of automated snapshots", interval, Grade.TYPICAL, SNAPSHOTS, own[0] if own else setting)
    back = restore_term(graph, cluster, "restore into a new cluster")
    yield from protections(cluster, "automated snapshots", IN_REGION, [loss], [back], given=kept)
    for copy in graph.referring(cluster, "clusterIdentifier", SNAPSHOT_COPY):
        text = f"snapshot copy '{copy.name}' has no published time until the other region has a snapshot"
        yield Note(copy.urn, text)


MECHANISM = Mechanism("redshift", find, stores=frozenset({CLUSTER}), reads=frozenset({SNAPSHOT_COPY, SCHEDULE}))
