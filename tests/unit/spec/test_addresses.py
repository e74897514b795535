"""Ranges of addresses: as they are written, and never everything by accident."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from stanchion.spec.addresses import AddressRanges, NamedRanges
from stanchion.spec.refusal import Refusal

RANGES: TypeAdapter[list[str]] = TypeAdapter(AddressRanges)
NAMED: TypeAdapter[list[str]] = TypeAdapter(NamedRanges)


def refusal(adapter: TypeAdapter[list[str]], *ranges: str) -> str:
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(list(ranges))
    error = caught.value.errors()[0]["ctx"]["error"]  # pyright: ignore[reportTypedDictNotRequiredAccess]
    assert isinstance(error, Refusal)
    return str(error)


@given(st.integers(0, 2**32 - 1), st.integers(8, 32))
def test_a_range_is_taken_as_it_is_written(address: int, prefix: int):
    network = IPv4Network((address, prefix), strict=False)
    assert RANGES.validate_python([str(network)]) == [str(network)]
    if int(network.network_address) != address:
        assert f"write {network}" in refusal(RANGES, f"{IPv4Network(address).network_address}/{prefix}")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("198.51.100.7", ("has no size", "write /32 after it")),
        ("198.51.100.0/33", ("is not a range of addresses",)),
        ("here/8", ("is not a range of addresses",)),
        ("128.0.0.0/1", ("is a large part of the internet", "/8 or smaller", "write 0.0.0.0/0 if all of it")),
        ("8000::/1", ("is a large part of the internet", "/16 or smaller", "write ::/0 if all of it")),
        ("2001:DB8:0::/48", ("is not how the range is written", "write 2001:db8::/48")),
    ],
)
def test_what_is_no_range_is_refused(value: str, words: tuple[str, ...]):
    said = refusal(RANGES, value)
    for word in words:
        assert word in said


def test_a_range_is_named_once():
    assert "'198.51.100.0/24' is listed twice" in refusal(RANGES, "198.51.100.0/24", "198.51.100.0/24")


@pytest.mark.parametrize("everywhere", ["0.0.0.0/0", "::/0"])
def test_everywhere_is_an_entrys_choice_and_never_a_clusters(everywhere: str):
    assert RANGES.validate_python([everywhere]) == [everywhere]
    assert "the whole internet" in refusal(NAMED, "198.51.100.0/24", everywhere)
    assert NAMED.validate_python(["198.51.100.0/24"])
    assert NAMED.validate_python([]) == []
