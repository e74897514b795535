from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from stanchion.spec import Cidrs, Nat, load_text
from stanchion.spec.network import LARGEST, LOG_RETENTION, PRIVATE, SMALLEST
from tests.unit.spec.documents import changed, only_problem, says


def ranges() -> st.SearchStrategy[IPv4Network]:
    """Every range that may be written."""

    def inside(block: IPv4Network, prefixlen: int, place: float) -> IPv4Network:
        count = 1 << (prefixlen - block.prefixlen)
        size = 1 << (32 - prefixlen)
        return IPv4Network((int(block.network_address) + min(count - 1, int(place * count)) * size, prefixlen))

    return st.builds(inside, st.sampled_from(PRIVATE), st.integers(LARGEST, SMALLEST), st.floats(0, 1))


def refusal(primary: object, standby: object) -> str:
    with pytest.raises(ValidationError) as caught:
        Cidrs.model_validate({"primary": str(primary), "standby": str(standby)})
    return str(caught.value.errors()[0]["ctx"]["error"])  # pyright: ignore[reportTypedDictNotRequiredAccess]


@given(ranges(), ranges())
def test_two_ranges_are_taken_exactly_when_they_have_no_address_in_common(one: IPv4Network, other: IPv4Network):
    common = max(one.network_address, other.network_address) <= min(one.broadcast_address, other.broadcast_address)
    if not common:
        assert Cidrs(primary=str(one), standby=str(other)).standby == str(other)
        return
    # The range it proposes is taken, and as large as what was asked for.
    proposed = refusal(one, other).split("fix: write ")[1].removesuffix(".")
    assert Cidrs(primary=str(one), standby=proposed)
    assert IPv4Network(proposed).prefixlen == other.prefixlen


@given(ranges(), st.integers(1, 4095))
def test_address_bits_beyond_the_size_are_refused_with_the_range_that_was_meant(network: IPv4Network, bits: int):
    message = refusal(f"{network.network_address + bits}/{network.prefixlen}", "10.20.0.0/16")
    assert f"write {network}." in message


@given(st.integers(0, 2**32 - 1), st.integers(LARGEST, SMALLEST))
def test_only_private_ranges_are_taken(address: int, prefixlen: int):
    network = IPv4Network((address, prefixlen), strict=False)
    if not any(network.subnet_of(block) for block in PRIVATE):
        assert "is not private" in refusal(
            network, "10.20.0.0/16" if str(network) != "10.20.0.0/16" else "10.21.0.0/16"
        )


CIDR = "  cidr:\n    primary: 10.20.0.0/16\n    standby: 10.21.0.0/16\n"


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "words"),
    [
        (
            "10.20.0.0/16",
            "10.20.0.0/24",
            18,
            "network.cidr.primary",
            ("too small", "256", "/16 to /20", "0.0/20"),
        ),
        ("10.20.0.0/16", "10.0.0.0/8", 18, "network.cidr.primary", ("larger than a VPC", "/16 to /20", "10.0.0.0/16")),
        ("10.20.0.0/16", "10.20.0.1/16", 18, "network.cidr.primary", ("bits beyond", "write 10.20.0.0/16")),
        ("10.20.0.0/16", "8.8.0.0/16", 18, "network.cidr.primary", ("not private", "10.0.0.0/8, 172.16.0.0/12")),
        ("10.20.0.0/16", "10.20.0.0", 18, "network.cidr.primary", ("has no size", "write 10.20.0.0/16")),
        ("10.20.0.0/16", "10.20.0.0/40", 18, "network.cidr.primary", ("size that does not exist",)),
        ("10.20.0.0/16", "10.20.0/16", 18, "network.cidr.primary", ("not an IPv4 range",)),
        ("10.20.0.0/16", "fd00::/16", 18, "network.cidr.primary", ("not an IPv4 range",)),
        ("10.20.0.0/16", "10.20.0.0/255.255.0.0", 18, "network.cidr.primary", ("has no size",)),
        ("10.21.0.0/16", "10.20.128.0/17", 19, "network.cidr.standby", ("overlaps", "10.20.0.0/16", "10.21.0.0/17")),
        (CIDR, "  cidr: 10.20.0.0/16\n", 17, "network.cidr", ("is not a mapping",)),
        (CIDR, "  cidr: {primary: 10.20.0.0/16}\n", 17, "network.cidr.standby", ("missing", "`standby: 10.21.0.0/16`")),
        (
            "nat: per_zone",
            "nat: per-zone",
            20,
            "network.nat",
            ("'per-zone'", "none, single, per_zone", "per_zone?"),
        ),
        ("nat: per_zone", "nats: none", 20, "network.nats", ("not a key", "cidr, nat, interface", "mean nat?")),
    ],
)
def test_bad_networks(old: str, new: str, line: int, key: str, words: tuple[str, ...]):
    says(only_problem(changed(old, new)), line=line, key=key, words=words)


@pytest.mark.parametrize(
    ("added", "key", "words"),
    [
        ("interface_endpoints: [sts, kms, sts]", "interface_endpoints", ("'sts' is listed twice", "once")),
        ("interface_endpoints: [s3]", "interface_endpoints", ("gateway endpoint already", "remove it")),
        ("interface_endpoints: sts", "interface_endpoints", ("'sts' is not a list", "[one, two]")),
        (
            "interface_endpoints: [sts, com.amazonaws.us-east-1.KMS]",
            "interface_endpoints[1]",
            ("small letters", "leave out the com.amazonaws"),
        ),
        ("flow_log_retention: 100d", "flow_log_retention", ("'100d'", "90d, 120d", "write 120d")),
        ("flow_log_retention: 36h", "flow_log_retention", ("'36h'", "write 3d")),
        ("flow_log_retention: 9999d", "flow_log_retention", ("'9999d'", "write 3653d")),
        ("flow_log_retention: forever", "flow_log_retention", ("'forever' is not a duration",)),
    ],
)
def test_bad_extras(added: str, key: str, words: tuple[str, ...]):
    text = changed("nat: per_zone", f"nat: per_zone\n  {added}")
    says(only_problem(text), line=21, key=f"network.{key}", words=words)


def test_the_defaults_are_the_safe_ones():
    network = load_text(changed("  nat: per_zone\n", "")).network
    assert network.nat is Nat.PER_ZONE
    assert network.interface_endpoints == []
    assert network.flow_log_retention.days == 90
    assert 90 in LOG_RETENTION
