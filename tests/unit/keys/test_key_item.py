from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.keys.key_item import KeyItem, KeyItemError
from stanchion.serving.gateway_configuration import Quota

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ITEM = KeyItem(id="a" * 16, digest="0" * 64, team="forms", use_case="reading", created_at=NOW)
QUOTAS = st.builds(
    Quota,
    scope=st.sampled_from(["user", "key", "use_case"]),
    unit=st.sampled_from(["requests", "tokens", "usd"]),
    window=st.sampled_from(["minute", "day", "month"]),
    soft=st.none() | st.floats(0, 1e9),
    hard=st.floats(0.001, 1e12),
)
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda each: each.replace(tzinfo=UTC))


@given(st.lists(QUOTAS, max_size=4), st.lists(st.text(min_size=1, max_size=9), max_size=3), st.none() | TIMES)
def test_it_is_read_as_it_was_written(limits: list[Quota], endpoints: list[str], expires: datetime | None) -> None:
    item = ITEM.model_copy(
        update={"limits": tuple(limits), "endpoints": tuple(endpoints), "expires_at": expires, "revoked_at": expires}
    )
    assert KeyItem.read(item.attributes) == item


def test_times_are_kept_in_utc() -> None:
    east = NOW.astimezone(timezone(timedelta(hours=9)))
    assert ITEM.model_copy(update={"created_at": east}).attributes["created_at"] == {"S": "2026-03-01T00:00:00+00:00"}


def test_it_ends_when_it_expires_or_is_revoked() -> None:
    assert ITEM.state(NOW) == "active"
    ends = ITEM.model_copy(update={"expires_at": NOW})
    assert ends.state(NOW - timedelta(seconds=1)) == "active"
    assert ends.state(NOW) == "expired"
    assert ends.model_copy(update={"revoked_at": NOW}).state(NOW - timedelta(days=1)) == "revoked"


def test_it_opens_its_use_case_or_the_endpoints_it_names() -> None:
    assert ITEM.allows("any", "reading")
    assert not ITEM.allows("any", "writing")
    one = ITEM.model_copy(update={"endpoints": ("digits",)})
    assert one.allows("digits", "reading")
    assert not one.allows("letters", "reading")
    assert not one.allows("digits", "writing")


@pytest.mark.parametrize("field", ["id", "digest", "team", "use_case", "created_at"])
def test_an_item_with_something_missing_is_no_key(field: str) -> None:
    item = ITEM.attributes
    del item[field]
    with pytest.raises(KeyItemError) as error:
        KeyItem.read(item)
    assert ITEM.digest not in str(error.value)


def test_a_limit_that_nobody_understands_is_no_limit_to_be_left_aside() -> None:
    item = ITEM.attributes | {"limits": {"S": '[{"scope": "planet", "unit": "tokens", "window": "day", "hard": 1}]'}}
    with pytest.raises(KeyItemError, match="can't be read"):
        KeyItem.read(item)
