"""An Athena that answers as it is told, and a table in memory."""

from typing import Any

from botocore.exceptions import ClientError

from stanchion.minutes.names import PARTITION_KEY, SORT_KEY


class Clock:
    """Time passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class FakeAthena:
    """One answer for every query; the same token is the same query.

    Args:
        rows: of the answer, by column.
        polls: how often it is asked for the state before the query has ended.
        ends: the state in which it ends.
    """

    def __init__(self, rows: list[dict[str, str | None]], polls: int = 2, ends: str = "SUCCEEDED") -> None:
        self.rows, self.polls, self.ends = rows, polls, ends
        self.started: dict[str, dict[str, Any]] = {}
        self.stopped: list[str] = []
        self.page = 1000

    def start_query_execution(self, **asked: Any) -> dict[str, Any]:
        known = self.started.setdefault(asked["ClientRequestToken"], {**asked, "polls": self.polls})
        return {"QueryExecutionId": f"q{list(self.started.values()).index(known)}"}

    def get_query_execution(self, QueryExecutionId: str) -> dict[str, Any]:
        query = list(self.started.values())[int(QueryExecutionId[1:])]
        query["polls"] -= 1
        state = "RUNNING" if query["polls"] >= 0 else self.ends
        status = {"State": state, **({"StateChangeReason": "it says why"} if state == "FAILED" else {})}
        return {"QueryExecution": {"Status": status, "Statistics": {"DataScannedInBytes": 12345}}}

    def stop_query_execution(self, QueryExecutionId: str) -> dict[str, Any]:
        self.stopped.append(QueryExecutionId)
        return {}

    def get_query_results(self, QueryExecutionId: str, MaxResults: int, NextToken: str = "0") -> dict[str, Any]:
        assert MaxResults <= 1000
        begin = int(NextToken)
        names: list[str | None] = [*(self.rows[0] if self.rows else ["minute"])]
        lines: list[list[str | None]] = [names, *(list(row.values()) for row in self.rows)]
        page = lines[begin : begin + self.page]
        rows = [{"Data": [{} if value is None else {"VarCharValue": value} for value in line]} for line in page]
        more = {"NextToken": str(begin + self.page)} if begin + self.page < len(lines) else {}
        return {"ResultSet": {"Rows": rows}, **more}


class FakeDynamo:
    """boto3's resource with one table.

    Args:
        refuses: how many items of each request it gives back unprocessed.
    """

    def __init__(self, refuses: int = 0) -> None:
        self.refuses = refuses
        self.items: dict[tuple[str, str], dict[str, Any]] = {}
        self.batches: list[list[dict[str, Any]]] = []
        self.page = 3

    def Table(self, name: str) -> "FakeDynamo":
        self.name = name
        return self

    def rows(self) -> dict[tuple[str, str], dict[str, Any]]:
        return {key: item for key, item in self.items.items() if key[0] != "progress"}

    def batch_write_item(self, RequestItems: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
        requests = RequestItems[self.name]
        assert 1 <= len(requests) <= 25
        self.batches.append(requests)
        taken = requests[: len(requests) - self.refuses] if self.refuses else requests
        for each in taken:
            if "PutRequest" in each:
                self._put(each["PutRequest"]["Item"])
            else:
                key = each["DeleteRequest"]["Key"]
                del self.items[key[PARTITION_KEY], key[SORT_KEY]]
        left = requests[len(taken) :]
        return {"UnprocessedItems": {self.name: left} if left else {}}

    def query(self, **asked: Any) -> dict[str, Any]:
        values = asked["ExpressionAttributeValues"]
        found = [
            item
            for (series, minute), item in sorted(self.items.items())
            if series == values[":series"] and minute >= values[":first"]
        ]
        begin = asked.get("ExclusiveStartKey", 0)
        more = {"LastEvaluatedKey": begin + self.page} if begin + self.page < len(found) else {}
        return {"Items": found[begin : begin + self.page], **more}

    def put_item(self, Item: dict[str, Any], **condition: Any) -> None:
        known = self.items.get((Item[PARTITION_KEY], Item[SORT_KEY]))
        if known is not None and known["asked_at"] > condition["ExpressionAttributeValues"][":at"]:
            raise ClientError({"Error": {"Code": "ConditionalCheckFailedException", "Message": ""}}, "PutItem")
        self._put(Item)

    def _put(self, item: dict[str, Any]) -> None:
        self.items[item[PARTITION_KEY], item[SORT_KEY]] = item
