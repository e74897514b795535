"""Names that vaults, plans and what they back up share, and which tier shared data belongs to."""

from stanchion.recovery.backup_schedule import strictest_tier
from stanchion.spec import DISRUPTIONS, Environment, Tier


def plan_name(spec: Environment, tier: str) -> str:
    """The name of a tier's plan and vault in each region, and the value of the tag `stanchion:backup`."""
    return f"{spec.name}-{tier}"


def shared_tier(spec: Environment) -> str:
    """The tier that shared data is backed up as: the strictest, since its workloads may be using it."""
    return strictest_tier({name: rpos_of(tier).values() for name, tier in spec.tiers.items()})


def shared_plan(spec: Environment) -> str:
    """The name of the plan of shared data."""
    return plan_name(spec, shared_tier(spec))


def rpos_of(tier: Tier) -> dict[str, float | None]:
    """The RPOs of a tier by disruption, in seconds."""
    return {
        disruption: None if (rpo := getattr(tier.rpo, disruption)) is None else float(rpo.seconds)
        for disruption in DISRUPTIONS
    }
