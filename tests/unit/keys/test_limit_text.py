import pytest

from stanchion.errors import StanchionError
from stanchion.keys.limit_text import read_limit, write_limit
from stanchion.serving.gateway_configuration import Quota


@pytest.mark.parametrize(
    ("text", "quota"),
    [
        ("key:tokens:day:1000000", Quota(scope="key", unit="tokens", window="day", hard=1_000_000)),
        ("user:usd:month:20:16.5", Quota(scope="user", unit="usd", window="month", hard=20, soft=16.5)),
        ("use_case:requests:minute:60:0", Quota(scope="use_case", unit="requests", window="minute", hard=60, soft=0)),
    ],
)
def test_limits_are_read_and_written(text: str, quota: Quota) -> None:
    assert read_limit(text) == quota
    assert write_limit(quota) == text
    assert read_limit(write_limit(quota)) == quota


@pytest.mark.parametrize(
    "text",
    [
        *("", "key", "key:tokens:day", "team:tokens:day:1", "key:words:day:1", "key:tokens:week:1", "key:tokens:day:0"),
        *("key:tokens:day:-1", "key:tokens:day:inf", "key:tokens:day:nan", "key:tokens:day:1.5", "key:tokens:day:x"),
        *("key:tokens:day:5:5", "key:tokens:day:5:6", "key:tokens:day:5:-1", "key:tokens:day:5:1:1"),
    ],
)
def test_what_is_no_limit_is_told_what_is(text: str) -> None:
    with pytest.raises(
        StanchionError, match=r"a window of minute, day, month.*write it such as key:tokens:day:1000000"
    ):
        read_limit(text)
