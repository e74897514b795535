"""Endpoints: what serves, for whom, at which tier, with how many replicas, and what is served when that is too much."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, StrictBool, ValidationInfo, WithJsonSchema, field_validator

from stanchion.serving.spot_notice import LONGEST
from stanchion.spec.answers import CachedAnswers, HumanAnswers
from stanchion.spec.ladder import RUNGS as RUNGS
from stanchion.spec.ladder import Rung, ladder_rules
from stanchion.spec.local_command import word_rule
from stanchion.spec.models import KEY_PREFIX, VariantName
from stanchion.spec.numbers import Between
from stanchion.spec.part import Broken, Part
from stanchion.spec.payloads import Payloads
from stanchion.spec.quotas import EndpointQuota, quota_rules
from stanchion.spec.refusal import Refusal, shown
from stanchion.spec.text import Form
from stanchion.spec.units import Duration, Latency

OnlineKind = Literal["llm", "predictor"]
WithoutCounters = Literal["bounded", "refuse", "allow"]
LONGEST_DEADLINE = Duration(LONGEST, f"{LONGEST}s")
_RUNG_TIMEOUT = Latency.parse("10s")
ENDPOINT_NAME = Form(
    "^[a-z][a-z0-9-]{0,61}[a-z0-9]$",
    "2 to 63 small letters, digits and dashes, a letter first and no dash last",
    "write a name such as support-assistant",
)
_USE_CASE = Form(
    "^[a-z][a-z0-9-]{0,61}[a-z0-9]$",
    "2 to 63 small letters, digits and dashes, a letter first and no dash last",
    "write what it is for, such as customer-support; costs are told by it",
)
# EventBridge Scheduler user guide, schedule types: rate and cron, in UTC; one-time ones are no schedule of an endpoint.
_SCHEDULE = Form(
    r"^(rate\([1-9][0-9]{0,4} (minutes?|hours?|days?)\)|cron\(([^ ()]+ ){5}[^ ()]+\))$",
    "rate(...) or cron(...) with six fields, in UTC, such as cron(0 3 * * ? *)",
    'write it in double quotes, as in "rate(1 hour)"',
)


class EndpointCapacity(Part):
    """How many replicas serve."""

    floor: Annotated[int, Between(0, 1000, "replicas")] = Field(
        default=2, description="Replicas on demand that always run: what is left when all spot is taken back."
    )
    max: Annotated[int, Between(0, 1000, "replicas")] = Field(
        default=2, description="Most replicas; those above the floor come with the load."
    )
    spot: StrictBool = Field(
        default=False, description="Whether replicas above the floor prefer spot nodes, of pools that have a burst."
    )
    scale_to_zero: StrictBool = Field(
        default=False,
        description="Whether even the floor goes when nobody asks. The first request waits for a cold start.",
    )


class Standby(Part):
    """What runs in the standby region while the primary one serves."""

    floor: Annotated[int, Between(0, 1000, "replicas")] = Field(
        default=1, description="Replicas that always run there; the others come when it takes over."
    )
    rung: Rung = Field(default="full", description="Variant that runs there: `full` or `quantized`.")


def _availability(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 90 <= value < 100:
        return float(value)
    raise Refusal(
        f"'{shown(value)}' is not a percentage that can be promised",
        allowed="90 to below 100, such as 99.9",
        fix="write 99.9, which is 43 minutes a month",
    )


_AVAILABILITY_SCHEMA: dict[str, Any] = {"type": "number", "minimum": 90, "exclusiveMaximum": 100}


class Slo(Part):
    """What callers can count on; alarms and error budgets follow from it."""

    availability: Annotated[float, PlainValidator(_availability), WithJsonSchema(_AVAILABILITY_SCHEMA)] = Field(
        default=99.9, description="Percent of requests that get an answer."
    )
    p95: Latency = Field(
        default=Latency.parse("5s"), description="Time within which 95 of 100 answers begin, such as 1500ms."
    )


class _Endpoint(Part):
    """What every endpoint says."""

    tier: str = Field(description="Tier of tiers that it belongs to.", examples=["critical"])
    use_case: Annotated[str, _USE_CASE] = Field(
        description="What it is for; costs and quality are told by it.", examples=["customer-support"]
    )
    model: str = Field(description="Model of models that it serves.", examples=["support-llm"])


class OnlineEndpoint(_Endpoint):
    """An endpoint that answers requests, on Kubernetes."""

    kind: OnlineKind = Field(
        description="`llm` speaks OpenAI's protocol, `predictor` the Open Inference Protocol v2.", examples=["llm"]
    )
    ladder: list[Rung] = Field(
        default_factory=lambda: ["full"],
        description="What is served, best first: `full`, `quantized`, `cached`, `human`. The next rung serves when the "
        "one above can't, or costs too much.",
        json_schema_extra={"minItems": 1},
    )
    capacity: EndpointCapacity = Field(
        default_factory=EndpointCapacity, description="How many replicas serve, and on what they run."
    )
    standby: Standby | None = Field(
        default=None, description="What runs in the standby region; unless said, the same as in the primary one."
    )
    slo: Slo = Field(default_factory=Slo, description="What callers can count on.")
    deadline: Duration = Field(
        default=Duration(60, "60s"),
        description=f"Time within which every request has an answer, of whichever rung; 1s to {LONGEST_DEADLINE}, "
        "which is what a spot node leaves for it.",
    )
    rung_timeout: Latency = Field(
        default=_RUNG_TIMEOUT,
        validate_default=True,
        description="Time within which a rung has to begin its answer before the next one is tried; the deadline at "
        "most.",
    )
    cache: CachedAnswers | None = Field(
        default=None, validate_default=True, description="With rung `cached` only: which answers may be given again."
    )
    human: HumanAnswers | None = Field(
        default=None, validate_default=True, description="With rung `human` only: how people answer."
    )
    quotas: list[EndpointQuota] = Field(
        default_factory=list[EndpointQuota],
        description="How much of it may be used, on top of the quotas of keys; any amount, unless said.",
    )
    without_counters: WithoutCounters = Field(
        default="bounded",
        description="What happens while the counters of quotas can't be reached: `bounded`, a share of what is left "
        "is given out; `refuse`, nothing; or `allow`, everything.",
    )
    payloads: Payloads = Field(
        default_factory=Payloads, description="What of requests and answers is kept in events; nothing, unless said."
    )

    @field_validator("rung_timeout")
    @classmethod
    def _within_a_shorter_deadline(cls, value: Latency, info: ValidationInfo) -> Latency:
        # A short deadline alone is no contradiction: what nobody wrote gives way.
        deadline = info.data.get("deadline")
        if value is _RUNG_TIMEOUT and deadline is not None and 0 < deadline.seconds * 1000 < value.milliseconds:
            return Latency.parse(f"{deadline.seconds}s")
        return value

    @field_validator("cache", "human")
    @classmethod
    def _defaults_of_the_rung(cls, value: Part | None, info: ValidationInfo) -> Part | None:
        rung, made = ("cached", CachedAnswers) if info.field_name == "cache" else ("human", HumanAnswers)
        return made() if value is None and rung in info.data.get("ladder", ()) else value

    def rules(self) -> Iterator[Broken]:
        """The ladder goes down, from the whole model on; times and quotas can be kept."""
        yield from ladder_rules(self.ladder)
        yield from self._time_rules()
        for key, rung in (("cache", "cached"), ("human", "human")):
            if getattr(self, key) is not None and rung not in self.ladder:
                yield (
                    key,
                    Refusal(
                        f"it does nothing: '{rung}' is not on the ladder of this endpoint",
                        allowed=f"{key} only with rung {rung}",
                        fix=f"remove it, or add {rung} to the ladder",
                    ),
                )
        yield from quota_rules(self.quotas, self.kind)

    def _time_rules(self) -> Iterator[Broken]:
        if not 1 <= self.deadline.seconds <= LONGEST_DEADLINE.seconds:
            long = self.deadline.seconds > LONGEST_DEADLINE.seconds
            what = "is longer than a node on spot may still run once it is taken back" if long else "leaves no time"
            yield (
                "deadline",
                Refusal(
                    f"'{self.deadline}' {what}",
                    allowed=f"1s to {LONGEST_DEADLINE}",
                    fix=f"write {LONGEST_DEADLINE if long else '60s'}"
                    + (", stream longer answers in parts, or give them to a batch endpoint" if long else ""),
                ),
            )
        elif self.rung_timeout.milliseconds > self.deadline.seconds * 1000:
            yield (
                "rung_timeout",
                Refusal(
                    f"'{self.rung_timeout}' is longer than deadline: {self.deadline}, and no rung after it would have "
                    "its turn",
                    allowed=f"up to {self.deadline}",
                    fix=f"write {max(1, self.deadline.seconds // 3)}s",
                ),
            )

    @property
    def variants(self) -> tuple[VariantName, ...]:
        """The rungs that are variants of the model, best first; the other rungs need no replicas."""
        return tuple(rung for rung in self.ladder if rung in ("full", "quantized"))


BatchBucket = Literal["raw", "curated"]


class Keys(Part):
    """Objects of a bucket."""

    bucket: BatchBucket = Field(description="`raw` or `curated`.", examples=["curated"])
    prefix: Annotated[str, KEY_PREFIX] = Field(description="Where they lie in it.", examples=["nightly/in"])


class BatchEndpoint(_Endpoint):
    """An endpoint that works through objects of a bucket, on AWS Batch."""

    kind: Literal["batch"] = Field(description="`batch`.", examples=["batch"])
    input: Keys = Field(description="What is read.", examples=["{bucket: curated, prefix: nightly/in}"])
    output: Keys = Field(description="What is written.", examples=["{bucket: curated, prefix: nightly/out}"])
    command: list[str] = Field(
        description="Arguments of the container; `Ref::input` and `Ref::output` stand for the objects.",
        examples=["[score, Ref::input, Ref::output]"],
        json_schema_extra={"minItems": 1},
    )
    schedule: Annotated[str, _SCHEDULE] | None = Field(
        default=None, description="When a job is submitted, in UTC; by hand only, unless said."
    )
    max_vcpus: Annotated[int, Between(1, 100_000, "vCPUs")] = Field(
        default=64, description="Most vCPUs of all jobs together, on spot and on demand each."
    )
    attempts: Annotated[int, Between(2, 10, "attempts")] = Field(
        default=5, description="How often a job is started at most, over hosts that are taken back."
    )
    timeout: Duration = Field(default=Duration(4 * 3600), description="How long one attempt may run.")
    local_command: list[str] | None = Field(
        default=None,
        description="With cloud: local only: the command that stands for the container there; `Ref::input` and "
        "`Ref::output` as in command.",
    )

    def rules(self) -> Iterator[Broken]:
        """Jobs that can run, and whose output is not their input."""
        if not self.command:
            yield (
                "command",
                Refusal(
                    "it has no word",
                    allowed="the container's arguments",
                    fix="write [score, Ref::input, Ref::output], or what the image takes",
                ),
            )
        yield from word_rule(self.local_command)
        # Batch API, JobTimeout: 60 seconds or more.
        if self.timeout.seconds < 60:
            yield (
                "timeout",
                Refusal(f"'{self.timeout}' is less than AWS Batch takes", allowed="60s or longer", fix="write 4h"),
            )
        inner, outer = f"{self.output.prefix}/", f"{self.input.prefix}/"
        if self.input.bucket == self.output.bucket and inner.startswith(outer):
            yield (
                "output.prefix",
                Refusal(
                    f"'{self.output.prefix}' lies below input.prefix: {self.input.prefix}, so that the next job reads "
                    "what this one wrote",
                    allowed="a prefix beside the input's",
                    fix=f"write {self.input.prefix}-out",
                ),
            )

    @property
    def variants(self) -> tuple[VariantName, ...]:
        """Jobs run the whole model."""
        return ("full",)


Endpoint = Annotated[OnlineEndpoint | BatchEndpoint, Field(discriminator="kind")]
