"""Volumes of pods: which claims they mount, and which driver makes the volumes of a claim."""

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.mechanisms.kubernetes.claims import claims_of
from stanchion.recovery.mechanisms.kubernetes.clusters import Clusters
from stanchion.recovery.mechanisms.kubernetes.objects import STORAGE_CLASS, VOLUME_CLAIM, mapping, object_name

EBS_DRIVERS = ("ebs.csi.aws.com", "ebs.csi.eks.amazonaws.com", "kubernetes.io/aws-ebs")
EFS_DRIVER = "efs.csi.aws.com"


class StorageClasses:
    """Storage classes by cluster and name, and the default one of each cluster."""

    def __init__(self, graph: ResourceGraph, clusters: Clusters) -> None:
        self._clusters = clusters
        self._by_name: dict[tuple[str, str], Resource] = {}
        self._default: dict[str, Resource] = {}
        for resource in graph.of_type(STORAGE_CLASS):
            key, name = clusters.of(graph, resource).key, object_name(resource)
            if name:
                self._by_name.setdefault((key, name), resource)
            annotations = mapping(resource.at("metadata")["annotations"].value)
            if str(annotations.get("storageclass.kubernetes.io/is-default-class")).lower() == "true":
                self._default.setdefault(key, resource)

    def of(self, graph: ResourceGraph, claim: Setting) -> Resource | Unsettled:
        """The class that the spec of a claim names, or the default one of its cluster."""
        setting = claim["storageClassName"]
        cluster = self._clusters.of(graph, claim.resource).key
        if not setting.is_set:
            why = "is not set, and no default storage class is in this program"
            return self._default.get(cluster) or Unsettled(setting.resource.urn, setting.path, why)
        if isinstance(setting.value, str):
            found = self._by_name.get((cluster, setting.value))
            return found or setting.wrong("a storage class of this program")
        reference = graph.reference(setting, STORAGE_CLASS)
        return reference.one or reference.unsettled or setting.wrong("one storage class of this program")


def claim_specs(resource: Resource) -> tuple[Setting, ...]:
    """The specs of the claims: a claim's own, or those of a StatefulSet's templates."""
    if resource.type == VOLUME_CLAIM:
        return (resource.at("spec"),)
    templates = resource.at("spec")["volumeClaimTemplates"]
    found = templates.each()
    return (templates,) if isinstance(found, Unsettled) else tuple(template["spec"] for template in found)


def in_one_zone(graph: ResourceGraph, classes: StorageClasses, resource: Resource) -> bool | Unsettled:
    """Whether the pods of a controller mount a disk that lies in one zone; the first gap when it can't be told."""
    specs = (*claim_specs(resource), *(spec for claim in claims_of(graph, resource) for spec in claim_specs(claim)))
    gap: Unsettled | None = None
    for spec in specs:
        found = classes.of(graph, spec)
        driver = found if isinstance(found, Unsettled) else found.at("provisioner").text()
        if driver in EBS_DRIVERS:
            return True
        if isinstance(driver, Unsettled):
            gap = gap or driver
    return gap or False
