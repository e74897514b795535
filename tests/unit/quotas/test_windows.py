from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.quotas.windows import period

MOMENTS = st.floats(0, 4e9)
WINDOWS = st.sampled_from(["minute", "day", "month"])


@given(WINDOWS, MOMENTS)
def test_a_moment_is_in_its_window_and_windows_follow_one_another(window, now: float) -> None:
    found = period(window, now)
    assert found.start <= now < found.end
    assert not found.over(now)
    assert found.over(found.end)
    assert period(window, found.end).start == found.end
    assert period(window, found.start) == found
    assert 1 <= found.seconds_left(now) <= found.end - found.start
    assert period(window, now + found.seconds_left(now)) != found


@given(MOMENTS)
def test_windows_are_those_of_the_calendar_in_utc(now: float) -> None:
    for window, form in (("minute", "%Y-%m-%d %H:%M"), ("day", "%Y-%m-%d"), ("month", "%Y-%m")):
        found = period(window, now)  # pyright: ignore[reportArgumentType]
        first, last = (datetime.fromtimestamp(each, UTC) for each in (found.start, found.end - 1))
        assert first.strftime(form) == datetime.fromtimestamp(int(now), UTC).strftime(form) == last.strftime(form)


@pytest.mark.parametrize(("month", "days"), [("2024-02", 29), ("2026-02", 28), ("2026-12", 31), ("2026-04", 30)])
def test_months_are_as_long_as_they_are(month: str, days: int) -> None:
    found = period("month", datetime.fromisoformat(f"{month}-15T12:00:00+00:00").timestamp())
    assert found.end - found.start == days * 86400
