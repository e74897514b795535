"""What the rules and the recovery estimates say of a component by itself."""

from policies.registry import all_rules
from policies.rule import Group, Program
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.estimate import Estimate, estimate
from stanchion.recovery.objectives import Objective, TierObjectives
from stanchion.recovery.settings import Settings
from tests.recorder import Recording

# Objectives are of workloads, and a component alone is none; these rules are held over whole layers.
OF_WORKLOADS = Group.RECOVERY
# An environment has its budgets elsewhere.
OF_ENVIRONMENTS = Group.COST
# Quotas are an account's, and the layer of the cluster declares them once for all that takes from them.
OF_ACCOUNTS = "capacity-vcpu-quota"


def broken_rules(recording: Recording) -> list[str]:
    """Messages of all rules that look at resources one by one."""
    program = Program(recording.graph(), Settings())
    return [
        violation.message
        for rule in all_rules()
        if rule.group not in (OF_WORKLOADS, OF_ENVIRONMENTS) and rule.id != OF_ACCOUNTS
        for violation in rule.check(program, rule.defaults())
    ]


def estimates_of(recording: Recording, tier: str, rto_seconds: float) -> dict[Disruption, Estimate]:
    """Estimates of the only workload there is, by disruption.

    Args:
        recording: the component's.
        tier: the workload's.
        rto_seconds: its objective in every disruption.
    """
    objectives = dict.fromkeys(Disruption, Objective(rto=rto_seconds))
    found = estimate(recording.graph(), Settings(tiers={tier: TierObjectives(tier, objectives)}))
    assert len(found.workloads) == 1
    return {each.disruption: each for each in found.estimates}
