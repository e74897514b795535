"""Replicas don't all stand on one node."""

from collections.abc import Iterable, Mapping

from policies.reading.examples import single
from policies.reading.kubernetes import WORKLOADS, autoscalers, pod_of, replicas_of
from policies.rule import Example, Group, Program, Rule, Severity, Thresholds, Violation
from stanchion.graph import UNKNOWN, Resource, ResourceGraph, Unsettled


def check(program: Program, _: Thresholds) -> Iterable[Violation]:
    """Workloads of several replicas without a spread constraint or anti-affinity."""
    scalers = autoscalers(program.graph)
    for workload in program.of_type(*WORKLOADS):
        setting, replicas = replicas_of(workload, scalers)
        if _spread(workload):
            continue
        if isinstance(replicas, Unsettled):
            yield Violation.unsettled(replicas, "its replicas have to be spread")
        elif replicas >= 2:
            yield Violation(
                f"{workload.kind} '{workload.name}' has {replicas:g} replicas and nothing that spreads them over "
                "nodes or zones, so that all may stand on the one that is lost.",
                workload.urn,
                setting.path if setting.resource is workload else "spec",
            )


def _spread(workload: Resource) -> bool:
    pod = pod_of(workload)["spec"]
    if pod["topologySpreadConstraints"].value:
        return True
    return bool(pod["affinity"]["podAntiAffinity"].value)


def _deployment(replicas: object, pod: Mapping[str, object]) -> ResourceGraph:
    return single(WORKLOADS[0], "gateway", {"spec": {"replicas": replicas, "template": {"spec": pod}}})


_SPREAD = {"topologySpreadConstraints": [{"topologyKey": "topology.kubernetes.io/zone", "maxSkew": 1}]}

RULE = Rule(
    id="capacity-replicas-spread",
    group=Group.CAPACITY,
    severity=Severity.MEDIUM,
    description="Deployments and StatefulSets of two replicas or more say how these are spread: the scheduler's own "
    "default is a preference, and packs under pressure.",
    remediation="Add topologySpreadConstraints over topology.kubernetes.io/zone, or podAntiAffinity.",
    source="Kubernetes documentation: pod topology spread constraints",
    check=check,
    passing=(
        Example("spread over zones", lambda: _deployment(3, _SPREAD)),
        Example("one replica can't be spread", lambda: _deployment(1, {})),
    ),
    failing=(
        Example("three replicas anywhere", lambda: _deployment(3, {}), ("gateway",)),
        Example("nobody knows how many", lambda: _deployment(UNKNOWN, {}), ("gateway",)),
    ),
)
