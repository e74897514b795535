"""The policy configuration: what recovery is judged by, levels and thresholds of rules, exemptions."""

from collections.abc import Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from policies.exemption import Exemption
from policies.judge import RuleSettings, Ruling
from policies.registry import all_rules
from policies.rule import Level, Rule, Threshold
from stanchion.recovery.configuration import RecoveryConfiguration
from stanchion.spec.loader import load_part
from stanchion.spec.part import Broken, Part
from stanchion.spec.refusal import Refusal

DEFAULT = Path(__file__).parent / "configuration.yaml"


def _day(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise Refusal(
            f"'{value}' is not a day", allowed="a day such as 2027-03-31", fix="write year, month and day with dashes"
        ) from None


class ExemptionPart(Part):
    """One exemption; all of it has to be said."""

    rule: str = Field(description="The id of the rule.", examples=["storage-log-retention"])
    resource: str = Field(description="A pattern over URN or name.", examples=["legacy-*"])
    reason: str = Field(min_length=10, description="Why; at least a few words.", examples=["kept for the 2026 audit"])
    owner: str = Field(min_length=1, description="Who answers for it.", examples=["data-platform"])
    expires: Annotated[date, BeforeValidator(_day)] = Field(
        description="The last day on which it counts.", examples=["2027-03-31"]
    )

    def rules(self) -> Iterator[Broken]:
        """The rule is one there is."""
        if refusal := unknown_rule(self.rule):
            yield "rule", refusal


class PolicyConfiguration(RecoveryConfiguration):
    """What programs are judged by; every key may be left out."""

    # Not `rules`, which every part has as a method.
    settings_of_rules: dict[str, dict[str, Any]] = Field(
        default_factory=dict[str, dict[str, Any]],
        alias="rules",
        description="By rule id: `level` (mandatory, advisory, disabled) and thresholds.",
    )
    exemptions: tuple[ExemptionPart, ...] = Field(default=(), description="Rules that are let pass, for a while.")

    def rules(self) -> Iterator[Broken]:
        """Rules, levels and thresholds are ones there are."""
        by_id = {rule.id: rule for rule in all_rules()}
        for name, settings in self.settings_of_rules.items():
            if refusal := unknown_rule(name):
                yield f"rules.{name}", refusal
                continue
            for key, refusal in broken_settings(by_id[name], settings):
                yield f"rules.{name}.{key}", refusal

    def ruling(self) -> Ruling:
        """How the rules are set."""
        return Ruling(
            {name: rule_settings(settings) for name, settings in self.settings_of_rules.items()},
            tuple(Exemption(e.rule, e.resource, e.reason, e.owner, e.expires) for e in self.exemptions),
        )


def load_policy_configuration(path: Path | None) -> PolicyConfiguration:
    """Read a configuration; the pack's own when None, which need not be there.

    Raises:
        SpecError: it can't be read, or something in it is wrong; it carries every problem.
    """
    if path is None:
        if not DEFAULT.is_file():
            return PolicyConfiguration()
        path = DEFAULT
    return load_part(PolicyConfiguration, path, str(path))


def rule_settings(settings: Mapping[str, Any]) -> RuleSettings:
    """What a mapping says of one rule; it has been checked."""
    level = settings.get("level")
    thresholds = {
        key: tuple(value) if isinstance(value, list) else value for key, value in settings.items() if key != "level"
    }
    return RuleSettings(Level(level) if level is not None else None, thresholds)


def broken_settings(rule: Rule, settings: Mapping[str, Any]) -> Iterator[Broken]:
    """What is wrong with the settings of a rule, by key."""
    thresholds = {threshold.name: threshold for threshold in rule.thresholds}
    for key, value in settings.items():
        if key == "level":
            if value not in set(Level):
                yield key, Refusal(f"'{value}' is not a level", allowed=", ".join(Level), fix="write one of these")
        elif key not in thresholds:
            known = ["level", *thresholds]
            near = get_close_matches(key, known, n=1)
            yield (
                key,
                Refusal(
                    f"rule '{rule.id}' has no setting '{key}'",
                    allowed=", ".join(known),
                    fix=f"did you mean {near[0]}?" if near else "remove it",
                ),
            )
        elif refusal := _wrong_value(thresholds[key], value):
            yield key, refusal


def _wrong_value(threshold: Threshold, value: Any) -> Refusal | None:
    default = threshold.default
    if isinstance(default, bool):
        return (
            None
            if isinstance(value, bool)
            else Refusal(f"'{value}' is no switch", allowed="true, false", fix="write one")
        )
    if isinstance(default, tuple):
        items: list[Any] = value if isinstance(value, list) else []
        if isinstance(value, list) and all(isinstance(item, str | int | float) for item in items):
            return None
        return Refusal(f"'{value}' is not a list", allowed="a list of texts", fix=f"write [{', '.join(default)}]")
    if isinstance(default, str):
        return (
            None if isinstance(value, str) else Refusal(f"'{value}' is no text", allowed="text", fix=f'write "{value}"')
        )
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Refusal(f"'{value}' is not a number", allowed="a number", fix=f"write one such as {default:g}")
    low, high = threshold.minimum, threshold.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = f"{'any' if low is None else f'{low:g}'} to {'any' if high is None else f'{high:g}'}"
        return Refusal(f"{value:g} is out of bounds", allowed=bounds, fix=f"write one such as {default:g}")
    return None


def unknown_rule(name: str) -> Refusal | None:
    """What is wrong with the id of a rule; None when there is one."""
    ids = [rule.id for rule in all_rules()]
    if name in ids:
        return None
    near = get_close_matches(name, ids, n=1, cutoff=0.5)
    fix = f"did you mean {near[0]}?" if near else "`stanchion check --list` names them all"
    return Refusal(f"there is no rule '{name}'", allowed="the id of a rule", fix=fix)
