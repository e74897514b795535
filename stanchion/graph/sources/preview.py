"""`pulumi preview --json`: what a program will be, step by step."""

from collections.abc import Mapping
from typing import Any, cast

from stanchion.graph.graph import ResourceGraph
from stanchion.graph.resource import Resource
from stanchion.graph.sources.errors import GraphSourceError
from stanchion.graph.sources.marks import HIDDEN
from stanchion.graph.sources.state import properties_of, resource_of
from stanchion.graph.values import Value

# The names of steps are the engine's (pkg/resource/deploy/step.go of github.com/pulumi/pulumi v3.259.0, read
# 2026-11-23).
_GOES = frozenset({"delete", "discard", "remove-pending-replace"})
_OLD_ONE_GOES = frozenset({"delete-replaced", "discard-replaced"})
_STAYS = frozenset({"same", "refresh"})
# Said beside the reason of every failure, and alone when a policy refuses a preview that is complete (seen).
_BY_A_POLICY = "error: preview failed"


class PreviewReader:
    """Takes the steps of a preview one by one; a step is forgotten when its resource is read.

    Args:
        name: of the file, for errors.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._resources: dict[str, Resource] = {}
        self._refreshed: set[str] = set()
        self._unchanged: set[str] = set()
        self._count = 0

    def step(self, step: Any) -> None:
        """Take the next step.

        Raises:
            GraphSourceError: it is not of the form a step has.
        """
        self._count += 1
        place = f"step {self._count} of {self.name}"
        if not isinstance(step, dict):
            raise GraphSourceError(f"{place} is not an object, so the file is no preview that Pulumi wrote.")
        step = cast("dict[str, Any]", step)
        operation, urn, new = step.get("op"), step.get("urn"), step.get("newState")
        if not isinstance(urn, str):
            raise GraphSourceError(f"{place} has no `urn`; every step of a preview has one.")
        if operation in _GOES:
            # What a refresh had found, and is removed after it. A new one of that name, made before, stays.
            if urn in self._refreshed:
                self._resources.pop(urn, None)
            return
        if operation in _OLD_ONE_GOES or not isinstance(new, dict):
            return
        new = cast("dict[str, Any]", new)
        (self._refreshed.add if operation == "refresh" else self._refreshed.discard)(urn)
        if operation in _STAYS:
            self._unchanged.add(urn)
        identity, outputs = _kept(step, new, operation, place)
        self._resources[urn] = resource_of(new, place, outputs, identity)

    def graph(self, header: Mapping[str, Any]) -> ResourceGraph:
        """The graph of all steps.

        Args:
            header: what stands in the preview beside the steps.

        Raises:
            GraphSourceError: the preview failed, or leaves resources out.
        """
        self._refuse_failed(header.get("diagnostics"))
        summary = header.get("changeSummary")
        expected = cast("dict[str, Any]", summary).get("same") if isinstance(summary, dict) else 0
        left_out = (expected if isinstance(expected, int) else 0) - len(self._unchanged)
        if left_out > 0:
            raise GraphSourceError(
                f"{self.name} leaves out {left_out} unchanged "
                f"{'resource' if left_out == 1 else 'resources'}, so what they protect can't be judged; preview with "
                "`pulumi preview --json --show-sames`."
            )
        config = header.get("config")
        plain = cast("dict[str, Any]", config) if isinstance(config, dict) else {}
        return ResourceGraph(
            self._resources.values(),
            {key: value for key, value in plain.items() if isinstance(value, str) and value != HIDDEN},
        )

    def _refuse_failed(self, diagnostics: Any) -> None:
        said: list[str] = []
        for each in cast("list[Any]", diagnostics) if isinstance(diagnostics, list) else []:
            if isinstance(each, dict) and cast("dict[str, Any]", each).get("severity") == "error":
                lines = str(cast("dict[str, Any]", each).get("message", "")).strip().splitlines() or ["error"]
                # The last line of a trace is the one that says something.
                said.append(lines[0] if len(lines) == 1 else f"{lines[0]} {lines[-1]}")
        reasons = [text for text in said if text != _BY_A_POLICY]
        if reasons:
            raise GraphSourceError(
                f"{self.name} is of a preview that failed, so it does not hold the whole program: {reasons[0][:400]} - "
                "mend that and preview again."
            )


def _kept(step: dict[str, Any], new: dict[str, Any], operation: Any, place: str) -> tuple[Any, dict[str, Value]]:
    """The id and the outputs a resource keeps from before: a preview shows them in the old state only."""
    old = step.get("oldState")
    if operation not in ("same", "update") or not isinstance(old, dict):
        return None, {}
    old = cast("dict[str, Any]", old)
    outputs = properties_of(old, "outputs", place)
    if operation == "update":
        # What was an input, or is one now, or differs, may become something else; the rest is the cloud's own (its
        # ARN, its address) and stays. All tags are no output of that kind: they follow the tags.
        changes = [*(old.get("inputs") or ()), *(new.get("inputs") or ()), *(step.get("diffReasons") or ()), "tagsAll"]
        for key in changes:
            outputs.pop(key, None)
    return old.get("id"), outputs
