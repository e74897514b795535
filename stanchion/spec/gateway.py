"""The gateway: what every request passes, how many of it run, and what each of them takes."""

from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field

from stanchion.costs.unit_prices import unit_prices
from stanchion.spec.addresses import DNS_NAME
from stanchion.spec.images import FromImage, Image
from stanchion.spec.local_command import word_rule
from stanchion.spec.numbers import Between
from stanchion.spec.part import Broken, Part
from stanchion.spec.refusal import Refusal, shown
from stanchion.spec.text import Form
from stanchion.spec.units import Cores, Duration, Size

LOOPBACK = "http://127.0.0.1"
_URL = Form(
    rf"^(https://{DNS_NAME}|http://127[.]0[.]0[.]1)(:[0-9]{{1,5}})?(/[!-~]*)?$",
    "an address of https, such as https://login.example.com/keys",
    "write https:// and the name of the host; http://127.0.0.1 is for cloud: local",
)
_COLLECTOR = Form(
    rf"^https?://{DNS_NAME}(:[0-9]{{1,5}})?(/[!-~]*)?$",
    "the address of a collector, such as http://collector.observability.svc:4318",
    "write http:// or https://, the name of its Service and the port of OTLP over HTTP",
)
_CLAIM = Form(
    r"^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,127}$",
    "the name of a claim: letters, digits and _ . : / -",
    "write it as it stands in the tokens, such as team",
)
# AppConfig Data API, StartConfigurationSession: RequiredMinimumPollIntervalInSeconds.
SHORTEST_POLL, LONGEST_POLL = Duration(15), Duration(86400)
# AWS CDK reference, ServerlessCache, cacheUsageLimits: 1 GB to 5000 GB, 1000 to 15,000,000 ECPUs a second.
_LARGEST_CACHE = Size.parse("5000GiB")
# Application load balancers take so much of all headers (user guide, HTTP header limits); what is in front decides.
_LARGEST_HEADERS = Size.parse("64KiB")
# A body is held whole while it is answered, and a gateway has more than one.
_BODIES_IN_MEMORY = 4


def _not_alone(value: object) -> object:
    if value == 1 and isinstance(value, int) and not isinstance(value, bool):
        raise Refusal(
            "'1' alone stops everything when its node goes",
            allowed="2 to 100 replicas",
            fix="write 2, which run in different zones",
        )
    return value


class GatewayReplicas(Part):
    """How many gateways run in each region."""

    floor: Annotated[int, Between(2, 100, "replicas"), BeforeValidator(_not_alone)] = Field(
        default=2, description="Gateways that always run; one alone would stop everything with its node."
    )
    max: Annotated[int, Between(2, 1000, "replicas")] = Field(
        default=10, description="Most gateways; those above the floor come with the load."
    )

    def rules(self) -> Iterator[Broken]:
        """The most is no less than what always runs."""
        if self.max < self.floor:
            yield (
                "max",
                Refusal(
                    f"'{self.max}' is under floor: {self.floor}, and these gateways always run",
                    allowed=f"{self.floor} or more",
                    fix=f"write {self.floor}, or a smaller floor",
                ),
            )


class GatewayCache(Part):
    """The cache of answers that the gateways of a region share; there is one when an endpoint has the rung `cached`."""

    largest: Size = Field(
        default=Size.parse("5GiB"),
        description="It keeps no more, and pushes out what was not asked for longest; whole GiB, up to 5000GiB.",
    )
    work_units: Annotated[int, Between(1000, 15_000_000, "work units")] = Field(
        default=20_000, description="Work units (ECPUs) a second at most; above, it refuses and gateways go without it."
    )

    def rules(self) -> Iterator[Broken]:
        """A size that ElastiCache takes."""
        whole = Size.parse(f"{max(1, min(self.largest.gib, _LARGEST_CACHE.gib))}GiB")
        if self.largest != whole:
            yield (
                "largest",
                Refusal(
                    f"'{self.largest}' is not a limit that ElastiCache has",
                    allowed=f"whole GiB from 1GiB to {_LARGEST_CACHE}",
                    fix=f"write {whole}",
                ),
            )


