"""What a selection takes: resources by ARN and by tag, less those that are left out and that conditions refuse.

ARNs and tags widen a selection, conditions narrow it (AWS Backup API, BackupSelection, read 2026-11-23). Only what AWS
Backup can back up, and what lies in the plan's region, is taken.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from stanchion.graph import SECRET, UNKNOWN, Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.survival import Condition, all_of, any_of

SELECTION = "aws:backup/selection:Selection"

# Types that AWS Backup backs up, with the service and the kind in their ARNs (AWS Backup Developer Guide, supported
# services, read 2026-11-23).
SUPPORTED = {
    "aws:s3/bucket:Bucket": ("s3", ""),
    "aws:s3/bucketV2:BucketV2": ("s3", ""),
    "aws:dynamodb/table:Table": ("dynamodb", "table/"),
    "aws:ebs/volume:Volume": ("ec2", "volume/"),
    "aws:ec2/instance:Instance": ("ec2", "instance/"),
    "aws:rds/instance:Instance": ("rds", "db:"),
    "aws:rds/cluster:Cluster": ("rds", "cluster:"),
    "aws:docdb/cluster:Cluster": ("rds", "cluster:"),
    "aws:neptune/cluster:Cluster": ("rds", "cluster:"),
    "aws:efs/fileSystem:FileSystem": ("elasticfilesystem", "file-system/"),
    "aws:fsx/lustreFileSystem:LustreFileSystem": ("fsx", "file-system/"),
    "aws:fsx/windowsFileSystem:WindowsFileSystem": ("fsx", "file-system/"),
    "aws:fsx/openZfsFileSystem:OpenZfsFileSystem": ("fsx", "file-system/"),
    "aws:fsx/ontapVolume:OntapVolume": ("fsx", "volume/"),
    "aws:redshift/cluster:Cluster": ("redshift", "cluster:"),
    "aws:timestreamwrite/table:Table": ("timestream", "database/"),
}
# Continuous backup: point in time within five minutes.
CONTINUOUS = (
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketV2:BucketV2",
    "aws:rds/instance:Instance",
    "aws:rds/cluster:Cluster",
)


@dataclass(slots=True)
class Stores:
    """What can be backed up, by tag, so that a selection is not held against every resource.

    Args:
        by_tag: by key and value.
        unclear: by key, those whose value for it can't be told.
        all: every one.
    """

    by_tag: dict[tuple[str, str], list[Resource]] = field(default_factory=lambda: defaultdict(list))
    unclear: list[Resource] = field(default_factory=list[Resource])
    all: list[Resource] = field(default_factory=list[Resource])

    @classmethod
    def of(cls, graph: ResourceGraph) -> "Stores":
        """All of a program."""
        stores = cls()
        for resource in graph.of_type(*SUPPORTED):
            stores.all.append(resource)
            tags = graph.tags_of(resource)
            # Tags that are unknown as a whole answer every key with unknown.
            unclear = _hidden(tags.get("stanchion:")) or any(_hidden(value) for value in tags.values())
            if unclear:
                stores.unclear.append(resource)
            for key, value in tags.items():
                stores.by_tag[key, str(value)].append(resource)
        return stores


def selected(graph: ResourceGraph, selection: Resource, stores: Stores) -> Iterator[tuple[Resource, Condition]]:
    """What a selection takes: each resource with whether it does (True, or why it can't be told).

    Args:
        graph: the program.
        selection: the selection.
        stores: of the program.
    """
    listed = selection.at("resources").each()
    tagged = selection.at("selectionTags").each()
    region = graph.region_of(selection)
    for resource in _candidates(graph, listed, tagged, stores):
        where = graph.region_of(resource)
        if isinstance(region, str) and isinstance(where, str) and region != where:
            continue
        taken = any_of(_by_arn(graph, resource, listed), _by_tags(graph, resource, tagged))
        if not listed and not tagged:
            taken = True
        left_out = _by_arn(graph, resource, selection.at("notResources").each())
        kept: Condition = left_out if isinstance(left_out, Unsettled) else not left_out
        given = all_of(taken, kept, _conditions(graph, resource, selection.at("conditions")))
        if given is not False:
            yield resource, given


def _candidates(
    graph: ResourceGraph,
    listed: tuple[Setting, ...] | Unsettled,
    tagged: tuple[Setting, ...] | Unsettled,
    stores: Stores,
) -> Iterable[Resource]:
    """Everything that may be meant, each once."""
    if isinstance(listed, Unsettled) or isinstance(tagged, Unsettled) or not (listed or tagged):
        return stores.all
    found: dict[str, Resource] = {}
    for entry in listed:
        if isinstance(entry.value, str) and "*" in entry.value:
            return stores.all
        found.update((resource.urn, resource) for resource in graph.reference(entry, *SUPPORTED).resources)
    for tag in tagged:
        key, value = tag["key"].text(), tag["value"].text()
        if isinstance(key, Unsettled) or isinstance(value, Unsettled):
            return stores.all
        found.update((resource.urn, resource) for resource in stores.by_tag.get((key, value), ()))
        found.update((resource.urn, resource) for resource in stores.unclear)
    return found.values()


def _by_arn(graph: ResourceGraph, resource: Resource, listed: tuple[Setting, ...] | Unsettled) -> Condition:
    if isinstance(listed, Unsettled):
        return listed
    found: list[Condition] = []
    for entry in listed:
        text = entry.value
        if isinstance(text, str) and "*" in text:
            found.append(_fits(resource, text, entry))
        else:
            meant = graph.reference(entry, *SUPPORTED)
            found.append(meant.unsettled or any(other.urn == resource.urn for other in meant.resources))
    return any_of(*found)


def _fits(resource: Resource, pattern: str, entry: Setting) -> Condition:
    """Whether an ARN with wildcards takes a resource whose own ARN may not be known yet."""
    arn = resource.at("arn").value
    if isinstance(arn, str):
        return fnmatchcase(arn, pattern)
    if pattern == "*":
        return True
    service, kind = SUPPORTED[resource.type]
    parts = pattern.split(":", 5)
    if len(parts) < 6 or not fnmatchcase(service, parts[2]):
        return False
    rest = parts[5]
    if rest in ("*", f"{kind}*"):
        return True
    name = next((v for k in ("bucket", "name", "identifier") if isinstance(v := resource.at(k).value, str)), None)
    if name is not None:
        return fnmatchcase(f"{kind}{name}", rest)
    if kind and not rest.startswith(kind):
        return False
    why = f"is '{pattern}', and the ARN of {resource.label} is known only after the deployment"
    return Unsettled(entry.resource.urn, entry.path, why)


def _by_tags(graph: ResourceGraph, resource: Resource, tagged: tuple[Setting, ...] | Unsettled) -> Condition:
    if isinstance(tagged, Unsettled):
        return tagged
    return any_of(*(_has(graph, resource, tag["key"], tag["value"]) for tag in tagged))


def _has(graph: ResourceGraph, resource: Resource, key: Setting, value: Setting, *, like: bool = False) -> Condition:
    name, wanted = key.text(), value.text()
    if isinstance(name, Unsettled) or isinstance(wanted, Unsettled):
        return name if isinstance(name, Unsettled) else wanted if isinstance(wanted, Unsettled) else False
    name = name.removeprefix("aws:ResourceTag/")
    own: Any = graph.tags_of(resource).get(name)
    if _hidden(own):
        return Unsettled(resource.urn, f'tags["{name}"]', "is not known, so that no selection by it can be told")
    if own is None:
        return False
    return fnmatchcase(str(own), wanted) if like else str(own) == wanted


def _conditions(graph: ResourceGraph, resource: Resource, conditions: Setting) -> Condition:
    found: list[Condition] = []
    for name, like, wanted in (
        ("stringEquals", False, True),
        ("stringLikes", True, True),
        ("stringNotEquals", False, False),
        ("stringNotLikes", True, False),
    ):
        listed = conditions[name].each()
        if isinstance(listed, Unsettled):
            return listed
        for pair in listed:
            has = _has(graph, resource, pair["key"], pair["value"], like=like)
            found.append(has if isinstance(has, Unsettled) else has is wanted)
    return all_of(*found)


def _hidden(value: Any) -> bool:
    return value is UNKNOWN or value is SECRET
