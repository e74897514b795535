"""EFS file systems: copies in every zone (or in one), replication, automatic backups.

AWS Backup plans of the program are another mechanism's; here is the default plan that the backup policy switches on.
"""

from collections.abc import Iterator

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.declared import restore_term
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Protection, Store
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import DAY, HOUR, IN_REGION, Condition, copy_of, nothing_lost, protections
from stanchion.recovery.term import Grade, Term

FILE_SYSTEM = "aws:efs/fileSystem:FileSystem"
REPLICATION = "aws:efs/replicationConfiguration:ReplicationConfiguration"
BACKUP_POLICY = "aws:efs/backupPolicy:BackupPolicy"

_GUIDE = "Amazon EFS User Guide"
ZONES = Source(_GUIDE, "File system types: Regional keeps data in several zones, One Zone in one")
LAG = Source(_GUIDE, "Replication: most file systems within 15 minutes, longer above 100 M files or files of 100 GB")
DEFAULT_PLAN = Source(_GUIDE, "Automatic backups: the default plan makes one a day")
WINDOWS = Source("AWS Backup API", "BackupRule: windows of 8 h to start and 7 d to complete unless a plan says less")

LAG_SECONDS = 900.0


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Stores and protections of all EFS file systems."""
    copies = _destinations(graph)
    for system in graph.of_type(FILE_SYSTEM):
        yield Store(system.urn, "EFS file system")
        yield from _zones(system)
        for replication in graph.referring(system, "sourceFileSystemId", REPLICATION):
            yield from _replication(graph, system, replication)
        yield from _automatic_backups(graph, system)
        if system.urn in copies:
            yield from copy_of(system, f"EFS file system '{copies[system.urn]}'")


def _destinations(graph: ResourceGraph) -> dict[str, str]:
    """File systems that another one is replicated into, which are read-only; by URN, with the name of the source."""
    found: dict[str, str] = {}
    sources: set[str] = set()
    for replication in graph.of_type(REPLICATION):
        named = graph.reference(replication.at("sourceFileSystemId"), FILE_SYSTEM)
        sources.update(source.urn for source in named.resources)
        target = _target(graph, replication.at("destination")["fileSystemId"])
        if target is not None:
            found[target.urn] = named.one.name if named.one else "of another program"
    return {urn: name for urn, name in found.items() if urn not in sources}


def _target(graph: ResourceGraph, setting: Setting) -> Resource | None:
    """The file system that takes the copies, where the program names one; else AWS makes it."""
    return graph.reference(setting, FILE_SYSTEM).one if setting.is_set else None


def _one_zone(system: Resource) -> Condition:
    zone = system.at("availabilityZoneName").text()
    return zone if isinstance(zone, Unsettled) else bool(zone)


def _zones(system: Resource) -> Iterator[Protection]:
    setting = system.at("availabilityZoneName")
    machine = nothing_lost("several copies in its zone", ZONES, system)
    yield from protections(system, "copies within a zone", (Disruption.INFRASTRUCTURE,), [machine])
    one = _one_zone(system)
    zones = nothing_lost("copies in several zones", ZONES, setting)
    given = one if isinstance(one, Unsettled) else not one
    yield from protections(system, "copies in several zones", (Disruption.ZONE,), [zones], given=given)


def _replication(graph: ResourceGraph, system: Resource, replication: Resource) -> Iterator[Protection]:
    """To another region, or to another zone of the same one."""
    destination = replication.at("destination")
    loss = Term.of("replication lag", LAG_SECONDS, Grade.TYPICAL, LAG, replication)
    back = restore_term(graph, system, "replication is ended, so that the copy can be written")
    name = f"replication '{replication.name}'"
    here = graph.region_of(system)
    there = _region(graph, destination)
    if isinstance(here, Unsettled) or isinstance(there, Unsettled):
        gap = here if isinstance(here, Unsettled) else there
        yield from protections(system, name, (Disruption.REGION,), [loss], [back], given=_condition(gap))
        return
    lost_with = (Disruption.REGION, Disruption.ZONE) if here != there else (Disruption.ZONE,)
    given: Condition = True
    if here == there:
        zone = destination["availabilityZoneName"].text()
        own = system.at("availabilityZoneName").text()
        gap = next((text for text in (zone, own) if isinstance(text, Unsettled)), None)
        given = gap or not (zone and zone == own)
    yield from protections(system, name, lost_with, [loss], [back], given=given)


def _condition(gap: str | Unsettled) -> Condition:
    return gap if isinstance(gap, Unsettled) else True


def _region(graph: ResourceGraph, destination: Setting) -> str | Unsettled:
    """Where the copy lies: said outright, or by a zone, or by the file system that takes it."""
    region = destination["region"].text()
    if isinstance(region, Unsettled) or region:
        return region
    target = _target(graph, destination["fileSystemId"])
    if target is not None:
        return graph.region_of(target)
    zone = destination["availabilityZoneName"].text()
    if isinstance(zone, Unsettled) or zone:
        return zone if isinstance(zone, Unsettled) else zone.rstrip("abcdefghijklmnopqrstuvwxyz")
    return Unsettled(destination.resource.urn, f"{destination.path}.region", "is not set, and nothing else tells it")


def _automatic_backups(graph: ResourceGraph, system: Resource) -> Iterator[Protection]:
    """Switched on by the policy; without one, on for One Zone only, where the API does so by itself."""
    policies = graph.referring(system, "fileSystemId", BACKUP_POLICY)
    given: Condition = _one_zone(system)
    at: Resource | Setting = system
    if policies:
        at = policies[0].at("backupPolicy")["status"]
        status = at.text("DISABLED")
        given = status if isinstance(status, Unsettled) else status == "ENABLED"
    loss = (
        Term.of("one backup a day", DAY, Grade.TYPICAL, DEFAULT_PLAN, at),
        Term.of("start window of the default plan", 8 * HOUR, Grade.TYPICAL, WINDOWS, at),
        Term.of("completion window of the default plan", 7 * DAY, Grade.TYPICAL, WINDOWS, at),
    )
    back = restore_term(graph, system, "restore from the default vault")
    yield from protections(system, "automatic backups", IN_REGION, loss, [back], given=given)


MECHANISM = Mechanism("efs", find, stores=frozenset({FILE_SYSTEM}), reads=frozenset({REPLICATION, BACKUP_POLICY}))
