"""Kubernetes objects as a Pulumi program declares them: types, namespaces, labels and label selectors."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.graph.setting import AFTER_DEPLOYMENT
from stanchion.graph.values import SECRET, UNKNOWN

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
DAEMON_SET = "kubernetes:apps/v1:DaemonSet"
NAMESPACE = "kubernetes:core/v1:Namespace"
SERVICE = "kubernetes:core/v1:Service"
DISRUPTION_BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
AUTOSCALERS = (
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    "kubernetes:autoscaling/v1:HorizontalPodAutoscaler",
)
SCALED_OBJECT = "kubernetes:keda.sh/v1alpha1:ScaledObject"
NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
NODE_CLASS = "kubernetes:eks.amazonaws.com/v1:NodeClass"
EC2_NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
VOLUME_CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
VOLUME = "kubernetes:core/v1:PersistentVolume"
STORAGE_CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
EKS_CLUSTER = "aws:eks/cluster:Cluster"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"


# One controller is looked at many times in a row, from everywhere.
@lru_cache(maxsize=8)
def pod_spec(resource: Resource) -> Setting:
    """The spec of the pods a controller makes."""
    return resource.at("spec")["template"]["spec"]


@lru_cache(maxsize=8)
def pod_labels(resource: Resource) -> Setting:
    """The labels of the pods a controller makes."""
    return resource.at("spec")["template"]["metadata"]["labels"]


def named(resource: Resource) -> str:
    """How people call an object: `Deployment 'api'`."""
    return f"{resource.kind} '{resource.name}'"


def object_name(resource: Resource) -> str | None:
    """`metadata.name` where it is known."""
    value = resource.at("metadata")["name"].value
    return value if isinstance(value, str) else None


def namespace_of(graph: ResourceGraph, resource: Resource) -> str | None:
    """The namespace by name, by the URN of its resource where the name is not known yet, None when neither is."""
    setting = resource.at("metadata")["namespace"]
    if isinstance(setting.value, str):
        return setting.value
    if not setting.is_set:
        return "default"
    found = graph.reference(setting, NAMESPACE).one
    return None if found is None else object_name(found) or found.urn


def annotation(resource: Resource, key: str) -> Setting:
    """An annotation or label of ours on the object or on its pods; the first one that is set, annotations first."""
    name = f"stanchion.dev/{key}"
    for metadata in _metadata(resource):
        for place in metadata:
            if isinstance(place.value, dict) and place[name].is_set:
                return place[name]
    return _metadata(resource)[0][0][name]


@lru_cache(maxsize=8)
def _metadata(resource: Resource) -> tuple[tuple[Setting, Setting], ...]:
    both = (resource.at("metadata"), resource.at("spec")["template"]["metadata"])
    return tuple((metadata["annotations"], metadata["labels"]) for metadata in both)


def mapping(value: Any) -> Mapping[str, Any]:
    """A mapping as it is, anything else as an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def texts(setting: Setting) -> tuple[str, ...] | Unsettled:
    """A list of texts; the first element that is not known makes the whole unknown."""
    items = setting.each()
    if isinstance(items, Unsettled):
        return items
    found: list[str] = []
    for item in items:
        text = item.text()
        if isinstance(text, Unsettled):
            return text
        found.append(text)
    return tuple(found)


def selects(selector: Setting, labels: Setting) -> bool | Unsettled:
    """Whether a label selector takes these labels: one that is not set takes none, an empty one all."""
    if not selector.is_set:
        return False
    if gap := selector.unsettled or labels.unsettled:
        return gap
    if not isinstance(selector.value, dict):
        return selector.wrong("a label selector")
    verdicts = [
        _equals(labels[key], wanted, selector) for key, wanted in mapping(selector["matchLabels"].value).items()
    ]
    expressions = selector["matchExpressions"].each()
    if isinstance(expressions, Unsettled):
        verdicts.append(expressions)
    else:
        verdicts += [_expression(item, labels) for item in expressions]
    if gap := selector["matchLabels"].unsettled:
        verdicts.append(gap)
    return conjunction(verdicts)


def conjunction(verdicts: "list[bool | Unsettled]") -> bool | Unsettled:
    """All of them: one that is false decides, before one that can't be told."""
    if any(verdict is False for verdict in verdicts):
        return False
    return next((verdict for verdict in verdicts if isinstance(verdict, Unsettled)), True)


def _equals(label: Setting, wanted: Any, selector: Setting) -> bool | Unsettled:
    if wanted is UNKNOWN or wanted is SECRET:
        return Unsettled(selector.resource.urn, selector.path, AFTER_DEPLOYMENT)
    return label.unsettled or (label.is_set and str(label.value) == str(wanted))


def _expression(item: Setting, labels: Setting) -> bool | Unsettled:
    key, operator, values = item["key"].text(), item["operator"].text(), texts(item["values"])
    for part in (key, operator, values):
        if isinstance(part, Unsettled):
            return part
    label = labels[str(key)]
    if operator in ("Exists", "DoesNotExist"):
        return label.is_set == (operator == "Exists")
    if gap := label.unsettled:
        return gap
    inside = label.is_set and isinstance(values, tuple) and str(label.value) in values
    if operator not in ("In", "NotIn"):
        return item["operator"].wrong("In, NotIn, Exists or DoesNotExist")
    return inside == (operator == "In")
