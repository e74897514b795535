"""`handler`: what Lambda calls. What the event says does not matter, since every run looks at the whole window."""

import logging
import os
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from functions.minute_aggregate.aggregate import run
from functions.minute_aggregate.athena import Athena
from functions.minute_aggregate.minute_table import MinuteTable
from stanchion.minutes.settings import MinuteSettings

# Lambda's own handler of logs is there already; only its level is ours.
logging.getLogger().setLevel(logging.INFO)
log = logging.getLogger(__name__)
# Of the function's time, what is left for reading the answer and writing the table.
WRITING_SECONDS = 30.0
# Where nobody says how much time there is.
WAITING_SECONDS = 90.0
_PATIENCE = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})


def handler(event: Any, context: Any) -> dict[str, Any]:  # noqa: ARG001
    """Write the minutes.

    Args:
        event: of the schedule.
        context: Lambda's.

    Returns:
        What the run did, for people who look at it by hand.

    Raises:
        StanchionError: it can't be done; Lambda counts an error, and the next run does what this one left.
    """
    settings = MinuteSettings.read(os.environ)
    athena, table = _clients(settings)
    left = WAITING_SECONDS
    if context is not None:
        left = max(1.0, context.get_remaining_time_in_millis() / 1000 - WRITING_SECONDS)
    report = run(settings, athena, table, seconds=left)
    said = {
        "first_minute": report.first.isoformat(),
        "rows": report.rows,
        "written": report.written,
        "removed": report.removed,
        "query_id": report.query_id,
        "scanned_bytes": report.scanned_bytes,
    }
    log.info("minutes: %s", said)
    return said


@cache
def _clients(settings: MinuteSettings) -> tuple[Athena, MinuteTable]:
    """Made once for all runs of a warm function."""
    session: Any = boto3.Session(region_name=settings.region)
    athena = Athena(session.client("athena", config=_PATIENCE), settings.workgroup, settings.database)
    return athena, MinuteTable(session.resource("dynamodb", config=_PATIENCE), settings.minute_table)
