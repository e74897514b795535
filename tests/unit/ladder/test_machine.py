import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.ladder.conditions import Conditions, Window
from stanchion.ladder.machine import Standing, lower, step
from stanchion.spec.endpoints import RUNGS, Rung

LADDER: tuple[Rung, ...] = ("full", "quantized", "cached", "human")
CONDITIONS = Conditions(slow_seconds=1.0, leave_seconds=10, return_seconds=30, stay_seconds=60)
FAILING = Window(100, 50, 0.1)
SLOW = Window(100, 0, 3.0)
WELL = Window(100, 0, 0.1)


def walk(standing: Standing, *seen: tuple[float, dict[Rung, Window]]) -> Standing:
    for now, windows in seen:
        standing = step(standing, now, windows, LADDER, CONDITIONS)
    return standing


@pytest.mark.parametrize("bad", [FAILING, SLOW])
def test_a_rung_that_stays_bad_is_left_for_the_next(bad: Window) -> None:
    start = Standing.start(LADDER, 0)
    assert walk(start, (1, {"full": bad}), (10.9, {"full": bad})).rung == "full"
    assert walk(start, (1, {"full": bad}), (11, {"full": bad})) == Standing("quantized", 11)


def test_a_good_look_in_between_begins_the_count_again() -> None:
    found = walk(
        Standing.start(LADDER, 0), (1, {"full": SLOW}), (6, {"full": WELL}), (7, {"full": SLOW}), (12, {"full": SLOW})
    )
    assert found.rung == "full"
    assert found.bad_since == 7


def test_few_requests_say_nothing() -> None:
    few = Window(9, 9)
    assert walk(Standing.start(LADDER, 0), (1, {"full": few}), (60, {"full": few})) == Standing("full", 0)


def test_it_comes_back_when_the_rung_above_stays_good_and_this_one_was_kept_long_enough() -> None:
    down = Standing("quantized", since=100)
    probes: dict[Rung, Window] = {"full": Window(5, 0, 0.3), "quantized": WELL}
    assert walk(down, (101, probes), (131, probes)).rung == "quantized", "kept for less than a minute"
    assert walk(down, (101, probes), (131, probes), (160, probes)) == Standing("full", 160)


def test_one_bad_probe_begins_the_way_back_again() -> None:
    good: dict[Rung, Window] = {"full": Window(5, 0, 0.3)}
    bad: dict[Rung, Window] = {"full": Window(5, 1, 0.3)}
    assert walk(Standing("quantized", 0), (40, good), (60, bad), (61, good), (90, good)).rung == "quantized"
    assert walk(Standing("quantized", 0), (40, good), (60, bad), (61, good), (91, good)).rung == "full"


@pytest.mark.parametrize("probes", [Window(), Window(2, 0, 0.1), Window(5, 5), Window(5, 0, 0.9)])
def test_a_rung_that_nothing_good_is_known_of_is_not_taken(probes: Window) -> None:
    assert walk(Standing("quantized", 0), (100, {"full": probes}), (200, {"full": probes})).rung == "quantized"


def test_the_last_rung_is_not_left_downwards() -> None:
    assert walk(Standing("human", 0), (1, {"human": FAILING}), (100, {"human": FAILING})).rung == "human"


def test_a_rung_that_is_not_on_the_ladder_is_refused() -> None:
    with pytest.raises(ValueError, match="'quantized' is not on the ladder full, human"):
        step(Standing("quantized", 0), 1, {}, ("full", "human"), CONDITIONS)


_windows = st.dictionaries(st.sampled_from(RUNGS), st.sampled_from([FAILING, SLOW, WELL, Window(), Window(4, 0, 0.2)]))


@given(st.lists(st.tuples(st.floats(0.1, 20), _windows), max_size=60))
def test_it_moves_by_one_rung_and_stays_on_each_before_it_goes_up(seen: list[tuple[float, dict[Rung, Window]]]) -> None:
    standing, now = Standing.start(LADDER, 0), 0.0
    for seconds, windows in seen:
        now += seconds
        after = step(standing, now, windows, LADDER, CONDITIONS)
        moved = LADDER.index(after.rung) - LADDER.index(standing.rung)
        assert moved in (-1, 0, 1)
        if moved == -1:
            assert now - standing.since >= CONDITIONS.stay_seconds
        standing = after


def test_limits_without_room_between_are_refused() -> None:
    with pytest.raises(ValueError, match="no room between good and bad"):
        Conditions(1.0, failed_share=0.05, good_failed_share=0.05)


@pytest.mark.parametrize(
    ("one", "other", "ladder", "expected"),
    [
        ("full", "quantized", LADDER, "quantized"),
        ("human", "full", LADDER, "human"),
        ("quantized", "full", ("full", "cached"), "cached"),
        ("human", "full", ("full", "cached"), "cached"),
        ("full", "full", ("full",), "full"),
    ],
)
def test_the_lower_of_two(one: Rung, other: Rung, ladder: tuple[Rung, ...], expected: Rung) -> None:
    assert lower(one, other, ladder) == expected


def test_a_window_holds_no_more_failures_than_requests() -> None:
    with pytest.raises(ValueError, match="5 of 4"):
        Window(4, 5)
    assert Window().failed_share == 0
