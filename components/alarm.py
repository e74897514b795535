"""What an alarm says: which signal, how severe, and where its runbook is."""

from dataclasses import dataclass, field
from enum import Enum

import pulumi


class Signal(Enum):
    """What kind of trouble an alarm speaks of; dashboards and escalation group by it."""

    LATENCY = "latency"
    ERRORS = "errors"
    SATURATION = "saturation"
    DRIFT = "drift"
    COST = "cost"
    BACKUP = "backup"
    REPLICATION_LAG = "replication_lag"
    HEARTBEAT = "heartbeat"


class Severity(Enum):
    """Who is told: critical pages a person now, warning becomes a ticket, info is kept for the record."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class MissingData(Enum):
    """What silence means. A heartbeat that stops is BREACHING; an error counter that is silent is NOT_BREACHING."""

    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"
    IGNORE = "ignore"
    MISSING = "missing"


class Comparison(Enum):
    """How the metric is held against the threshold."""

    ABOVE = "GreaterThanThreshold"
    AT_LEAST = "GreaterThanOrEqualToThreshold"
    BELOW = "LessThanThreshold"
    AT_MOST = "LessThanOrEqualToThreshold"


@dataclass
class AlarmTopicsArgs:
    """ARNs of the topics of one region, by severity."""

    critical: pulumi.Input[str]
    warning: pulumi.Input[str]
    info: pulumi.Input[str]

    def of(self, severity: Severity) -> pulumi.Input[str]:
        """The topic that alarms of this severity go to."""
        return getattr(self, severity.value)


@dataclass
class Metric:
    """A CloudWatch metric.

    Args:
        namespace: such as `AWS/SQS`.
        name: such as `ApproximateAgeOfOldestMessage`.
        dimensions: name to value; a value may be an output.
        statistic: `Sum`, `Average`, `Maximum`, `Minimum` or a percentile such as `p95`.
        period: seconds one datapoint covers; a multiple of 60.
    """

    namespace: str
    name: str
    dimensions: dict[str, pulumi.Input[str]] = field(default_factory=dict)
    statistic: str = "Sum"
    period: int = 300
