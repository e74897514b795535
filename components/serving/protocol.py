"""What a model server speaks, by the kind of endpoint: where it listens, how it says that it is well, its command."""

from dataclasses import dataclass
from enum import Enum

from stanchion.serving.ports import PORTS


class Kind(Enum):
    """A language model behind OpenAI's protocol, or a predictor behind the Open Inference Protocol."""

    LLM = "llm"
    PREDICTOR = "predictor"


@dataclass(frozen=True)
class Protocol:
    """How a server is talked to.

    Args:
        name: as outputs call it.
        port: where it listens.
        ready_path: answers 200 when it can take requests.
        live_path: answers 200 for as long as it need not be restarted.
    """

    name: str
    port: int
    ready_path: str
    live_path: str


PROTOCOLS = {
    # vLLM documentation, OpenAI-compatible server: GET /health (read 2026-11-27).
    Kind.LLM: Protocol("openai", PORTS["llm"], "/health", "/health"),
    # Open Inference Protocol, version 2, health API (read 2026-11-27).
    Kind.PREDICTOR: Protocol("open-inference-v2", PORTS["predictor"], "/v2/health/ready", "/v2/health/live"),
}


def command(kind: Kind) -> list[str] | None:
    """What starts the server; None for what the image starts by itself.

    It is said for vLLM because the entry point of its image changed from one version to the next, and its command not.
    """
    return ["vllm", "serve", "$(STANCHION_WEIGHTS_PATH)"] if kind is Kind.LLM else None


def arguments(kind: Kind, model: str, concurrency: int, accelerators: int, own: list[str]) -> list[str]:
    """The server's arguments; what the variant says comes last, and so wins.

    Args:
        kind: of the endpoint.
        model: the name under which clients ask for it.
        concurrency: requests that one replica takes at a time.
        accelerators: of one replica; a language model is cut in as many parts.
        own: the variant's.
    """
    if kind is Kind.PREDICTOR:
        return own
    parts = ["--tensor-parallel-size", str(accelerators)] if accelerators > 1 else []
    return [
        *("--served-model-name", model),
        *("--host", "0.0.0.0", "--port", str(PROTOCOLS[kind].port)),  # noqa: S104  a pod's own address
        *("--max-num-seqs", str(concurrency)),
        *parts,
        *own,
    ]


def environment(kind: Kind) -> dict[str, str]:
    """Variables of the server: caches go where its read-only file system can be written, and it asks nobody outside."""
    own = {"HOME": "/tmp", "XDG_CACHE_HOME": "/tmp/cache", "USER": "server"}  # noqa: S108  a volume of the pod
    if kind is Kind.LLM:
        # vLLM documentation, environment variables and usage statistics; Hugging Face Hub, offline mode.
        own |= {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "TRITON_CACHE_DIR": "/tmp/triton"}  # noqa: S108
    return own
