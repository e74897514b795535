"""Notes as people read them: what is said of many resources is said once."""

import re
from collections.abc import Iterable

from stanchion.recovery.findings import Note

_NAME = re.compile(r"'[^']*'")


def said_once(notes: Iterable[Note]) -> list[str]:
    """The texts of notes, in their order; those that differ by the first name only are one, with how many there are.

    Machines get all of them (`stanchion.recovery.report.document`).
    """
    alike: dict[str, dict[str, None]] = {}
    for note in notes:
        alike.setdefault(_NAME.sub("''", note.text, count=1), {})[note.text] = None
    return [_said(list(texts)) for texts in alike.values()]


def _said(texts: list[str]) -> str:
    more = len(texts) - 1
    return texts[0] if not more else f"{texts[0]} (and {more} more like it)"
