import re

from hypothesis import given
from hypothesis import strategies as st

from stanchion.keys import api_key


@given(st.binary(min_size=32, max_size=32))
def test_every_secret_is_read_back(random: bytes) -> None:
    made = api_key.make(lambda count: random[:count])
    assert api_key.read(made.text) == made
    assert re.fullmatch(r"sk-stn-[a-z]{16}-[0-9A-Za-z]{43}", made.text)
    assert made.matches(made.digest)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_two_secrets_are_two_texts(one: bytes, other: bytes) -> None:
    first, second = (
        api_key.make(lambda count, random=random: b"\0" * 16 if count == 16 else random) for random in (one, other)
    )
    assert (first.text == second.text) == (one == other)
    assert first.matches(second.digest) == (one == other)


def test_keys_are_not_made_twice() -> None:
    assert len({api_key.make().text for _ in range(1000)}) == 1000


@given(st.text(max_size=90))
def test_what_is_no_key_is_none(text: str) -> None:
    found = api_key.read(text)
    assert found is None or found.text == text


def test_a_key_is_not_shown_with_its_secret() -> None:
    made = api_key.make()
    assert made.secret not in repr(made)
    assert made.id in repr(made)


def test_what_comes_near_is_refused() -> None:
    made = api_key.make()
    for text in (made.text + "\n", made.text[:-1], made.text.upper(), " " + made.text, made.text.replace("sk-", "pk-")):
        assert api_key.read(text) is None
    assert not made.matches("")
    assert not made.matches("é" * 64)
    assert api_key.is_id(made.id)
    assert not api_key.is_id(made.text)
