"""Quotas of endpoints: one amount each, counted in what the endpoint counts, and each limit once."""

from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.quotas.amounts import amount
from stanchion.serving import gateway_configuration
from stanchion.spec import EndpointQuota, load_text
from stanchion.spec.quotas import Scope, Unit, Window
from tests.unit.spec.serving_document import changed, refused

ASSISTANT, CHURN = "endpoints.assistant", "endpoints.churn-risk"
SLO = "slo: {availability: 99.9, p95: 1500ms}"
CHURN_CAPACITY = "capacity: {floor: 1, max: 6}"


def with_quotas(*quotas: str) -> str:
    return changed((SLO, f"{SLO}\n    quotas: [{', '.join(quotas)}]"))


def test_each_unit_has_its_limit():
    text = with_quotas(
        "{per: key, window: minute, requests: 600}",
        "{per: user, window: day, tokens: 200000, warn_at: 80}",
        "{per: use_case, window: month, spend: 12.50 USD, warn_at: 50}",
    )
    found = load_text(text).online_endpoints["assistant"].quotas
    assert [(each.per, each.window, each.unit) for each in found] == [
        ("key", "minute", "requests"), ("user", "day", "tokens"), ("use_case", "month", "usd"),
    ]  # fmt: skip
    assert [(each.hard, each.soft) for each in found] == [(600.0, None), (200_000.0, 160_000.0), (12.5, 6.25)]
    assert load_text(changed()).online_endpoints["assistant"].quotas == []


@pytest.mark.parametrize(
    ("quota", "key", "words"),
    [
        ("{per: key, window: day}", "requests", ("it limits nothing", "exactly one of requests, tokens, spend")),
        (
            "{per: key, window: day, requests: 5, spend: 5 USD}",
            "spend",
            ("requests and spend are given together", "write a quota for each of them"),
        ),
        ("{per: key, window: day, requests: 0}", "requests", ("'0' is too few",)),
        ("{per: key, window: day, tokens: 1.5}", "tokens", ("'1.5' is not a whole number",)),
        ("{per: key, window: day, spend: 5}", "spend", ("'5' is not an amount of money", "write 5 USD")),
        ("{per: key, window: day, spend: 5 EUR}", "spend", ("'5 EUR' is not in USD", "an amount in USD")),
        ("{per: key, window: day, spend: 0 USD}", "spend", ("'0 USD' lets nobody in",)),
        ("{per: key, window: day, requests: 5, warn_at: 100}", "warn_at", ("'100' is too many", "1 to 99 percent")),
        ("{per: key, window: day, requests: 5, warn_at: 0}", "warn_at", ("'0' is too few",)),
        ("{per: team, window: day, requests: 5}", "per", ("'team' is not one of its values", "user, key, use_case")),
        ("{per: key, window: hour, requests: 5}", "window", ("'hour' is not one of its values", "minute, day, month")),
        ("{window: day, requests: 5}", "per", ("the key is missing", "add `per: key`")),
    ],
)
def test_what_limits_nothing_that_is_counted_is_refused(quota: str, key: str, words: tuple[str, ...]):
    refused(with_quotas("{per: user, window: month, requests: 9}", quota), f"{ASSISTANT}.quotas[1].{key}", *words)


def test_tokens_of_a_predictor_are_refused():
    text = changed((CHURN_CAPACITY, f"{CHURN_CAPACITY}\n    quotas: [{{per: key, window: day, tokens: 9}}]"))
    refused(text, f"{CHURN}.quotas[0].tokens", "kind predictor counts no tokens", "requests or spend")


def test_a_limit_is_said_once():
    one, other = "{per: key, window: day, requests: 5}", "{per: key, window: day, requests: 9, warn_at: 50}"
    refused(
        with_quotas(one, "{per: key, window: day, tokens: 5}", other),
        f"{ASSISTANT}.quotas[2]",
        "requests per key and day have a limit already, quotas[0]",
    )


@pytest.mark.parametrize(
    "other",
    ["{per: user, window: day, requests: 5}", "{per: key, window: month, requests: 5}",
     "{per: key, window: day, tokens: 5}"],
)  # fmt: skip
def test_limits_of_different_things_stand_side_by_side(other: str):
    text = with_quotas("{per: key, window: day, requests: 5}", other)
    assert len(load_text(text).online_endpoints["assistant"].quotas) == 2


@given(st.integers(1, 10**12), st.integers(1, 99), st.sampled_from(["requests", "tokens"]))
def test_a_warning_comes_at_its_share_and_never_after_the_end(limit: int, percent: int, unit: str):
    quota = EndpointQuota.model_validate({"per": "key", "window": "day", unit: limit, "warn_at": percent})
    assert (quota.unit, quota.hard) == (unit, limit)
    assert quota.soft is not None
    assert 1 <= quota.soft <= quota.hard
    # The least whole number that is that share or more.
    assert (quota.soft - 1) * 100 < limit * percent <= quota.soft * 100
    assert amount(quota.unit, quota.soft) == quota.soft


@given(st.decimals(Decimal("0.000001"), Decimal("999999999"), places=6), st.integers(1, 99))
def test_money_is_counted_to_the_millionth(limit: Decimal, percent: int):
    said = {"per": "use_case", "window": "month", "spend": f"{limit:f} USD", "warn_at": percent}
    quota = EndpointQuota.model_validate(said)
    assert quota.unit == "usd"
    assert amount("usd", quota.hard) == int(limit * 1_000_000)
    assert quota.soft is not None
    assert 0 < quota.soft < quota.hard


def test_the_gateway_is_told_in_the_same_words():
    assert get_args(Unit) == get_args(gateway_configuration.Unit)
    assert get_args(Window) == get_args(gateway_configuration.Window)
    assert get_args(Scope) == get_args(gateway_configuration.Scope)
