"""Alarms of one slot: what is missing of the floor, what waits for a node, what restarts, what is full.

Metrics of the CloudWatch observability add-on (CloudWatch user guide, Container Insights metrics of EKS with enhanced
observability; which dimensions each has is in the agent's own table, amazon-cloudwatch-agent, awsemf/kubernetes.go,
read 2026-11-27). `PodName` is the name of the Deployment there. An add-on that falls silent is told by the alarm on the
floor of nodes.
"""

import math

import pulumi

from components.alarm import Comparison, Metric, MissingData, Severity, Signal
from components.component import Component
from stanchion.serving.slots import SlotNames

# Longest time of a healthy burst without a node: spot is tried first, then on demand.
PENDING_MINUTES = 15
FULL_MINUTES = 10
RESTARTS, RESTART_MINUTES = 3, 10
MEMORY_PERCENT = 95


def slot_alarms(
    component: Component,
    names: SlotNames,
    cluster_name: pulumi.Input[str],
    namespace: str,
    *,
    most: int,
    burst: bool,
    start_seconds: float,
) -> None:
    """Tell when a slot is not what it has to be; the floor's number is in none of them, since it may change.

    Args:
        component: whose children the alarms are.
        names: of the slot that is watched.
        cluster_name: a dimension.
        namespace: a dimension.
        most: replicas, burst and floor together.
        burst: whether it has one.
        start_seconds: that a start may take; until then nothing is wrong.
    """

    def metric(name: str, statistic: str, minutes: int = 1, **own: str) -> Metric:
        where = {"ClusterName": cluster_name, "Namespace": namespace, **own}
        return Metric("ContainerInsights", name, where, statistic, period=60 * minutes)

    prefix = f"{names.variant}-{names.slot}"
    subject = f"Endpoint {names.endpoint}, variant {names.variant}, slot {names.slot}"
    patience = max(5, math.ceil(start_seconds / 60) + 2)
    component.alarm(
        f"{prefix}-under-floor",
        signal=Signal.SATURATION,
        severity=Severity.CRITICAL,
        metric=metric("status_replicas_unavailable", "Minimum", PodName=names.floor),
        threshold=0,
        comparison=Comparison.ABOVE,
        missing_data=MissingData.NOT_BREACHING,
        periods=patience,
        runbook="endpoint-under-floor",
        description=f"{subject}: replicas of the floor have been missing for {patience} minutes, longer than a start.",
    )
    component.alarm(
        f"{prefix}-restarts",
        signal=Signal.ERRORS,
        severity=Severity.WARNING,
        metric=metric("pod_number_of_container_restarts", "Sum", RESTART_MINUTES, Service=names.service),
        threshold=RESTARTS,
        comparison=Comparison.ABOVE,
        missing_data=MissingData.NOT_BREACHING,
        runbook="endpoint-restarts",
        description=f"{subject}: its servers have ended and been started anew more than {RESTARTS} times in "
        f"{RESTART_MINUTES} minutes.",
    )
    if not burst:
        # There is nothing that could be full but the replicas themselves.
        component.alarm(
            f"{prefix}-memory",
            signal=Signal.SATURATION,
            severity=Severity.WARNING,
            metric=metric("pod_memory_utilization_over_pod_limit", "Maximum", Service=names.service),
            threshold=MEMORY_PERCENT,
            comparison=Comparison.ABOVE,
            missing_data=MissingData.NOT_BREACHING,
            periods=5,
            runbook="endpoint-saturated",
            description=f"{subject}: a replica has had over {MEMORY_PERCENT} % of its memory for 5 minutes; at its end "
            "it is ended.",
        )
        return
    component.alarm(
        f"{prefix}-full",
        signal=Signal.SATURATION,
        severity=Severity.WARNING,
        metric=metric("service_number_of_running_pods", "Minimum", Service=names.service),
        threshold=most,
        comparison=Comparison.AT_LEAST,
        missing_data=MissingData.NOT_BREACHING,
        periods=FULL_MINUTES,
        runbook="endpoint-saturated",
        description=f"{subject}: all of its {most} replicas have been running for {FULL_MINUTES} minutes; more load "
        "makes it slow.",
    )
    component.alarm(
        f"{prefix}-pending",
        signal=Signal.SATURATION,
        severity=Severity.WARNING,
        metric=metric("pod_status_pending", "Maximum", PodName=names.burst),
        threshold=0,
        comparison=Comparison.ABOVE,
        missing_data=MissingData.NOT_BREACHING,
        periods=PENDING_MINUTES,
        runbook="endpoint-pending",
        description=f"{subject}: a replica of the burst has waited for a node for {PENDING_MINUTES} minutes.",
    )
