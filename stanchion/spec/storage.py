"""Storage: which buckets there are, and how what lies in them gets cheaper with age and goes at last."""

from collections.abc import Iterator
from enum import Enum
from typing import Annotated, Any, cast

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, WithJsonSchema, model_validator

from stanchion.spec.part import Broken, Part
from stanchion.spec.refusal import Refusal
from stanchion.spec.text import Form, distinct
from stanchion.spec.units import Duration

# S3 takes nothing into Standard-IA before this day (S3 user guide, lifecycle transitions; API text of Transition).
EARLIEST_COLD = 30
# What goes earlier is billed to this day all the same (S3 user guide, storage classes compared), in days.
COLD_MINIMUM = 30


class Tiering(Enum):
    """How objects move to cheaper classes: by age, by use (Intelligent-Tiering), or not at all."""

    AGE = "age"
    INTELLIGENT = "intelligent"
    NONE = "none"


class ArchiveClass(Enum):
    """The Glacier class of archived objects: read at once, within hours, or within half a day to two days."""

    INSTANT = "instant"
    FLEXIBLE = "flexible"
    DEEP = "deep"

    @property
    def minimum(self) -> int:
        """Days that are billed even if the object goes earlier (S3 user guide, storage classes compared)."""
        return 180 if self is ArchiveClass.DEEP else 90


_DAYS_ALLOWED = "whole days from 1d on, such as 30d"


