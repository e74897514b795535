"""Renders the views for a database and a table, in an order in which each finds those it is made of."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

from stanchion.errors import StanchionError

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
    for what, name in (("database", database), ("table", table)):
        if not _NAME.fullmatch(name):
            raise ViewError(
                f"'{name}' is no name of a {what}; allowed: 1 to 255 small letters, digits and underscores."
            )
    if table in VIEWS:
        raise ViewError(f"the table is called '{table}' as a view is; fix: give it another name, such as events.")
    names = {"events": f'"{database}"."{table}"', "objectives": _objectives(objectives)}
    names |= {view: f'"{database}"."{view}"' for view in VIEWS}
    made: list[View] = []
    for view in VIEWS:
        comment, query = _read(view)
        query = Template(query).substitute(names)
        made.append(View(view, query, f"CREATE OR REPLACE VIEW {names[view]} AS\n{query}", comment))
    return tuple(made)


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
