"""The pack as the engine's `GetAnalyzerInfo` wants it: every rule a policy, its thresholds as a JSON Schema."""

from typing import Any

from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from policies.judge import Ruling
from policies.registry import all_rules
from policies.rule import Level, Rule, Severity, Threshold

PACK = "stanchion"
LEVELS = {
    Level.MANDATORY: analyzer_pb2.MANDATORY,
    Level.ADVISORY: analyzer_pb2.ADVISORY,
    Level.DISABLED: analyzer_pb2.DISABLED,
}
SEVERITIES = {
    Severity.LOW: analyzer_pb2.POLICY_SEVERITY_LOW,
    Severity.MEDIUM: analyzer_pb2.POLICY_SEVERITY_MEDIUM,
    Severity.HIGH: analyzer_pb2.POLICY_SEVERITY_HIGH,
    Severity.CRITICAL: analyzer_pb2.POLICY_SEVERITY_CRITICAL,
}


def described(ruling: Ruling, version: str) -> Any:
    """The answer to `GetAnalyzerInfo`.

    Args:
        ruling: of the configuration. Of whatever `--policy-pack-config` does not name, the engine hands back the level
            and the defaults that are said here, so that these have to be the configured ones.
        version: of this package.
    """
    return analyzer_pb2.AnalyzerInfo(
        name=PACK,
        displayName="Stanchion",
        version=version,
        supportsConfig=True,
        description="Recovery, storage, capacity, cost and observability of a whole program.",
        policies=[_policy(rule, ruling) for rule in all_rules()],
    )


def _policy(rule: Rule, ruling: Ruling) -> Any:
    values = ruling.thresholds(rule)
    return analyzer_pb2.PolicyInfo(
        name=rule.id,
        displayName=rule.id,
        description=rule.description,
        enforcementLevel=LEVELS[ruling.level(rule)],
        policy_type=analyzer_pb2.POLICY_TYPE_STACK,
        severity=SEVERITIES[rule.severity],
        remediation_steps=rule.remediation,
        tags=[rule.group.value],
        configSchema=analyzer_pb2.PolicyConfigSchema(
            properties=_struct({each.name: _schema(each, values[each.name]) for each in rule.thresholds})
        ),
    )


def _schema(threshold: Threshold, value: Any) -> dict[str, Any]:
    default = threshold.default
    found: dict[str, Any] = {"description": threshold.description, "default": _plain(value)}
    if isinstance(default, bool):
        found["type"] = "boolean"
    elif isinstance(default, str):
        found["type"] = "string"
    elif isinstance(default, tuple):
        found |= {"type": "array", "items": {"type": ["string", "number"]}}
    else:
        bounds = {"minimum": threshold.minimum, "maximum": threshold.maximum}
        found |= {"type": "number", **{key: value for key, value in bounds.items() if value is not None}}
    return found


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _struct(values: dict[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(values, struct_pb2.Struct())