def _days(value: object) -> Duration:
    if isinstance(value, Duration):
        duration = value
    else:
        try:
            duration = Duration.parse(value)
        except Refusal as refusal:
            raise Refusal(refusal.what, allowed=_DAYS_ALLOWED, fix=refusal.fix.replace("m for minutes", "d")) from None
    if duration.seconds == 0 or not str(duration).endswith("d"):
        whole = max(1, -(-duration.seconds // 86400))
        raise Refusal(
            f"'{value}' is not in whole days, which S3 counts in", allowed=_DAYS_ALLOWED, fix=f"write {whole}d"
        )
    return duration


_DAYS_SCHEMA: dict[str, Any] = {"type": "string", "pattern": "^[1-9][0-9]{0,5}d$", "examples": ["30d"]}
Days = Annotated[Duration, BeforeValidator(_days), WithJsonSchema(_DAYS_SCHEMA)]


def _day(number: int) -> Duration:
    return Duration(number * 86400)


class BucketPolicy(Part):
    """What becomes of objects with age. A policy of `null` under a key means never."""

    tiering: Tiering = Field(
        default=Tiering.NONE,
        description="How objects get cheaper: `age` (to cold, then to archive), `intelligent` (S3 watches their use; "
        "pays above about 250 KB an object), or `none`. Objects below 128 KB stay where they are.",
    )
    cold: Days | None = Field(
        default=None, description="Age at which objects go to Standard-IA, 30d or later. With tiering: age only."
    )
    archive: Days | None = Field(
        default=None, description="Age at which objects go to the archive class. With tiering: age only."
    )
    archive_class: ArchiveClass = Field(
        default=ArchiveClass.INSTANT,
        description="`instant` is read at once, `flexible` in 3 to 12 hours, `deep` in 12 to 48 hours. Billed for at "
        "least 90, 90 and 180 days.",
    )
    expire: Days | None = Field(default=None, description="Age at which objects go for good; never, unless said.")
    noncurrent: Days = Field(
        default=_day(90),
        description="How long overwritten and deleted versions can be had back: the way out of corrupt data.",
    )
    incomplete_uploads: Days = Field(
        default=_day(7),
        description="Age at which uploads that were never finished go; nobody sees them, all are billed.",
    )
    queried: StrictBool = Field(
        default=False,
        description="Whether queries read it. Athena skips objects in the flexible and deep classes without an error, "
        "so what is queried never goes below instant retrieval.",
    )

    @model_validator(mode="before")
    @classmethod
    def _drop_ages_without_age(cls, value: object) -> object:
        # Choosing another tiering unsets the purpose's default ages; ages that are written are kept and refused.
        if not isinstance(value, dict):
            return value
        written = cast("dict[str, object]", value)
        if written.get("tiering") in ("intelligent", "none", Tiering.INTELLIGENT, Tiering.NONE):
            return {"cold": None, "archive": None, **written}
        return written

    def rules(self) -> Iterator[Broken]:
        """What S3 refuses, what it bills for nothing, and what queries would miss without a word."""
        if self.tiering is not Tiering.AGE:
            for key in ("cold", "archive"):
                if (age := getattr(self, key)) is not None:
                    yield (
                        key,
                        Refusal(
                            f"'{age}' does nothing with tiering: {self.tiering.value}",
                            allowed="an age only with tiering: age",
                            fix=f"remove {key}, or write tiering: age",
                        ),
                    )
            return
        yield from self._cold_rules()
        yield from self._archive_rules()

    def _cold_rules(self) -> Iterator[Broken]:
        if self.cold is None:
            return
        if self.cold.days < EARLIEST_COLD:
            yield (
                "cold",
                Refusal(
                    f"'{self.cold}' is too early: S3 takes nothing into Standard-IA before day {EARLIEST_COLD}",
                    allowed=f"{EARLIEST_COLD}d or later",
                    fix=f"write {EARLIEST_COLD}d",
                ),
            )
        if self.archive is not None and self.archive.days < self.cold.days + COLD_MINIMUM:
            order = "comes before" if self.archive < self.cold else "comes too soon after"
            yield (
                "archive",
                Refusal(
                    f"'{self.archive}' {order} cold: {self.cold}, whose class is billed for {COLD_MINIMUM} days",
                    allowed=f"{self.cold.days + COLD_MINIMUM}d or later, or null",
                    fix=f"write {self.cold.days + COLD_MINIMUM}d, or cold: null to archive without it",
                ),
            )
        if self.archive is None and self.expire is not None:
            yield from self._expires_late_enough("cold", self.cold, "Standard-IA", COLD_MINIMUM)

    def _archive_rules(self) -> Iterator[Broken]:
        if self.archive is None:
            return
        if self.queried and self.archive_class is not ArchiveClass.INSTANT:
            yield (
                "archive_class",
                Refusal(
                    f"'{self.archive_class.value}' hides data from queries, and queried is true",
                    allowed="instant, as long as it is queried",
                    fix="write archive_class: instant, or queried: false",
                ),
            )
        if self.expire is not None:
            label = f"the {self.archive_class.value} class"
            yield from self._expires_late_enough("archive", self.archive, label, self.archive_class.minimum)

    def _expires_late_enough(self, key: str, since: Duration, label: str, minimum: int) -> Iterator[Broken]:
        if self.expire is not None and self.expire.days < since.days + minimum:
            yield (
                "expire",
                Refusal(
                    f"'{self.expire}' is too early: objects are in {label} from {since} on ({key}), which is billed "
                    f"for at least {minimum} days",
                    allowed=f"{since.days + minimum}d or later, or null",
                    fix=f"write {since.days + minimum}d, or {key}: null to leave that class out",
                ),
            )


_TIERING = "How objects get cheaper: `age`, `intelligent` or `none`."
_COLD = "Age at which objects go to Standard-IA, 30d or later. With tiering: age only."
_ARCHIVE = "Age at which objects go to the archive class. With tiering: age only."
_NONCURRENT = "How long overwritten and deleted versions can be had back: the way out of corrupt data."
_QUERIED = "Whether queries read it; then archive_class is instant."


class RawPolicy(BucketPolicy):
    """Data as it arrived; everything downstream can be made from it again."""

    tiering: Tiering = Field(default=Tiering.AGE, description=_TIERING)
    cold: Days | None = Field(default=_day(30), description=_COLD)
    archive: Days | None = Field(default=_day(120), description=_ARCHIVE)
    queried: StrictBool = Field(default=True, description=_QUERIED)


class CuratedPolicy(BucketPolicy):
    """Tables that people, pipelines and monitors query; nobody can say which is read next month."""

    tiering: Tiering = Field(default=Tiering.INTELLIGENT, description=_TIERING)
    queried: StrictBool = Field(default=True, description=_QUERIED)


class ArchivePolicy(BucketPolicy):
    """What is kept for the record and hardly ever read."""

    tiering: Tiering = Field(default=Tiering.AGE, description=_TIERING)
    archive: Days | None = Field(default=_day(1), description=_ARCHIVE)
    archive_class: ArchiveClass = Field(
        default=ArchiveClass.DEEP, description="`instant`, `flexible` or `deep`; billed for at least 90, 90, 180 days."
    )


class ModelsPolicy(BucketPolicy):
    """Model artifacts: recovery and rollback load from here, so nothing is tiered away."""

    noncurrent: Days = Field(default=_day(365), description=_NONCURRENT)


class EvidencePolicy(BucketPolicy):
    """Results of drills and gates: small, and read by whoever asks for proof."""

    noncurrent: Days = Field(default=_day(365), description=_NONCURRENT)


class AccessLogsPolicy(BucketPolicy):
    """Who read and wrote the other buckets."""

    tiering: Tiering = Field(default=Tiering.AGE, description=_TIERING)
    cold: Days | None = Field(default=_day(30), description=_COLD)
    expire: Days | None = Field(default=_day(365), description="Age at which records go for good.")
    noncurrent: Days = Field(default=_day(30), description=_NONCURRENT)


RepositoryName = Annotated[
    str,
    Form(
        "^[a-z0-9][a-z0-9._/-]{0,98}[a-z0-9]$",
        "2 to 100 small letters, digits, and . _ - / between them",
        "write a name such as gateway or team/model",
    ),
]


class Storage(Part):
    """The buckets of the environment by purpose, and the container repositories."""

    raw: RawPolicy = Field(default_factory=RawPolicy, description="The lake's data as it arrived.")
    curated: CuratedPolicy = Field(default_factory=CuratedPolicy, description="The lake's tables.")
    archive: ArchivePolicy = Field(default_factory=ArchivePolicy, description="What is kept for the record.")
    models: ModelsPolicy = Field(default_factory=ModelsPolicy, description="Model artifacts.")
    evidence: EvidencePolicy = Field(default_factory=EvidencePolicy, description="Results of drills and gates.")
    access_logs: AccessLogsPolicy = Field(
        default_factory=AccessLogsPolicy, description="Records of access to the other buckets."
    )
    repositories: Annotated[list[RepositoryName], AfterValidator(distinct("repository"))] = Field(
        default_factory=lambda: ["gateway", "models"],
        description="Container repositories; each exists in both regions under the same name.",
    )
