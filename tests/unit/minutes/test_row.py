"""What Athena says of a minute becomes a row."""

from typing import Any

import pytest

from stanchion.minutes.row import MinuteError, Percentiles, rounded, row_of
from tests.unit.minutes.given import CARE, MINUTE, record, row


def test_a_record_of_texts_is_a_row():
    assert row_of(record(row())) == row()
    assert row_of(record(row(part=CARE))) == row(part=CARE)


def test_a_part_has_no_percentiles_and_a_minute_without_answers_has_none():
    told = record(row(part=CARE)) | {"p50_ms": "1.0", "p95_ms": "2.0", "p99_ms": "3.0"}
    assert row_of(told).latency_ms is None
    assert row_of(record(row(latency_ms=None))).latency_ms is None


@pytest.mark.parametrize("text", ["2026-12-01 10:05:00.000", "2026-12-01 10:05:00", "2026-12-01 11:05:00+01:00"])
def test_a_minute_is_one_of_utc(text: str):
    assert row_of(record(row()) | {"minute": text}).minute == MINUTE


def test_digits_that_differ_from_run_to_run_do_not_make_another_row():
    assert 0.1 + 0.2 != 0.3
    told = [record(row()) | {"usd": repr(usd), "p50_ms": repr(ms)} for usd, ms in ((0.1 + 0.2, 21.50004), (0.3, 21.5))]
    assert row_of(told[0]) == row_of(told[1])
    assert row_of(told[0]).latency_ms == Percentiles(21.5, 80.25, 120.0)
    assert rounded(1.23456789012345) == 1.23456789
    assert rounded(3.3e-304) == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"minute": "now"}, "Invalid isoformat"), ({"requests": "many"}, "many"), ({"usd": "free"}, "free")],
)
def test_what_is_no_row_is_said(changes: dict[str, Any], said: str):
    with pytest.raises(MinuteError, match=said):
        row_of(record(row()) | changes)


def test_a_column_that_is_not_there_is_said():
    told = record(row())
    del told["attempts"]
    with pytest.raises(MinuteError, match="attempts"):
        row_of(told)
