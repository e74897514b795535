"""What the engine says of the rules: the configuration it was told of, and `--policy-pack-config` on top."""

from collections.abc import Iterator, Mapping
from typing import Any

from policies.judge import RuleSettings, Ruling
from policies.registry import all_rules
from policies.rule import Level
from stanchion.errors import StanchionError
from stanchion.spec.part import Broken
from stanchion.spec.refusal import Refusal


class PackConfigError(StanchionError):
    """`--policy-pack-config` names what there is not."""


def with_engine(ruling: Ruling, given: Mapping[str, tuple[Level, Mapping[str, Any]]]) -> Ruling:
    """A ruling with what the engine was told on top.

    Args:
        ruling: of the configuration.
        given: level and thresholds by rule id, as `Configure` hands them over.

    Raises:
        PackConfigError: a rule or a threshold there is not, or a value that is not allowed. The engine checks types and
            bounds only, and takes a name it does not know without a word.
    """
    # With the configuration come pydantic and YAML, which are read after the engine's first questions.
    from policies.configuration import rule_settings

    problems = [f"{place}: {refusal}" for place, refusal in _broken(given)]
    if problems:
        raise PackConfigError("--policy-pack-config is wrong:\n" + "\n".join(f"- {problem}" for problem in problems))
    rules = dict(ruling.rules)
    for name, (level, properties) in given.items():
        if name == _ALL:
            continue
        before = rules.get(name, RuleSettings())
        rules[name] = RuleSettings(level, {**before.thresholds, **rule_settings(properties).thresholds})
    return Ruling(rules, ruling.exemptions)


# A word of the engine's: it sets the level of each rule itself, and hands the word on.
_ALL = "all"


def _broken(given: Mapping[str, tuple[Level, Mapping[str, Any]]]) -> Iterator[Broken]:
    from policies.configuration import broken_settings, unknown_rule

    by_id = {rule.id: rule for rule in all_rules()}
    for name, (_, properties) in sorted(given.items()):
        if name == _ALL:
            continue
        if refusal := unknown_rule(name):
            yield name, refusal
            continue
        if "level" in properties:
            yield (
                f"{name}.level",
                Refusal(
                    "the level has another name here",
                    allowed="enforcementLevel",
                    fix="write enforcementLevel, or set `level` in policies/configuration.yaml",
                ),
            )
        settings = {key: value for key, value in properties.items() if key != "level"}
        for key, refusal in broken_settings(by_id[name], settings):
            yield f"{name}.{key}", refusal
