"""Who gets a node first when there are too few: floors before bursts, and among each the stricter tier."""

from enum import Enum

# Below what Kubernetes keeps for itself (1,000,000,000 and above; Kubernetes documentation, pod priority and
# preemption), above the 0 of a pod that says nothing. A step leaves room for something between two tiers.
FLOOR_BASE, BURST_BASE, STEP = 1_000_000, 100_000, 1_000
MOST_TIERS = 100


class Share(Enum):
    """What part of an endpoint a pod is: the floor that always runs, or the burst that comes with the load."""

    FLOOR = "floor"
    BURST = "burst"


def priority_class(tier: str, share: Share) -> str:
    """The name of the PriorityClass of a tier's pods."""
    return f"{tier}-{share.value}"


def priorities(tiers: list[str]) -> dict[str, int]:
    """The value of each PriorityClass, by name.

    A pod takes the place of one with a lower value. So the burst of the strictest tier never takes the place of any
    floor, and a floor that lost its node takes that of a burst.

    Args:
        tiers: the strictest first.

    Raises:
        ValueError: a sentence, when a tier is named twice or there are more than fit between two bases.
    """
    twice = [tier for number, tier in enumerate(tiers) if tier in tiers[:number]]
    if twice:
        raise ValueError(f"tier '{twice[0]}' is named twice; each has one place in the order, the strictest first.")
    if len(tiers) > MOST_TIERS:
        raise ValueError(f"there are {len(tiers)} tiers; allowed: up to {MOST_TIERS}, since each has priorities.")
    return {
        priority_class(tier, share): base + STEP * (len(tiers) - rank)
        for share, base in ((Share.FLOOR, FLOOR_BASE), (Share.BURST, BURST_BASE))
        for rank, tier in enumerate(tiers)
    }
