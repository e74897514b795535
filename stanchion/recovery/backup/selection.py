"""What a selection takes: resources by ARN or by tag, less those that are left out and that conditions refuse.

Of several ARNs and of several tags one is enough; where a selection has both, its tags narrow down what its ARNs name,
and its conditions do, all of them (AWS Backup Developer Guide, assigning resources; AWS Backup API, BackupSelection;
read 2026-11-23). Only what AWS Backup can back up, and what lies in the plan's region, is taken.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from stanchion.graph import SECRET, UNKNOWN, Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.backup.supported import SETTINGS, SUPPORTED, opted_in
from stanchion.recovery.survival import Condition, all_of, any_of

SELECTION = "aws:backup/selection:Selection"
# The part of an ARN that people choose.
_NAMES = ("bucket", "name", "identifier", "clusterIdentifier")
# Conditions, with whether they are patterns and whether they should fit.
_OPERATORS = (
    ("stringEquals", False, True),
    ("stringLikes", True, True),
    ("stringNotEquals", False, False),
    ("stringNotLikes", True, False),
)


@dataclass(slots=True)
class Stores:
    """What can be backed up, by tag, so that a selection is not held against every resource.

    Args:
        by_tag: by key and value.
        unclear: by key, those whose value for it can't be told.
        all: every one.
        regions: where each lies, by URN.
    """

    by_tag: dict[tuple[str, str], list[Resource]] = field(default_factory=lambda: defaultdict(list))
    unclear: list[Resource] = field(default_factory=list[Resource])
    all: list[Resource] = field(default_factory=list[Resource])
    regions: dict[str, str | Unsettled] = field(default_factory=dict[str, str | Unsettled])

    @classmethod
    def of(cls, graph: ResourceGraph) -> "Stores":
        """All of a program."""
        stores = cls()
        for resource in graph.of_type(*SUPPORTED):
            stores.all.append(resource)
            stores.regions[resource.urn] = graph.region_of(resource)
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
    tagged = _pairs(selection.at("selectionTags"))
    region = graph.region_of(selection)
    left_out = selection.at("notResources").each()
    conditions = _conditions_of(selection)
    settings = bool(graph.of_type(SETTINGS))
    for resource in _candidates(graph, listed, tagged, stores):
        here = _together(graph, selection, region, resource, stores.regions[resource.urn])
        if here is False:
            continue
        given = [here]
        if listed:
            given.append(_by_arn(graph, resource, listed))
        if tagged:
            given.append(_by_tags(graph, resource, tagged))
        if left_out:
            out = _by_arn(graph, resource, left_out)
            given.append(out if isinstance(out, Unsettled) else not out)
        if conditions:
            given.append(_meets(graph, resource, conditions))
        if settings:
            given.append(opted_in(graph, resource, region, named=bool(listed)))
        taken = all_of(*given)
        if taken is not False:
            yield resource, taken


def _together(
    graph: ResourceGraph, selection: Resource, here: str | Unsettled, resource: Resource, there: str | Unsettled
) -> Condition:
    """Whether a resource lies in the region of the plan, which is all that a plan sees."""
    if isinstance(here, str) and isinstance(there, str):
        return here == there
    if selection.provider == resource.provider and graph.provider_of(selection) is graph.provider_of(resource):
        return True
    return here if isinstance(here, Unsettled) else there if isinstance(there, Unsettled) else True


def _candidates(
    graph: ResourceGraph,
    listed: tuple[Setting, ...] | Unsettled,
    tagged: "tuple[_Pair, ...] | Unsettled",
    stores: Stores,
) -> Iterable[Resource]:
    """Everything that may be meant, each once: by tags where there are some, since they narrow down the rest."""
    if isinstance(tagged, tuple) and tagged:
        found: dict[str, Resource] = {resource.urn: resource for resource in stores.unclear}
        for tag in tagged:
            if isinstance(tag.key, Unsettled) or isinstance(tag.value, Unsettled):
                return stores.all
            found.update((resource.urn, resource) for resource in stores.by_tag.get((tag.key, tag.value), ()))
        return found.values()
    if isinstance(listed, Unsettled) or isinstance(tagged, Unsettled) or not listed:
        return stores.all
    named: dict[str, Resource] = {}
    for entry in listed:
        if isinstance(entry.value, str) and "*" in entry.value:
            return stores.all
        meant = graph.reference(entry, *SUPPORTED)
        if meant.unsettled:
            return stores.all
        named.update((resource.urn, resource) for resource in meant.resources)
    return named.values()


def _by_arn(graph: ResourceGraph, resource: Resource, listed: tuple[Setting, ...] | Unsettled) -> Condition:
    if isinstance(listed, Unsettled):
        return listed
    found: list[Condition] = []
    for entry in listed:
        text = entry.value
        if isinstance(text, str) and "*" in text:
            found.append(_fits(graph, resource, text, entry))
        else:
            meant = graph.reference(entry, *SUPPORTED)
            found.append(meant.unsettled or any(other is resource for other in meant.resources))
    return any_of(*found)


def _fits(graph: ResourceGraph, resource: Resource, pattern: str, entry: Setting) -> Condition:
    """Whether an ARN with wildcards takes a resource whose own ARN may not be known yet."""
    arn = resource.at("arn").value
    if isinstance(arn, str):
        return _like(arn, pattern)
    if pattern == "*":
        return True
    service, kind = SUPPORTED[resource.type]
    parts = pattern.split(":", 5)
    if len(parts) < 6 or not _like(service, parts[2]):
        return False
    region = graph.region_of(resource)
    # ARNs of buckets name no region.
    if service != "s3" and isinstance(region, str) and not _like(region, parts[3]):
        return False
    rest = parts[5]
    account = parts[4]
    if rest in ("*", f"{kind}*") and (service == "s3" or account == "*"):
        return True
    name = next((v for k in _NAMES if isinstance(v := resource.at(k).value, str)), None)
    if name is not None and (service == "s3" or account == "*"):
        return _like(f"{kind}{name}", rest)
    stem = rest.split("*", 1)[0]
    if not (stem.startswith(kind) or kind.startswith(stem)):
        return False
    why = f"is '{pattern}', and the ARN of {resource.label} is known only after the deployment"
    return Unsettled(entry.resource.urn, entry.path, why)


def _like(text: str, pattern: str) -> bool:
    """Whether a text fits a pattern, in which only `*` stands for something else."""
    return pattern == text if "*" not in pattern else bool(_expression(pattern).fullmatch(text))


@lru_cache(maxsize=1024)
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in re.split(r"\*+", pattern)), re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A tag that a selection or a condition asks for."""

    at: Setting
    key: str | Unsettled
    value: str | Unsettled


