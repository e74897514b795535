"""Kubernetes workloads: how many replicas they have, and which budgets select them."""

from collections import defaultdict
from typing import Any, cast

from stanchion.graph import SECRET, UNKNOWN, Resource, ResourceGraph, Setting, Unsettled

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
WORKLOADS = (DEPLOYMENT, STATEFUL_SET)
BUDGETS = ("kubernetes:policy/v1:PodDisruptionBudget", "kubernetes:policy/v1beta1:PodDisruptionBudget")
_AUTOSCALERS = (
    "kubernetes:autoscaling/v1:HorizontalPodAutoscaler",
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
)
_SCALED_OBJECT = "kubernetes:keda.sh/v1alpha1:ScaledObject"


def namespace_of(resource: Resource) -> str | Unsettled:
    """The namespace an object lies in."""
    return resource.at("metadata")["namespace"].text("default")


def may_share_namespace(one: Resource, other: Resource) -> bool:
    """Whether two objects lie in one namespace as far as can be told; its name may exist only after the deployment."""
    here, there = namespace_of(one), namespace_of(other)
    return isinstance(here, Unsettled) or isinstance(there, Unsettled) or here == there


def pod_of(workload: Resource) -> Setting:
    """The pod that a workload makes copies of."""
    return workload.at("spec")["template"]


def autoscalers(graph: ResourceGraph) -> dict[str, Setting]:
    """By the URN of a workload, the least number of replicas that an autoscaler keeps."""
    found: dict[str, Setting] = {}
    for scaler in graph.of_type(*_AUTOSCALERS, _SCALED_OBJECT):
        least = "minReplicaCount" if scaler.type == _SCALED_OBJECT else "minReplicas"
        target = scaler.at("spec")["scaleTargetRef"]["name"]
        for workload in graph.reference(target, *WORKLOADS).resources:
            if may_share_namespace(scaler, workload):
                found[workload.urn] = scaler.at("spec")[least]
    return found


def replicas_of(workload: Resource, scalers: dict[str, Setting]) -> tuple[Setting, float | Unsettled]:
    """How many replicas a workload has at least, and the setting that says so.

    An autoscaler's least number counts where there is one: 1 by default, 0 for a ScaledObject of KEDA. Without, it is
    `replicas`, by default 1 (Kubernetes API, DeploymentSpec and HorizontalPodAutoscalerSpec).
    """
    setting = scalers.get(workload.urn)
    if setting is not None:
        return setting, setting.number(0 if setting.resource.type == _SCALED_OBJECT else 1)
    setting = workload.at("spec")["replicas"]
    return setting, setting.number(1)


class BudgetIndex:
    """Finds the disruption budgets of a workload without looking at each of them."""

    def __init__(self, graph: ResourceGraph) -> None:
        self._by_label: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        self._others: list[Resource] = []
        for budget in graph.of_type(*BUDGETS):
            labels = _mapping(budget.at("spec")["selector"]["matchLabels"].value)
            if labels and all(isinstance(value, str) for value in labels.values()):
                key = min(labels)
                self._by_label[key, labels[key]].append(budget)
            else:
                self._others.append(budget)

    def of(self, workload: Resource) -> list[Resource]:
        """Budgets that select the workload's pods, as far as can be told."""
        labels = _mapping(pod_of(workload)["metadata"]["labels"].value)
        candidates = list(self._others)
        for item in labels.items():
            if isinstance(item[1], str):
                candidates += self._by_label.get(item, ())
        return [b for b in candidates if may_share_namespace(b, workload) and _selects(b, labels)]


def _selects(budget: Resource, labels: dict[str, Any]) -> bool:
    selector = budget.at("spec")["selector"]
    if not selector.is_set:
        return False
    for key, value in _mapping(selector["matchLabels"].value).items():
        # A label that only the deployment will know may well be the one that is meant.
        if value is not UNKNOWN and labels.get(key) is not UNKNOWN and labels.get(key) != value:
            return False
    expressions = selector["matchExpressions"].each()
    return isinstance(expressions, Unsettled) or all(_holds(expression, labels) for expression in expressions)


def _holds(expression: Setting, labels: dict[str, Any]) -> bool:
    key, operator = expression["key"].value, expression["operator"].value
    values = expression["values"].value
    value = labels.get(key) if isinstance(key, str) else None
    listed = isinstance(values, list) and value in values
    match operator:
        case "In":
            return listed
        case "NotIn":
            return not listed
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case _:
            return operator is UNKNOWN or operator is SECRET


def _mapping(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
