"""The table of minutes: reads what it holds, and writes what is different."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from stanchion.errors import RunFailedError
from stanchion.minutes.item import Item, put_progress, range_of
from stanchion.minutes.names import PARTITION_KEY, SORT_KEY

# DynamoDB API, BatchWriteItem: the most items of a request.
BATCH = 25
# Of one batch; a table that is paid by request takes twice what it took before within minutes.
TRIES = 8
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 2.0

Key = tuple[str, str]


class MinuteTable:
    """The table of a region.

    Args:
        dynamodb: boto3's resource of `dynamodb`.
        name: of the table.
        sleep: waits so many seconds.
    """

    def __init__(self, dynamodb: Any, name: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._dynamodb, self._name, self._sleep = dynamodb, name, sleep
        self._table = dynamodb.Table(name)

    def read(self, endpoints: Iterable[str], first: datetime) -> dict[Key, Item]:
        """All rows of some endpoints from a minute on, and of their parts.

        Args:
            endpoints: their names.
            first: the first minute.
        """
        found: dict[Key, Item] = {}
        for endpoint in endpoints:
            for parts in (False, True):
                for item in self._query(range_of(endpoint, first, parts=parts)):
                    found[key(item)] = item
        return found

    def write(self, puts: Iterable[Item], removed: Iterable[Key]) -> None:
        """Put some items whole, and remove others.

        Raises:
            RunFailedError: DynamoDB did not take all of them; what it took stays, and the next run writes the rest.
        """
        requests: list[dict[str, Any]] = [{"PutRequest": {"Item": item}} for item in puts]
        requests += [
            {"DeleteRequest": {"Key": {PARTITION_KEY: series, SORT_KEY: minute}}} for series, minute in removed
        ]
        for begin in range(0, len(requests), BATCH):
            self._batch(requests[begin : begin + BATCH])

    def progress(self, asked_at: datetime) -> None:
        """Say that what had arrived by then is in the table; nothing when a later run said so already."""
        try:
            self._table.put_item(**put_progress(asked_at))
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise

    def _query(self, asked: dict[str, Any]) -> Iterable[Item]:
        start: dict[str, Any] = {}
        while True:
            answer = self._table.query(**asked, **start)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _batch(self, requests: list[dict[str, Any]]) -> None:
        pause = FIRST_PAUSE_SECONDS
        for _ in range(TRIES):
            left = self._dynamodb.batch_write_item(RequestItems={self._name: requests}).get("UnprocessedItems") or {}
            requests = left.get(self._name) or []
            if not requests:
                return
            self._sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        raise RunFailedError(
            f"table '{self._name}' did not take {len(requests)} of its rows in {TRIES} tries; the next run writes them."
        )


def key(item: Item) -> Key:
    """By which an item is told from others."""
    return item[PARTITION_KEY], item[SORT_KEY]
