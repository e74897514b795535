"""Evidence: what a drill measured, of which cloud and account, and when."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from stanchion.errors import StanchionError
from stanchion.recovery.disruption import Disruption

SCHEMA_VERSION = 1
CLOUDS = ("aws", "local")


class EvidenceError(StanchionError):
    """A file of evidence that can't be read as such."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One measurement of one drill.

    Args:
        drill: what identifies the drill that measured it.
        environment: whose drill it was.
        workload: what was recovered.
        disruption: what was rehearsed.
        cloud: `aws`, or `local` for the local cloud; policies of one ignore evidence of the other.
        account: 12 digits.
        region: that was lost, or in which it happened.
        measured_at: when the drill ended, with its time zone.
        rto_seconds: from the injection of the fault to the first good answer; None when not measured.
        rpo_seconds: age of the newest data that survived; None when not measured.
        schema_version: of this form.
    """

    drill: str
    environment: str
    workload: str
    disruption: Disruption
    cloud: str
    account: str
    region: str
    measured_at: datetime
    rto_seconds: float | None = None
    rpo_seconds: float | None = None
    schema_version: int = SCHEMA_VERSION

    def to_json(self) -> str:
        """As it is stored: one JSON document."""
        return json.dumps(asdict(self) | {"measured_at": self.measured_at.isoformat()}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str, where: str) -> "Evidence":
        """Read it back.

        Args:
            text: one JSON document.
            where: named in errors.

        Raises:
            EvidenceError: what is wrong, where, and what is allowed.
        """
        try:
            document = json.loads(text)
        except ValueError as error:
            raise EvidenceError(
                f"{where} is not JSON ({error}); evidence is written by drills, do not edit it."
            ) from None
        if not isinstance(document, dict):
            raise EvidenceError(f"{where} is not a JSON object; evidence is one object a file.")
        return _checked(cast("dict[str, Any]", document), where)

    def applies_to(self, cloud: str, account: str) -> bool:
        """Whether it was measured in this cloud and account."""
        return (self.cloud, self.account) == (cloud, account)


def read_evidence(folder: Path) -> tuple[Evidence, ...]:
    """All `*.json` of a folder, oldest first.

    Raises:
        EvidenceError: the folder is not there, or a file is not evidence.
    """
    if not folder.is_dir():
        raise EvidenceError(f"there is no folder {folder}; evidence is a folder of JSON files that drills wrote.")
    found = [Evidence.from_json(path.read_text(encoding="utf-8"), str(path)) for path in sorted(folder.glob("*.json"))]
    return tuple(sorted(found, key=lambda evidence: (evidence.measured_at, evidence.drill)))


def newest(evidence: Iterable[Evidence], workload: str, disruption: Disruption) -> Evidence | None:
    """The latest measurement of a workload under a disruption."""
    fitting = [e for e in evidence if e.workload == workload and e.disruption == disruption]
    return max(fitting, key=lambda e: (e.measured_at, e.drill), default=None)


def _checked(document: Mapping[str, Any], where: str) -> Evidence:
    def fail(key: str, allowed: str) -> EvidenceError:
        return EvidenceError(f"{where}: `{key}` is {document.get(key)!r}; allowed: {allowed}.")

    version = document.get("schema_version")
    if not isinstance(version, int) or version < 1:
        raise fail("schema_version", "a whole number from 1")
    if version > SCHEMA_VERSION:
        raise EvidenceError(
            f"{where} has schema_version {version}, this Stanchion reads up to {SCHEMA_VERSION}; update it."
        )
    texts: dict[str, str] = {}
    for key in ("drill", "environment", "workload", "account", "region", "cloud", "disruption", "measured_at"):
        value = document.get(key)
        if not isinstance(value, str) or not value:
            raise fail(key, "a text that is not empty")
        texts[key] = value
    if texts["cloud"] not in CLOUDS:
        raise fail("cloud", " or ".join(CLOUDS))
    if texts["disruption"] not in set(Disruption):
        raise fail("disruption", ", ".join(Disruption))
    try:
        measured_at = datetime.fromisoformat(texts["measured_at"])
    except ValueError:
        raise fail("measured_at", "a time such as 2026-11-23T10:00:00+00:00") from None
    if measured_at.tzinfo is None:
        raise fail("measured_at", "a time with its zone, such as 2026-11-23T10:00:00+00:00")
    seconds: dict[str, float | None] = {}
    for key in ("rto_seconds", "rpo_seconds"):
        value = document.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value < 0):
            raise fail(key, "seconds from 0, or null when it was not measured")
        seconds[key] = None if value is None else float(value)
    return Evidence(
        drill=texts["drill"],
        environment=texts["environment"],
        workload=texts["workload"],
        disruption=Disruption(texts["disruption"]),
        cloud=texts["cloud"],
        account=texts["account"],
        region=texts["region"],
        measured_at=measured_at,
        rto_seconds=seconds["rto_seconds"],
        rpo_seconds=seconds["rpo_seconds"],
    )
