import pytest

from stanchion.recovery.mechanisms.kubernetes.counterparts import Counterparts
from stanchion.recovery.mechanisms.kubernetes.survey import survey
from tests.unit.recovery.mechanisms.kubernetes.program import Program


def found(here, there, **kinds):
    """Counterparts of the first one here, by name; pairs of name and app label."""
    program = Program()
    west = program.kubernetes(program.eks("west", region="us-west-2"))
    first, *_ = [program.deployment(name, labels={"app": app}) for name, app in here]
    for name, app in there:
        program.deployment(name, labels={"app": app}, provider=west, **kinds)
    graph = program.graph()
    others = Counterparts(graph, survey(graph)).of(graph, graph.resources[first.urn])
    return [other.name for other in others]


@pytest.mark.parametrize(
    ("here", "there", "names"),
    [
        ([("api", "a")], [("api", "a")], ["api-west"]),
        ([("api", "a")], [("standby", "a")], ["standby-west"]),
        # The only one of its workload on both sides stands for the other.
        ([("api", "a")], [("standby", "b")], ["standby-west"]),
        ([("api", "a"), ("model", "m")], [("standby", "b")], []),
        ([("api", "a")], [("x", "b"), ("y", "c")], []),
        ([("model", "m"), ("api", "a")], [("api", "a"), ("model", "m")], ["model-west"]),
        ([("api", "a")], [], []),
    ],
)
def test_who_stands_for_whom(here, there, names):
    assert found(here, there) == names


def test_another_kind_does_not():
    assert found([("api", "a")], [("api", "a")], kind="StatefulSet") == []
