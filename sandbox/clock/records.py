"""What EventBridge Scheduler knows: groups and schedules of each region, kept in one file."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sandbox.processes.programs import ACCOUNT
from sandbox.run_directory import write_atomically

Document = dict[str, Any]

DEFAULT_GROUP = "default"
_FORMAT = 1


@dataclass
class Region:
    """One region.

    Args:
        groups: by name, as GetScheduleGroup answers; the default one is always there.
        schedules: by group and name, as GetSchedule answers.
        tags: of groups, by name.
        begun: since when a schedule has its expression, by group and name: rates count from there.
    """

    groups: dict[str, Document] = field(default_factory=dict[str, Document])
    schedules: dict[str, Document] = field(default_factory=dict[str, Document])
    tags: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    begun: dict[str, float] = field(default_factory=dict[str, float])


class Records:
    """The regions.

    Args:
        file: where they are kept from start to start; nowhere when None.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._regions: dict[str, Region] = {}
        if file is not None and file.is_file():
            content = json.loads(file.read_text(encoding="utf-8"))
            self._regions = {name: Region(**region) for name, region in content["regions"].items()}

    def region(self, name: str, now: float) -> Region:
        """One region; before it is first asked for it has the default group only.

        Args:
            now: seconds since 1970, when that group is made.
        """
        if name not in self._regions:
            self._regions[name] = Region(groups={DEFAULT_GROUP: group_of(name, DEFAULT_GROUP, now)})
        return self._regions[name]

    def schedules(self) -> Iterator[tuple[str, Document, float]]:
        """Region, schedule, and since when it has its expression."""
        for name, region in list(self._regions.items()):
            for key, schedule in list(region.schedules.items()):
                yield name, schedule, region.begun[key]

    def remove(self, region: str, schedule: Document) -> None:
        """Forget a schedule."""
        key = key_of(schedule["GroupName"], schedule["Name"])
        self._regions[region].schedules.pop(key, None)
        self._regions[region].begun.pop(key, None)
        self.save()

    def save(self) -> None:
        """Keep what is known for the next start."""
        if self._file is not None:
            regions = {name: asdict(region) for name, region in self._regions.items()}
            write_atomically(self._file, json.dumps({"format": _FORMAT, "regions": regions}, indent=1) + "\n")


def key_of(group: str, name: str) -> str:
    """Under which a schedule is kept."""
    return f"{group}/{name}"


def group_of(region: str, name: str, now: float) -> Document:
    """A group as the API tells of it."""
    return {
        "Arn": arn(region, "schedule-group", name),
        "Name": name,
        "State": "ACTIVE",
        "CreationDate": now,
        "LastModificationDate": now,
    }


def arn(region: str, kind: str, name: str) -> str:
    """The ARN of a resource of the local account."""
    return f"arn:aws:scheduler:{region}:{ACCOUNT}:{kind}/{name}"
