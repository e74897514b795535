"""Whether a pod could run on a node of a pool: what it asks for, what it tolerates, where it wants to be."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sandbox.kubernetes.nodes import Node, Taint
from sandbox.kubernetes.quantities import number

Resources = dict[str, float]


def requests(pod: Mapping[str, Any]) -> Resources:
    """What a pod asks for: of its containers together, or of its largest init container where that is more."""
    spec = pod["spec"]
    together: Resources = {"pods": 1.0}
    for container in spec.get("containers") or ():
        for resource, amount in _asked(container):
            together[resource] = together.get(resource, 0.0) + amount
    for container in spec.get("initContainers") or ():
        for resource, amount in _asked(container):
            together[resource] = max(together.get(resource, 0.0), amount)
    return together


def left_on(node: Node, pods: Iterable[Mapping[str, Any]] = ()) -> Resources:
    """What a node has left beside these pods."""
    left = {resource: number(amount) for resource, amount in node.allocatable.items()}
    for pod in pods:
        take(left, requests(pod))
    return left


def fits(left: Resources, asked: Resources) -> bool:
    """Whether there is enough of everything."""
    return all(amount <= left.get(resource, 0.0) + 1e-9 for resource, amount in asked.items())


def take(left: Resources, asked: Resources) -> None:
    """Take what a pod asks for from what there is."""
    for resource, amount in asked.items():
        left[resource] = left.get(resource, 0.0) - amount


def admits(node: Node, pod: Mapping[str, Any]) -> bool:
    """Whether the pod tolerates the node's taints and wants nodes with its labels.

    Preferences are not asked, and neither are other pods: the scheduler decides about both when the node is there.
    """
    spec, labels = pod["spec"], node.document()["metadata"]["labels"]
    selector: Mapping[str, str] = spec.get("nodeSelector") or {}
    if any(labels.get(key) != value for key, value in selector.items()):
        return False
    if any(
        not _tolerated(taint, spec.get("tolerations") or ())
        for taint in node.taints
        if taint.effect != "PreferNoSchedule"
    ):
        return False
    affinity = ((spec.get("affinity") or {}).get("nodeAffinity") or {}).get(
        "requiredDuringSchedulingIgnoredDuringExecution"
    )
    terms: Sequence[Any] = (affinity or {}).get("nodeSelectorTerms") or ()
    return affinity is None or any(
        all(_matches(labels, wanted) for wanted in term.get("matchExpressions") or ()) for term in terms
    )


def _asked(container: Mapping[str, Any]) -> list[tuple[str, float]]:
    resources = container.get("resources") or {}
    asked = {**(resources.get("limits") or {}), **(resources.get("requests") or {})}
    return [(resource, number(amount)) for resource, amount in asked.items()]


def _tolerated(taint: Taint, tolerations: Iterable[Mapping[str, Any]]) -> bool:
    return any(
        each.get("key") in (None, "", taint.key)
        and each.get("effect") in (None, "", taint.effect)
        and (
            each.get("operator") == "Exists"
            or (each.get("key") == taint.key and (each.get("value") or "") == taint.value)
        )
        for each in tolerations
    )


_OPERATORS: Mapping[str, Callable[[str | None, Sequence[str]], bool]] = {
    "In": lambda value, values: value in values,
    "NotIn": lambda value, values: value not in values,
    "Exists": lambda value, _: value is not None,
    "DoesNotExist": lambda value, _: value is None,
    "Gt": lambda value, values: value is not None and number(value) > number(values[0]),
    "Lt": lambda value, values: value is not None and number(value) < number(values[0]),
}


def _matches(labels: Mapping[str, str], wanted: Mapping[str, Any]) -> bool:
    return _OPERATORS[wanted["operator"]](labels.get(wanted["key"]), wanted.get("values") or ())
