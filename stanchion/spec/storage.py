"""How long each kind of object stays in which storage class."""

from enum import Enum
from typing import Any

from pydantic import ValidationInfo, field_validator, model_validator

from stanchion.spec.part import Part
from stanchion.spec.units import Duration

DAY = 86400
# S3 refuses a move to Standard-IA earlier. Source: S3 user guide, "Lifecycle transition constraints".
EARLIEST_COLD = Duration(30 * DAY)
# Shorter stays are billed to the minimum. Source: S3 user guide, "storage classes".
COLD_MINIMUM = Duration(30 * DAY)


class Tiering(Enum):
    """What moves objects between classes."""

    AGE = "age"
    INTELLIGENT = "intelligent"
    NONE = "none"


class ArchiveClass(Enum):
    """Where archived objects lie: read at once, within hours, or within half a day."""

    INSTANT = "instant"
    FLEXIBLE = "flexible"
    DEEP = "deep"


# Minimum storage duration. Source: S3 user guide, "storage classes".
ARCHIVE_MINIMUM = {
    ArchiveClass.INSTANT: Duration(90 * DAY),
    ArchiveClass.FLEXIBLE: Duration(90 * DAY),
    ArchiveClass.DEEP: Duration(180 * DAY),
}


class BucketPolicy(Part):
    """The life of the objects of one bucket."""

    queried: bool = False
    """Athena skips what is archived below instant retrieval without an error, so a queried bucket never goes there."""
    tiering: Tiering = Tiering.AGE
    """`age`, `intelligent` (by access, for objects whose use can't be foreseen) or `none`."""
    archive_class: ArchiveClass = ArchiveClass.INSTANT
    cold: Duration | None = None
    """Age at which objects move to Standard-IA; at least 30d."""
    archive: Duration | None = None
    """Age at which objects move to the archive class; after `cold`."""
    expire: Duration | None = None
    """Age at which objects are deleted; without it they stay."""
    noncurrent: Duration = Duration(90 * DAY)
    """How long overwritten and deleted versions can be brought back: the reach of recovery from corruption."""
    incomplete_uploads: Duration = Duration(7 * DAY)
    """Age at which uploads that never ended are removed."""

    @field_validator("cold", "archive", "expire", "noncurrent", "incomplete_uploads")
    @classmethod
    def _whole_days(cls, value: Duration | None) -> Duration | None:
        _ = value.days if value else None
        return value

    @field_validator("archive_class")
    @classmethod
    def _queried_stays_readable(cls, value: ArchiveClass, info: ValidationInfo) -> ArchiveClass:
        if info.data.get("queried") and value is not ArchiveClass.INSTANT:
            raise ValueError(
                f"'{value.value}' hides objects from queries without an error; allowed where queried: instant"
            )
        return value

    @field_validator("cold")
    @classmethod
    def _not_too_early(cls, value: Duration | None, info: ValidationInfo) -> Duration | None:
        cls._by_age_only(value, info)
        if value and value < EARLIEST_COLD:
            raise ValueError(f"'{value}' is too early; S3 moves nothing to Standard-IA before {EARLIEST_COLD}")
        return value

    @field_validator("archive")
    @classmethod
    def _after_cold(cls, value: Duration | None, info: ValidationInfo) -> Duration | None:
        cls._by_age_only(value, info)
        cold = info.data.get("cold")
        if value and cold and value <= cold:
            raise ValueError(f"'{value}' is not after cold ({cold}); objects go cold before they are archived")
        if value and cold and value.seconds - cold.seconds < COLD_MINIMUM.seconds:
            raise ValueError(
                f"'{value}' leaves objects in Standard-IA for less than {COLD_MINIMUM}, which is billed all the same; "
                f"allowed: {Duration(cold.seconds + COLD_MINIMUM.seconds)} or later, or no cold"
            )
        return value

    @field_validator("expire")
    @classmethod
    def _not_before_the_minimum(cls, value: Duration | None, info: ValidationInfo) -> Duration | None:
        if value is None:
            return value
        archive, cold = info.data.get("archive"), info.data.get("cold")
        archive_class = info.data.get("archive_class", ArchiveClass.INSTANT)
        last, minimum, name = (
            (archive, ARCHIVE_MINIMUM[archive_class], f"archive class {archive_class.value}")
            if archive
            else (cold, COLD_MINIMUM, "Standard-IA")
        )
        if last and value.seconds - last.seconds < minimum.seconds:
            raise ValueError(
                f"'{value}' deletes objects within the {minimum} that {name} bills at least; "
                f"allowed: {Duration(last.seconds + minimum.seconds)} or later, or an earlier move"
            )
        return value

    @staticmethod
    def _by_age_only(value: Duration | None, info: ValidationInfo) -> None:
        tiering = info.data.get("tiering", Tiering.AGE)
        if value and tiering is not Tiering.AGE:
            raise ValueError(
                f"'{value}' has no meaning with tiering: {tiering.value}, which does not go by "
                "age; remove it, or say tiering: age"
            )


def _days(count: int) -> Duration:
    return Duration(count * DAY)


class Storage(Part):
    """The buckets of each region, and the container repositories."""

    raw: BucketPolicy = BucketPolicy(queried=True, cold=_days(30), archive=_days(120))
    """Events and files as they came in."""
    curated: BucketPolicy = BucketPolicy(queried=True, tiering=Tiering.INTELLIGENT)
    """What passed its quality gate."""
    archive: BucketPolicy = BucketPolicy(archive_class=ArchiveClass.DEEP, archive=_days(1))
    """What is kept for the record only."""
    models: BucketPolicy = BucketPolicy(tiering=Tiering.NONE, noncurrent=_days(365))
    """Weights and other artifacts: recovery loads from here, so nothing is archived."""
    evidence: BucketPolicy = BucketPolicy(tiering=Tiering.NONE, noncurrent=_days(365))
    """What drills measured; can't be changed afterwards."""
    access_logs: BucketPolicy = BucketPolicy(cold=_days(30), expire=_days(365), noncurrent=_days(30))
    """Who read and wrote the other buckets."""
    repositories: list[str] = ["gateway", "models"]
    """Container repositories; each is named `<environment>/<name>`."""

    @model_validator(mode="before")
    @classmethod
    def _given_over_defaults(cls, value: Any) -> Any:
        # A document that says one thing about a bucket keeps the purpose's other defaults.
        if not isinstance(value, dict):
            return value
        merged: dict[str, Any] = {}
        for key, given in value.items():  # pyright: ignore[reportUnknownVariableType]
            field = cls.model_fields.get(str(key))  # pyright: ignore[reportUnknownArgumentType]
            if field is not None and isinstance(field.default, BucketPolicy) and isinstance(given, dict):
                base = field.default.model_dump(exclude_unset=True)
                # Another way of tiering does away with the default ages of the old one.
                if "tiering" in given and given["tiering"] != field.default.tiering.value:
                    base = {
                        name: kept for name, kept in base.items() if name not in ("cold", "archive", "archive_class")
                    }
                merged[str(key)] = {**base, **given}  # pyright: ignore[reportUnknownArgumentType]
            else:
                merged[str(key)] = given  # pyright: ignore[reportUnknownArgumentType]
        return merged

    @field_validator("repositories")
    @classmethod
    def _names(cls, names: list[str]) -> list[str]:
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"'{twice[0]}' is listed twice; name each repository once")
        return names
