"""What is not known, or has another form than it should, never makes a program look better than it is.

Each property of each resource of each defective program is taken away, one at a time, and put in its place is what a
reader of plans may meet: unknown, secret, a value of another type. What was broken may only become unknown.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from stanchion.graph import SECRET, UNKNOWN, Resource, ResourceGraph
from stanchion.recovery.estimate import Verdict, estimate
from tests.foreign.pair import Pair
from tests.foreign.test_pairs import PAIRS, graph_of

FIGURES = [pair for pair in PAIRS if pair.figure]
FAILING = {Verdict.BROKEN, Verdict.UNKNOWN}
Path = tuple[str | int, ...]


def places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value inside of properties, at any depth, with its path."""
    if path:
        yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


def put(value: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    if isinstance(value, dict):
        return {**value, path[0]: put(value[path[0]], path[1:], new)}
    return [put(item, path[1:], new) if index == path[0] else item for index, item in enumerate(value)]


def of_another_form(value: Any) -> tuple[Any, ...]:
    """What the property can't be; not empty ones, which a program may mean, and no other text in place of a text."""
    match value:
        case bool():
            return ("soon", 7)
        case int() | float():
            return ("soon", -1.0, float("nan"), [1, 2])
        case str():
            return ({"a": 1}, [["x"], 7])
        case dict() | list():
            return ("soon", 7)
        case _:
            return ()


def unknown(_: Any) -> tuple[Any, ...]:
    return (UNKNOWN,)


def changed(graph: ResourceGraph, resource: Resource, path: Path, new: Any) -> ResourceGraph:
    inputs = put(dict(resource.inputs), path, new)
    # What a deployed resource was given comes back as an output, which would tell it all the same.
    outputs = {key: value for key, value in resource.outputs.items() if key != path[0]}
    other = replace(resource, inputs=inputs, outputs=outputs)
    return ResourceGraph([other if each is resource else each for each in graph], graph.config)


def broken_in(pair: Pair, graph: ResourceGraph) -> dict[tuple[str, str], Verdict]:
    found = estimate(graph, pair.settings()).estimates
    return {(e.disruption, name): f.verdict for e in found for name, f in (("RTO", e.rto), ("RPO", e.rpo))}


def better(pair: Pair, graph: ResourceGraph, worse: Callable[[Any], tuple[Any, ...]]) -> Iterator[str]:
    before = broken_in(pair, graph)
    for resource in graph:
        for path, value in places(dict(resource.inputs)):
            for new in worse(value):
                after = broken_in(pair, changed(graph, resource, path, new))
                for figure, verdict in before.items():
                    if verdict is Verdict.BROKEN and after.get(figure) not in FAILING:
                        where = ".".join(map(str, path))
                        yield f"{figure}: {after.get(figure)} with {resource.kind} {resource.name} {where} = {new!r}"


@pytest.mark.parametrize("preview", [True, False], ids=["first preview", "deployed"])
@pytest.mark.parametrize("pair", FIGURES, ids=lambda pair: pair.name)
def test_an_unknown_value_turns_no_broken_figure_into_a_met_one(pair: Pair, preview: bool):
    assert list(better(pair, graph_of(pair, broken=True, preview=preview), unknown)) == []


@pytest.mark.parametrize("pair", FIGURES, ids=lambda pair: pair.name)
def test_a_value_of_another_form_turns_no_broken_figure_into_a_met_one(pair: Pair):
    assert list(better(pair, graph_of(pair, broken=True, preview=True), of_another_form)) == []


@pytest.mark.parametrize("pair", FIGURES, ids=lambda pair: pair.name)
def test_a_secret_is_judged_as_what_is_unknown(pair: Pair):
    graph = graph_of(pair, broken=True, preview=True)
    for resource in graph:
        for key in resource.inputs:
            hidden, open_ = (broken_in(pair, changed(graph, resource, (key,), new)) for new in (SECRET, UNKNOWN))
            assert hidden == open_, (resource.name, key)


@pytest.mark.parametrize("pair", FIGURES, ids=lambda pair: pair.name)
def test_nothing_known_at_all_is_no_failure_of_ours(pair: Pair):
    graph = graph_of(pair, broken=False, preview=True)
    for nothing in (UNKNOWN, SECRET, "soon", -1, 1e308, float("nan"), True, [], {}, [[]], [{"a": None}], {"a": [1]}):
        for chosen in (*((resource,) for resource in graph), tuple(graph)):
            wiped = [
                replace(each, inputs=dict.fromkeys(each.inputs, nothing), outputs={}) if each in chosen else each
                for each in graph
            ]
            estimate(ResourceGraph(wiped, graph.config), pair.settings())
