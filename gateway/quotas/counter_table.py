"""Adds to counters in DynamoDB, and reads their sums over the regions."""

from typing import Any

from stanchion.quotas.counters import CounterKey
from stanchion.quotas.names import AMOUNT, PARTITION_KEY, SORT_KEY, TIME_TO_LIVE


class CounterTable:
    """The table of this region; calls block, and belong in a thread.

    Each region has its own item of a counter: of two regions that change the same item of a global table, one would
    lose (the last writer wins).

    Args:
        client: boto3's of `dynamodb`, with timeouts of a second or two. It may repeat a call by itself, which then can
            count twice; with `total_max_attempts` of 1 it does not.
        table: its name.
        region: of this gateway.
    """

    def __init__(self, client: Any, table: str, region: str) -> None:
        self._client, self._table, self._region = client, table, region

    def add(self, key: CounterKey, amount: int) -> None:
        """Add to this region's item.

        Raises:
            Exception: whatever the client raises.
        """
        self._client.update_item(
            TableName=self._table,
            Key={PARTITION_KEY: {"S": key.text}, SORT_KEY: {"S": self._region}},
            UpdateExpression="ADD #used :more SET #remove_at = :remove_at",
            ExpressionAttributeNames={"#used": AMOUNT, "#remove_at": TIME_TO_LIVE},
            ExpressionAttributeValues={":more": {"N": str(amount)}, ":remove_at": {"N": str(key.remove_at)}},
        )

    def total(self, key: CounterKey) -> int:
        """The sum over the regions, as this one knows it.

        Raises:
            Exception: whatever the client raises.
        """
        # Consistent, so that what was just added here is in it; items of a region are few and fit on one page.
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="#counter = :counter",
            ExpressionAttributeNames={"#counter": PARTITION_KEY},
            ExpressionAttributeValues={":counter": {"S": key.text}},
            ConsistentRead=True,
        )
        return sum(int(item[AMOUNT]["N"]) for item in answer["Items"])
