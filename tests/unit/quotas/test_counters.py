import pytest

from stanchion.quotas.counters import Limit, subject
from stanchion.serving.gateway_configuration import Quota, Scope


def quota(scope: Scope) -> Quota:
    return Quota(scope=scope, unit="tokens", window="day", hard=10)


WHO = {"key_id": "k1", "user": "ann@example.com", "use_case": "reading"}


def test_a_counter_is_named_after_whom_it_counts_and_for_which_day() -> None:
    key = Limit(quota("key"), subject(quota("key"), **WHO)).counter(86400 * 2 + 5)
    assert key.text == "key:k1/tokens/day/172800"
    assert key.remove_at == 86400 * 4
    assert Limit(quota("use_case"), subject(quota("use_case"), **WHO)).name == "use_case/tokens/day"


def test_users_are_those_of_a_key_and_not_named() -> None:
    mine = subject(quota("user"), **WHO)
    assert "ann" not in mine
    assert mine == subject(quota("user"), **{**WHO, "use_case": "writing"})
    assert mine != subject(quota("user"), **{**WHO, "key_id": "k2"})
    assert mine != subject(quota("user"), **{**WHO, "user": ""})
    assert len(subject(quota("user"), **{**WHO, "user": "x" * 100_000})) == len(mine)


@pytest.mark.parametrize("scope", ["user", "key", "use_case"])
def test_quotas_of_an_endpoint_are_counted_for_themselves(scope: Scope) -> None:
    of_key = subject(quota(scope), **WHO)
    assert subject(quota(scope), **WHO, endpoint="digits") == f"{of_key}@digits"
