"""What is counted, in whole numbers: requests, tokens, and millionths of a USD, so that sums are exact."""

from stanchion.serving.gateway_configuration import Unit

MICRO_USD = 1_000_000


def amount(unit: Unit, value: float) -> int:
    """A use or a limit as it is counted.

    Args:
        unit: of the value.
        value: requests, tokens, or USD; not below 0.
    """
    return max(0, round(value * MICRO_USD) if unit == "usd" else int(value))


def shown(unit: Unit, counted: int) -> str:
    """A count as people read it: `120 tokens`, `1.25 USD`."""
    return f"{counted / MICRO_USD:g} USD" if unit == "usd" else f"{counted} {unit}"
