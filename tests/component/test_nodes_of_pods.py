"""Nodes of pods: the floor never on spot, the burst there first, and nobody bound to a silent node for long."""

from typing import Any

import pytest

from components.serving.nodes_of_pods import affinity, bound_seconds, tolerations
from components.serving.placement import SPOT_TAINT, Accelerator


def required(spot: bool) -> list[tuple[Any, Any, Any]]:
    node: Any = affinity("gpu", spot=spot).node_affinity
    (term,) = node.required_during_scheduling_ignored_during_execution.node_selector_terms
    return [(each.key, each.operator, each.values) for each in term.match_expressions]


def test_what_must_not_be_taken_back_runs_in_its_pool_and_never_on_spot() -> None:
    assert required(spot=False) == [
        ("stanchion.dev/pool", "In", ["gpu"]),
        ("karpenter.sh/capacity-type", "NotIn", ["spot"]),
    ]
    assert SPOT_TAINT not in {each.key for each in tolerations(None, 30, spot=False)}


def test_a_burst_runs_in_its_pool_on_spot_if_there_is_any_and_elsewhere_if_not() -> None:
    assert required(spot=True) == [("stanchion.dev/pool", "In", ["gpu"])]
    node: Any = affinity("gpu", spot=True).node_affinity
    (wish,) = node.preferred_during_scheduling_ignored_during_execution
    (expression,) = wish.preference.match_expressions
    assert (expression.key, expression.values) == ("karpenter.sh/capacity-type", ["spot"])
    assert SPOT_TAINT in {each.key for each in tolerations(None, 30, spot=True)}


def test_only_pods_with_accelerators_stand_on_nodes_of_them() -> None:
    assert "nvidia.com/gpu" in {each.key for each in tolerations(Accelerator.NVIDIA, 30, spot=False)}
    assert "nvidia.com/gpu" not in {each.key for each in tolerations(None, 30, spot=False)}


def test_a_silent_node_is_left_after_so_many_seconds() -> None:
    bound = {each.key: each for each in tolerations(None, 30, spot=True) if each.effect == "NoExecute"}
    assert set(bound) == {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}
    assert {each.toleration_seconds for each in bound.values()} == {30}


@pytest.mark.parametrize(("rto", "seconds"), [(None, 300), (30, 10), (120, 30), (600, 150), (4 * 3600, 300)])
def test_the_stricter_the_objective_the_sooner(rto: int | None, seconds: int) -> None:
    assert bound_seconds(rto) == seconds
