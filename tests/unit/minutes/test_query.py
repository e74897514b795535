"""The question of a run, and what it is known by. What it answers is shown in tests/engine."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from stanchion.minutes.query import minutes_query, request_token
from stanchion.minutes.row import MinuteError
from stanchion.minutes.window import window
from stanchion.views.rendering import ViewError
from tests.unit.minutes.given import SETTINGS

NOW = datetime(2026, 12, 1, 1, 20, 30, tzinfo=UTC)


def test_it_reads_the_hours_of_the_window_and_asks_for_its_minutes():
    query = minutes_query(SETTINGS, window(NOW))
    assert "(dt = '2026-11-30' AND hour IN ('22', '23')) OR (dt = '2026-12-01' AND hour IN ('00', '01'))" in query
    assert query.endswith("WHERE region = 'us-east-1' AND minute >= TIMESTAMP '2026-11-30 22:15:00'")
    # Athena takes 262,144 bytes (Athena quotas).
    assert len(query) < 20_000


def test_within_a_minute_it_is_the_same_question():
    def token(now: datetime) -> str:
        return request_token(SETTINGS, now, minutes_query(SETTINGS, window(now)))

    assert token(NOW) == token(NOW + timedelta(seconds=29))
    assert token(NOW) != token(NOW + timedelta(seconds=30))
    # Athena API, StartQueryExecution: 32 to 128 characters.
    assert 32 <= len(token(NOW)) <= 128


def test_another_question_is_not_taken_for_the_same():
    tokens = {
        request_token(SETTINGS, NOW, "SELECT 1"),
        request_token(SETTINGS, NOW, "SELECT 2"),
        request_token(replace(SETTINGS, region="us-west-2"), NOW, "SELECT 1"),
        request_token(replace(SETTINGS, environment="test"), NOW, "SELECT 1"),
    }
    assert len(tokens) == 4


def test_names_that_would_change_the_question_are_refused():
    with pytest.raises(MinuteError, match="no name of a region"):
        minutes_query(replace(SETTINGS, region="us-east-1' OR '1"), window(NOW))
    with pytest.raises(ViewError, match="no name of a table"):
        minutes_query(replace(SETTINGS, events_table='x"; DROP'), window(NOW))
