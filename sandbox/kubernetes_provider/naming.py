"""Names that the program leaves open (`<logical name>-<8 hex>`), and the field managers of objects."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from sandbox.kubernetes_provider.objects import AUTONAMED, FIELD_MANAGER, annotation
from sandbox.kubernetes_provider.paths import look, put
from sandbox.provider.values import UNKNOWN, Properties

RANDOM_LENGTH = 8  # hex digits, as the official provider has it
MANAGER = "pulumi-kubernetes"  # what our field managers begin with
STATE_MANAGER = "__fieldManager"  # where the state keeps it


class UnnamedError(ValueError):
    """The engine forbids to choose a name."""


def name(document: Properties, logical: str, seed: bytes, proposed: str = "", *, automatic: bool = True) -> None:
    """Give an object a name and say so in an annotation, when the program gives none.

    Args:
        logical: the last part of its URN.
        seed: the engine's; the same seed gives the same name. Empty: a random one.
        proposed: the engine's own choice.
        automatic: whether names may be chosen at all.

    Raises:
        UnnamedError: they may not.
    """
    if is_named(document):
        return
    if not automatic:
        raise UnnamedError("is missing, and the project's configuration turns automatic names off")
    _mark(document, proposed or f"{logical}-{_digits(seed, logical)}")


def keep_name(document: Properties, old: Mapping[str, Any]) -> None:
    """Give an object the name that was chosen for it before."""
    if not is_named(document) and annotation(old, AUTONAMED) == "true":
        _mark(document, str(look(old, ("metadata", "name"))))


def is_named(document: Mapping[str, Any]) -> bool:
    """Whether the program gives a name, be it one that is not known yet."""
    metadata = document.get("metadata")
    return metadata is UNKNOWN or bool(look(metadata, ("name",)))


def is_automatic(document: Mapping[str, Any]) -> bool:
    """Whether the name was chosen here."""
    return annotation(document, AUTONAMED) == "true"


def manager_of(urn: str, document: Mapping[str, Any], state: Mapping[str, Any] | None = None) -> str:
    """The field manager of an object: its own, so that two stacks' are told apart, and the same in every run.

    The official provider draws it by lot and keeps it in the state. Here it comes from the URN: what a killed run has
    created is known as ours although no state tells of it.
    """
    kept = (state or {}).get(STATE_MANAGER)
    chosen = annotation(document, FIELD_MANAGER)
    return chosen or (kept if isinstance(kept, str) else f"{MANAGER}-{hashlib.sha256(urn.encode()).hexdigest()[:8]}")


def _mark(document: Properties, chosen: str) -> None:
    put(document, ("metadata", "name"), chosen)
    if look(document, ("metadata", "annotations")) is not UNKNOWN:
        put(document, ("metadata", "annotations", AUTONAMED), "true")


def _digits(seed: bytes, start: str) -> str:
    if seed:
        return hashlib.sha256(seed + start.encode()).hexdigest()[:RANDOM_LENGTH]
    return secrets.token_hex(RANDOM_LENGTH // 2)
