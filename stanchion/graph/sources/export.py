"""`pulumi stack export` and the checkpoint of a state backend: what is deployed."""

from collections.abc import Mapping
from typing import Any, cast

from stanchion.graph.graph import ResourceGraph
from stanchion.graph.resource import Resource
from stanchion.graph.sources.errors import GraphSourceError
from stanchion.graph.sources.state import resource_of

# Versions of the state's form; 3 is written since Pulumi 1.0, 4 when a stack uses what only newer engines know
# (sdk/go/common/apitype/core.go of github.com/pulumi/pulumi v3.259.0, read 2026-11-23).
OLDEST, NEWEST = 3, 4


class StateReader:
    """Takes the resources of a state one by one.

    Args:
        name: of the file, for errors.
        root: the key under which it stands: `deployment` in an export, `checkpoint.latest` in a checkpoint.
    """

    def __init__(self, name: str, root: str) -> None:
        self.name = name
        self.root = root
        self._resources: dict[str, Resource] = {}
        self._count = 0

    def resource(self, entry: Any) -> None:
        """Take the next resource; one that is on its way out is left out.

        Raises:
            GraphSourceError: it is not of the form a resource has.
        """
        self._count += 1
        place = f"resource {self._count} of `{self.root}.resources` in {self.name}"
        if not isinstance(entry, dict):
            raise GraphSourceError(f"{place} is not an object, so the file is no state that Pulumi wrote.")
        entry = cast("dict[str, Any]", entry)
        if entry.get("delete") is True or entry.get("pendingReplacement") is True:
            return
        resource = resource_of(entry, place)
        self._resources.setdefault(resource.urn, resource)

    def graph(self, header: Mapping[str, Any]) -> ResourceGraph:
        """The graph of all resources.

        Args:
            header: what stands in the state beside the resources.

        Raises:
            GraphSourceError: the form is of a version that is not known.
        """
        version = header.get("version")
        if not isinstance(version, int) or not OLDEST <= version <= NEWEST:
            raise GraphSourceError(
                f"{self.name} is a Pulumi state of version {version!r}; versions {OLDEST} and {NEWEST} are read. "
                "Export it again with a current engine: `pulumi stack export > export.json`."
            )
        for pending in _list(header.get(f"{self.root}.pending_operations")):
            self._leave_out(pending)
        config = header.get("checkpoint.config")
        plain = cast("dict[str, Any]", config) if isinstance(config, dict) else {}
        return ResourceGraph(
            self._resources.values(), {key: value for key, value in plain.items() if isinstance(value, str)}
        )

    def _leave_out(self, pending: Any) -> None:
        """Forget what an interrupted update was deleting: nobody knows whether it is still there."""
        if not isinstance(pending, dict) or cast("dict[str, Any]", pending).get("type") != "deleting":
            return
        entry = cast("dict[str, Any]", pending).get("resource")
        if not isinstance(entry, dict):
            return
        entry = cast("dict[str, Any]", entry)
        there = self._resources.get(str(entry.get("urn")))
        # A replacement has the same URN as what is being deleted, and another id.
        if there is not None and there.outputs.get("id") == entry.get("id"):
            del self._resources[there.urn]


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []
