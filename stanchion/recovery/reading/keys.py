"""In which region a KMS key can be used."""

from stanchion.graph import ResourceGraph, Setting, Unsettled

KEYS = ("aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey", "aws:kms/externalKey:ExternalKey")
ALIASES = ("aws:kms/alias:Alias",)
_MANAGED = "alias/aws/"
_ELSEWHERE = "names a key without its region, which is not part of this program"


def region_of_key(graph: ResourceGraph, setting: Setting) -> str | Unsettled | None:
    """The region of a key; None when nothing is set, or AWS's own key of the service is named, which each region has.

    Args:
        graph: the program.
        setting: holds an ARN, an id or an alias.
    """
    found = graph.reference(setting, *KEYS, *ALIASES)
    if found.resources:
        regions = {region if isinstance(region := graph.region_of(r), str) else None for r in found.resources}
        if len(regions) == 1 and None not in regions:
            return regions.pop()
        gap = next((g for r in found.resources if isinstance(g := graph.region_of(r), Unsettled)), None)
        return gap or Unsettled(setting.resource.urn, setting.path, "names one of several keys in different regions")
    if found.unsettled:
        return found.unsettled
    if found.literal is None or _MANAGED in found.literal:
        return None
    parts = found.literal.split(":")
    if found.literal.startswith("arn:") and len(parts) > 5:
        return parts[3]
    return Unsettled(setting.resource.urn, setting.path, _ELSEWHERE)
