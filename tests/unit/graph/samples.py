"""What the engine really wrote for tests/engine/graph_program.py, without places and secrets of the machine.

Made with engine 3.259.0 and the local cloud: the first preview, the export after `up`, previews of the changed program
(with and without the unchanged resources, with a refresh), one that failed, one that a policy refused, a saved plan,
and the two requests to a policy pack as JSON.
"""

import json
from pathlib import Path
from typing import Any

from stanchion.graph import Resource, ResourceGraph

FOLDER = Path(__file__).parent / "data"


def path(name: str) -> Path:
    return FOLDER / f"{name}.json"


def text(name: str) -> str:
    return path(name).read_text(encoding="utf-8")


def sample(name: str) -> dict[str, Any]:
    return json.loads(text(name))


def one(graph: ResourceGraph, name: str) -> Resource:
    found = [resource for resource in graph if resource.name == name]
    assert len(found) == 1, f"{len(found)} resources are called {name}"
    return found[0]


def names(graph: ResourceGraph) -> set[str]:
    return {resource.name for resource in graph}
