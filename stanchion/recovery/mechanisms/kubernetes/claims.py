"""Volumes of pods: the claims they mount, by name or by reference."""

from stanchion.graph import Resource, ResourceGraph, Unsettled
from stanchion.recovery.mechanisms.kubernetes.objects import VOLUME_CLAIM, namespace_of, pod_spec


def claims_of(graph: ResourceGraph, resource: Resource) -> tuple[Resource, ...]:
    """The claims of the program that the pods of a controller mount."""
    volumes = pod_spec(resource)["volumes"].each()
    if isinstance(volumes, Unsettled):
        return ()
    found: dict[str, Resource] = {}
    for volume in volumes:
        name = volume["persistentVolumeClaim"]["claimName"]
        if name.is_set:
            for claim in graph.reference(name, VOLUME_CLAIM).resources:
                if namespace_of(graph, claim) == namespace_of(graph, resource):
                    found[claim.urn] = claim
    return tuple(found[urn] for urn in sorted(found))
