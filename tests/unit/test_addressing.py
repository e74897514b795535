"""The plan of addresses, held for every range a VPC can have."""

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.addressing import ZONES, Subnets, subnets_of

# AWS keeps five addresses of each subnet, and takes none longer than /28.
SMALLEST = 28


@st.composite
def ranges(draw: st.DrawFn, shortest: int = 8, longest: int = 23) -> IPv4Network:
    prefix = draw(st.integers(shortest, longest))
    return IPv4Network((draw(st.integers(0, 2**prefix - 1)) << (32 - prefix), prefix))


def every(plan: Subnets) -> list[IPv4Network]:
    return [*plan.private, *plan.public, *plan.isolated]


@given(ranges())
def test_each_kind_has_a_subnet_in_each_zone(whole: IPv4Network) -> None:
    plan = subnets_of(str(whole))
    assert len(plan.private) == len(plan.public) == len(plan.isolated) == ZONES


@given(ranges())
def test_subnets_lie_inside_the_range_and_apart_from_each_other(whole: IPv4Network) -> None:
    subnets = every(subnets_of(str(whole)))
    assert all(subnet.subnet_of(whole) for subnet in subnets)
    assert not any(one.overlaps(other) for one, other in combinations(subnets, 2))


@given(ranges())
def test_zones_are_alike_and_private_subnets_eight_times_the_others(whole: IPv4Network) -> None:
    plan = subnets_of(str(whole))
    assert {subnet.num_addresses for subnet in plan.private} == {whole.num_addresses // 4}
    assert {subnet.num_addresses for subnet in (*plan.public, *plan.isolated)} == {whole.num_addresses // 32}


@given(ranges())
def test_a_sixteenth_of_the_range_stays_free_for_what_comes_later(whole: IPv4Network) -> None:
    taken = sum(subnet.num_addresses for subnet in every(subnets_of(str(whole))))
    assert whole.num_addresses - taken == whole.num_addresses // 16


@given(ranges())
def test_no_subnet_is_smaller_than_a_vpc_takes(whole: IPv4Network) -> None:
    assert max(subnet.prefixlen for subnet in every(subnets_of(str(whole)))) <= SMALLEST


@given(ranges(shortest=24, longest=32))
def test_a_range_too_small_for_that_is_refused(whole: IPv4Network) -> None:
    with pytest.raises(ValueError, match=r"too small for subnets in 3 zones; allowed: /23 or larger"):
        subnets_of(str(whole))


@pytest.mark.parametrize(
    ("cidr", "named"), [("10.20.0.1/16", "10.20.0.1"), ("fd00::/48", "fd00::"), ("10.20.0.0/33", "33"), ("ten", "ten")]
)
def test_what_is_no_range_is_refused_by_what_is_wrong_with_it(cidr: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        subnets_of(cidr)


def test_the_plan_of_a_range_is_fixed_since_a_moved_subnet_is_a_new_one() -> None:
    assert [str(subnet) for subnet in every(subnets_of("10.20.0.0/16"))] == [
        "10.20.0.0/18",
        "10.20.64.0/18",
        "10.20.128.0/18",
        "10.20.192.0/21",
        "10.20.200.0/21",
        "10.20.208.0/21",
        "10.20.216.0/21",
        "10.20.224.0/21",
        "10.20.232.0/21",
    ]
