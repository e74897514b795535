"""Asks DynamoDB for keys."""

from typing import Any

from stanchion.keys.key_item import KeyItem
from stanchion.keys.names import PARTITION_KEY


class KeyTable:
    """The table of this region; calls block, and belong in a thread.

    Args:
        client: boto3's of `dynamodb`, with timeouts of a second or two.
        table: its name.
    """

    def __init__(self, client: Any, table: str) -> None:
        self._client, self._table = client, table

    def find(self, key_id: str) -> KeyItem | None:
        """A key; None when there is none of this id.

        Raises:
            Exception: whatever the client raises, and `KeyItemError` for an item that is no key.
        """
        # Consistent: a key that was just created works, one that was just revoked does not.
        answer = self._client.get_item(TableName=self._table, Key={PARTITION_KEY: {"S": key_id}}, ConsistentRead=True)
        item = answer.get("Item")
        return None if item is None else KeyItem.read(item)
