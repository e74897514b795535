"""RDS instances: Multi-AZ standby, point-in-time recovery, automated backups that are replicated to another region.

Read replicas copy asynchronously and nobody publishes a bound for their lag, so they are noted and count for nothing.
A replica itself is a store without data of its own: its source is judged.
"""

from collections.abc import Iterator

from stanchion.graph import Resource, ResourceGraph
from stanchion.recovery.cluster_volume import CONTINUOUS, LOG_UPLOAD_SECONDS
from stanchion.recovery.declared import restore_term
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Note, Store
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import HARDWARE, IN_REGION, all_of, apart, at_least, copy_of, nothing_lost, protections
from stanchion.recovery.term import Grade, Term

INSTANCE = "aws:rds/instance:Instance"
REPLICATED_BACKUPS = "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication"

STANDBY = Source("Amazon RDS User Guide", "Multi-AZ DB instance deployments: the standby is written synchronously")
FAILOVER = Source("Amazon RDS User Guide", "Failing over a Multi-AZ DB instance: typically 60 to 120 s")
CROSS_REGION = Source(
    "AWS Prescriptive Guidance, Disaster recovery on Amazon RDS",
    "Amazon RDS PITR snapshot replication: an RPO of 5 to 30 minutes",
)

FAILOVER_SECONDS = 120.0
CROSS_REGION_SECONDS = 1800.0


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Stores, protections and notes of all RDS instances."""
    for instance in graph.of_type(INSTANCE):
        yield Store(instance.urn, "RDS instance")
        if _is_replica(graph, instance):
            yield from _replica(graph, instance)
        else:
            yield from _standby(instance)
        yield from _backups(graph, instance)
        yield from _replicated_backups(graph, instance)


def _is_replica(graph: ResourceGraph, instance: Resource) -> bool:
    """Whether it copies another one; instances that name each other in a circle are no replicas of anything."""
    seen = {instance.urn}
    current = instance
    while current.at("replicateSourceDb").is_set:
        source = graph.reference(current.at("replicateSourceDb"), INSTANCE).one
        if source is None:
            return True
        if source.urn in seen:
            return False
        seen.add(source.urn)
        current = source
    return current is not instance


def _replica(graph: ResourceGraph, replica: Resource) -> Iterator[Finding]:
    named = graph.reference(replica.at("replicateSourceDb"), INSTANCE)
    source = f"RDS instance '{named.one.name}'" if named.one else "an RDS instance that is not in the program"
    yield from copy_of(replica, source)
    if named.one:
        text = (
            f"read replica '{replica.name}' counts for nothing in the RPO of {source}: it copies asynchronously, "
            "and no bound for its lag is published"
        )
        yield Note(named.one.urn, text)


def _standby(instance: Resource) -> Iterator[Finding]:
    setting = instance.at("multiAz")
    loss = nothing_lost("Multi-AZ standby, written synchronously", STANDBY, setting)
    back = Term.of("failover to the standby", FAILOVER_SECONDS, Grade.TYPICAL, FAILOVER, setting)
    yield from protections(instance, "Multi-AZ standby", HARDWARE, [loss], [back], given=setting.flag(False))


def _backups(graph: ResourceGraph, instance: Resource) -> Iterator[Finding]:
    """The provider sets a retention of 0, which is no backup, where the program says nothing."""
    setting = instance.at("backupRetentionPeriod")
    loss = Term.of("upload of transaction logs", LOG_UPLOAD_SECONDS, Grade.TYPICAL, CONTINUOUS, setting)
    back = restore_term(graph, instance, "restore into a new instance")
    kept = at_least(setting.number(0), 1)
    yield from protections(instance, "point-in-time recovery", IN_REGION, [loss], [back], given=kept)


def _replicated_backups(graph: ResourceGraph, instance: Resource) -> Iterator[Finding]:
    for copy in graph.referring(instance, "sourceDbInstanceArn", REPLICATED_BACKUPS):
        given = all_of(apart(graph, instance, copy), at_least(instance.at("backupRetentionPeriod").number(0), 1))
        loss = Term.of("logs reach the other region", CROSS_REGION_SECONDS, Grade.TYPICAL, CROSS_REGION, copy)
        back = restore_term(graph, instance, "restore into a new instance in the other region")
        name = f"automated backups replicated by '{copy.name}'"
        yield from protections(instance, name, (Disruption.REGION,), [loss], [back], given=given)


MECHANISM = Mechanism("rds", find, stores=frozenset({INSTANCE}), reads=frozenset({REPLICATED_BACKUPS}))
