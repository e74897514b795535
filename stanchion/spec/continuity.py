"""Continuity: how backups are locked and how long they live, what is backed up, and how restores are rehearsed."""

from collections.abc import Iterator
from enum import Enum
from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool

from stanchion.spec.part import Broken, Part
from stanchion.spec.refusal import Refusal
from stanchion.spec.storage import Days
from stanchion.spec.text import Form, distinct
from stanchion.spec.units import Duration

# AWS Backup holds a compliance lock back so long (AWS Backup API, PutBackupVaultLockConfiguration: ChangeableForDays).
SHORTEST_COOLING_OFF = 3
LONGEST_COOLING_OFF = 36500
# A continuous backup is kept no longer (AWS Backup Developer Guide, continuous backups).
LONGEST_CONTINUOUS = 35
LONGEST_RETENTION = 36500


class VaultLock(Enum):
    """Who can lift the lock of a backup vault: people with that permission, or nobody, ever."""

    GOVERNANCE = "governance"
    COMPLIANCE = "compliance"


class BackedUp(Enum):
    """Buckets that can be backed up. Access logs may be lost; the archive's class can't be read by backups."""

    RAW = "raw"
    CURATED = "curated"
    MODELS = "models"
    EVIDENCE = "evidence"


_VAULT_NAME = Form(
    "^[a-zA-Z0-9_-]{2,50}$",
    "2 to 50 letters, digits, dashes and underscores",
    "write the name of the vault alone, not its ARN",
)


def _days(number: int) -> Duration:
    return Duration(number * 86400)


def _distinct(values: list[BackedUp]) -> list[BackedUp]:
    distinct("bucket")([value.value for value in values])
    return values


class Continuity(Part):
    """Backups in vaults that nobody can empty, copied to the other region, and restored for practice."""

    lock: VaultLock = Field(
        default=VaultLock.GOVERNANCE,
        description="`governance`: people with the permission can lift the lock. `compliance`: after cooling_off "
        "nobody can, neither the root user nor AWS; what is in the vault is paid for until it expires.",
    )
    cooling_off: Days | None = Field(
        default=None,
        description="With lock: compliance, and required there: for how long the lock can still be lifted. 3d or more.",
    )
    minimum_retention: Days = Field(
        default=_days(7), description="The lock refuses backups that would be gone before that. 1d to 35d."
    )
    retention: Days = Field(
        default=_days(35),
        description="How long backups and their copies are kept. Continuous backups go back 35d at most.",
    )
    backed_up: Annotated[list[BackedUp], AfterValidator(_distinct)] = Field(
        default_factory=lambda: list(BackedUp),
        description="Buckets that are backed up, as the strictest tier is. Backups survive what deletes versions and "
        "replicas; the backup and its copy are each paid for by the GB.",
    )
    account_vault: Annotated[str, _VAULT_NAME] = Field(
        default="stanchion-copies",
        description="With accounts.backup: name of a vault there, the same in both regions, that copies go to as well. "
        "That account makes it, and lets this one copy into it.",
    )
    restore: Duration = Field(
        default=Duration(3600),
        description="How long the team takes to put back versions or backups of shared buckets, and images. Nobody "
        "publishes such a figure: it is declared here, counted in every RTO, and held against drills.",
    )
    restore_tests: StrictBool = Field(
        default=True,
        description="Whether backups are restored for practice, as often as the tier says (drill_every). Each test "
        "costs a restore and some hours of storage.",
    )
    audit: StrictBool = Field(
        default=False,
        description="Whether AWS Backup Audit Manager checks all of this; needs AWS Config to record the region.",
    )

    def rules(self) -> Iterator[Broken]:
        """Locks that are meant, and retentions that fit them."""
        yield from self._cooling_off_rules()
        if self.minimum_retention.days > LONGEST_CONTINUOUS:
            yield (
                "minimum_retention",
                Refusal(
                    f"'{self.minimum_retention}' would refuse every continuous backup, which lives "
                    f"{LONGEST_CONTINUOUS} days at most",
                    allowed=f"1d to {LONGEST_CONTINUOUS}d",
                    fix="write 7d",
                ),
            )
        if self.retention < self.minimum_retention:
            yield (
                "retention",
                Refusal(
                    f"'{self.retention}' is shorter than minimum_retention: {self.minimum_retention}, so the lock "
                    "would refuse every backup",
                    allowed=f"{self.minimum_retention} or longer",
                    fix=f"write {self.minimum_retention}",
                ),
            )
        if self.retention.days > LONGEST_RETENTION:
            yield (
                "retention",
                Refusal(
                    f"'{self.retention}' is longer than AWS Backup keeps anything",
                    allowed=f"up to {LONGEST_RETENTION}d",
                    fix="write 365d",
                ),
            )
        if self.restore.seconds == 0:
            yield (
                "restore",
                Refusal(
                    f"'{self.restore}' claims that data comes back in no time",
                    allowed="a time above 0",
                    fix="write what the last drill took, such as 1h",
                ),
            )

    def _cooling_off_rules(self) -> Iterator[Broken]:
        if self.lock is VaultLock.GOVERNANCE:
            if self.cooling_off is not None:
                yield (
                    "cooling_off",
                    Refusal(
                        f"'{self.cooling_off}' does nothing with lock: governance, which can be lifted at any time",
                        allowed="a time only with lock: compliance",
                        fix="remove cooling_off, or write lock: compliance if nobody may ever lift it",
                    ),
                )
            return
        days = self.cooling_off.days if self.cooling_off is not None else None
        if days is None or not SHORTEST_COOLING_OFF <= days <= LONGEST_COOLING_OFF:
            said = "it is not said" if days is None else f"'{self.cooling_off}' is outside what AWS takes"
            yield (
                "cooling_off",
                Refusal(
                    f"{said}, and after it nobody can lift the compliance lock, shorten a backup's life or delete the "
                    "vault",
                    allowed=f"{SHORTEST_COOLING_OFF}d to {LONGEST_COOLING_OFF}d",
                    fix="write how long you need to be sure, such as cooling_off: 14d, or lock: governance",
                ),
            )
