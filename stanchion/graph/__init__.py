"""The resource graph: what a Pulumi program declares, read from a preview, a state, the engine or a test."""

from stanchion.graph.builder import GraphBuilder
from stanchion.graph.graph import Reference, ResourceGraph
from stanchion.graph.resource import Resource
from stanchion.graph.setting import Setting
from stanchion.graph.values import SECRET, UNKNOWN, Secret, Unknown, Unsettled, Value

__all__ = [
    "SECRET",
    "UNKNOWN",
    "GraphBuilder",
    "Reference",
    "Resource",
    "ResourceGraph",
    "Secret",
    "Setting",
    "Unknown",
    "Unsettled",
    "Value",
]
