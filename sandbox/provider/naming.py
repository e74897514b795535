"""Names that the program leaves open: `<logical name>-<7 hex>`, kept for the life of the resource."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from sandbox.provider.row import AutoName

RANDOM_LENGTH = 7  # hex digits, as the official provider has it
PREFIX_RANDOM_LENGTH = 26  # what follows a `…Prefix` property


def automatic(rule: AutoName, logical: str, inputs: Mapping[str, Any], seed: bytes) -> str:
    """A name for a resource whose program gives none.

    Args:
        logical: the last part of its URN.
        seed: the engine's; the same seed gives the same name. Empty: a random one.
    """
    suffix = rule.suffix(inputs) if rule.suffix is not None else ""
    prefix = inputs.get(rule.prefix) if rule.prefix else None
    start = str(prefix) if isinstance(prefix, str) else f"{rule.start}{logical}-"
    digits = PREFIX_RANDOM_LENGTH if isinstance(prefix, str) else RANDOM_LENGTH
    if rule.lower:
        start = start.lower()
    digits = max(RANDOM_LENGTH, min(digits, rule.length - len(start) - len(suffix)))
    start = start[: rule.length - digits - len(suffix)]
    return f"{start}{_digits(seed, start, digits)}{suffix}"


def _digits(seed: bytes, start: str, count: int) -> str:
    if seed:
        return hashlib.sha256(seed + start.encode()).hexdigest()[:count]
    return secrets.token_hex(count)[:count]
