"""Reads the steps that a mechanism found: what they take, and which values are missing."""

import math
import random
from collections.abc import Iterable
from typing import Any

from stanchion.graph import SECRET, UNKNOWN, GraphBuilder, ResourceGraph, Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Note, Phase, Step
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.term import UNBOUNDED, Amount, Grade, largest, total

APPLICATION, INFRASTRUCTURE, ZONE, REGION = Disruption
DETECT, RECOVER, SHIFT = Phase

JUNK: tuple[Any, ...] = (
    UNKNOWN,
    SECRET,
    None,
    True,
    -1,
    0,
    "",
    "x",
    [],
    {},
    [None],
    [UNKNOWN],
    ["x"],
    [{}],
    [[]],
    {"a": 1},
    [{"type": 5, "id": [], "name": {}}],
    math.nan,
)


class Stepped:
    """The findings of one mechanism, by the name of the resource."""

    def __init__(self, mechanism: Mechanism, graph: ResourceGraph) -> None:
        self.graph = graph
        self.findings: list[Finding] = list(mechanism.find(graph))
        self.steps = [finding for finding in self.findings if isinstance(finding, Step)]
        self.notes = [finding.text for finding in self.findings if isinstance(finding, Note)]
        for step in self.steps:
            assert step.urn in graph.resources
            assert step.terms, step
            for term in step.terms:
                assert term.source.document
                assert term.source.part
                assert (term.grade is Grade.NONE) == (term.amount == UNBOUNDED) or isinstance(term.amount, Unsettled)

    def of(self, name: str, disruption: Disruption, phase: Phase) -> list[Step]:
        return [
            step
            for step in self.steps
            if self.graph.resources[step.urn].name == name and step.disruption is disruption and step.phase is phase
        ]

    def amount(self, name: str, disruption: Disruption, phase: Phase) -> Amount | None:
        """The slowest of these steps; None for no step."""
        steps = self.of(name, disruption, phase)
        return largest(total(term.amount for term in step.terms) for step in steps) if steps else None

    def missing(self, name: str, disruption: Disruption, phase: Phase) -> str:
        """The property that can't be told."""
        amount = self.amount(name, disruption, phase)
        assert isinstance(amount, Unsettled), amount
        return amount.property

    def why(self, name: str, disruption: Disruption, phase: Phase) -> str:
        """What the steps' terms say."""
        return "; ".join(term.name for step in self.of(name, disruption, phase) for term in step.terms)

    def grades(self, name: str, disruption: Disruption, phase: Phase) -> set[Grade]:
        return {term.grade for step in self.of(name, disruption, phase) for term in step.terms}


def seconds(amount: Amount | None) -> float:
    """For comparing: what can't be told, or is not there, is the worst."""
    return math.inf if amount is None or isinstance(amount, Unsettled) else amount


def holds_for_junk(mechanism: Mechanism, keys: Iterable[str], base: dict[str, dict[str, Any]]) -> None:
    """Whatever stands in a property, the mechanism answers, and what it answers never depends on the order.

    Args:
        mechanism: under test.
        keys: properties to be filled with every kind of nonsense.
        base: good inputs by type, so that one bad value is met on its own as well.
    """
    for key in keys:
        for value in JUNK:
            builder = GraphBuilder()
            for type_ in sorted(mechanism.reads):
                inputs = base.get(type_, {})
                builder.add(type_, "one", {**inputs, key: value})
                builder.add(type_, "two", inputs)
                builder.add(type_, "bare", {key: value})
            graph = builder.graph()
            found = Stepped(mechanism, graph).findings
            resources = list(graph)
            random.Random(len(key)).shuffle(resources)
            assert list(map(str, mechanism.find(ResourceGraph(resources)))) == list(map(str, found))
