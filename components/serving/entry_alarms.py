"""Alarms of an entry: what clients see fail, what is slow, and where nobody is left to answer."""

from typing import Any

import pulumi_aws as aws

from components.alarm import Comparison, Metric, MissingData, Severity, Signal
from components.component import Component

RUNBOOK = "entry-targets"


def balancer_alarms(component: Component, balancer: aws.lb.LoadBalancer) -> None:
    """Tell when the load balancer itself fails requests, which is when no target took them."""
    component.alarm(
        "refused",
        signal=Signal.ERRORS,
        severity=Severity.CRITICAL,
        metric=_metric("HTTPCode_ELB_5XX_Count", "Sum", balancer),
        threshold=20,
        comparison=Comparison.ABOVE,
        missing_data=MissingData.NOT_BREACHING,
        periods=3,
        runbook=RUNBOOK,
        description="The load balancer has failed over 20 requests a minute by itself; no gateway took them.",
    )


def tier_alarms(
    component: Component, tier: str, balancer: aws.lb.LoadBalancer, group: aws.lb.TargetGroup, p95_seconds: float
) -> None:
    """Tell when a tier's gateways fail, are slow, are partly gone, or are all gone."""

    def alarm(name: str, *, description: str, runbook: str = RUNBOOK, **what: Any) -> None:
        component.alarm(f"{tier}-{name}", description=f"Tier {tier}: {description}", runbook=runbook, **what)

    alarm(
        "nobody-answers",
        signal=Signal.HEARTBEAT,
        severity=Severity.CRITICAL,
        metric=_metric("HealthyHostCount", "Minimum", balancer, group),
        threshold=1,
        comparison=Comparison.BELOW,
        # A group that never had a target has no metric either, and nobody answers there.
        missing_data=MissingData.BREACHING,
        periods=2,
        description="no gateway is healthy.",
    )
    alarm(
        "unhealthy",
        signal=Signal.SATURATION,
        severity=Severity.WARNING,
        metric=_metric("UnHealthyHostCount", "Minimum", balancer, group),
        threshold=0,
        comparison=Comparison.ABOVE,
        missing_data=MissingData.NOT_BREACHING,
        periods=10,
        description="a gateway has been unhealthy for 10 minutes and was not replaced.",
    )
    alarm(
        "errors",
        signal=Signal.ERRORS,
        severity=Severity.CRITICAL,
        metric=_metric("HTTPCode_Target_5XX_Count", "Sum", balancer, group),
        threshold=20,
        comparison=Comparison.ABOVE,
        missing_data=MissingData.NOT_BREACHING,
        periods=3,
        description="gateways have answered over 20 requests a minute with an error.",
    )
    alarm(
        "slow",
        signal=Signal.LATENCY,
        severity=Severity.WARNING,
        metric=_metric("TargetResponseTime", "p95", balancer, group),
        threshold=p95_seconds,
        comparison=Comparison.ABOVE,
        missing_data=MissingData.NOT_BREACHING,
        periods=5,
        description=f"5 of 100 answers have begun later than after {p95_seconds:g} s for 5 minutes.",
    )


def _metric(
    name: str, statistic: str, balancer: aws.lb.LoadBalancer, group: aws.lb.TargetGroup | None = None
) -> Metric:
    own = {} if group is None else {"TargetGroup": group.arn_suffix}
    return Metric("AWS/ApplicationELB", name, {"LoadBalancer": balancer.arn_suffix, **own}, statistic, period=60)
