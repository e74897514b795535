"""Volumes of pods: what a claim's storage class makes of a lost disk, zone or region.

A volume of EBS lies in one zone and goes with it, and nothing of Kubernetes copies it: a single VolumeSnapshot bounds
no loss, since it grows older. Where a backup plan may take the volumes by a tag it can't be told what is lost. A volume
of EFS is the file system's, and that is judged itself.
"""

from collections.abc import Iterator

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Note, Protection, Store
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.mechanisms.kubernetes.objects import (
    STATEFUL_SET,
    STORAGE_CLASS,
    VOLUME,
    VOLUME_CLAIM,
    mapping,
    named,
    namespace_of,
    object_name,
)
from stanchion.recovery.mechanisms.kubernetes.sources import EBS
from stanchion.recovery.mechanisms.kubernetes.survey import Survey, survey
from stanchion.recovery.mechanisms.kubernetes.volumes import EBS_DRIVERS, EFS_DRIVER, claim_specs
from stanchion.recovery.sources import NOTHING_PROTECTS
from stanchion.recovery.stateful import kind_of_state
from stanchion.recovery.survival import EVERYTHING, copy_of, nothing_lost, protections
from stanchion.recovery.term import Grade, Term, rank, total

SNAPSHOT = "kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshot"
SELECTION = "aws:backup/selection:Selection"
EBS_VOLUME = "aws:ebs/volume:Volume"
FILE_SYSTEM = "aws:efs/fileSystem:FileSystem"
# Snapshots and plans help against all of these; a region's loss only where they are copied.
_BACKED_UP = (Disruption.APPLICATION, Disruption.ZONE, Disruption.REGION)


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Stores and protections of claims and of StatefulSets that claim volumes."""
    if not graph.of_type(VOLUME_CLAIM, STATEFUL_SET):
        return
    seen = survey(graph)
    snapshots = _snapshots(graph, seen)
    backups = _Backups(graph)
    for resource in graph.of_type(VOLUME_CLAIM, STATEFUL_SET):
        kind = kind_of_state(resource)
        if kind is None:
            continue
        yield Store(resource.urn, kind)
        yield from _together([list(_claim(graph, seen, backups, resource, spec)) for spec in claim_specs(resource)])
        place = (seen.cluster(graph, resource).key, namespace_of(graph, resource), object_name(resource))
        snapshot = snapshots.get(place)
        if snapshot is not None:
            text = f"{named(snapshot)} is one point in time: it bounds no loss of {named(resource)} later on"
            yield Note(snapshot.urn, text)


def _together(claims: list[list[Protection]]) -> Iterator[Protection]:
    """What protects all claims of a store: of each its best protection, of these the worst."""
    for disruption in Disruption:
        best: list[Protection] = []
        for claim in claims:
            options = [option for option in claim if option.disruption == disruption]
            if len(claims) == 1:
                yield from options
            elif options:
                best.append(min(options, key=_loss))
        if best and len(best) == len(claims):
            yield max(best, key=_loss)


def _loss(protection: Protection) -> tuple[tuple[int, float], str]:
    return rank(total(term.amount for term in protection.loss)), protection.name


def _claim(
    graph: ResourceGraph, seen: Survey, backups: "_Backups", resource: Resource, claim: Setting
) -> Iterator[Protection]:
    volume = graph.reference(claim["volumeName"], VOLUME).one if claim["volumeName"].is_set else None
    held = graph.reference(volume.at("spec")["csi"]["volumeHandle"], EBS_VOLUME, FILE_SYSTEM).one if volume else None
    if held is not None:
        yield from copy_of(resource, f"{held.kind} '{held.name}'")
        return
    found = seen.storage.of(graph, claim)
    if isinstance(found, Unsettled):
        yield from _unknown(resource, found)
        return
    driver = found.at("provisioner").text()
    if driver == EFS_DRIVER:
        yield from _file_system(graph, resource, found)
    elif driver in EBS_DRIVERS:
        yield from _disk(resource, found, backups)
    else:
        why = f"is '{driver}', and no mechanism of Stanchion explains its volumes"
        gap = driver if isinstance(driver, Unsettled) else Unsettled(found.urn, "provisioner", why)
        yield from _unknown(resource, gap)


def _disk(resource: Resource, storage: Resource, backups: "_Backups") -> Iterator[Protection]:
    kept = nothing_lost("the volume is replicated within its zone", EBS, storage, Grade.TYPICAL)
    yield from protections(resource, "EBS volume", (Disruption.INFRASTRUCTURE,), [kept])
    for selection, gap in backups.of(storage):
        term = Term.of("what the backup plan leaves out", gap, Grade.NONE, NOTHING_PROTECTS, selection)
        yield from protections(resource, f"backup selection '{selection.name}'", _BACKED_UP, [term])


class _Backups:
    """Which backup selections may take the volumes of a storage class; each class is looked at once."""

    def __init__(self, graph: ResourceGraph) -> None:
        self._selections = graph.of_type(SELECTION)
        self._by_class: dict[str, list[tuple[Resource, Unsettled]]] = {}

    def of(self, storage: Resource) -> list[tuple[Resource, Unsettled]]:
        """The selections, each with why its effect can't be told."""
        if storage.urn not in self._by_class:
            tags = _tags(storage)
            verdicts = [(selection, _may_take(selection, tags)) for selection in self._selections]
            self._by_class[storage.urn] = [(selection, gap) for selection, gap in verdicts if gap is not None]
        return self._by_class[storage.urn]


