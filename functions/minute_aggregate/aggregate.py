"""One run: ask, hold the answer against the table, write what is different, say that it is done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from functions.minute_aggregate.athena import Athena
from functions.minute_aggregate.minute_table import MinuteTable, key
from stanchion.minutes.item import item_of
from stanchion.minutes.query import minutes_query, request_token
from stanchion.minutes.row import row_of
from stanchion.minutes.settings import MinuteSettings
from stanchion.minutes.window import window


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did.

    Args:
        first: the first minute that it looked at.
        rows: that Athena gave.
        written: of these, those that the table did not have like that.
        removed: rows of the table whose requests turned out to be of another minute or part.
        query_id: of Athena's query.
        scanned_bytes: that the query read.
    """

    first: datetime
    rows: int
    written: int
    removed: int
    query_id: str
    scanned_bytes: int


def run(
    settings: MinuteSettings,
    athena: Athena,
    table: MinuteTable,
    *,
    seconds: float,
    clock: Callable[[], datetime] = _now,
) -> Report:
    """Bring the table to what Athena says of the minutes of the window.

    Rows are put whole, so that it does not matter how often a run is done, or that another one is under way.

    Args:
        settings: what is read, and where it goes.
        athena: that is asked.
        table: of the minutes.
        seconds: to wait for Athena at most.
        clock: gives the time.

    Raises:
        RunFailedError: Athena did not answer, or the table did not take all; the next run does what is left.
        MinuteError: the answer has a row that is none.
    """
    now = clock()
    asked = window(now)
    query = minutes_query(settings, asked)
    answer = athena.ask(query, request_token(settings, now, query), seconds)
    rows = [row_of(record) for record in answer.rows]
    wanted = {key(item): item for item in map(item_of, rows)}
    # An endpoint without any request in the window has nothing that could have moved.
    known = table.read(sorted({row.endpoint for row in rows}), asked.first)
    puts = [item for name, item in wanted.items() if known.get(name) != item]
    removed = [name for name in known if name not in wanted]
    table.write(puts, removed)
    # Last: whoever reads it finds all of it there.
    table.progress(now)
    return Report(asked.first, len(rows), len(puts), len(removed), answer.query_id, answer.scanned_bytes)
