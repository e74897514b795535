"""What Batch knows: environments, queues, definitions and jobs of each region, kept in one file."""

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sandbox.processes.programs import ACCOUNT
from sandbox.run_directory import write_atomically

Document = dict[str, Any]

_FORMAT = 1


@dataclass
class Region:
    """One region, by the names that the API gives.

    Args:
        environments: by name.
        queues: by name.
        definitions: revisions by name, the first first; one that is deregistered stays.
        jobs: by id, as DescribeJobs answers.
    """

    environments: dict[str, Document] = field(default_factory=dict[str, Document])
    queues: dict[str, Document] = field(default_factory=dict[str, Document])
    definitions: dict[str, list[Document]] = field(default_factory=dict[str, list[Document]])
    jobs: dict[str, Document] = field(default_factory=dict[str, Document])


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

    def region(self, name: str) -> Region:
        """One region; it has nothing before it is first asked for."""
        return self._regions.setdefault(name, Region())

    def jobs(self) -> Iterator[tuple[str, Document]]:
        """Region and job, of all regions."""
        for name, region in list(self._regions.items()):
            for job in list(region.jobs.values()):
                yield name, job

    def save(self) -> None:
        """Keep what is known for the next start."""
        if self._file is not None:
            regions = {name: asdict(region) for name, region in self._regions.items()}
            write_atomically(self._file, json.dumps({"format": _FORMAT, "regions": regions}, indent=1) + "\n")


def arn(region: str, kind: str, name: str, service: str = "batch") -> str:
    """The ARN of a resource of the local account."""
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{kind}/{name}"


def name_in(reference: str, region: str, kind: str) -> str:
    """The name that a name or an ARN stands for; an ARN of elsewhere stands for itself, which nothing is called."""
    return reference.removeprefix(arn(region, kind, ""))


def now() -> int:
    """The time as the API tells it: milliseconds since 1970."""
    return int(time.time() * 1000)


def new_id() -> str:
    """An id nothing else has."""
    return str(uuid.uuid4())
