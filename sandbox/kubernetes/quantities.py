"""Kubernetes' quantities as numbers."""

import re

# Kubernetes documentation, resource units of Quantity (read 2026-11-23).
_FACTORS = {
    "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50, "Ei": 2.0**60,
}  # fmt: skip
_QUANTITY = re.compile(r"([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([a-zA-Z]*)")


def number(quantity: object) -> float:
    """The number behind a quantity such as `500m` or `8Gi`.

    Raises:
        ValueError: it is none.
    """
    match = _QUANTITY.fullmatch(str(quantity).strip())
    if match is None or match[2] not in _FACTORS:
        raise ValueError(f"'{quantity}' is no quantity of Kubernetes, such as 500m or 8Gi")
    return float(match[1]) * _FACTORS[match[2]]
