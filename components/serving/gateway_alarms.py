"""Alarms on what gateways tell of themselves and of the endpoints, in their own metrics.

`stanchion.serving.gateway_metrics` has the names and meanings. Of `Errors` and `BelowFull` the average is a share,
since each of them counts as many samples as there were requests.
"""

from dataclasses import dataclass

import pulumi

from components.alarm import Comparison, Metric, MissingData, Severity, Signal
from components.component import Component
from stanchion.serving import gateway_metrics as names

# Google SRE workbook, alerting on SLOs: at 14.4 times the rate that the objective allows a month's budget of errors is
# gone in two days.
FAST_BURN = 14.4
SPOOL_BYTES = 64 * 2**20
GONE_SECONDS = 60
# Gateways ask each 15 s.
ROUTING_SECONDS = 300
# Without the cache models are asked more, and one rung is missing; gateways stay in service (decision 24).
STORES = {
    names.KEYS: (Severity.CRITICAL, "gateway-stores", "the table of keys"),
    names.QUOTAS: (Severity.CRITICAL, "gateway-stores", "the table of counters"),
    names.CACHE: (Severity.WARNING, "response-cache", "the cache of answers"),
}


@dataclass
class GatewayEndpointArgs:
    """An endpoint as its alarms see it.

    Args:
        name: the endpoint's.
        p95_ms: within which 95 of 100 answers have to begin, as the document promises.
        availability: percent of requests that get an answer, as the document promises.
    """

    name: str
    p95_ms: int
    availability: float


def gateway_alarms(
    component: Component, environment: str, tiers: list[str], endpoints: list[GatewayEndpointArgs]
) -> None:
    """Tell what clients feel, and what they would feel soon.

    Args:
        component: whose children the alarms are.
        environment: a dimension.
        tiers: all of them.
        endpoints: those that are served.
    """
    for endpoint in endpoints:
        _endpoint_alarms(component, environment, endpoint)
    for tier in tiers:
        component.alarm(
            f"{tier}-shed",
            signal=Signal.SATURATION,
            severity=Severity.WARNING,
            metric=_metric(names.SHED, environment, "Sum", {names.TIER: tier}),
            threshold=0,
            comparison=Comparison.ABOVE,
            missing_data=MissingData.NOT_BREACHING,
            periods=3,
            runbook="gateway-overloaded",
            description=f"Gateways have turned requests of tier {tier} away for 3 minutes: there are too many.",
        )
    _own_alarms(component, environment)
    for store, (severity, runbook, what) in STORES.items():
        component.alarm(
            f"{store}-gone",
            signal=Signal.ERRORS,
            severity=severity,
            metric=_metric(names.STORE_GONE_SECONDS, environment, "Maximum", {names.STORE: store}),
            threshold=GONE_SECONDS,
            comparison=Comparison.ABOVE,
            missing_data=MissingData.NOT_BREACHING,
            periods=2,
            runbook=runbook,
            description=f"A gateway has not reached {what} for over {GONE_SECONDS} s.",
        )


def _endpoint_alarms(component: Component, environment: str, endpoint: GatewayEndpointArgs) -> None:
    where = {names.ENDPOINT: endpoint.name}
    allowed = (100 - endpoint.availability) / 100
    component.alarm(
        f"{endpoint.name}-slow",
        signal=Signal.LATENCY,
        severity=Severity.WARNING,
        metric=_metric(names.FIRST_BYTE, environment, "p95", where),
        threshold=endpoint.p95_ms,
        comparison=Comparison.ABOVE,
        missing_data=MissingData.NOT_BREACHING,
        periods=5,
        runbook="gateway-slow",
        description=f"Endpoint {endpoint.name}: 5 of 100 answers begin after over {endpoint.p95_ms} ms, for 5 minutes.",
    )
    component.alarm(
        f"{endpoint.name}-errors",
        signal=Signal.ERRORS,
        severity=Severity.CRITICAL,
        metric=_metric(names.ERRORS, environment, "Average", where, period=300),
        threshold=round(FAST_BURN * allowed, 6),
        comparison=Comparison.ABOVE,
        missing_data=MissingData.NOT_BREACHING,
        periods=2,
        runbook="gateway-errors",
        description=f"Endpoint {endpoint.name}: so many requests fail that a month's allowance for "
        f"{endpoint.availability:g} % is gone in two days.",
    )
    component.alarm(
        f"{endpoint.name}-degraded",
        signal=Signal.ERRORS,
        severity=Severity.WARNING,
        metric=_metric(names.RUNG, environment, "Maximum", where),
        threshold=0,
        comparison=Comparison.ABOVE,
        missing_data=MissingData.NOT_BREACHING,
        periods=5,
        runbook="gateway-degraded",
        description=f"Endpoint {endpoint.name} has been on a lower rung of its ladder than the first for 5 minutes.",
    )


def _own_alarms(component: Component, environment: str) -> None:
    component.alarm(
        "events-waiting",
        signal=Signal.SATURATION,
        severity=Severity.WARNING,
        metric=_metric(names.SPOOL_BYTES, environment, "Maximum"),
        threshold=SPOOL_BYTES,
        comparison=Comparison.ABOVE,
        missing_data=MissingData.NOT_BREACHING,
        periods=5,
        runbook="events-late",
        description=f"A gateway has kept over {SPOOL_BYTES >> 20} MiB of events on its disk for 5 minutes.",
    )
    component.alarm(
        "events-lost",
        signal=Signal.ERRORS,
        severity=Severity.CRITICAL,
        metric=_metric(names.EVENTS_LOST, environment, "Sum"),
        threshold=0,
        comparison=Comparison.ABOVE,
        missing_data=MissingData.NOT_BREACHING,
        runbook="events-late",
        description="Events are lost: the disk of a gateway is full, or Firehose will never take them.",
    )
    component.alarm(
        "tickets-unannounced",
        signal=Signal.ERRORS,
        severity=Severity.WARNING,
        metric=_metric(names.TICKETS_UNANNOUNCED, environment, "Sum"),
        threshold=0,
        comparison=Comparison.ABOVE,
        missing_data=MissingData.NOT_BREACHING,
        periods=2,
        runbook="tickets-waiting",
        description="The queue of people was not told of new tickets; they are in the table.",
    )
    component.alarm(
        "routing-old",
        signal=Signal.HEARTBEAT,
        severity=Severity.WARNING,
        metric=_metric(names.ROUTING_AGE, environment, "Maximum"),
        threshold=ROUTING_SECONDS,
        comparison=Comparison.ABOVE,
        missing_data=MissingData.NOT_BREACHING,
        periods=2,
        runbook="routing-writer",
        description=f"A gateway has had no answer about its routing document for over {ROUTING_SECONDS // 60} minutes.",
    )
    component.alarm(
        "silent",
        signal=Signal.HEARTBEAT,
        severity=Severity.CRITICAL,
        metric=_metric(names.ROUTING_AGE, environment, "SampleCount"),
        threshold=1,
        comparison=Comparison.BELOW,
        missing_data=MissingData.BREACHING,
        periods=5,
        runbook="gateway-silent",
        description="No gateway of the region has said anything for 5 minutes.",
    )


def _metric(
    name: str,
    environment: str,
    statistic: str,
    own: dict[str, str] | None = None,
    *,
    period: int = names.PERIOD_SECONDS,
) -> Metric:
    dimensions: dict[str, pulumi.Input[str]] = {names.ENVIRONMENT: environment, **(own or {})}
    return Metric(names.NAMESPACE, name, dimensions, statistic, period)
