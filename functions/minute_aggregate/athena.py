"""Asks Athena one question, waits so long and no longer, and leaves no query running."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from stanchion.errors import RunFailedError

log = logging.getLogger(__name__)
# Athena's answers take a second at least.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.25, 2.0
# Athena API, GetQueryResults: the most rows of a page.
PAGE = 1000
_UNDER_WAY = ("QUEUED", "RUNNING")


@dataclass(frozen=True, slots=True)
class Answer:
    """What Athena said.

    Args:
        query_id: by which the query is found in Athena's history.
        scanned_bytes: what it read, and is billed by.
        rows: texts by column; None for null.
    """

    query_id: str
    scanned_bytes: int
    rows: list[dict[str, str | None]]


class Athena:
    """One workgroup and database.

    Args:
        client: boto3's of `athena`.
        workgroup: that says where answers go.
        database: of names that have none.
        clock: seconds, of whichever begin.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        client: Any,
        workgroup: str,
        database: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client, self._workgroup, self._database = client, workgroup, database
        self._clock, self._sleep = clock, sleep

    def ask(self, query: str, token: str, seconds: float) -> Answer:
        """The answer to a query.

        Args:
            query: in Athena's SQL.
            token: the same for the same question, which is then asked once.
            seconds: to wait at most; a query that takes longer is stopped.

        Raises:
            RunFailedError: the query failed, was stopped, or took too long.
        """
        until = self._clock() + seconds
        query_id = self._client.start_query_execution(
            QueryString=query,
            ClientRequestToken=token,
            WorkGroup=self._workgroup,
            QueryExecutionContext={"Database": self._database},
        )["QueryExecutionId"]
        ended: dict[str, Any] | None = None
        try:
            ended = self._wait(query_id, until)
        finally:
            if ended is None:
                self._stop(query_id)
        if ended is None:
            raise RunFailedError(
                f"query {query_id} of workgroup '{self._workgroup}' took over {seconds:.0f} seconds and was stopped."
            )
        status = ended["Status"]
        if status["State"] != "SUCCEEDED":
            raise RunFailedError(
                f"query {query_id} of workgroup '{self._workgroup}' ended as {status['State']}: "
                f"{status.get('StateChangeReason') or 'Athena does not say why'}"
            )
        scanned = int((ended.get("Statistics") or {}).get("DataScannedInBytes") or 0)
        return Answer(query_id, scanned, list(self._rows(query_id)))

    def _wait(self, query_id: str, until: float) -> dict[str, Any] | None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            found = self._client.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
            if found["Status"]["State"] not in _UNDER_WAY:
                return found
            left = until - self._clock()
            if left <= 0:
                return None
            self._sleep(min(pause, left))
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _stop(self, query_id: str) -> None:
        try:
            self._client.stop_query_execution(QueryExecutionId=query_id)
        except (BotoCoreError, ClientError) as error:
            log.warning("query %s can't be stopped: %s", query_id, error)

    def _rows(self, query_id: str) -> Iterator[dict[str, str | None]]:
        names: list[str] = []
        start: dict[str, str] = {}
        while True:
            page = self._client.get_query_results(QueryExecutionId=query_id, MaxResults=PAGE, **start)
            for row in page["ResultSet"]["Rows"]:
                values = [each.get("VarCharValue") for each in row["Data"]]
                # The first row of the first page holds the names.
                if not names:
                    names = [str(value) for value in values]
                else:
                    yield dict(zip(names, values, strict=True))
            if not page.get("NextToken"):
                return
            start = {"NextToken": page["NextToken"]}