def _tags(storage: Resource) -> dict[str, str]:
    """Tags that the driver puts on its volumes: `tagSpecification_1: key=value`."""
    found: dict[str, str] = {}
    for key, value in sorted(mapping(storage.at("parameters").value).items()):
        if key.startswith("tagSpecification_") and isinstance(value, str) and "=" in value:
            name, _, text = value.partition("=")
            found[name.strip()] = text.strip()
    return found


def _may_take(selection: Resource, tags: dict[str, str]) -> Unsettled | None:
    """Why it can't be told what a selection does for volumes with these tags; None when it does not take them."""
    why = "may take these volumes by their tags, and when it last did is told by its plan, not by the claim"
    conditions = selection.at("selectionTags").each()
    if isinstance(conditions, Unsettled):
        return conditions
    for condition in conditions:
        key, value = condition["key"].value, condition["value"].value
        if isinstance(key, str) and (tags.get(key) == value or (not isinstance(value, str) and key in tags)):
            return Unsettled(selection.urn, condition.path, why)
    listed = selection.at("resources").each()
    if isinstance(listed, Unsettled):
        return listed
    wide = [
        item for item in listed if isinstance(item.value, str) and item.value.rstrip("*").endswith((":volume/", ":"))
    ]
    everything = [item for item in listed if item.value == "*"]
    return Unsettled(selection.urn, "resources", why) if wide or everything else None


def _file_system(graph: ResourceGraph, resource: Resource, storage: Resource) -> Iterator[Protection]:
    held = graph.reference(storage.at("parameters")["fileSystemId"], FILE_SYSTEM)
    if held.one is not None:
        yield from copy_of(resource, f"EFS file system '{held.one.name}'")
        return
    why = "names a file system that is not in this program, so its protections can't be told"
    yield from _unknown(resource, held.unsettled or Unsettled(storage.urn, "parameters.fileSystemId", why))


def _unknown(resource: Resource, gap: Unsettled) -> Iterator[Protection]:
    term = Term("what may be lost", gap, Grade.NONE, NOTHING_PROTECTS, gap.urn, gap.property)
    yield from protections(resource, "volume", EVERYTHING, [term])


def _snapshots(graph: ResourceGraph, seen: Survey) -> dict[tuple[str, str | None, str | None], Resource]:
    found: dict[tuple[str, str | None, str | None], Resource] = {}
    for snapshot in graph.of_type(SNAPSHOT):
        name = snapshot.at("spec")["source"]["persistentVolumeClaimName"].value
        if isinstance(name, str):
            found.setdefault((seen.cluster(graph, snapshot).key, namespace_of(graph, snapshot), name), snapshot)
    return found


MECHANISM = Mechanism(
    name="persistent-volumes",
    find=find,
    stores=frozenset((VOLUME_CLAIM, STATEFUL_SET)),
    reads=frozenset((STORAGE_CLASS, VOLUME, SNAPSHOT, SELECTION)),
)
