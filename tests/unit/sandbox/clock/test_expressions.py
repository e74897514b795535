import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock.expressions import parse

BEGUN = 1_800_000_000.0


@given(count=st.integers(1, 100), unit=st.sampled_from([("minute", 60), ("hours", 3600), ("days", 86_400)]),
       since=st.floats(-1e6, 1e8))  # fmt: skip
def test_a_rate_is_due_at_once_and_then_each_so_many_seconds(count: int, unit: tuple[str, int], since: float):
    period = count * unit[1]
    found = parse(f"rate({count} {unit[0]})").after(BEGUN + since, BEGUN)
    assert found is not None
    assert found > BEGUN + since
    assert (found - BEGUN) % period == 0
    assert found == BEGUN or found - period <= BEGUN + since


def test_a_rate_from_its_beginning():
    rate = parse("rate(5 minutes)")
    assert rate.after(BEGUN - 1, BEGUN) == BEGUN
    assert rate.after(BEGUN, BEGUN) == BEGUN + 300
    assert rate.after(BEGUN + 299.5, BEGUN) == BEGUN + 300


def test_a_cron_expression_is_read_in_utc():
    assert parse("cron(0 0 1 1 ? 1971)").after(0, BEGUN) == 365 * 86_400


def test_once_is_once():
    once = parse("at(1970-01-02T00:00:01)")
    assert once.after(0, BEGUN) == 86_401
    assert once.after(86_401, BEGUN) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 3 * * ? *", "is no schedule expression; allowed: rate"),
        ("cron(0 3 * * ? *", "is no schedule expression"),
        ("rate(0 minutes)", "is no rate; allowed: a whole number of minutes, hours or days"),
        ("rate(1.5 hours)", "is no rate"),
        ("rate(5 weeks)", "is no rate"),
        ("at(tomorrow)", "is no time; allowed: at"),
        ("cron(0 3 * * * *)", "for exactly one of them"),
    ],
)
def test_what_is_no_expression_is_said(text: str, message: str):
    with pytest.raises(ValueError, match=message):
        parse(text)
