"""Which tier comes first when there is not enough for all."""

from stanchion.spec import Environment


def strictest_first(spec: Environment) -> list[str]:
    """The tiers, the shortest RTO of infrastructure or zone first: its pods take the place of others, and its requests
    are refused last.
    """

    def strictest(tier: str) -> float:
        rto = spec.tiers[tier].rto
        return min((each.seconds for each in (rto.infrastructure, rto.zone) if each is not None), default=float("inf"))

    return sorted(spec.tiers, key=lambda tier: (strictest(tier), tier))