class OidcProvider(Part):
    """Whose tokens gateways take besides keys."""

    issuer: Annotated[str, _URL] = Field(description="As in the tokens' `iss`.", examples=["https://login.example.com"])
    audience: Annotated[str, Field(min_length=1)] = Field(
        description="As in the tokens' `aud`: what this platform is called there.", examples=["stanchion"]
    )
    keys_uri: Annotated[str, _URL] = Field(
        description="Where its public keys are, as its `jwks_uri` says.", examples=["https://login.example.com/keys"]
    )
    team_claim: Annotated[str, _CLAIM] = Field(default="team", description="The claim that names the team.")
    use_case_claim: Annotated[str, _CLAIM] = Field(default="use_case", description="The claim that names the use case.")


class Gateway(FromImage):
    """The gateways of each region, the one place that every request of an online endpoint passes."""

    image: Image = Field(
        description="Image of the gateway by digest: a repository of storage.repositories, or a full reference.",
        examples=["gateway@sha256:<64 digits>"],
    )
    image_size: Size = Field(
        default=Size.parse("250MiB"), description="Size of the image, of which the time to pull it follows."
    )
    replicas: GatewayReplicas = Field(default_factory=GatewayReplicas, description="How many run in each region.")
    cpu: Cores = Field(
        default=Cores.parse("1"),
        description='vCPUs of each, in double quotes; one gateway is one process and uses no more than "1".',
    )
    memory: Size = Field(default=Size.parse("512MiB"), description="Memory of each; one that takes more is ended.")
    concurrency: Annotated[int, Between(1, 10_000, "requests")] = Field(
        default=256, description="Requests that each takes at a time; above, the lowest tier is refused first."
    )
    largest_body: Size = Field(
        default=Size.parse("4MiB"), description="Largest request; up to a quarter of the memory."
    )
    largest_headers: Size = Field(
        default=Size.parse("32KiB"), description=f"Largest headers of a request together; up to {_LARGEST_HEADERS}."
    )
    poll: Duration = Field(
        default=SHORTEST_POLL,
        description="How often each asks for the routing document, 15s to 1d: within it a rollback takes effect.",
    )
    prices: str | None = Field(
        default=None, description="Version of the unit prices that costs are estimated with; the newest, unless said."
    )
    cache: GatewayCache = Field(
        default_factory=GatewayCache, description="Limits of the cache of answers in each region."
    )
    oidc: OidcProvider | None = Field(
        default=None, description="Whose tokens are taken besides keys; keys alone, unless said."
    )
    traces: Annotated[str, _COLLECTOR] | None = Field(
        default=None,
        description="Where an OpenTelemetry collector takes traces by HTTP; none are made, unless said.",
        examples=["http://collector.observability.svc:4318"],
    )
    local_command: list[str] | None = Field(
        default=None,
        description="With cloud: local only: the command that stands for the gateway there; `$(NAME)` is replaced by "
        "what that variable of the pod has.",
    )

    @property
    def traces_port(self) -> int | None:
        """Where the collector listens; None when no traces are made."""
        if self.traces is None:
            return None
        address = urlsplit(self.traces)
        return address.port or (443 if address.scheme == "https" else 80)

    def rules(self) -> Iterator[Broken]:
        """Limits that can be kept, prices that are there, a command that is one."""
        if _BODIES_IN_MEMORY * self.largest_body.bytes > self.memory.bytes:
            yield (
                "largest_body",
                Refusal(
                    f"'{self.largest_body}' is too large for a gateway of memory: {self.memory}, which holds several "
                    "at a time",
                    allowed="up to a quarter of the memory",
                    fix=f"write {max(1, self.memory.bytes // _BODIES_IN_MEMORY // 1024)}KiB or less, or more memory",
                ),
            )
        if self.largest_headers > _LARGEST_HEADERS:
            yield (
                "largest_headers",
                Refusal(
                    f"'{self.largest_headers}' is more than load balancers hand on",
                    allowed=f"up to {_LARGEST_HEADERS}",
                    fix="write 32KiB",
                ),
            )
        if not SHORTEST_POLL <= self.poll <= LONGEST_POLL:
            nearest = SHORTEST_POLL if self.poll < SHORTEST_POLL else LONGEST_POLL
            yield (
                "poll",
                Refusal(
                    f"'{self.poll}' is not an interval that AppConfig takes",
                    allowed=f"{SHORTEST_POLL} to {LONGEST_POLL}",
                    fix=f"write {nearest}",
                ),
            )
        if self.prices is not None and self.prices != (known := unit_prices().version):
            yield (
                "prices",
                Refusal(
                    f"'{shown(self.prices)}' is not a version of the unit prices of this release",
                    allowed=known,
                    fix=f'write "{known}", or leave it out for the newest',
                ),
            )
        yield from word_rule(self.local_command)
