"""DynamoDB tables: point-in-time recovery against corruption, replicas against the loss of a region.

A table keeps three copies in different zones by design. A global table with EVENTUAL consistency is about a second
behind, and no figure is committed; with STRONG consistency a write is in another region before it succeeds.
"""

from collections.abc import Iterator

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Protection, Store
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import HARDWARE, Condition, all_of, apart, copy_of, nothing_lost, protections
from stanchion.recovery.term import Grade, Term

TABLE = "aws:dynamodb/table:Table"
REPLICA = "aws:dynamodb/tableReplica:TableReplica"
GLOBAL = "aws:dynamodb/globalTable:GlobalTable"

_GUIDE = "Amazon DynamoDB Developer Guide"
ZONES = Source(_GUIDE, "High availability: each table is kept on three storage nodes in different zones")
EVENTUAL = Source(_GUIDE, "Global tables: multi-Region eventual consistency, changes arrive typically within a second")
STRONG = Source(
    _GUIDE,
    "Global tables: multi-Region strong consistency, an RPO of zero; three replicas, or two and a witness",
)
RECOVERY = Source(_GUIDE, "Point-in-time recovery: the latest restorable time is typically five minutes ago")
RESTORE = Source(_GUIDE, "Point-in-time recovery: 95 % of restores end within an hour, whatever the size")

LAG_SECONDS = 1.0
RECOVERY_SECONDS = 5 * 60.0
RESTORE_SECONDS = 3600.0


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Stores and protections of all tables and their replicas."""
    for table in graph.of_type(TABLE):
        yield Store(table.urn, "DynamoDB table")
        zones = nothing_lost("copies in three zones", ZONES, table)
        yield from protections(table, "copies in three zones", HARDWARE, [zones])
        yield from _point_in_time(table, table.at("pointInTimeRecovery")["enabled"])
        yield from _replicas(graph, table)
        yield from _replica_resources(graph, table)
    for replica in graph.of_type(REPLICA):
        yield Store(replica.urn, "DynamoDB replica")
        yield from _of_replica(graph, replica)
    yield from _first_version(graph)


def _point_in_time(table: Resource, enabled: Setting) -> Iterator[Protection]:
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
        lag = _lag(table, replica["consistencyMode"], replicas)
        yield from protections(table, name, (Disruption.REGION,), [lag], given=given)


def _lag(table: Resource, mode: Setting, replicas: tuple[Setting, ...]) -> Term:
    text = mode.text("EVENTUAL")
    if isinstance(text, Unsettled):
        return Term.of("replication between regions", text, Grade.TYPICAL, EVENTUAL, mode)
    if text == "EVENTUAL":
        return Term.of("replication between regions", LAG_SECONDS, Grade.TYPICAL, EVENTUAL, mode)
    name = "synchronous replication between regions"
    if text != "STRONG":
        return Term.of(name, mode.wrong("EVENTUAL or STRONG"), Grade.BOUND, STRONG, mode)
    # The table is one of the three.
    if len(replicas) > 1 or table.at("globalTableWitness").value:
        return Term.of(name, 0.0, Grade.BOUND, STRONG, mode)
    why = "is STRONG, which AWS has for three replicas, or for two and a witness only"
    return Term.of(name, Unsettled(table.urn, mode.path, why), Grade.BOUND, STRONG, mode)


def _replica_resources(graph: ResourceGraph, table: Resource) -> Iterator[Protection]:
    """Replicas that are resources of their own; they are always eventually consistent."""
    for replica in graph.referring(table, "globalTableArn", REPLICA):
        loss = Term.of("replication between regions", LAG_SECONDS, Grade.TYPICAL, EVENTUAL, replica)
        name = f"replica '{replica.name}'"
        yield from protections(table, name, (Disruption.REGION,), [loss], given=apart(graph, table, replica))


def _of_replica(graph: ResourceGraph, replica: Resource) -> Iterator[Protection]:
    """A replica whose table is in this program has nothing of its own; else its own settings count."""
    zones = nothing_lost("copies in three zones", ZONES, replica)
    yield from protections(replica, "copies in three zones", HARDWARE, [zones])
    tables = graph.reference(replica.at("globalTableArn"), TABLE).resources
    if tables:
        yield from copy_of(replica, f"DynamoDB table '{tables[0].name}'")
        return
    # The table of another program is the other copy; that it is there is what makes this a replica.
    loss = Term.of("replication between regions", LAG_SECONDS, Grade.TYPICAL, EVENTUAL, replica)
    yield from protections(replica, "the table it is a replica of", (Disruption.REGION,), [loss])
    yield from _point_in_time(replica, replica.at("pointInTimeRecovery"))


def _first_version(graph: ResourceGraph) -> Iterator[Protection]:
    """Global tables of the version of 2017, which join tables of one name that are there already."""
    for joined in graph.of_type(GLOBAL):
        named, listed = joined.at("name"), joined.at("replicas").each()
        # Of tables in several regions the name means all, not only the one beside it.
        meant = graph.named(named.value, TABLE) if isinstance(named.value, str) else ()
        for table in meant or graph.reference(named, TABLE).resources:
            loss = Term.of("replication between regions", LAG_SECONDS, Grade.TYPICAL, EVENTUAL, joined)
            given = _joins(listed, graph.region_of(table))
            yield from protections(table, f"global table '{joined.name}'", (Disruption.REGION,), [loss], given=given)


def _joins(listed: tuple[Setting, ...] | Unsettled, here: str | Unsettled) -> Condition:
    """Whether a global table has a replica here and another one elsewhere."""
    if isinstance(listed, Unsettled):
        return listed
    if isinstance(here, Unsettled):
        return here
    regions = [replica["regionName"].text() for replica in listed]
    gap = next((region for region in regions if isinstance(region, Unsettled)), None)
    known = {region for region in regions if isinstance(region, str) and region}
    return all_of(here in known or gap or False, bool(known - {here}) or gap or False)


MECHANISM = Mechanism("dynamodb", find, stores=frozenset({TABLE, REPLICA}), reads=frozenset({GLOBAL}))
