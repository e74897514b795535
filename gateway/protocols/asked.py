"""What a request asks for, whichever protocol it came in."""

from dataclasses import dataclass, field
from typing import Any, Literal

Operation = Literal["chat", "completions", "embeddings", "infer"]


@dataclass(slots=True)
class Asked:
    """One request to a model.

    Args:
        endpoint: name of the endpoint.
        operation: what is asked of it.
        path: where the model's server takes it.
        body: as the model's server gets it.
        document: the body read, for the cache, tickets and samples; None when it is not JSON.
        stream: whether the answer comes in pieces.
        user: whom the client acts for, if it says so.
        headers: for the model's server, on top of its own.
    """

    endpoint: str
    operation: Operation
    path: str
    body: bytes
    document: dict[str, Any] | None
    stream: bool = False
    user: str = ""
    headers: dict[str, str] = field(default_factory=dict)
