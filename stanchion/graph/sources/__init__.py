"""Where graphs come from: a preview, an exported state, the engine's request to an analyzer, a test."""

from stanchion.graph.sources.analyzer import analyzed
from stanchion.graph.sources.reading import GraphSourceError, read_graph, read_text

__all__ = ["GraphSourceError", "analyzed", "read_graph", "read_text"]
