from hypothesis import given
from hypothesis import strategies as st

from gateway.cache.entry import Entry, kept_headers
from tests.unit.gateway.cache.making import entry

LATIN = st.binary(max_size=20)


@given(
    body=st.binary(max_size=300),
    request_id=st.text(max_size=9),
    version=st.text(max_size=9),
    headers=st.lists(st.tuples(LATIN, LATIN), max_size=3),
)
def test_it_is_read_as_it_was_written(
    body: bytes, request_id: str, version: str, headers: list[tuple[bytes, bytes]]
) -> None:
    one = entry(body, request_id=request_id, version=version, headers=tuple(headers))
    assert Entry.decode(one.encode()) == one


@given(st.binary(max_size=200))
def test_what_is_none_is_none(value: bytes) -> None:
    assert Entry.decode(value) is None


def test_a_later_form_is_none_to_this_program() -> None:
    assert Entry.decode(entry().encode().replace(b"[1,200", b"[2,200", 1)) is None
    assert Entry.decode(entry(b"").encode().removesuffix(b"\n")) is None


def test_only_what_says_how_to_read_the_body_is_kept() -> None:
    given_ = [(b"Content-Type", b"text/plain"), (b"set-cookie", b"a=b"), (b"x-request-id", b"1"), (b"date", b"now")]
    assert kept_headers(given_) == ((b"content-type", b"text/plain"),)
