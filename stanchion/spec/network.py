"""The network: one address range per region, and how its private parts reach the outside."""

from collections.abc import Iterator
from enum import Enum
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from typing import Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema

from stanchion.spec.part import Broken, Part
from stanchion.spec.refusal import Refusal, shown
from stanchion.spec.text import Form, distinct
from stanchion.spec.units import Duration

# RFC 1918, and the shared address space of RFC 6598.
PRIVATE = tuple(IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
# A VPC takes /16 at most (VPC user guide). Nine subnets (public, private and isolated in three zones) out of anything
# below /20 leave too few addresses for pods, each of which takes one.
LARGEST, SMALLEST = 16, 20
# Every VPC gets a gateway endpoint for these.
GATEWAYS = ("s3", "dynamodb")
# What CloudWatch Logs takes (API reference, PutRetentionPolicy), in days.
LOG_RETENTION = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
_CIDR_ALLOWED = (
    f"a private range of /{LARGEST} to /{SMALLEST} (three zones, each with a public, a private and an isolated subnet) "
    f"in {', '.join(str(block) for block in PRIVATE)}"
)


class Nat(Enum):
    """How private subnets reach the internet."""

    NONE = "none"
    SINGLE = "single"
    PER_ZONE = "per_zone"


def _cidr(value: str) -> str:
    def refuse(what: str, fix: str) -> Refusal:
        return Refusal(f"'{shown(value)}' {what}", allowed=_CIDR_ALLOWED, fix=fix)

    address, slash, prefix = value.partition("/")
    try:
        start = IPv4Address(address)
    except AddressValueError:
        raise refuse("is not an IPv4 range", "write an address and a size, such as 10.20.0.0/16") from None
    if not (slash and prefix.isdecimal()):
        raise refuse("has no size", f"write {address}/16")
    try:
        network = IPv4Network(value, strict=False)
    except NetmaskValueError:
        raise refuse("has a size that does not exist", f"write {address}/16") from None
    if network.network_address != start:
        raise refuse("has address bits beyond its size", f"write {network}")
    if network.prefixlen > SMALLEST:
        raise refuse(
            f"is too small: it has {network.num_addresses} addresses for nine subnets",
            f"write {network.supernet(new_prefix=SMALLEST)} or larger",
        )
    if network.prefixlen < LARGEST:
        raise refuse("is larger than a VPC can be", f"write {address}/{LARGEST}")
    if not any(network.subnet_of(block) for block in PRIVATE):
        raise refuse("is not private: it belongs to others", "take a range such as 10.20.0.0/16")
    return str(network)


Cidr = Annotated[
    str,
    AfterValidator(_cidr),
    WithJsonSchema({"type": "string", "pattern": r"^([0-9]{1,3}\.){3}[0-9]{1,3}/(1[6-9]|20)$"}),
]


def _log_retention(value: Duration) -> Duration:
    days, rest = divmod(value.seconds, 86400)
    if rest or days not in LOG_RETENTION:
        nearest = min((d for d in LOG_RETENTION if d * 86400 >= value.seconds), default=LOG_RETENTION[-1])
        raise Refusal(
            f"'{value}' is not a retention that CloudWatch Logs has",
            allowed=", ".join(f"{d}d" for d in LOG_RETENTION),
            fix=f"write {nearest}d",
        )
    return value


def _log_retention_schema() -> dict[str, Any]:
    return {"type": "string", "enum": [f"{days}d" for days in LOG_RETENTION]}


LogRetention = Annotated[Duration, AfterValidator(_log_retention), WithJsonSchema(_log_retention_schema())]


class Cidrs(Part):
    """One range per region; they must not overlap, or the regions can never be joined."""

    primary: Cidr = Field(description="Address range in the primary region, /16 to /20.", examples=["10.20.0.0/16"])
    standby: Cidr = Field(description="Address range in the standby region, /16 to /20.", examples=["10.21.0.0/16"])

    def rules(self) -> Iterator[Broken]:
        """The ranges lie apart."""
        primary, standby = IPv4Network(self.primary), IPv4Network(self.standby)
        if primary.overlaps(standby):
            yield (
                "standby",
                Refusal(
                    f"'{standby}' overlaps with '{primary}' of the primary region",
                    allowed="two ranges without a common address",
                    fix=f"write {_beside(primary, standby.prefixlen)}",
                ),
            )


def _beside(taken: IPv4Network, prefixlen: int) -> IPv4Network:
    """The first range of that size after `taken`, or at the start of the private block when there is none."""
    block = next(b for b in PRIVATE if taken.subnet_of(b))
    size = 1 << (32 - prefixlen)
    after = (int(taken.broadcast_address) // size + 1) * size
    if after + size - 1 <= int(block.broadcast_address):
        return IPv4Network((after, prefixlen))
    # `taken` ends its block. Only 192.168.0.0/16 can be full, and then the next block has room.
    first = next(b for b in (block, *PRIVATE) if not IPv4Network((int(b.network_address), prefixlen)).overlaps(taken))
    return IPv4Network((int(first.network_address), prefixlen))


def _no_gateway(services: list[str]) -> list[str]:
    for service in services:
        if service in GATEWAYS:
            raise Refusal(
                f"'{service}' has a gateway endpoint already, which is free",
                allowed=f"services other than {' and '.join(GATEWAYS)}",
                fix="remove it from the list",
            )
    return services


ServiceName = Annotated[
    str,
    Form(
        "^[a-z0-9]+([.-][a-z0-9]+)*$",
        "a service's short name in small letters, such as ecr.api, ecr.dkr, sts, logs",
        "leave out the com.amazonaws.<region>. before it",
    ),
]
Services = Annotated[list[ServiceName], AfterValidator(distinct("service")), AfterValidator(_no_gateway)]


class Network(Part):
    """A VPC per region over three zones, each zone with a public, a private and an isolated subnet."""

    cidr: Cidrs = Field(
        description="Address range of each region.", examples=["{primary: 10.20.0.0/16, standby: 10.21.0.0/16}"]
    )
    nat: Nat = Field(
        default=Nat.PER_ZONE,
        description="How private subnets reach the internet: not at all, through one gateway (cheaper, and gone with "
        "its zone), or through one per zone.",
    )
    interface_endpoints: Services = Field(
        default_factory=list,
        description="AWS services reached without the internet, by short name such as `ecr.api`. Each costs by the "
        "hour and zone. S3 and DynamoDB have gateway endpoints anyway, which are free.",
    )
    flow_log_retention: LogRetention = Field(
        default=Duration(90 * 86400), description="How long records of network traffic are kept."
    )
