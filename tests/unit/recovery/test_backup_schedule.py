"""Schedules of backups: by hand, and that they never promise what they can't keep."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.recovery.backup.schedule import longest_gap, runs
from stanchion.recovery.backup_schedule import (
    FASTEST,
    HOUR,
    PERIODS_HOURS,
    SHORTEST_WINDOW,
    BackupSchedule,
    needs_continuous,
    rehearsal_cron,
    schedule_for,
    schedule_of,
    strictest_tier,
)

DAY = 24 * HOUR
SECONDS = st.integers(min_value=0, max_value=400 * DAY)


@pytest.mark.parametrize(
    ("rpo_hours", "period", "start", "completion"),
    [
        (3, 1, 1, 1),
        (4, 2, 1, 1),
        (5, 2, 1, 2),
        (6, 3, 1, 2),
        (12, 6, 1, 5),
        (24, 12, 1, 11),
        (48, 24, 1, 23),
        # Longer than the longest period and both windows: a backup a day, and not fewer.
        (24 * 30, 24, 1, 24),
    ],
)
def test_period_and_windows_by_hand(rpo_hours: int, period: int, start: int, completion: int) -> None:
    assert schedule_for(rpo_hours * HOUR) == BackupSchedule(period * HOUR, start * HOUR, completion * HOUR)


@pytest.mark.parametrize("rpo", [0, 300, 900, HOUR, 2 * HOUR, 3 * HOUR - 1])
def test_what_no_snapshots_can_keep_gets_the_fastest_and_is_not_said_to_be_met(rpo: int) -> None:
    schedule = schedule_for(rpo)
    assert schedule == FASTEST
    assert not schedule.meets(rpo)


def test_windows_are_whole_minutes() -> None:
    schedule = schedule_for(5 * HOUR + 59)
    assert schedule.completion_minutes * 60 == schedule.completion
    assert schedule.start_minutes == 60


@given(SECONDS)
@settings(max_examples=200)
def test_a_schedule_keeps_what_it_is_made_for_or_is_the_fastest(rpo: int) -> None:
    schedule = schedule_for(rpo)
    assert schedule.meets(rpo) or schedule == FASTEST
    assert schedule.start >= SHORTEST_WINDOW
    assert schedule.completion >= SHORTEST_WINDOW
    # One backup is over before the next one is due.
    assert schedule.completion <= schedule.period


@given(SECONDS, SECONDS)
@settings(max_examples=200)
def test_a_longer_rpo_never_gives_more_frequent_backups(one: int, other: int) -> None:
    assert schedule_for(min(one, other)).period <= schedule_for(max(one, other)).period


@pytest.mark.parametrize("hours", PERIODS_HOURS)
def test_the_cron_runs_as_often_as_the_period_says(hours: int) -> None:
    minutes = runs(BackupSchedule(hours * HOUR, HOUR, HOUR).cron)
    assert minutes is not None
    assert longest_gap(minutes) == hours * HOUR


def test_a_tier_is_backed_up_by_its_strictest_rpo_within_reach() -> None:
    # An hour against corruption is for versions and continuous backup; six hours against a lost region are for copies.
    assert schedule_of([HOUR, None, None, 6 * HOUR]) == schedule_for(6 * HOUR)
    assert schedule_of([300, 900]) == FASTEST
    assert schedule_of([None, None]) == FASTEST
    assert schedule_of([24 * HOUR, 6 * HOUR]) == schedule_for(6 * HOUR)


def test_continuous_backup_is_needed_where_snapshots_are_too_far_apart() -> None:
    assert needs_continuous(HOUR, schedule_for(6 * HOUR))
    assert not needs_continuous(6 * HOUR, schedule_for(6 * HOUR))
    assert not needs_continuous(None, FASTEST)


def test_what_is_shared_is_backed_up_as_the_strictest_tier() -> None:
    tiers = {"batch": [24.0 * HOUR], "critical": [300.0, 900.0], "standard": [3600.0, None]}
    assert strictest_tier(tiers) == "critical"
    assert strictest_tier({"none": [None], "some": [DAY]}) == "some"
    # Of equals the name decides, so that two runs agree.
    assert strictest_tier({"b": [DAY], "a": [DAY]}) == "a"
    with pytest.raises(ValueError, match="there is no tier"):
        strictest_tier({})


@pytest.mark.parametrize(("days", "cron"), [(30, "cron(0 5 ? * SUN *)"), (31, "cron(0 5 1 * ? *)")])
def test_restores_are_rehearsed_on_the_first_of_a_month_or_on_sundays(days: int, cron: str) -> None:
    assert rehearsal_cron(days) == cron


@given(st.integers(min_value=1, max_value=366))
@settings(max_examples=50)
def test_restore_tests_are_never_rarer_than_asked_for(days: int) -> None:
    minutes = runs(rehearsal_cron(days))
    assert minutes is not None
    gap = longest_gap(minutes)
    # The horizon of a yearly schedule holds one gap at least.
    assert gap is not None
    assert gap <= days * DAY


def test_a_test_every_zero_days_is_refused() -> None:
    with pytest.raises(ValueError, match="every 0 days"):
        rehearsal_cron(0)
