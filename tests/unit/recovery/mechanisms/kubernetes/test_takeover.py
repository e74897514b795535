import math

import pytest

from stanchion.graph import UNKNOWN, Unsettled
from stanchion.recovery.mechanisms.kubernetes.survey import survey
from stanchion.recovery.mechanisms.kubernetes.takeover import takeover
from stanchion.recovery.term import total
from tests.unit.recovery.mechanisms.kubernetes.program import Program


def amount(here, there, scaler=None):
    program = Program()
    west = program.kubernetes(program.eks("west", region="us-west-2"))
    lost = program.deployment(replicas=here)
    other = program.deployment(replicas=there, provider=west)
    if scaler is not None:
        spec = {"scaleTargetRef": {"name": "api"}} | scaler
        program.object("keda.sh/v1alpha1:ScaledObject", "api", spec, provider=west)
    graph = program.graph()
    terms = takeover(graph, survey(graph), graph.resources[lost.urn], graph.resources[other.urn], "us-west-2")
    return total(term.amount for term in terms)


@pytest.mark.parametrize(
    ("here", "there", "scaler", "seconds"),
    [
        (3, 3, None, 0),
        (3, 1, None, 0),
        (3, None, {"minReplicaCount": 3}, 0),
        (3, None, {"minReplicaCount": 1}, 30),
        (3, None, {"minReplicaCount": 1, "pollingInterval": 5}, 5),
        (UNKNOWN, None, {"minReplicaCount": 1}, 30),
        (1, 0, None, math.inf),
        (1, None, {"minReplicaCount": 0}, 30),
    ],
)
def test_what_a_takeover_takes(here, there, scaler, seconds):
    assert amount(here, there, scaler) == seconds


def test_a_floor_there_that_is_not_known_can_not_be_told():
    assert isinstance(amount(1, UNKNOWN), Unsettled)
    assert isinstance(amount(1, None, {"minReplicaCount": UNKNOWN}), Unsettled)
