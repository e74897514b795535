"""What EKS knows: the clusters of each region with all that hangs on them, kept in one file."""

import json
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sandbox.eks.errors import not_found
from sandbox.run_directory import write_atomically

_FORMAT = 1

Document = dict[str, Any]


@dataclass
class ClusterRecord:
    """One cluster: what the API tells of it, and what it has, by the name that the API gives each.

    Args:
        cluster: as DescribeCluster answers, but for what its control plane says of itself.
        node_groups: by name; `zones` beside what the API tells says where a group's subnets lie.
        add_ons: by name.
        entries: access entries by principal.
        policies: by principal, by the ARN of the access policy.
        associations: pod identity associations by id.
        updates: by id.
    """

    cluster: Document
    node_groups: dict[str, Document] = field(default_factory=dict[str, Document])
    add_ons: dict[str, Document] = field(default_factory=dict[str, Document])
    entries: dict[str, Document] = field(default_factory=dict[str, Document])
    policies: dict[str, dict[str, Document]] = field(default_factory=dict[str, dict[str, Document]])
    associations: dict[str, Document] = field(default_factory=dict[str, Document])
    updates: dict[str, Document] = field(default_factory=dict[str, Document])


class Records:
    """The clusters by region and name.

    Args:
        file: where they are kept from start to start; nowhere when None.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self.lock = threading.RLock()
        self.regions: dict[str, dict[str, ClusterRecord]] = {}
        if file is not None and file.is_file():
            content = json.loads(file.read_text(encoding="utf-8"))
            self.regions = {
                region: {name: ClusterRecord(**record) for name, record in clusters.items()}
                for region, clusters in content["regions"].items()
            }

    def cluster(self, region: str, name: str) -> ClusterRecord:
        """One cluster.

        Raises:
            EksError: there is none of that name.
        """
        found = self.regions.get(region, {}).get(name)
        if found is None:
            raise not_found(f"cluster found for name: {name}")
        return found

    def all(self) -> Iterator[tuple[str, str, ClusterRecord]]:
        """Region, name and record of each cluster."""
        for region, clusters in list(self.regions.items()):
            for name, record in list(clusters.items()):
                yield region, name, record

    def save(self) -> None:
        """Keep what is known for the next start."""
        if self._file is None:
            return
        regions = {
            region: {name: asdict(record) for name, record in clusters.items()}
            for region, clusters in self.regions.items()
            if clusters
        }
        write_atomically(self._file, json.dumps({"format": _FORMAT, "regions": regions}, indent=1) + "\n")


def now() -> float:
    """The time as the API tells it: seconds since 1970."""
    return round(time.time(), 3)


def new_id() -> str:
    """An id nothing else has."""
    return str(uuid.uuid4())
