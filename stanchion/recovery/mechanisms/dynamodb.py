"""DynamoDB tables: point-in-time recovery against corruption, replicas against the loss of a region.

A table keeps three copies in different zones by design. A global table with EVENTUAL consistency is about a second
behind, and no figure is committed; with STRONG consistency a write is in another region before it succeeds.
"""

from collections.abc import Iterator

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Protection, Store
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.sources import Source, derived
from stanchion.recovery.survival import HARDWARE, Condition, nothing_lost, protections
from stanchion.recovery.term import Grade, Term

TABLE = "aws:dynamodb/table:Table"
REPLICA = "aws:dynamodb/tableReplica:TableReplica"
GLOBAL = "aws:dynamodb/globalTable:GlobalTable"

_GUIDE = "Amazon DynamoDB Developer Guide"
ZONES = Source(_GUIDE, "High availability: each table is kept on three storage nodes in different zones")
EVENTUAL = Source(_GUIDE, "Global tables: multi-Region eventual consistency, changes arrive typically within a second")
STRONG = Source(_GUIDE, "Global tables: multi-Region strong consistency, an RPO of zero")
RECOVERY = Source(_GUIDE, "Point-in-time recovery: the latest restorable time is typically five minutes ago")
RESTORE = Source(_GUIDE, "Point-in-time recovery: 95 % of restores end within an hour, whatever the size")
_COPY = derived("a replica holds a copy of its table, and the table is judged itself")

LAG_SECONDS = 1.0
RECOVERY_SECONDS = 5 * 60.0
RESTORE_SECONDS = 3600.0


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Stores and protections of all tables and their replicas."""
    for table in graph.of_type(TABLE):
        yield Store(table.urn, "DynamoDB table")
        zones = nothing_lost("copies in three zones", ZONES, table)
        yield from protections(table, "copies in three zones", HARDWARE, [zones])
        yield from _point_in_time(table)
        yield from _replicas(graph, table)
        yield from _replica_resources(graph, table)
    for kind in (REPLICA, GLOBAL):
        for replica in graph.of_type(kind):
            yield Store(replica.urn, "DynamoDB replica" if kind == REPLICA else "DynamoDB global table")
            yield from _of_replica(graph, replica)


def _point_in_time(table: Resource) -> Iterator[Protection]:
    enabled = table.at("pointInTimeRecovery")["enabled"]
    loss = Term.of("point-in-time recovery", RECOVERY_SECONDS, Grade.TYPICAL, RECOVERY, enabled)
    back = Term.of("restore to a new table", RESTORE_SECONDS, Grade.TYPICAL, RESTORE, enabled)
    yield from protections(
        table, "point-in-time recovery", (Disruption.APPLICATION,), [loss], [back], given=enabled.flag(False)
    )


def _replicas(graph: ResourceGraph, table: Resource) -> Iterator[Protection]:
    """What the table itself lists."""
    listed = table.at("replicas")
    replicas = listed.each()
    if isinstance(replicas, Unsettled):
        loss = Term.of("replication between regions", replicas, Grade.TYPICAL, EVENTUAL, listed)
        yield from protections(table, "replicas", (Disruption.REGION,), [loss])
        return
    here = graph.region_of(table)
    for replica in replicas:
        there = replica["regionName"].text()
        gap = next((region for region in (there, here) if isinstance(region, Unsettled)), None)
        given: Condition = gap or bool(there and there != here)
        name = f"replica in {there}" if isinstance(there, str) else "replica"
        yield from protections(table, name, (Disruption.REGION,), [_lag(replica["consistencyMode"])], given=given)


def _lag(mode: Setting) -> Term:
    text = mode.text("EVENTUAL")
    if isinstance(text, Unsettled):
        return Term.of("replication between regions", text, Grade.TYPICAL, EVENTUAL, mode)
    if text == "STRONG":
        return Term.of("synchronous replication between regions", 0.0, Grade.BOUND, STRONG, mode)
    return Term.of("replication between regions", LAG_SECONDS, Grade.TYPICAL, EVENTUAL, mode)


def _replica_resources(graph: ResourceGraph, table: Resource) -> Iterator[Protection]:
    """Replicas that are resources of their own; they are always eventually consistent."""
    here = graph.region_of(table)
    for replica in graph.referring(table, "globalTableArn", REPLICA):
        there = graph.region_of(replica)
        gap = next((region for region in (there, here) if isinstance(region, Unsettled)), None)
        given: Condition = gap or there != here
        loss = Term.of("replication between regions", LAG_SECONDS, Grade.TYPICAL, EVENTUAL, replica)
        yield from protections(table, f"replica '{replica.name}'", (Disruption.REGION,), [loss], given=given)


def _of_replica(graph: ResourceGraph, replica: Resource) -> Iterator[Protection]:
    """A replica whose table is in this program has nothing of its own; else its own settings count."""
    zones = nothing_lost("copies in three zones", ZONES, replica)
    yield from protections(replica, "copies in three zones", HARDWARE, [zones])
    table = graph.reference(replica.at("globalTableArn"), TABLE)
    if replica.type == GLOBAL:
        replicas = replica.at("replicas").each()
        count: Condition = replicas if isinstance(replicas, Unsettled) else len(replicas) > 1
        loss = Term.of("replication between regions", LAG_SECONDS, Grade.TYPICAL, EVENTUAL, replica)
        yield from protections(replica, "replicas", (Disruption.REGION,), [loss], given=count)
    elif table.resources:
        term = Term.of("a replica has no data of its own", 0.0, Grade.BOUND, _COPY, replica)
        name = f"copy of DynamoDB table '{table.resources[0].name}'"
        yield from protections(replica, name, (Disruption.REGION, Disruption.APPLICATION), [term])
        return
    else:
        # The table of another program is the other copy; that it is there is what makes this a replica.
        loss = Term.of("replication between regions", LAG_SECONDS, Grade.TYPICAL, EVENTUAL, replica)
        yield from protections(replica, "the table it is a replica of", (Disruption.REGION,), [loss])
    enabled = replica.at("pointInTimeRecovery")
    if replica.type == REPLICA:
        loss = Term.of("point-in-time recovery", RECOVERY_SECONDS, Grade.TYPICAL, RECOVERY, enabled)
        back = Term.of("restore to a new table", RESTORE_SECONDS, Grade.TYPICAL, RESTORE, enabled)
        yield from protections(
            replica, "point-in-time recovery", (Disruption.APPLICATION,), [loss], [back], given=enabled.flag(False)
        )


MECHANISM = Mechanism("dynamodb", find, stores=frozenset({TABLE, REPLICA, GLOBAL}))
