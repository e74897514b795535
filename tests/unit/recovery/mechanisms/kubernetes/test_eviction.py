import math

import pytest

from stanchion.graph import UNKNOWN, Unsettled
from stanchion.recovery.mechanisms.kubernetes.eviction import queue, unbinding
from stanchion.recovery.mechanisms.kubernetes.survey import survey
from stanchion.recovery.term import Grade
from tests.unit.recovery.mechanisms.kubernetes.program import Program, tolerating

FOREVER = [{"operator": "Exists"}]
REPAIR = {"nodeRepairConfig": {"enabled": True}}


def term(kind="Deployment", tolerations=None, **group):
    program = Program()
    handle = program.deployment(kind=kind, pods={"tolerations": tolerations})
    program.group("nodes", 2, **group)
    graph = program.graph()
    resource = graph.resources[handle.urn]
    return unbinding(resource, survey(graph).pools_for(graph, resource))


@pytest.mark.parametrize(
    ("kind", "tolerations", "group", "seconds"),
    [
        ("Deployment", None, {}, 300),
        ("Deployment", None, REPAIR, 300),
        # Repair takes the node away before the toleration ends.
        ("Deployment", tolerating(3600), REPAIR, 1800),
        ("Deployment", tolerating(3600), {}, 3600),
        ("Deployment", FOREVER, {}, math.inf),
        ("Deployment", FOREVER, REPAIR, 1800),
        # An identity is not given twice: a short toleration does not help.
        ("StatefulSet", tolerating(10), {}, math.inf),
        ("StatefulSet", tolerating(10), REPAIR, 1800),
    ],
)
def test_when_pods_are_let_go(kind, tolerations, group, seconds):
    assert term(kind, tolerations, **group).amount == seconds


def test_a_pod_that_is_never_evicted_follows_from_a_setting_and_one_that_nobody_frees_does_not():
    assert term("Deployment", FOREVER).grade is Grade.BOUND
    assert term("StatefulSet").grade is Grade.NONE


def test_repair_that_can_not_be_told():
    assert isinstance(term("StatefulSet", nodeRepairConfig={"enabled": UNKNOWN}).amount, Unsettled)


@pytest.mark.parametrize(("most", "seconds"), [((3,), 20), ((3, 4), 60), ((1,), 0), ((0,), 0), ((3, UNKNOWN), None)])
def test_the_last_of_the_nodes_waits_for_all_before_it(most, seconds):
    program = Program()
    for number, nodes in enumerate(most):
        program.group(f"nodes-{number}", 0, most=nodes)
    found = queue(survey(program.graph()).most_nodes(program.cluster.urn))
    assert (found.amount if found else None) == seconds


def test_a_cluster_that_grows_as_it_likes_has_no_last_node():
    program = Program()
    program.group("nodes", 1)
    program.pool("dynamic", ("on-demand",))
    assert queue(survey(program.graph()).most_nodes(program.cluster.urn)) is None
