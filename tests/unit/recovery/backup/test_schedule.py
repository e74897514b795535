import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.recovery.backup.schedule import longest_gap, runs

HOUR, DAY = 3600.0, 86400.0


def gap(schedule: str, zone: str = "") -> float | None:
    found = runs(schedule, zone)
    assert found is not None, schedule
    return longest_gap(found)


@pytest.mark.parametrize(
    ("schedule", "longest"),
    [
        ("cron(0 * * * ? *)", HOUR),
        ("cron(0 5 * * ? *)", DAY),
        ("cron(0 5 ? * * *)", DAY),
        # 22:00 to 6:00 is the longest of the gaps.
        ("cron(0 6,14,22 * * ? *)", 8 * HOUR),
        ("cron(0 0/6 * * ? *)", 6 * HOUR),
        # Every five hours ends at 20:00 and begins again at midnight.
        ("cron(0 0/5 * * ? *)", 5 * HOUR),
        # 1 is Sunday: from Friday to Monday.
        ("cron(0 5 ? * 2-6 *)", 3 * DAY),
        ("cron(0 5 ? * MON-FRI *)", 3 * DAY),
        ("cron(0 5 ? * 1 *)", 7 * DAY),
        ("cron(0 5 1 * ? *)", 31 * DAY),
        # From 31 March to 31 May.
        ("cron(0 5 31 * ? *)", 61 * DAY),
        ("cron(0 5 1 JAN ? *)", 366 * DAY),
        ("cron(0,30 * * * ? *)", HOUR),
        ("rate(12 hours)", 12 * HOUR),
        ("rate(1 day)", DAY),
        # Never more often than once an hour.
        ("rate(5 minutes)", HOUR),
    ],
)
def test_the_longest_time_between_two_runs(schedule: str, longest: float):
    assert gap(schedule) == longest


@pytest.mark.parametrize(
    "schedule",
    [
        "",
        "hourly",
        "cron(0 5 * * ?)",
        "cron(0 5 L * ? *)",
        "cron(0 5 ? * 2#1 *)",
        "cron(0 25 * * ? *)",
        "cron(60 5 * * ? *)",
        "cron(? 5 * * ? *)",
        "cron(0 5 * * 8 *)",
        "cron(0 0/0 * * ? *)",
        "rate(0 hours)",
        "rate(-1 hours)",
        "rate(1 fortnight)",
        "cron(0 \u0665 * * ? *)",
    ],
)
def test_what_can_t_be_read_is_no_schedule(schedule: str):
    assert runs(schedule) is None


def test_a_schedule_of_one_year_does_not_go_on():
    assert runs("cron(0 5 * * ? 2026)") == ()


def test_summer_time_leaves_out_an_hour_that_does_not_exist():
    # 2:30 is skipped on the last Sunday of March, and happens once on the last of October.
    assert gap("cron(30 2 * * ? *)", "Europe/Berlin") == 2 * DAY - HOUR
    assert gap("cron(30 12 * * ? *)", "Europe/Berlin") == DAY + HOUR
    assert gap("cron(30 2 * * ? *)", "Etc/UTC") == DAY
    assert runs("cron(30 2 * * ? *)", "Mars/Olympus") is None


@given(hours=st.sets(st.integers(0, 23), min_size=1), more=st.sets(st.integers(0, 23)))
def test_more_runs_never_make_a_longer_gap(hours: set[int], more: set[int]):
    def of(times: set[int]) -> float:
        found = gap(f"cron(0 {','.join(map(str, sorted(times)))} * * ? *)")
        assert found is not None
        return found

    assert of(hours | more) <= of(hours) <= DAY


@given(
    text=st.text(alphabet="0123456789*/?,-LW# MONJAN", max_size=30), zone=st.sampled_from(["", "UTC", "Europe/Berlin"])
)
def test_no_text_is_a_failure(text: str, zone: str):
    found = runs(f"cron({text})", zone)
    assert found is None or list(found) == sorted(set(found))
