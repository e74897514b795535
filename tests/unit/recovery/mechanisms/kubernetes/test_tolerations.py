import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.graph import UNKNOWN, Unsettled
from stanchion.recovery.mechanisms.kubernetes.tolerations import toleration
from stanchion.recovery.term import Grade
from tests.unit.recovery.mechanisms.kubernetes.program import Program, tolerating

UNREACHABLE = {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute"}


def term(tolerations):
    program = Program()
    handle = program.deployment(pods={"tolerations": tolerations})
    return toleration(program.graph().resources[handle.urn])


@pytest.mark.parametrize(
    ("tolerations", "seconds"),
    [
        (None, 300),
        ([], 300),
        # Only one of the two is tuned: the other one keeps the default.
        ([UNREACHABLE | {"tolerationSeconds": 10}], 300),
        (tolerating(10), 10),
        (tolerating(0), 0),
        (tolerating(-5), 0),
        # The API server adds no default beside one that tolerates everything.
        ([{"operator": "Exists", "tolerationSeconds": 15}], 15),
        ([{"operator": "Exists"}], math.inf),
        ([{"operator": "Equal"}], 300),
        # Of several for one taint the shortest counts, one without seconds does not.
        (tolerating(60, 20), 20),
        ([*tolerating(60), {"operator": "Exists"}], 60),
        # Other effects and other taints say nothing about eviction.
        ([{"operator": "Exists", "effect": "NoSchedule", "tolerationSeconds": 5}], 300),
        ([{"key": "nvidia.com/gpu", "operator": "Exists"}], 300),
        ([{"key": "node.kubernetes.io/unreachable", "value": "x", "tolerationSeconds": 5}], 300),
    ],
)
def test_how_long_pods_stay_bound(tolerations, seconds):
    found = term(tolerations)
    assert found.amount == seconds
    assert found.grade is Grade.BOUND


@pytest.mark.parametrize(
    ("tolerations", "path"),
    [
        (UNKNOWN, "spec.template.spec.tolerations"),
        (tolerating(UNKNOWN), "spec.template.spec.tolerations[0].tolerationSeconds"),
        ([{"key": UNKNOWN}], "spec.template.spec.tolerations[0].key"),
        (tolerating("soon"), "spec.template.spec.tolerations[0].tolerationSeconds"),
        (tolerating(float("nan")), "spec.template.spec.tolerations[0].tolerationSeconds"),
    ],
)
def test_what_can_not_be_told_is_named(tolerations, path):
    amount = term(tolerations).amount
    assert isinstance(amount, Unsettled)
    assert amount.property in (path, path.replace("[0]", "[1]"))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_longer_toleration_is_never_shorter(one, more):
    shorter, longer = term(tolerating(one)).amount, term(tolerating(one + more)).amount
    assert isinstance(shorter, float)
    assert isinstance(longer, float)
    assert shorter <= longer
