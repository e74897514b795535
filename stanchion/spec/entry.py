"""The entry: by which hostnames, certificates and from where the endpoints' clients come in."""

from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool

from stanchion.spec.addresses import DNS_NAME, AddressRanges
from stanchion.spec.numbers import Between
from stanchion.spec.part import Part
from stanchion.spec.text import Form, some

_CERTIFICATE = Form(
    "^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]{1,64}$",
    "the ARN of a certificate of ACM",
    "write the ARN that ACM shows for it in this region",
)
_HOSTNAME = Form(
    rf"^(\*\.)?{DNS_NAME}$",
    "a hostname in small letters, such as critical.example.com",
    "leave out https:// and what comes after the name",
)


class Certificates(Part):
    """One certificate a region, since ACM's don't leave theirs; each is for all hostnames."""

    primary: Annotated[str, _CERTIFICATE] = Field(
        description="ARN of the certificate in the primary region.",
        examples=["arn:aws:acm:us-east-1:111122223333:certificate/..."],
    )
    standby: Annotated[str, _CERTIFICATE] = Field(
        description="ARN of the certificate in the standby region.",
        examples=["arn:aws:acm:us-west-2:111122223333:certificate/..."],
    )


class Entry(Part):
    """A load balancer in each region in front of the gateways, with a firewall."""

    certificates: Certificates = Field(
        description="A certificate of ACM in each region.", examples=["{primary: arn:..., standby: arn:...}"]
    )
    hostnames: dict[str, Annotated[str, _HOSTNAME]] = Field(
        description="By which name clients call the endpoints of each tier.",
        examples=["{critical: critical.example.com}"],
    )
    allowed_cidrs: Annotated[AddressRanges, AfterValidator(some("range", "[0.0.0.0/0] for anybody"))] = Field(
        description="From where clients come; `0.0.0.0/0` for anywhere.",
        examples=["[198.51.100.0/24]"],
        json_schema_extra={"minItems": 1},
    )
    internal: StrictBool = Field(default=False, description="Whether it has no address on the internet.")
    requests_per_address: Annotated[int, Between(10, 2_000_000_000, "requests")] = Field(
        default=2000, description="Most requests of one address in five minutes; the firewall refuses the others."
    )
