"""What holds for every registered rule; its examples are run by test_rule_examples."""

import re
from pathlib import Path

import pytest

from policies.judge import judge
from policies.registry import all_rules
from policies.rule import Program, Rule
from stanchion.graph import SECRET, UNKNOWN, GraphBuilder, ResourceGraph
from stanchion.recovery.settings import Settings

RULES = all_rules()
FOLDER = Path(__file__).resolve().parents[3] / "policies"


def test_ids_are_unique_and_each_file_is_a_rule():
    assert len({rule.id for rule in RULES}) == len(RULES)
    files = [path for group in {rule.group for rule in RULES} for path in (FOLDER / group.value).glob("[!_]*.py")]
    assert len(files) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_it_says_what_it_is(rule: Rule):
    assert re.fullmatch(rf"{rule.group.value}-[a-z0-9]+(-[a-z0-9]+)*", rule.id)
    name = rule.id.removeprefix(f"{rule.group.value}-").replace("-", "_")
    assert (FOLDER / rule.group.value / f"{name}.py").is_file()
    for text in (rule.description, rule.remediation):
        assert len(text) > 20
        assert text.endswith(".")
    assert rule.source
    assert rule.passing
    assert rule.failing
    assert all(example.names for example in rule.failing)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_its_thresholds_are_within_their_bounds(rule: Rule):
    for threshold in rule.thresholds:
        assert re.fullmatch(r"[a-z][A-Za-z0-9]*", threshold.name)
        assert threshold.description.endswith(".")
        if isinstance(threshold.default, int | float) and not isinstance(threshold.default, bool):
            assert threshold.minimum is None or threshold.minimum <= threshold.default
            assert threshold.maximum is None or threshold.default <= threshold.maximum


def spoilt(graph: ResourceGraph, value: object) -> ResourceGraph:
    """The same resources, every property of them replaced."""
    builder = GraphBuilder()
    for resource in graph:
        if not resource.type.startswith("pulumi:"):
            builder.add(resource.type, resource.name, dict.fromkeys(resource.inputs, value))
    return builder.graph()


@pytest.mark.parametrize("value", [UNKNOWN, SECRET, "text", 1.5, True, [], [None], {}, [{"a": UNKNOWN}]], ids=repr)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_it_fails_for_no_program(rule: Rule, value: object):
    for example in (*rule.passing[:1], *rule.failing[:1]):
        for judged in judge(Program(spoilt(example.build(), value), example.settings()), rules=[rule]):
            assert "the rule itself failed" not in judged.violation.message, judged.violation.message


def test_an_empty_program_is_well():
    assert [j for j in judge(Program(ResourceGraph([]), Settings())) if j.fails] == []
