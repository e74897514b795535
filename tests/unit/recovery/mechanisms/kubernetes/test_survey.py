import gc
import weakref

from stanchion.graph import UNKNOWN
from stanchion.recovery.mechanisms.kubernetes.survey import survey
from tests.unit.recovery.mechanisms.kubernetes.program import Program


def test_a_program_is_surveyed_once():
    graph = Program().graph()
    assert survey(graph) is survey(graph)


def test_a_survey_goes_with_its_graph():
    graph = Program().graph()
    seen = weakref.ref(survey(graph))
    del graph
    gc.collect()
    assert seen() is None


def test_pods_with_the_same_wishes_share_a_placement_and_unknown_ones_do_not():
    program = Program()
    handles = [
        program.deployment(name, pods=pods)
        for name, pods in (
            ("a", {}),
            ("b", {}),
            ("c", {"nodeSelector": {"x": UNKNOWN}}),
            ("d", {"nodeSelector": {"x": UNKNOWN}}),
        )
    ]
    program.group("nodes", 1, labels={"x": "y"})
    graph = program.graph()
    a, b, c, d = (survey(graph).pools_for(graph, graph.resources[handle.urn]) for handle in handles)
    assert a is b
    gaps = [placed.gap.urn for placed in (c, d) if placed is not None and placed.gap is not None]
    assert gaps == [handles[2].urn, handles[3].urn]
