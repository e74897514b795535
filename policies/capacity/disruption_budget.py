"""Draining nodes neither takes a workload away nor waits for ever."""

from collections.abc import Iterable
from math import ceil

from policies.reading.kubernetes import BUDGETS, WORKLOADS, BudgetIndex, autoscalers, replicas_of
from policies.rule import Example, Group, Program, Rule, Severity, Thresholds, Violation
from stanchion.graph import GraphBuilder, Resource, ResourceGraph, Setting, Unsettled

_DEMAND = "a node can be drained without taking the workload away"


def check(program: Program, _: Thresholds) -> Iterable[Violation]:
    """Workloads of several replicas without a budget, and budgets that let nobody go."""
    scalers = autoscalers(program.graph)
    index = BudgetIndex(program.graph)
    blocking: dict[str, Violation] = {}
    for workload in program.of_type(*WORKLOADS):
        replicas = replicas_of(workload, scalers)[1]
        budgets = index.of(workload)
        if not budgets and (isinstance(replicas, Unsettled) or replicas >= 2):
            if isinstance(replicas, Unsettled):
                yield Violation.unsettled(replicas, "it needs a disruption budget")
                continue
            yield Violation.at(
                workload,
                f"{workload.kind} '{workload.name}' has {replicas:g} replicas and no PodDisruptionBudget: an upgrade "
                "of the nodes may evict all of them at once.",
            )
        for budget in budgets:
            found = _blocks(budget, workload, replicas)
            if found:
                blocking.setdefault(budget.urn, found)
    yield from (blocking[urn] for urn in sorted(blocking))


def _blocks(budget: Resource, workload: Resource, replicas: float | Unsettled) -> Violation | None:
    spec = budget.at("spec")
    least, most = spec["minAvailable"], spec["maxUnavailable"]
    if most.is_set:
        allowed = _count(most, replicas)
    elif least.is_set:
        needed = _count(least, replicas)
        if isinstance(needed, Unsettled) or isinstance(replicas, Unsettled):
            gap = needed if isinstance(needed, Unsettled) else replicas
            return Violation.unsettled(gap, _DEMAND)  # pyright: ignore[reportArgumentType]
        allowed = replicas - needed
    else:
        return None
    if isinstance(allowed, Unsettled):
        return Violation.unsettled(allowed, _DEMAND)
    # A workload that is scaled to nothing has nobody to evict.
    if allowed <= 0 and (isinstance(replicas, Unsettled) or replicas > 0):
        size = "any number" if isinstance(replicas, Unsettled) else f"{replicas:g}"
        return Violation.at(
            most if most.is_set else least,
            f"PodDisruptionBudget '{budget.name}' lets none of the {size} replica(s) of {workload.kind} "
            f"'{workload.name}' go, so that no node under them can be drained.",
        )
    return None


def _count(setting: Setting, replicas: float | Unsettled) -> float | Unsettled:
    """A number, or a share of the replicas; both bounds round shares up (Kubernetes documentation)."""
    text = setting.text()
    if isinstance(text, Unsettled):
        return text
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        return setting.wrong("a number or a percentage")
    if not text.endswith("%"):
        return number
    if number <= 0:
        return 0.0
    return replicas if isinstance(replicas, Unsettled) else float(ceil(replicas * number / 100))


def _program(budget: dict[str, object] | None, replicas: int = 3, app: str = "gateway") -> ResourceGraph:
    builder = GraphBuilder()
    template = {"metadata": {"labels": {"app": "gateway", "tier": "front"}}}
    builder.add(WORKLOADS[0], "gateway", {"spec": {"replicas": replicas, "template": template}})
    if budget is not None:
        builder.add(BUDGETS[0], "budget", {"spec": {"selector": {"matchLabels": {"app": app}}, **budget}})
    return builder.graph()


RULE = Rule(
    id="capacity-disruption-budget",
    group=Group.CAPACITY,
    severity=Severity.MEDIUM,
    description="A workload of two replicas or more has a PodDisruptionBudget that lets some go: without one, an "
    "upgrade may evict all at once; with one that lets none go, no node can be drained.",
    remediation="Add a PodDisruptionBudget with maxUnavailable 1, or minAvailable below the number of replicas.",
    source="Kubernetes documentation: specifying a disruption budget for your application",
    check=check,
    passing=(
        Example("one may go", lambda: _program({"maxUnavailable": 1})),
        Example("a single replica needs none", lambda: _program(None, replicas=1)),
        Example("half of them stay", lambda: _program({"minAvailable": "50%"})),
    ),
    failing=(
        Example("no budget", lambda: _program(None), ("gateway",)),
        Example("a budget for other pods", lambda: _program({"maxUnavailable": 1}, app="other"), ("gateway",)),
        Example("all have to stay", lambda: _program({"minAvailable": 3}), ("budget",)),
        Example("none may go", lambda: _program({"maxUnavailable": "0%"}), ("budget",)),
        Example("the only one has to stay", lambda: _program({"minAvailable": 1}, replicas=1), ("budget",)),
    ),
)
