"""Every defect is found and named; its twin passes."""

from functools import cache

import pytest

from policies.judge import judge
from policies.rule import Program
from stanchion.graph import ResourceGraph
from stanchion.recovery.estimate import Figure, Verdict, estimate
from tests.foreign import backup, compute, databases, kubernetes, s3, services, tables, traffic
from tests.foreign.pair import Pair
from tests.recorder import record

MODULES = (backup, s3, tables, databases, traffic, compute, services, kubernetes)
PAIRS = [pair for module in MODULES for pair in module.PAIRS]


@cache
def graph_of(pair: Pair, *, broken: bool, preview: bool) -> ResourceGraph:
    """The program as it was recorded; a graph does not change, so once is enough."""
    return record(lambda: pair.build(broken), preview=preview).graph()


def figure_of(pair: Pair, graph: ResourceGraph) -> Figure:
    assert pair.figure is not None
    name, disruption = pair.figure
    (found,) = (e for e in estimate(graph, pair.settings()).estimates if e.disruption is disruption)
    return found.rto if name == "RTO" else found.rpo


def named(pair: Pair, graph: ResourceGraph) -> set[str]:
    """Logical names of the resources that what is found is about."""
    if pair.figure:
        figure = figure_of(pair, graph)
        if figure.verdict is not Verdict.BROKEN:
            return set()
        assert figure.deciding is not None
        return {
            urn.rsplit("::", 1)[-1] for part in figure.parts if part.counts for urn in (part.urn, figure.deciding.urn)
        }
    violations = [judged.violation for judged in judge(Program(graph, pair.settings())) if judged.rule.id == pair.rule]
    return {violation.urn.rsplit("::", 1)[-1] for violation in violations}


def test_there_are_enough_of_them_over_all_chapters():
    assert len(PAIRS) >= 25
    assert len({pair.name for pair in PAIRS}) == len(PAIRS)


@pytest.mark.parametrize("preview", [True, False], ids=["first preview", "deployed"])
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_the_defect_is_found_and_the_resource_named(pair: Pair, preview: bool):
    assert pair.found in named(pair, graph_of(pair, broken=True, preview=preview))


@pytest.mark.parametrize("preview", [True, False], ids=["first preview", "deployed"])
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_the_clean_twin_passes(pair: Pair, preview: bool):
    graph = graph_of(pair, broken=False, preview=preview)
    if pair.figure:
        figure = figure_of(pair, graph)
        # An RTO has parts that no plain program speaks about; what is known of it has to be within the objective.
        assert figure.verdict is Verdict.MET or (figure.verdict is Verdict.NOT_ASSESSED and pair.figure[0] == "RTO")
    else:
        assert named(pair, graph) == set()
