"""What a gateway is told at its start: the endpoints of its region, and where things are. Pulumi writes it.

What changes while it runs is in the routing document (`stanchion.routing.document`).
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stanchion.errors import StanchionError
from stanchion.serving.slots import Slot
from stanchion.spec.endpoints import Rung
from stanchion.spec.models import VariantName

# Names the file.
VARIABLE = "STANCHION_GATEWAY_CONFIGURATION"
WithoutCounters = Literal["bounded", "refuse", "allow"]
Unit = Literal["requests", "tokens", "usd"]
Window = Literal["minute", "day", "month"]
Scope = Literal["user", "key", "use_case"]


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Quota(_Told):
    """One limit on what may be used.

    Args:
        scope: whom it is counted for: each user of a key, the key, or all keys of the use case.
        unit: what is counted.
        window: over which time, in UTC: a minute, a day or a month by the calendar.
        soft: from which on answers carry a warning; None for none.
        hard: from which on requests are refused.
    """

    scope: Scope
    unit: Unit
    window: Window
    soft: float | None = None
    hard: float = Field(gt=0)


class CacheRules(_Told):
    """Answers that may be given again.

    Args:
        fresh_seconds: how long an answer may be given in place of asking the model; 0 for never, so that the cache
            serves on its own rung only.
        stale_seconds: how long on the rung `cached`.
        shared: whether one user's answer may be another's.
        largest_bytes: of an answer that is kept.
    """

    fresh_seconds: int = Field(default=0, ge=0)
    stale_seconds: int = Field(default=24 * 3600, ge=0)
    shared: bool = False
    largest_bytes: int = Field(default=256 * 1024, ge=1)


class HumanRules(_Told):
    """What happens on the last rung.

    Args:
        answer_seconds: within which somebody is expected to answer; told to the client.
        keep_seconds: how long a ticket and its answer are kept.
        webhook_hosts: hosts that answers may be sent to; none when empty.
    """

    answer_seconds: int = Field(default=4 * 3600, ge=1)
    keep_seconds: int = Field(default=30 * 86400, ge=1)
    webhook_hosts: tuple[str, ...] = ()


class PayloadRules(_Told):
    """What of requests and answers gets into events.

    Args:
        sample: share of the requests whose payload is kept, 0 to 1.
        largest_bytes: of a payload; it is cut there.
        drop: names of fields, at any depth, that are left out.
        hash: names of fields, at any depth, whose values are replaced by a keyed hash.
    """

    sample: float = Field(default=0.0, ge=0, le=1)
    largest_bytes: int = Field(default=8 * 1024, ge=0)
    drop: tuple[str, ...] = ()
    hash: tuple[str, ...] = ()


class VariantPlace(_Told):
    """Where a variant runs.

    Args:
        concurrency: requests that one replica takes at a time.
        pool: of its replicas.
        hosts: name and port of the Service by slot, such as `chat-full-blue.endpoints.svc:8000`.
        usd_per_hour: of a replica's share of a node on demand; None when no price is known.
    """

    concurrency: int = Field(ge=1)
    pool: str
    hosts: dict[Slot, str]
    usd_per_hour: float | None = Field(default=None, ge=0)


class EndpointPlace(_Told):
    """One online endpoint.

    Args:
        kind: `llm` speaks OpenAI's protocol, `predictor` the Open Inference Protocol v2.
        tier: its tier.
        use_case: what it is for.
        model: what its servers call it; clients ask by the endpoint's name.
        ladder: the rungs, best first.
        variants: where the variants run that are deployed in this region.
        scale_to_zero: whether a request may have to wait for a cold start.
        deadline_seconds: within which every request has an answer, of whichever rung.
        rung_seconds: within which a rung has to begin its answer before the next one is tried.
        cache: with rung `cached`.
        human: with rung `human`.
        quotas: that hold for every caller, on top of those of keys.
        without_counters: what happens when the counters can't be reached: a bounded overspend, refusal, or no limit.
        payloads: what gets into events.
    """

    kind: Literal["llm", "predictor"]
    tier: str
    use_case: str
    model: str
    ladder: tuple[Rung, ...]
    variants: dict[VariantName, VariantPlace]
    scale_to_zero: bool = False
    deadline_seconds: float = Field(default=60.0, gt=0)
    rung_seconds: float = Field(default=10.0, gt=0)
    cache: CacheRules | None = None
    human: HumanRules | None = None
    quotas: tuple[Quota, ...] = ()
    without_counters: WithoutCounters = "bounded"
    payloads: PayloadRules = PayloadRules()


class Limits(_Told):
    """What one gateway takes.

    Args:
        body_bytes: of a request.
        header_bytes: of all its headers.
        body_seconds: within which a request has to have come in whole.
        concurrency: requests at a time; above, the lowest tier is refused first.
        idle_seconds: after which a connection without a request is closed.
    """

    body_bytes: int = Field(default=4 * 1024 * 1024, ge=1)
    header_bytes: int = Field(default=32 * 1024, ge=1)
    body_seconds: float = Field(default=10.0, gt=0)
    concurrency: int = Field(default=256, ge=1)
    idle_seconds: float = Field(default=75.0, gt=0)


class RoutingPlace(_Told):
    """Where the routing document is published, in AppConfig."""

    application: str
    environment: str
    profile: str
    poll_seconds: Annotated[float, Field(gt=0)] = 15.0


class Oidc(_Told):
    """Whose tokens are taken besides keys.

    Args:
        issuer: as in `iss`.
        audience: as in `aud`.
        keys_uri: where its public keys are.
        team_claim: the claim that names the team.
        use_case_claim: the claim that names the use case.
    """

    issuer: str
    audience: str
    keys_uri: str
    team_claim: str = "team"
    use_case_claim: str = "use_case"


class GatewayConfiguration(_Told):
    """All that a gateway is told.

    Args:
        environment: its name.
        account: of the environment.
        region: where it runs.
        tiers: the strictest first; the last is refused first when there is too much to do.
        endpoints: by name, which is what clients ask for.
        routing: where the routing document is.
        limits: of one gateway.
        event_stream: name of the Firehose stream.
        key_table: of API keys.
        quota_table: of counters.
        ticket_table: of tickets.
        ticket_queue: URL of the queue of people.
        cache_address: of Valkey, such as `cache.example:6379`; each gateway has its own in memory when None.
        hash_key: name of the secret with the keys of keyed hashes.
        price_version: of the unit prices; the newest when None.
        oidc: None when only keys are taken.
        namespace: where the Services of the endpoints lie.
        peers: `NAMESPACE/SERVICE` of the gateways' own Service, whose first port is the internal one; None when there
            is one gateway only, or demand is not asked of all of them.
        metrics_namespace: of CloudWatch, to which metrics go (`stanchion.serving.gateway_metrics`); None for nowhere.
    """

    schema_version: Literal["1.0"] = "1.0"
    environment: str
    account: str
    region: str
    tiers: tuple[str, ...]
    endpoints: dict[str, EndpointPlace]
    routing: RoutingPlace
    limits: Limits = Limits()
    event_stream: str
    key_table: str
    quota_table: str
    ticket_table: str = ""
    ticket_queue: str = ""
    cache_address: str | None = None
    hash_key: str
    price_version: str | None = None
    oidc: Oidc | None = None
    namespace: str = "endpoints"
    peers: Annotated[str, Field(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")] | None = None
    # CloudWatch: 1 to 255 letters, of which the first are not `AWS/` (PutMetricData).
    metrics_namespace: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.#/-]{1,255}$")] | None = None

    @classmethod
    def load(cls, file: Path) -> "GatewayConfiguration":
        """Read it.

        Raises:
            StanchionError: no such file, or something in it is wrong.
        """
        try:
            return cls.model_validate_json(file.read_bytes())
        except OSError as error:
            raise StanchionError(
                f"the gateway's configuration {file} can't be read: {error.strerror}; {VARIABLE} names its file."
            ) from None
        except ValidationError as error:
            said = "; ".join(
                f"{'.'.join(str(part) for part in each['loc']) or 'document'}: {each['msg']}"
                for each in error.errors(include_url=False)
            )
            raise StanchionError(f"the gateway's configuration {file} is wrong: {said}.") from None
