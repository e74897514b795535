import copy
import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from stanchion.spec import Duration, Money
from stanchion.spec.refusal import Refusal
from stanchion.spec.units import SECONDS

written = st.builds(lambda n, u: f"{n}{u}", st.integers(0, 999_999), st.sampled_from("smhd"))
amounts = st.builds(
    lambda whole, part: f"{whole}{part}", st.integers(0, 10**11), st.from_regex(r"(\.[0-9]{1,6})?", fullmatch=True)
)


@given(written)
def test_a_duration_prints_as_it_was_written(text: str):
    duration = Duration.parse(text)
    assert str(duration) == text
    assert duration.seconds == int(text[:-1]) * SECONDS[text[-1]]


@given(st.integers(0, 86_400 * 999_999))
def test_a_length_in_seconds_is_written_so_that_it_reads_back_when_its_number_is_short_enough(seconds: int):
    text = str(Duration(seconds))
    if len(text) <= 7:
        assert Duration.parse(text).seconds == seconds
    # The largest unit that divides it: no larger one does.
    larger = [length for unit, length in SECONDS.items() if length > SECONDS[text[-1]]]
    assert seconds == 0 or all(seconds % length for length in larger)


@given(written, written)
def test_durations_are_ordered_and_equal_by_length(one: str, other: str):
    a, b = Duration.parse(one), Duration.parse(other)
    assert (a < b) == (a.seconds < b.seconds)
    assert (a <= b) == (a.seconds <= b.seconds)
    assert (a == b) == (a.seconds == b.seconds)
    if a == b:
        assert hash(a) == hash(b)


def test_the_same_length_in_other_units_is_equal():
    assert Duration.parse("24h") == Duration.parse("1d") == Duration(86400)
    assert str(Duration.parse("24h")) == "24h"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("15", ("no unit", "15m")),
        (15, ("no unit", "15m")),
        (1.5, ("no unit",)),
        ("1.5h", ("fractions", "smaller unit")),
        ("1h30m", ("more than one unit", "write 90m")),
        ("30 days", ("'days' is not a unit", "write 30d")),
        ("15min", ("'min' is not a unit", "write 15m")),
        ("2w", ("'w' is not a unit",)),
        ("3months", ("'months' is not a unit", "such as 15m")),
        ("1500ms", ("'ms' is not a unit", "such as 15m")),
        ("-5m", ("backwards",)),
        ("05m", ("leading zero",)),
        ("15 m", ("no blank", "write 15m")),
        ("1000000d", ("6 digits",)),
        ("soon", ("does not read as",)),
        ("", ("does not read as",)),
        ("15m\n", ("does not read as",)),
        (None, ("no value",)),
        (True, ("does not read as",)),
        ("\u0661\u0665m", ("not a duration",)),
    ],
)
def test_what_is_no_duration_is_refused_with_the_reason(value: object, words: tuple[str, ...]):
    with pytest.raises(Refusal) as caught:
        Duration.parse(value)
    for word in (*words, "s, m, h or d"):
        assert word in str(caught.value)


def test_days_are_whole_or_an_error():
    assert Duration.parse("48h").days == 2
    with pytest.raises(ValueError, match="36h is not a whole number of days"):
        _ = Duration.parse("36h").days


def test_a_negative_length_can_not_be_built():
    with pytest.raises(ValueError, match="negative"):
        Duration(-1)


def test_a_duration_survives_copy_pickle_and_json():
    duration = Duration.parse("15m")
    assert copy.deepcopy(duration) == duration
    assert str(pickle.loads(pickle.dumps(duration))) == "15m"  # noqa: S301
    adapter = TypeAdapter(Duration)
    assert adapter.dump_json(duration) == b'"15m"'
    assert adapter.validate_json(b'"15m"') == duration


def test_a_duration_has_no_order_with_a_number():
    with pytest.raises(TypeError):
        _ = Duration(5) < 6  # pyright: ignore[reportOperatorIssue]


@given(amounts, st.sampled_from(["USD", "EUR", "JPY"]))
def test_money_reads_back_exactly(amount: str, currency: str):
    money = Money.parse(f"{amount} {currency}")
    assert money.amount == Decimal(amount)
    assert Money.parse(str(money)) == money


@given(amounts, amounts)
def test_money_of_one_currency_is_ordered_by_amount(one: str, other: str):
    assert (Money.parse(f"{one} USD") < Money.parse(f"{other} USD")) == (Decimal(one) < Decimal(other))


def test_money_of_different_currencies_has_no_order():
    with pytest.raises(ValueError, match="different currencies"):
        _ = Money.parse("1 USD") < Money.parse("1 EUR")


@pytest.mark.parametrize("value", ["500", 500, "USD 500", "500USD", "500 usd", "-5 USD", "1,000 USD", "1e3 USD", None])
def test_what_is_no_money_is_refused(value: object):
    with pytest.raises(Refusal, match="500 USD"):
        Money.parse(value)


def test_a_bare_amount_is_told_its_currency_is_missing():
    with pytest.raises(Refusal, match="fix: write 750 USD"):
        Money.parse(750)
