"""The table of events: its columns, taken from the events themselves, and how its files are read.

One table holds inferences and feedback; `kind` tells them apart, and columns of the other kind are null.
"""

from dataclasses import dataclass, fields
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from stanchion.events.encoding import TEXTS
from stanchion.events.feedback import FeedbackEvent
from stanchion.events.inference import InferenceEvent

# The partition that views go by: the day on which an event arrived, in UTC; one that was sent late is in a later one.
PARTITION = "dt"
# The partition below it: the hour of that day, `00` to `23`.
HOUR = "hour"
SERDE = "org.openx.data.jsonserde.JsonSerDe"
INPUT_FORMAT = "org.apache.hadoop.mapred.TextInputFormat"
OUTPUT_FORMAT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
_TYPES: dict[type, str] = {str: "string", float: "double", int: "bigint", bool: "boolean"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Args:
        name: of the field.
        type: of Athena, such as `double`.
    """

    name: str
    type: str


def columns() -> tuple[Column, ...]:
    """All columns without the partition: those of inferences, then what only feedback has."""
    found: dict[str, Column] = {}
    for event in (InferenceEvent, FeedbackEvent):
        hints = get_type_hints(event)
        for each in fields(event):
            column = Column(each.name, _type(each.name, hints[each.name]))
            if found.setdefault(each.name, column) != column:
                raise TypeError(f"'{each.name}' is {found[each.name].type} and {column.type} in one table")
    return tuple(found.values())


def _type(name: str, hint: Any) -> str:
    if name in TEXTS:
        return "string"
    kinds = set(_kinds(hint))
    if len(kinds) != 1:
        raise TypeError(f"'{name}' is of {len(kinds)} types, and a column has one")
    return _TYPES[kinds.pop()]


def _kinds(hint: Any) -> list[type]:
    if get_origin(hint) is Literal:
        return [type(value) for value in get_args(hint)]
    if get_origin(hint) in (Union, UnionType):
        return [kind for each in get_args(hint) if each is not NoneType for kind in _kinds(each)]
    return [hint]
