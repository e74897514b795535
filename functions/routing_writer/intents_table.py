"""Reads all intents of a region."""

from typing import Any

from stanchion.routing.document import RoutingError
from stanchion.routing.intents import RoutingIntent, intent_of


class IntentsTable:
    """The table of intents, which is small: endpoints times sources.

    Args:
        table: boto3's Table.
    """

    def __init__(self, table: Any) -> None:
        self._table = table

    def read(self) -> tuple[list[RoutingIntent], dict[str, str]]:
        """All intents; and by endpoint, why one of its intents can't be read."""
        intents: list[RoutingIntent] = []
        unreadable: dict[str, str] = {}
        for item in self._items():
            try:
                intents.append(intent_of(item))
            except RoutingError as error:
                unreadable[str(item.get("endpoint"))] = str(error)
        return intents, unreadable

    def _items(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        start: dict[str, Any] = {}
        while True:
            # What was written before this run began must be seen, or a run that the stream started would miss it.
            answer = self._table.scan(ConsistentRead=True, **start)
            items += answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return items
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
