"""`handler`: what Lambda calls. What the event says does not matter, since every run looks at everything."""

import logging
import os
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from functions.routing_writer.app_config import AppConfig
from functions.routing_writer.intents_table import IntentsTable
from functions.routing_writer.writer import run
from stanchion.routing.writer_settings import WriterSettings

# Lambda's own handler of logs is there already; only its level is ours.
logging.getLogger().setLevel(logging.INFO)
_PATIENCE = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})


def handler(event: Any, context: Any) -> dict[str, Any]:  # noqa: ARG001
    """Write the routing document.

    Args:
        event: of the table's stream or of the schedule.
        context: Lambda's.

    Returns:
        What the run did, for people who look at it by hand.

    Raises:
        StanchionError: it can't be brought into service; Lambda counts an error, and the next run goes on.
    """
    settings = WriterSettings.read(os.environ)
    table, app_config = _clients(settings)
    report = run(settings, table, app_config)
    return {
        "epoch": report.epoch,
        "deployed": report.deployed,
        "unknown_endpoints": list(report.unknown_endpoints),
        "unreadable": report.unreadable,
        "next_change": report.next_change.isoformat() if report.next_change else None,
    }


@cache
def _clients(settings: WriterSettings) -> tuple[IntentsTable, AppConfig]:
    """Made once for all runs of a warm function."""
    session: Any = boto3.Session(region_name=settings.region)
    table = session.resource("dynamodb", config=_PATIENCE).Table(settings.intents_table)
    return IntentsTable(table), AppConfig(session.client("appconfig", config=_PATIENCE), settings)
