"""Names of hosts, and ranges of addresses from where clients come."""

from ipaddress import ip_network
from typing import Annotated, Any

from pydantic import AfterValidator, WithJsonSchema

from stanchion.spec.refusal import Refusal, shown
from stanchion.spec.text import distinct

# RFC 1123, in small letters; a name has a dot in it.
DNS_NAME = "([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])+[a-z]([a-z0-9-]{0,61}[a-z0-9])"
# What a machine calls itself.
LOOPBACK_HOSTS = ("localhost", "127.0.0.1")
EVERYWHERE = ("0.0.0.0/0", "::/0")
# Nobody owns more, and pieces of everything must not look like something.
_SMALLEST_PREFIX = {4: 8, 6: 16}
_ALLOWED = "a range of IPv4 or IPv6 addresses such as 198.51.100.0/24"
_SCHEMA: dict[str, Any] = {"type": "string", "pattern": "^[0-9A-Fa-f:.]+/[0-9]{1,3}$"}


def _range(value: str) -> str:
    if "/" not in value:
        raise Refusal(
            f"'{shown(value)}' has no size", allowed=_ALLOWED, fix="write /32 after it for one address, or its range"
        )
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        raise Refusal(
            f"'{shown(value)}' is not a range of addresses", allowed=_ALLOWED, fix="write an address and a size"
        ) from None
    if str(network) != value.lower():
        raise Refusal(f"'{shown(value)}' is not how the range is written", allowed=_ALLOWED, fix=f"write {network}")
    if 0 < network.prefixlen < _SMALLEST_PREFIX[network.version]:
        raise Refusal(
            f"'{network}' is a large part of the internet",
            allowed=f"a range of /{_SMALLEST_PREFIX[network.version]} or smaller; the whole internet as itself",
            fix=f"name what is meant, or write {EVERYWHERE[0] if network.version == 4 else EVERYWHERE[1]} if all of it",
        )
    return str(network)


AddressRange = Annotated[str, AfterValidator(_range), WithJsonSchema(_SCHEMA)]


def _named(ranges: list[str]) -> list[str]:
    for each in ranges:
        if each in EVERYWHERE:
            raise Refusal(
                f"'{each}' is the whole internet, and whoever gets past the credentials owns the cluster",
                allowed="the ranges of people and pipelines that need it, or none",
                fix="name those ranges, or write [] to leave it reachable inside the VPC only",
            )
    return ranges


AddressRanges = Annotated[list[AddressRange], AfterValidator(distinct("range"))]
NamedRanges = Annotated[AddressRanges, AfterValidator(_named)]
