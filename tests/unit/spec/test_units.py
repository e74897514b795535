import copy
import pickle
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from stanchion.spec import Cores, Duration, Latency, Money, Size
from stanchion.spec.refusal import Refusal
from stanchion.spec.units import BYTES, SECONDS

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


sizes_written = st.builds(lambda n, u: f"{n}{u}", st.integers(1, 999_999), st.sampled_from(list(BYTES)))


@given(sizes_written)
def test_a_size_prints_as_it_was_written_and_rounds_up(text: str):
    size = Size.parse(text)
    assert str(size) == text
    assert size.bytes == int(text[:-3]) * BYTES[text[-3:]]
    assert (size.gib - 1) * 1024**3 < size.bytes <= size.gib * 1024**3
    assert (size.mib - 1) * 1024**2 < size.bytes <= size.mib * 1024**2
    assert f"{size.kubernetes}B" == text


@given(sizes_written, sizes_written)
def test_sizes_are_ordered_and_equal_by_bytes(one: str, other: str):
    a, b = Size.parse(one), Size.parse(other)
    assert (a < b) == (a.bytes < b.bytes)
    assert (a == b) == (a.bytes == b.bytes)


def test_the_same_size_in_other_units_is_equal():
    assert Size.parse("1024MiB") == Size.parse("1GiB")
    assert Size.parse("1024MiB").kubernetes == "1024Mi"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("16", ("it has no unit", "write 16GiB")),
        (16, ("it has no unit", "write 16GiB")),
        ("0GiB", ("nothing has no size", "write the number and the unit together")),
        ("0", ("nothing has no size",)),
        ("16GB", ("'GB' is not a unit", "write 16GiB")),
        ("16Gi", ("'Gi' is not a unit", "write 16GiB")),
        ("500 mib", ("'mib' is not a unit", "write 500MiB")),
        ("500 MiB", ("no blank", "write 500MiB")),
        ("1.5TiB", ("fractions are written in a smaller unit",)),
        ("big", ("does not read as",)),
        (None, ("it has no value",)),
        (True, ("does not read as",)),
    ],
)
def test_what_is_no_size_is_refused_with_the_reason(value: object, words: tuple[str, ...]):
    with pytest.raises(Refusal) as caught:
        Size.parse(value)
    for word in (*words, "KiB, MiB, GiB or TiB"):
        assert word in str(caught.value)


@given(st.one_of(st.integers(1, 999).map(str), st.integers(1, 999_999).map(lambda n: f"{n}m")))
def test_cores_print_as_they_were_written(text: str):
    cores = Cores.parse(text)
    assert str(cores) == text
    assert cores.millis == (int(text[:-1]) if text.endswith("m") else int(text) * 1000)


def test_cores_are_ordered_and_equal_by_amount():
    assert Cores.parse("1000m") == Cores.parse("1")
    assert Cores.parse("500m") < Cores.parse("1") < Cores.parse("1500m")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (6, ("6 without quotes is a number", 'write "6"')),
        (0.5, ("0.5 without quotes", 'write "500m"')),
        (1.0, ('write "1"',)),
        ("0", ("'0' is not a number of vCPUs",)),
        ("0.5", ("is not a number of vCPUs",)),
        ("0m", ("is not a number of vCPUs",)),
        ("six", ("is not a number of vCPUs",)),
        (None, ("it has no value",)),
        (True, ("is not a number of vCPUs",)),
    ],
)
def test_what_are_no_cores_is_refused(value: object, words: tuple[str, ...]):
    with pytest.raises(Refusal) as caught:
        Cores.parse(value)
    for word in words:
        assert word in str(caught.value)


@given(st.integers(1, 999_999), st.sampled_from(["ms", "s"]))
def test_a_latency_prints_as_it_was_written(number: int, unit: str):
    latency = Latency.parse(f"{number}{unit}")
    assert str(latency) == f"{number}{unit}"
    assert latency.milliseconds == number * {"ms": 1, "s": 1000}[unit]


def test_latencies_are_ordered_and_equal_by_length():
    assert Latency.parse("2000ms") == Latency.parse("2s")
    assert Latency.parse("1500ms") < Latency.parse("2s")


@pytest.mark.parametrize("value", ["1500", 1500, "0ms", "1m", "1.5s", "-5ms", "1500 ms", None, True])
def test_what_is_no_latency_is_refused(value: object):
    with pytest.raises(Refusal, match="such as 1500ms"):
        Latency.parse(value)


@pytest.mark.parametrize(("unit", "text"), [(Size, "16GiB"), (Cores, "500m"), (Latency, "1500ms")])
def test_the_units_of_serving_survive_copy_and_json_and_have_no_order_with_numbers(unit: type[Any], text: str):
    value = unit.parse(text)
    assert copy.deepcopy(value) == value
    adapter = TypeAdapter(unit)
    assert adapter.validate_json(adapter.dump_json(value)) == value
    with pytest.raises(TypeError):
        _ = value < 6
