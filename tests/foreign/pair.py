"""A program with one defect beside its clean twin, written plainly in pulumi_aws, knowing nothing of Stanchion."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from stanchion.recovery.disruption import Disruption
from stanchion.recovery.objectives import Objective, TierObjectives
from stanchion.recovery.settings import ResourceRule, Settings

# A program takes whether it has the defect.
Build = Callable[[bool], None]


@dataclass(frozen=True)
class Pair:
    """One defect.

    Args:
        name: what the defect is.
        build: the program; `broken` puts the defect in.
        found: logical name of the resource that has to be named.
        figure: `RTO` or `RPO`, with its disruption, that breaks; None for a defect that a rule finds.
        objective: seconds of that figure.
        rule: id of the rule that finds it; None for a defect that a figure shows.
        tier: of all resources.
        restore: how long the team takes to bring back what has no published time; None where the program says it.
    """

    name: str
    build: Build
    found: str
    figure: tuple[str, Disruption] | None = None
    objective: float = 3600.0
    rule: str | None = None
    tier: str = "gold"
    restore: str | None = "10m"

    def settings(self) -> Settings:
        """All resources belong to one workload, by a mapping: the program has no tags of ours."""
        objectives = {disruption: Objective() for disruption in Disruption}
        if self.figure:
            name, disruption = self.figure
            objectives[disruption] = Objective(
                rto=self.objective if name == "RTO" else None, rpo=self.objective if name == "RPO" else None
            )
        restore = {"restore": self.restore} if self.restore else {}
        mapping = ResourceRule("*", {"workload": "orders", "tier": self.tier, **restore})
        return Settings(tiers={self.tier: TierObjectives(self.tier, objectives)}, resources=(mapping,))


@dataclass
class Regions:
    """Explicit providers of two regions."""

    east: aws.Provider = field(default_factory=lambda: aws.Provider("east", region="us-east-1"))
    west: aws.Provider = field(default_factory=lambda: aws.Provider("west", region="us-west-2"))

    @property
    def in_east(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(provider=self.east)

    @property
    def in_west(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(provider=self.west)


APPLICATION, INFRASTRUCTURE, ZONE, REGION = Disruption
HOUR, DAY = 3600.0, 86400.0
