"""The secret with the key of hashes: what is in it, and when a new one is due."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.errors import StanchionError
from stanchion.events.hash_keys import HashKeySettings, is_due, key_of, text_of
from stanchion.events.payloads import HashKey

MADE = datetime(2026, 3, 1, 12, tzinfo=UTC)


@given(st.binary(min_size=16, max_size=64), st.text(st.characters(categories=("L", "N")), min_size=1, max_size=20))
def test_a_key_comes_out_as_it_went_in(secret: bytes, name: str):
    assert key_of(text_of(HashKey(name, secret), MADE)) == HashKey(name, secret)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"id": "a"}', '{"id": "a", "secret": "???"}', '{"id": "a", "secret": "QUJD"}']
)
def test_what_is_no_key_is_said_without_what_it_holds_and_is_due(text: str):
    with pytest.raises(StanchionError, match="no id and no secret of 16 bytes") as caught:
        key_of(text)
    assert "???" not in str(caught.value)
    assert is_due(text, MADE, 1)


def test_a_key_is_due_when_there_is_none_and_after_its_days():
    text = text_of(HashKey("a", b"b" * 16), MADE)
    assert is_due(None, MADE, 30)
    assert not is_due(text, MADE + timedelta(days=30) - timedelta(seconds=1), 30)
    assert is_due(text, MADE + timedelta(days=30), 30)


def test_a_key_that_somebody_put_in_stays():
    assert not is_due('{"id": "a", "secret": "QUJDREVGR0hJSktMTU5PUA=="}', MADE, 1)


def test_settings_come_out_as_they_went_in_and_what_is_wrong_is_named():
    settings = HashKeySettings("prod-event-hash-key", 30)
    assert HashKeySettings.read(settings.variables()) == settings
    with pytest.raises(StanchionError, match="has no STANCHION_HASH_KEY_SECRET, STANCHION_HASH_KEY_DAYS"):
        HashKeySettings.read({})
    with pytest.raises(StanchionError, match="STANCHION_HASH_KEY_DAYS is '0'; allowed"):
        HashKeySettings.read({**settings.variables(), "STANCHION_HASH_KEY_DAYS": "0"})
