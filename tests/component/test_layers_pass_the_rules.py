"""What the platform declares passes its own rules, deployed and in a first preview, in each environment document.

Whether objectives are met is a matter of all layers of an environment together, and is held where these are.
"""

from functools import cache

import pytest

from policies.registry import all_rules
from policies.rule import Level, Program, Rule
from stanchion.recovery.settings import Settings
from tests.component.recorded_layers import environment, recorded_layers

OF_ALL_LAYERS = "recovery-objectives-met"
MANDATORY = [rule for rule in all_rules() if rule.level is Level.MANDATORY and rule.id != OF_ALL_LAYERS]


@cache
def programs(name: str, preview: bool) -> dict[str, Program]:
    settings = Settings.of_tiers(environment(name).tiers)
    return {place: Program(layer.graph(), settings) for place, layer in recorded_layers(name, preview).items()}


@pytest.mark.parametrize("preview", [False, True], ids=["deployed", "first preview"])
@pytest.mark.parametrize("name", ["local", "example"])
@pytest.mark.parametrize("rule", MANDATORY, ids=lambda rule: rule.id)
def test_layers_break_no_rule(rule: Rule, name: str, preview: bool) -> None:
    found = [
        f"{place}: {violation.message}"
        for place, program in programs(name, preview).items()
        for violation in rule.check(program, rule.defaults())
    ]
    assert found == []
