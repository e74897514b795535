"""Counts what AWS counts of deliveries, so that alarms on them have something to look at."""

import contextlib
from collections.abc import Mapping

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.delivery.clients import Clients


def count(clients: Clients, region: str, namespace: str, metric: str, dimensions: Mapping[str, str]) -> None:
    """Add one to a metric; a cloud that can't count it loses nothing else.

    Args:
        namespace: such as `AWS/Scheduler`.
        metric: its name there.
    """
    datum = {
        "MetricName": metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        "Value": 1.0,
        "Unit": "Count",
    }
    with contextlib.suppress(BotoCoreError, ClientError):
        clients.of("cloudwatch", region).put_metric_data(Namespace=namespace, MetricData=[datum])
