"""Alarms on the nodes of a cluster, whichever engine makes them."""

import pulumi

from components.alarm import Comparison, Metric, MissingData, Severity, Signal
from components.component import Component


def node_alarms(component: Component, cluster_name: pulumi.Input[str], floor: int) -> None:
    """Tell when fewer nodes run than have to, and when some have failed.

    The metrics are those of the CloudWatch observability add-on (CloudWatch user guide, Container Insights metrics of
    EKS); without it the first alarm fires, since nobody watches the floor then.

    Args:
        component: whose children the alarms are.
        cluster_name: the dimension.
        floor: nodes that run whatever the demand is.
    """

    def metric(name: str, statistic: str) -> Metric:
        return Metric("ContainerInsights", name, {"ClusterName": cluster_name}, statistic, period=60)

    component.alarm(
        "nodes-under-floor",
        signal=Signal.SATURATION,
        severity=Severity.CRITICAL,
        metric=metric("cluster_node_count", "Minimum"),
        threshold=floor,
        comparison=Comparison.BELOW,
        missing_data=MissingData.BREACHING,
        periods=10,
        runbook="cluster-nodes",
        description=f"Fewer than the {floor} nodes of the floor have been running for 10 minutes.",
    )
    component.alarm(
        "nodes-failed",
        signal=Signal.ERRORS,
        severity=Severity.WARNING,
        metric=metric("cluster_failed_node_count", "Maximum"),
        threshold=0,
        comparison=Comparison.ABOVE,
        missing_data=MissingData.NOT_BREACHING,
        periods=10,
        runbook="cluster-nodes",
        description="A node has not been ready for 10 minutes; it should have been repaired by then.",
    )
