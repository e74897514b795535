"""What the platform declares passes its own rules and meets its own objectives, deployed and in a first preview.

In each environment document. As `stanchion preview` does it, each stack is judged with those before it.
"""

from functools import cache

import pytest

from policies.registry import all_rules
from policies.rule import Level, Program, Rule
from stanchion.graph import ResourceGraph
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.estimate import Figure, Verdict, estimate
from stanchion.recovery.settings import Settings
from tests.component.recorded_layers import environment, recorded_layers

MANDATORY = [rule for rule in all_rules() if rule.level is Level.MANDATORY]
NAMES = ["local", "example"]


@cache
def settings(name: str) -> Settings:
    return Settings.of_tiers(environment(name).tiers)


@cache
def programs(name: str, preview: bool) -> dict[str, Program]:
    found: dict[str, Program] = {}
    before: list[ResourceGraph] = []
    for place, layer in recorded_layers(name, preview).items():
        graph = layer.graph()
        found[place] = Program(graph.merged(*before), settings(name), frozenset(graph.resources))
        before.append(graph)
    return found


@pytest.mark.parametrize("preview", [False, True], ids=["deployed", "first preview"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rule", MANDATORY, ids=lambda rule: rule.id)
def test_layers_break_no_rule(rule: Rule, name: str, preview: bool) -> None:
    found = [
        f"{place}: {violation.message}"
        for place, program in programs(name, preview).items()
        for violation in rule.check(program, rule.defaults())
    ]
    assert found == []


@pytest.mark.parametrize("preview", [False, True], ids=["deployed", "first preview"])
@pytest.mark.parametrize("name", NAMES)
def test_data_survive_every_disruption_within_the_objectives(name: str, preview: bool) -> None:
    graph = last(name, preview)
    estimates = estimate(graph, settings(name))
    stores = [graph.resources[urn] for urn in estimates.findings.stores]
    assert {graph.region_of(store) for store in stores} == set(environment(name).regions.both)
    judged = {each.disruption: each for each in estimates.estimates if each.workload == "shared"}
    assert set(judged) == set(Disruption)
    for each in judged.values():
        assert each.rpo.verdict is (Verdict.MET if each.rpo.objective is not None else Verdict.NO_OBJECTIVE)
        assert "not assessed" not in notes(each.rpo)
    assert judged[Disruption.APPLICATION].rto.verdict is Verdict.MET
    # What steers traffic is a layer that is not there yet; what is there breaks nothing.
    assert {each.rto.verdict for each in judged.values()} <= {Verdict.MET, Verdict.NOT_ASSESSED}


@pytest.mark.parametrize("preview", [False, True], ids=["deployed", "first preview"])
@pytest.mark.parametrize("name", NAMES)
def test_endpoints_come_back_within_the_objectives_of_their_tiers(name: str, preview: bool) -> None:
    estimates = estimate(last(name, preview), settings(name))
    endpoints = environment(name).endpoints
    assert {workload.name for workload in estimates.workloads} == {"shared", *endpoints}
    for each in estimates.estimates:
        if each.workload == "shared":
            continue
        assert each.tier == endpoints[each.workload].tier
        if each.disruption is Disruption.REGION:
            # Who shifts the traffic is not part of these layers.
            assert each.rto.verdict is Verdict.NOT_ASSESSED
        else:
            assert each.rto.verdict is Verdict.MET, f"{each.workload} {each.disruption}: {notes(each.rto)}"


@pytest.mark.parametrize("name", NAMES)
def test_a_cold_start_is_part_of_what_brings_an_endpoint_back(name: str) -> None:
    estimates = estimate(last(name, False), settings(name))
    for endpoint in environment(name).online_endpoints:
        found = [
            term.name
            for each in estimates.estimates
            if each.workload == endpoint and each.disruption is Disruption.APPLICATION
            for part in each.rto.parts
            for term in part.terms
        ]
        assert any("start" in term for term in found), found


def last(name: str, preview: bool) -> ResourceGraph:
    """The program that sees all of them."""
    return list(programs(name, preview).values())[-1].graph


def notes(figure: Figure) -> str:
    return " ".join(part.note for part in figure.parts)
