"""Rows of minutes as items of their table, and how a range of minutes is asked for with one Query.

An endpoint's own rows and its parts lie in two series, so that who wants one of them reads nothing of the other.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Any, cast

from stanchion.minutes.names import PARTITION_KEY, SORT_KEY, TIME_TO_LIVE
from stanchion.minutes.row import COUNTS, MinuteError, MinuteRow, Part, Percentiles

Item = dict[str, Any]
# A month and some days to look back at it; reports reach further.
KEPT = timedelta(days=35)
_MINUTE = "%Y-%m-%dT%H:%MZ"
# Above everything that may follow a minute in a sort key.
_ABOVE = "~"
# By which somebody who reads the table knows how far it is to be believed; no endpoint is called so.
_PROGRESS = {PARTITION_KEY: "progress", SORT_KEY: "newest"}


def key_of(row: MinuteRow) -> dict[str, str]:
    """The item's key; two rows share it only if they are of the same minute, endpoint and part."""
    minute = minute_text(row.minute)
    if row.part is None:
        return {PARTITION_KEY: series(row.endpoint, parts=False), SORT_KEY: minute}
    # Names of teams and use cases may come from a token, as long as they like and with any letter.
    names = json.dumps([row.part.use_case, row.part.team, row.part.rung]).encode()
    digest = blake2b(names, digest_size=12).hexdigest()
    return {PARTITION_KEY: series(row.endpoint, parts=True), SORT_KEY: f"{minute}#{digest}"}


def item_of(row: MinuteRow) -> Item:
    """The item; the same row is the same item whenever it is written."""
    item: Item = {**key_of(row), "endpoint": row.endpoint, "usd": _decimal(row.usd)}
    item |= {name: getattr(row, name) for name in COUNTS}
    item[TIME_TO_LIVE] = int((row.minute + KEPT).timestamp())
    if row.part is not None:
        item |= {"use_case": row.part.use_case, "team": row.part.team, "rung": row.part.rung}
    if row.latency_ms is not None:
        found = row.latency_ms
        item["latency_ms"] = {"p50": _decimal(found.p50), "p95": _decimal(found.p95), "p99": _decimal(found.p99)}
    return item


def row_of_item(item: Mapping[str, Any]) -> MinuteRow:
    """The row of an item; attributes that a later version added are left aside.

    Raises:
        MinuteError: it is none.
    """
    try:
        part = Part(item["use_case"], item["team"], item["rung"]) if "rung" in item else None
        latency = cast("Mapping[str, Any] | None", item.get("latency_ms"))
        return MinuteRow(
            minute=datetime.strptime(str(item[SORT_KEY]).partition("#")[0], _MINUTE).replace(tzinfo=UTC),
            endpoint=item["endpoint"],
            part=part,
            **{name: int(item[name]) for name in COUNTS},
            usd=float(item["usd"]),
            latency_ms=None
            if latency is None
            else Percentiles(float(latency["p50"]), float(latency["p95"]), float(latency["p99"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise MinuteError(
            f"the item {item.get(PARTITION_KEY)!r}, {item.get(SORT_KEY)!r} is no row of minutes: {error!r}."
        ) from None


def range_of(endpoint: str, first: datetime, last: datetime | None = None, *, parts: bool) -> dict[str, Any]:
    """What `Table.query` of boto3 is asked with.

    Args:
        endpoint: its name.
        first: the first minute.
        last: the last one, which is in it; none if None.
        parts: the rows of its parts, or those of the whole endpoint.
    """
    values = {":series": series(endpoint, parts=parts), ":first": minute_text(first)}
    condition = "#minute >= :first"
    if last is not None:
        condition = "#minute BETWEEN :first AND :last"
        values[":last"] = minute_text(last) + _ABOVE
    return {
        "KeyConditionExpression": f"#series = :series AND {condition}",
        "ExpressionAttributeNames": {"#series": PARTITION_KEY, "#minute": SORT_KEY},
        "ExpressionAttributeValues": values,
    }


def series(endpoint: str, *, parts: bool) -> str:
    """What an endpoint's rows lie under."""
    return f"{'parts' if parts else 'endpoint'}:{endpoint}"


def minute_text(at: datetime) -> str:
    """A minute as it stands in keys, which sort as time does: `2026-12-01T10:05Z`."""
    return at.astimezone(UTC).strftime(_MINUTE)


def progress_key() -> dict[str, str]:
    """The key of the item that says when the table was last written."""
    return dict(_PROGRESS)


def put_progress(asked_at: datetime) -> dict[str, Any]:
    """What `Table.put_item` of boto3 is asked with; a run that was overtaken by a later one is refused.

    Args:
        asked_at: what had arrived by then is in the table.
    """
    at = _time_text(asked_at)
    return {
        "Item": {**_PROGRESS, "asked_at": at},
        "ConditionExpression": "attribute_not_exists(#at) OR #at <= :at",
        "ExpressionAttributeNames": {"#at": "asked_at"},
        "ExpressionAttributeValues": {":at": at},
    }


def asked_at(item: Mapping[str, Any] | None) -> datetime | None:
    """Until when the table is to be believed, by the item of `progress_key`; None when it was never written.

    A reader who finds it older than it can bear knows nothing of the minutes since, and not that nothing was spent.
    """
    return None if item is None else datetime.fromisoformat(str(item["asked_at"]))


def _time_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _decimal(value: float) -> Decimal:
    # What boto3 takes for a number; by its shortest text, which reads back as the same number.
    return Decimal(repr(value))
