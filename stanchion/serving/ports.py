"""Where model servers listen, by the kind of endpoint."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stanchion.spec.endpoints import OnlineKind

# vLLM documentation, OpenAI-compatible server: 8000. 8080 is where MLServer and KServe listen. (Read 2026-11-27.)
PORTS: "Mapping[OnlineKind, int]" = {"llm": 8000, "predictor": 8080}
