"""Addresses and ways out of the network."""

from enum import Enum
from ipaddress import IPv4Network
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from stanchion.spec.part import Part
from stanchion.spec.units import Duration

PRIVATE = tuple(IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
LARGEST, SMALLEST = 16, 20


class Nat(Enum):
    """How private subnets reach the internet."""

    NONE = "none"
    SINGLE = "single"
    PER_ZONE = "per_zone"


class Cidrs(Part):
    """The address range per region; they must not overlap, since the two networks may be joined one day."""

    primary: str
    standby: str

    @field_validator("primary", "standby")
    @classmethod
    def _private_and_large_enough(cls, cidr: str, info: ValidationInfo) -> str:
        try:
            block = IPv4Network(cidr)
        except ValueError as error:
            raise ValueError(f"'{cidr}' is no address range ({error}); allowed: such as 10.20.0.0/16") from None
        if not LARGEST <= block.prefixlen <= SMALLEST:
            raise ValueError(
                f"'{cidr}' has {block.num_addresses} addresses; allowed: /{LARGEST} to /{SMALLEST}, "
                "which holds public, private and isolated subnets in three zones"
            )
        if not any(block.subnet_of(private) for private in PRIVATE):
            raise ValueError(f"'{cidr}' is not private; allowed: within {', '.join(map(str, PRIVATE))}")
        other = info.data.get("primary")
        if info.field_name == "standby" and other and block.overlaps(IPv4Network(other)):
            raise ValueError(f"'{cidr}' overlaps the primary's {other}; choose a range outside of it")
        return cidr


class Network(Part):
    """The VPC of each region: three zones with a public, a private and an isolated subnet each."""

    cidr: Cidrs
    nat: Nat = Nat.PER_ZONE
    """`none`, `single` (a zone's loss takes every zone's way out) or `per_zone`."""
    interface_endpoints: list[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]] = []
    """Services reached without the internet, by short name such as `ecr.api`; each costs per zone and hour."""
    flow_log_retention: Duration = Duration(90 * 86400)
    """How long flow logs are kept; whole days."""

    @field_validator("interface_endpoints")
    @classmethod
    def _each_once(cls, names: list[str]) -> list[str]:
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"'{twice[0]}' is listed twice; name each endpoint once")
        gateways = sorted({"s3", "dynamodb"} & set(names))
        if gateways:
            raise ValueError(f"'{gateways[0]}' has a gateway endpoint already, which is free; remove it from the list")
        return names

    @field_validator("flow_log_retention")
    @classmethod
    def _whole_days(cls, value: Duration) -> Duration:
        _ = value.days
        return value
