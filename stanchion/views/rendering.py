"""Renders the views for a database and a table, in an order in which each finds those it is made of."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from string import Template

from stanchion.errors import StanchionError
from stanchion.events.table import HOUR, PARTITION

FOLDER = Path(__file__).parent
# Each after those that it reads.
VIEWS = (
    "inference_events",
    "requests",
    "latency",
    "throughput",
    "availability",
    "error_budget",
    "cost_per_inference",
    "cost_per_user",
    "cost_per_use_case",
    "cost_per_month",
    "rung_share",
    "version_comparison",
    "minutes",
    "feedback",
)
_NAME = re.compile(r"[a-z0-9_]{1,255}")
_ENDPOINT = re.compile(r"[a-z][a-z0-9-]{0,62}")


class ViewError(StanchionError):
    """A view that can't be rendered."""


@dataclass(frozen=True, slots=True)
class View:
    """A view.

    Args:
        name: in its database.
        query: what it selects, in Athena's SQL.
        create: the statement that makes it, or replaces it.
        comment: what it shows, its columns and their units.
    """

    name: str
    query: str
    create: str
    comment: str


def render(database: str, table: str, objectives: Mapping[str, float]) -> tuple[View, ...]:
    """All views, in the order in which they have to be made.

    Args:
        database: of Glue, in which the table is and the views will be.
        table: of events (`stanchion.events.table`).
        objectives: by endpoint, the percentage of requests that has to be good.

    Raises:
        ViewError: a name that is none, or an objective that can't be kept.
    """
    _check(database, table)
    names = {"events": f'"{database}"."{table}"', "objectives": _objectives(objectives)}
    names |= {view: f'"{database}"."{view}"' for view in VIEWS}
    made: list[View] = []
    for view in VIEWS:
        comment, query = _read(view)
        query = Template(query).substitute(names)
        made.append(View(view, query, f"CREATE OR REPLACE VIEW {names[view]} AS\n{query}", comment))
    return tuple(made)


def over_arrivals(view: str, database: str, table: str, hours: Iterable[datetime], where: str = "") -> str:
    """The query of one view over the events that arrived in some hours, where the view itself reads all there are.

    It is made of the same files, so that what is defined in them is not defined again. A condition outside of a view
    would not do: an event is looked for among all its copies and a request among all its attempts before the condition
    comes in, so that Athena reads every hour there is.

    Args:
        view: its name.
        database: of Glue.
        table: of events.
        hours: in which they arrived, each by a time in it; with a time zone.
        where: a condition on the view's own columns, in Athena's SQL.

    Raises:
        ViewError: a name that is none, or one of a view that is not there, or that needs objectives.
    """
    _check(database, table)
    if view not in VIEWS:
        raise ViewError(f"there is no view '{view}'; allowed: {', '.join(VIEWS)}.")
    names = {"events": _arrived(database, table, hours), **{name: f'"{name}"' for name in VIEWS}}
    if "objectives" in _needs(view):
        raise ViewError(f"the view '{view}' is of months, and not of what arrived in some hours.")
    parts = [
        f'"{each}" AS (\n{Template(_read(each)[1]).substitute(names)}\n)'
        for each in VIEWS
        if each in _needs(view) or each == view
    ]
    condition = f"\nWHERE {where}" if where else ""
    return f'WITH {", ".join(parts)}\nSELECT * FROM "{view}"{condition}'


def _check(database: str, table: str) -> None:
    for what, name in (("database", database), ("table", table)):
        if not _NAME.fullmatch(name):
            raise ViewError(
                f"'{name}' is no name of a {what}; allowed: 1 to 255 small letters, digits and underscores."
            )
    if table in VIEWS:
        raise ViewError(f"the table is called '{table}' as a view is; fix: give it another name, such as events.")


def _arrived(database: str, table: str, hours: Iterable[datetime]) -> str:
    """The rows of a table that lie in the partitions of some hours."""
    days: dict[str, set[str]] = {}
    for hour in hours:
        at = hour.astimezone(UTC)
        days.setdefault(f"{at:%Y-%m-%d}", set()).add(f"'{at:%H}'")
    chosen = [
        f"{PARTITION} = '{day}' AND {HOUR} IN ({', '.join(sorted(of_day))})" for day, of_day in sorted(days.items())
    ]
    condition = " OR ".join(f"({each})" for each in chosen) or "1 = 0"
    # Of names that are checked, and times.
    return f'(SELECT * FROM "{database}"."{table}" WHERE {condition})'  # noqa: S608


@cache
def _needs(view: str) -> frozenset[str]:
    """What a view reads, by way of others as well."""
    found = set(Template(_read(view)[1]).get_identifiers())
    return frozenset(found.union(*(_needs(each) for each in found if each in VIEWS)))


def _objectives(objectives: Mapping[str, float]) -> str:
    for endpoint, percent in objectives.items():
        if not _ENDPOINT.fullmatch(endpoint):
            raise ViewError(f"'{endpoint}' is no name of an endpoint.")
        if not 0 < percent < 100:
            raise ViewError(f"the objective of '{endpoint}' is {percent} percent; allowed: above 0 and below 100.")
    rows = [f"SELECT '{name}' AS endpoint, {percent:.6f}E0 AS objective" for name, percent in objectives.items()]
    # Of no endpoint, and still with its columns.
    return " UNION ALL ".join(rows or ["SELECT '' AS endpoint, 0E0 AS objective WHERE 1 = 0"])


@cache
def _read(view: str) -> tuple[str, str]:
    """What stands in the comment at the head of a file, and the query below it."""
    lines = (FOLDER / f"{view}.sql").read_text(encoding="utf-8").splitlines()
    head = next(number for number, line in enumerate(lines) if not line.startswith("--"))
    return "\n".join(line[2:].removeprefix(" ") for line in lines[:head]), "\n".join(lines[head:]).strip()