def _pairs(setting: Setting) -> tuple[_Pair, ...] | Unsettled:
    listed = setting.each()
    if isinstance(listed, Unsettled):
        return listed
    read = ((pair["key"], pair["key"].text(), pair["value"].text()) for pair in listed)
    return tuple(_Pair(at, _tag_key(key) if isinstance(key, str) else key, value) for at, key, value in read)


def _by_tags(graph: ResourceGraph, resource: Resource, tagged: tuple[_Pair, ...] | Unsettled) -> Condition:
    if isinstance(tagged, Unsettled):
        return tagged
    return any_of(*(_has(graph, resource, tag, like=False) or False for tag in tagged))


def _has(graph: ResourceGraph, resource: Resource, tag: _Pair, *, like: bool) -> Condition | None:
    """Whether a resource has a tag of this value; None when it has no such tag."""
    if isinstance(tag.key, Unsettled):
        return tag.key
    if isinstance(tag.value, Unsettled):
        return tag.value
    own: Any = graph.tags_of(resource).get(tag.key)
    if _hidden(own):
        return Unsettled(resource.urn, f'tags["{tag.key}"]', "is not known, so that no selection by it can be told")
    if own is None:
        return None
    return _like(str(own), tag.value) if like else str(own) == tag.value


def _tag_key(name: str) -> str:
    return name.removeprefix("aws:ResourceTag/")


def _conditions_of(selection: Resource) -> tuple[tuple[tuple[_Pair, ...] | Unsettled, bool, bool], ...]:
    """The groups of conditions that hold something: the pairs, whether they are patterns, whether they should fit."""
    conditions = selection.at("conditions")
    if not conditions.is_set:
        return ()
    groups = tuple((_pairs(conditions[name]), like, wanted) for name, like, wanted in _OPERATORS)
    return tuple(group for group in groups if group[0])


def _meets(
    graph: ResourceGraph,
    resource: Resource,
    conditions: tuple[tuple[tuple[_Pair, ...] | Unsettled, bool, bool], ...],
) -> Condition:
    found: list[Condition] = []
    for pairs, like, wanted in conditions:
        if isinstance(pairs, Unsettled):
            found.append(pairs)
            continue
        for pair in pairs:
            has = _has(graph, resource, pair, like=like)
            if has is None:
                has = False if wanted else _untagged(resource, pair)
            found.append(has if isinstance(has, Unsettled) else has is wanted)
    return all_of(*found)


def _untagged(resource: Resource, pair: _Pair) -> Unsettled:
    why = f"is not set, and AWS does not say whether `{pair.at.path}` takes what has no such tag; set it"
    return Unsettled(resource.urn, f'tags["{pair.key}"]', why)


def _hidden(value: Any) -> bool:
    return value is UNKNOWN or value is SECRET
