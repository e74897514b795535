"""Each rule's examples pass and fail as they say, and the resources that are found are the ones they name."""

import pytest

from policies.registry import all_rules
from policies.rule import Example, Program, Rule

PASSING = [(rule, example) for rule in all_rules() for example in rule.passing]
FAILING = [(rule, example) for rule in all_rules() for example in rule.failing]


def name_of(case: object) -> str:
    return case.id if isinstance(case, Rule) else getattr(case, "about", "")


def found(rule: Rule, example: Example) -> list[str]:
    program = Program(example.build(), example.settings())
    return sorted({violation.urn.rsplit("::", 1)[-1] for violation in rule.check(program, rule.defaults())})


@pytest.mark.parametrize(("rule", "example"), PASSING, ids=name_of)
def test_passing_examples_pass(rule: Rule, example: Example) -> None:
    assert found(rule, example) == []


@pytest.mark.parametrize(("rule", "example"), FAILING, ids=name_of)
def test_failing_examples_fail_and_name_what_is_wrong(rule: Rule, example: Example) -> None:
    assert found(rule, example) == sorted(example.names)


def test_every_rule_has_both() -> None:
    assert [rule.id for rule in all_rules() if not rule.passing or not rule.failing] == []
