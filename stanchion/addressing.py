"""Cuts one address range into the subnets of a region."""

from dataclasses import dataclass
from ipaddress import IPv4Network

ZONES = 3


@dataclass(frozen=True)
class Subnets:
    """One subnet per zone and kind, in the order of the zones."""

    private: tuple[IPv4Network, ...]
    public: tuple[IPv4Network, ...]
    isolated: tuple[IPv4Network, ...]


def subnets_of(cidr: str) -> Subnets:
    """The subnets of a range.

    The range is cut into four quarters. Three are the private subnets, one per zone, since pods get an address each.
    The fourth is cut into eight: three public ones (load balancers, NAT), three isolated ones (caches, endpoints), and
    two that stay free for what comes later. A /16 gives private /18 (16,384 addresses) and public and isolated /21
    (2,048); a /20 gives /22 (1,024) and /25 (128).

    Args:
        cidr: an IPv4 range of /23 or larger, which leaves 9 further bits or more.

    Raises:
        ValueError: no IPv4 range, host bits set, or longer than /23, which leaves subnets below the /28 that a VPC
            takes at least.
    """
    whole = IPv4Network(cidr)
    if whole.prefixlen > 23:
        raise ValueError(f"'{cidr}' is too small for subnets in {ZONES} zones; allowed: /23 or larger")
    *private, rest = whole.subnets(prefixlen_diff=2)
    small = list(rest.subnets(prefixlen_diff=3))
    return Subnets(private=tuple(private), public=tuple(small[:ZONES]), isolated=tuple(small[ZONES : 2 * ZONES]))
