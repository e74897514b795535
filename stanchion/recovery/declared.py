"""Tags in which a team declares what no setting and no vendor says.

`stanchion:workload` and `stanchion:tier` name the owner of a resource, `stanchion:shared` says that several use it,
`stanchion:data: disposable` that what it holds may be lost, `stanchion:data: record` that nothing waits for its return,
`stanchion:restore: 30m` how long the team takes to bring its data back where nobody publishes a figure,
`stanchion:zones: 3` how many zones the subnets of a batch environment lie in where their ids are not known yet,
`stanchion:layer` which layer declared it. Kubernetes objects carry the same as `stanchion.dev/workload` and so on, as
labels or annotations.
"""

import re
from typing import Any

from stanchion.graph import SECRET, UNKNOWN, Resource, ResourceGraph, Unsettled
from stanchion.graph.setting import AFTER_DEPLOYMENT, IS_SECRET
from stanchion.recovery.sources import Source
from stanchion.recovery.term import Grade, Term

DISPOSABLE = "disposable"
# Losing it counts; that it takes a day to be read again does not.
RECORD = "record"
_DURATION = re.compile(r"(\d{1,6})(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
DECLARED = Source("the team's own figure", "tag stanchion:restore")


def declared(graph: ResourceGraph, resource: Resource, key: str) -> str | Unsettled | None:
    """The value of a tag of ours, or None when it is not there.

    Args:
        graph: the program.
        resource: whose tag.
        key: without the prefix: `tier`.
    """
    prefix = "stanchion.dev/" if resource.type.startswith("kubernetes:") else "stanchion:"
    value: Any = graph.tags_of(resource).get(f"{prefix}{key}")
    if value is UNKNOWN:
        return Unsettled(resource.urn, f'tags["{prefix}{key}"]', AFTER_DEPLOYMENT)
    if value is SECRET:
        return Unsettled(resource.urn, f'tags["{prefix}{key}"]', IS_SECRET)
    return None if value is None else str(value)


def restore_term(graph: ResourceGraph, resource: Resource, name: str) -> Term:
    """How long a restore takes for which no figure is published: what the team declares, else unknown.

    Args:
        graph: the program.
        resource: the store.
        name: what takes the time: `versions are put back`.
    """
    value = declared(graph, resource, "restore")
    if isinstance(value, Unsettled):
        return Term(name, value, Grade.DECLARED, DECLARED, value.urn, value.property)
    if value is None:
        why = "has no published restore time; declare one with the tag stanchion:restore (such as 30m), and drill it"
        return Term(name, Unsettled(resource.urn, "", why), Grade.DECLARED, DECLARED, resource.urn)
    match = _DURATION.fullmatch(value.strip())
    if match is None:
        gap = Unsettled(resource.urn, 'tags["stanchion:restore"]', f"is '{value}', which is not a duration such as 30m")
        return Term(name, gap, Grade.DECLARED, DECLARED, resource.urn, gap.property)
    return Term(name, float(int(match[1]) * _SECONDS[match[2]]), Grade.DECLARED, DECLARED, resource.urn, "tags")
