"""Splits requests over the slots of a variant: always the same way for the same key, and by weight over many keys."""

import math
from collections.abc import Mapping
from hashlib import blake2b
from typing import TypeVar

S = TypeVar("S", bound=str)
# What a float of 53 bits holds with a half on top: one step more, and the largest would be 1.
_BITS = 52


def choose(weights: Mapping[S, int], key: str, salt: str) -> S:
    """The slot of a key, by weighted rendezvous: a slot whose weight rises takes keys, and no others move.

    So a canary that grows keeps the users it has, and one that is taken back gives each the slot they had.

    Args:
        weights: by slot; 0 gets nothing, and at least one is above it.
        key: of the user or of the request.
        salt: of the endpoint and variant, so that the same users are not the first ones everywhere.

    Raises:
        ValueError: no weight is above 0.
    """
    chosen: S | None = None
    best = -1.0
    for slot, weight in weights.items():
        if weight <= 0:
            continue
        score = weight / -math.log(_fraction(f"{salt}\0{slot}\0{key}"))
        if score > best:
            chosen, best = slot, score
    if chosen is None:
        raise ValueError(f"no slot has a weight above 0: {dict(weights)}")
    return chosen


def _fraction(text: str) -> float:
    """Above 0 and below 1, evenly."""
    number = int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())
    return ((number >> (64 - _BITS)) + 0.5) / 2.0**_BITS
