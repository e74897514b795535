"""FSx file systems: deployment types, automatic backups, copies that DataSync tasks of a program make."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.declared import restore_term
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Protection, Store
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.snapshots import daily_snapshots
from stanchion.recovery.sources import Source, derived
from stanchion.recovery.survival import HARDWARE, Condition, all_of, apart, at_least, nothing_lost, protections
from stanchion.recovery.term import Amount, Grade, Term

TASK = "aws:datasync/task:Task"


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the four file systems.

    Args:
        type: its token.
        label: how people call it.
        guide: its document.
        default: deployment type where the program says none.
        failover_seconds: until the standby in the other zone serves; None where nothing is published.
        retention: days that the provider sets where the program says nothing; 0 is no backup.
        locations: DataSync locations, each with the property that names the file system.
    """

    type: str
    label: str
    guide: str
    default: str
    failover_seconds: float | None
    retention: int
    locations: dict[str, str]


KINDS = (
    Kind(
        "aws:fsx/windowsFileSystem:WindowsFileSystem",
        "FSx for Windows file system",
        "Amazon FSx for Windows File Server User Guide",
        "SINGLE_AZ_1",
        30.0,
        7,
        {"aws:datasync/locationFsxWindows:LocationFsxWindows": "fsxFilesystemArn"},
    ),
    Kind(
        "aws:fsx/ontapFileSystem:OntapFileSystem",
        "FSx for ONTAP file system",
        "Amazon FSx for NetApp ONTAP User Guide",
        "",
        60.0,
        0,
        {},
    ),
    Kind(
        "aws:fsx/openZfsFileSystem:OpenZfsFileSystem",
        "FSx for OpenZFS file system",
        "Amazon FSx for OpenZFS User Guide",
        "",
        None,
        0,
        {"aws:datasync/fsxOpenZfsFileSystem:FsxOpenZfsFileSystem": "fsxFilesystemArn"},
    ),
    Kind(
        "aws:fsx/lustreFileSystem:LustreFileSystem",
        "FSx for Lustre file system",
        "Amazon FSx for Lustre User Guide",
        "SCRATCH_1",
        None,
        0,
        {"aws:datasync/locationFsxLustre:LocationFsxLustre": "fsxFilesystemArn"},
    ),
)
SCHEDULED = Source("AWS DataSync User Guide", "Scheduling a task: once an hour at most")
BACKUP_WINDOW = 1800.0
_RATE = re.compile(r"rate\((\d+) (hour|day|week)s?\)")
_UNIT = {"hour": 3600.0, "day": 86_400.0, "week": 604_800.0}


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Stores and protections of all FSx file systems."""
    tasks = _tasks(graph)
    for kind in KINDS:
        for system in graph.of_type(kind.type):
            yield Store(system.urn, kind.label)
            yield from _deployment(graph, kind, system)
            source = Source(kind.guide, "Automatic daily backups: one a day, begun within a window of 30 minutes")
            at = system.at("dailyAutomaticBackupStartTime")
            kept = at_least(system.at("automaticBackupRetentionDays").number(kind.retention), 1)
            # A scratch file system has no backups, whatever the program asks for.
            given = all_of(kept, _not_scratch(kind, system))
            yield from daily_snapshots(graph, system, at, BACKUP_WINDOW, source, given=given, name="daily backup")
            yield from _copies(graph, system, tasks.get(system.urn, []))


def _not_scratch(kind: Kind, system: Resource) -> Condition:
    deployment = system.at("deploymentType").text(kind.default)
    return deployment if isinstance(deployment, Unsettled) else not deployment.startswith("SCRATCH")


def _deployment(graph: ResourceGraph, kind: Kind, system: Resource) -> Iterator[Protection]:
    """Copies within the zone, except on scratch; a synchronous standby in a second zone with Multi-AZ."""
    setting = system.at("deploymentType")
    deployment = setting.text(kind.default)
    durable = Source(kind.guide, "Availability and durability: data is replicated within its zone")
    standby = Source(kind.guide, "Multi-AZ file systems: writes are replicated synchronously to the standby")
    multi = deployment if isinstance(deployment, Unsettled) else deployment.startswith("MULTI_AZ")
    failover = restore_term(graph, system, "failover to the standby")
    if kind.failover_seconds is not None:
        name, took = "failover to the standby", Source(kind.guide, "Multi-AZ file systems: how long a failover takes")
        failover = Term.of(name, kind.failover_seconds, Grade.TYPICAL, took, setting)
    zone = nothing_lost("standby in another zone", standby, setting)
    yield from protections(system, "Multi-AZ standby", HARDWARE, [zone], [failover], given=multi)
    if multi is not True:
        single = nothing_lost("copies within its zone", durable, setting)
        back = restore_term(graph, system, "the file server is replaced")
        machine, given = Disruption.INFRASTRUCTURE, _not_scratch(kind, system)
        yield from protections(system, "copies within its zone", (machine,), [single], [back], given=given)


def _tasks(graph: ResourceGraph) -> dict[str, list[Resource]]:
    """DataSync tasks by the file system they copy from."""
    found: dict[str, list[Resource]] = {}
    for task in graph.of_type(TASK):
        for system in _systems(graph, task.at("sourceLocationArn")):
            found.setdefault(system.urn, []).append(task)
    return found


def _systems(graph: ResourceGraph, setting: Setting) -> Iterator[Resource]:
    """The FSx file system behind a DataSync location."""
    for kind in KINDS:
        for location, property_ in kind.locations.items():
            for found in graph.reference(setting, location).resources:
                yield from graph.reference(found.at(property_), kind.type).resources


def _copies(graph: ResourceGraph, system: Resource, tasks: list[Resource]) -> Iterator[Protection]:
    """A copy is overwritten with what is damaged, so it helps against the loss of a region only."""
    for task in tasks:
        schedule = task.at("schedule")
        if not schedule.is_set or schedule["status"].text() == "DISABLED":
            continue
        targets = graph.reference(task.at("destinationLocationArn")).resources
        at = schedule["scheduleExpression"]
        loss = (
            Term.of("interval of the task", _interval(at), Grade.BOUND, SCHEDULED, at),
            Term.of("transfer", _transfer(task), Grade.BOUND, derived("a copy is as old as its transfer"), task),
        )
        back = restore_term(graph, system, "workloads mount the copy")
        given = _all_apart(graph, system, targets, task)
        name = f"DataSync task '{task.name}'"
        yield from protections(system, name, (Disruption.REGION,), loss, [back], given=given)


def _all_apart(graph: ResourceGraph, system: Resource, targets: tuple[Resource, ...], task: Resource) -> Condition:
    if not targets:
        return Unsettled(task.urn, "destinationLocationArn", "names a location that is not in the program")
    return all_of(*(apart(graph, system, target) for target in targets))


def _interval(setting: Setting) -> Amount:
    text = setting.text()
    if isinstance(text, Unsettled):
        return text
    match = _RATE.fullmatch(text.strip())
    return int(match[1]) * _UNIT[match[2]] if match else setting.wrong("a rate such as rate(1 hour)")


def _transfer(task: Resource) -> Amount:
    """It depends on the files that change, which no setting tells."""
    return Unsettled(task.urn, "", "has no bound for its transfer: it depends on the files that change")


MECHANISM = Mechanism(
    "fsx",
    find,
    stores=frozenset(kind.type for kind in KINDS),
    reads=frozenset({TASK, *(location for kind in KINDS for location in kind.locations)}),
)
