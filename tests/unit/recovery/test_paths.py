import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.graph import Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Phase, Step
from stanchion.recovery.paths import fastest, longest_path
from stanchion.recovery.sources import derived
from stanchion.recovery.term import UNBOUNDED, Amount, Grade, Term, total


def step(name: str, seconds: float, *after: str) -> Step:
    term = Term(name, seconds, Grade.BOUND, derived("it"))
    return Step(name, name, Disruption.ZONE, Phase.RECOVER, (term,), after)


def length(path: list[Step]) -> float:
    amount = total(term.amount for found in path for term in found.terms)
    assert isinstance(amount, float)
    return amount


def test_what_depends_adds_and_what_is_parallel_takes_the_larger():
    data, image, pod = step("data", 100), step("image", 300), step("pod", 50, "data", "image")
    path, rest = longest_path([pod, data, image])
    assert [found.name for found in path] == ["image", "pod"]
    assert [found.name for found in rest] == ["data"]
    assert length(path) == 350


def test_what_waits_for_something_that_is_no_step_does_not_wait():
    path, _ = longest_path([step("pod", 50, "elsewhere")])
    assert length(path) == 50


def test_nothing_takes_no_time():
    assert longest_path([]) == ([], [])


def test_a_circle_ends_and_counts_once():
    path, _ = longest_path([step("a", 1, "c"), step("b", 2, "a"), step("c", 4, "b")])
    assert 4 <= length(path) <= 7
    assert longest_path([step("a", 1, "a")])[0][0].name == "a"


def test_a_chain_longer_than_the_recursion_limit():
    chain = [step(str(n), 1, *([str(n - 1)] if n else [])) for n in range(3000)]
    path, rest = longest_path(chain)
    assert (length(path), rest) == (3000, [])


graphs = st.lists(st.tuples(st.integers(0, 9), st.lists(st.integers(0, 7), max_size=2)), min_size=1, max_size=6)


def made(graph: list[tuple[int, list[int]]]) -> list[Step]:
    # Only earlier ones, so that there is no circle.
    return [step(str(n), seconds, *(str(m) for m in after if m < n)) for n, (seconds, after) in enumerate(graph)]


@settings(max_examples=60)
@given(graphs)
def test_it_is_the_longest_of_all_chains_whatever_the_order(graph: list[tuple[int, list[int]]]):
    steps = made(graph)
    by_name = {found.name: found for found in steps}

    def longest(found: Step) -> float:
        return length([found]) + max((longest(by_name[name]) for name in found.after), default=0.0)

    expected = max(longest(found) for found in steps)
    for order in itertools.islice(itertools.permutations(steps), 12):
        path, rest = longest_path(order)
        assert length(path) == expected
        assert len(path) + len(rest) == len(steps)


@settings(max_examples=60)
@given(graphs, st.integers(0, 9))
def test_one_more_step_never_makes_it_shorter(graph: list[tuple[int, list[int]]], seconds: int):
    steps = made(graph)
    assert length(longest_path([*steps, step("more", seconds, "0")])[0]) >= length(longest_path(steps)[0])


def alarm(name: str, seconds: Amount, group: str = "alarms") -> Step:
    term = Term(name, seconds, Grade.BOUND, derived("it"))
    return Step(name, name, Disruption.ZONE, Phase.DETECT, (term,), alternative=group)


def test_of_alternatives_only_the_fastest_counts():
    slow, quick, other = alarm("slow", 300), alarm("quick", 60), step("data", 100)
    kept, spare = fastest([slow, other, quick])
    assert kept == [other, quick]
    assert spare == [(slow, quick)]


def test_an_alternative_that_is_not_known_never_hides_one_that_is():
    unknown, never, known = alarm("unknown", Unsettled("", "", "?")), alarm("never", UNBOUNDED), alarm("known", 900)
    assert fastest([unknown, never, known])[0] == [known]
    assert fastest([never, unknown])[0] == [unknown]


def test_groups_of_alternatives_do_not_replace_each_other():
    assert fastest([alarm("a", 60, "alarms"), alarm("b", 300, "probes")])[1] == []


@given(st.permutations([alarm("a", 60), alarm("b", 60), alarm("c", 120)]))
def test_which_alternative_counts_does_not_depend_on_the_order(steps: list[Step]):
    assert [found.name for found in fastest(steps)[0]] == ["a"]
