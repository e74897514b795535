from pathlib import Path

import pytest

from policies.configuration import PolicyConfiguration, load_policy_configuration
from policies.registry import all_rules
from policies.rule import Level
from stanchion.spec.errors import SpecError

RULE = next(rule for rule in all_rules() if rule.id == "storage-log-retention")
NUMBER = next(t for t in RULE.thresholds if isinstance(t.default, int | float) and not isinstance(t.default, bool))


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "configuration.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_packs_own_configuration_reads():
    assert isinstance(load_policy_configuration(None), PolicyConfiguration)


def test_levels_thresholds_and_exemptions(tmp_path: Path):
    text = f"""
environment: local
rules:
  {RULE.id}: {{level: advisory, {NUMBER.name}: {NUMBER.default}}}
exemptions:
  - {{rule: {RULE.id}, resource: "legacy-*", reason: kept for the audit, owner: data, expires: 2099-12-31}}
"""
    configuration = load_policy_configuration(written(tmp_path, text))
    ruling = configuration.ruling()
    assert configuration.environment == "local"
    assert ruling.level(RULE) is Level.ADVISORY
    assert ruling.thresholds(RULE)[NUMBER.name] == NUMBER.default
    assert (ruling.exemptions[0].owner, str(ruling.exemptions[0].expires)) == ("data", "2099-12-31")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules: {storage-log-retentoin: {level: advisory}}", "did you mean storage-log-retention?"),
        (
            "rules: {storage-log-retention: {level: loud}}",
            "'loud' is not a level; allowed: mandatory, advisory, disabled",
        ),
        ("rules: {storage-log-retention: {levle: advisory}}", "did you mean level?"),
        (f"rules: {{storage-log-retention: {{{NUMBER.name}: many}}}}", "'many' is not a number"),
        (f"rules: {{storage-log-retention: {{{NUMBER.name}: -5}}}}", "-5 is out of bounds"),
        (
            "exemptions: [{rule: nothing, resource: a, reason: long enough, owner: b, expires: 2099-01-01}]",
            "no rule 'nothing'",
        ),
        ("exemptions: [{rule: storage-log-retention, resource: a, reason: long enough, owner: b}]", "expires"),
        (
            "exemptions: [{rule: storage-log-retention, resource: a, reason: long enough, owner: b, expires: soon}]",
            "'soon' is not a day",
        ),
        (
            "exemptions: [{rule: storage-log-retention, resource: a, reason: x, owner: b, expires: 2099-01-01}]",
            "reason",
        ),
        ("ruels: {}", "ruels"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, text: str, message: str):
    with pytest.raises(SpecError) as refused:
        load_policy_configuration(written(tmp_path, text))
    assert "configuration.yaml:1: " in str(refused.value)
    assert message in str(refused.value)


def test_every_threshold_of_every_rule_takes_its_own_default(tmp_path: Path):
    import yaml

    rules = {
        rule.id: {t.name: list(t.default) if isinstance(t.default, tuple) else t.default for t in rule.thresholds}
        for rule in all_rules()
        if rule.thresholds
    }
    ruling = load_policy_configuration(written(tmp_path, yaml.safe_dump({"rules": rules}))).ruling()
    for rule in all_rules():
        assert ruling.thresholds(rule) == rule.defaults()
