import pytest

from tests.unit.recovery.mechanisms.kubernetes.program import LABELS, Program, result

BUDGET = "policy/v1:PodDisruptionBudget"


@pytest.mark.parametrize(
    ("replicas", "budget", "blocked"),
    [
        (2, {"minAvailable": 2}, True),
        (2, {"minAvailable": 1}, False),
        (3, {"minAvailable": "100%"}, True),
        # 60 % of 2 is rounded up to 2.
        (2, {"minAvailable": "60%"}, True),
        (3, {"minAvailable": "60%"}, False),
        (2, {"maxUnavailable": 0}, True),
        (2, {"maxUnavailable": "0%"}, True),
        (2, {"maxUnavailable": "10%"}, False),
        (0, {"maxUnavailable": 0}, False),
        (2, {}, False),
    ],
)
def test_a_budget_that_lets_no_pod_go_is_remarked(replicas, budget, blocked):
    program = Program()
    program.deployment(replicas=replicas)
    program.object(BUDGET, "api", budget | {"selector": {"matchLabels": LABELS}})
    assert result(program).noted("can't be drained") == blocked


@pytest.mark.parametrize("selector", [{"matchLabels": {"app": "other"}}, None])
def test_a_budget_of_other_pods_is_not(selector):
    program = Program()
    program.deployment(replicas=1)
    program.object(BUDGET, "api", {"minAvailable": 1, "selector": selector})
    program.object(BUDGET, "away", {"minAvailable": 1, "selector": {"matchLabels": LABELS}}, namespace="other")
    assert not result(program).noted("can't be drained")
