"""Check: what the official provider refuses is refused here, and what it fills in is filled in."""

import difflib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.provider import tags
from sandbox.provider.cloud import is_region
from sandbox.provider.constraints import violations
from sandbox.provider.naming import automatic
from sandbox.provider.row import Problem, Row
from sandbox.provider.schema import Field, provider_schema, schema_of
from sandbox.provider.values import UNKNOWN, Properties, has_unknown

# The official provider's names are still understood when they come with a state it has written.
_IGNORED = frozenset({"__defaults", "__name"})


@dataclass(frozen=True)
class Surroundings:
    """What Check needs besides the inputs: the provider's settings and the resource's name and seed.

    Args:
        logical: the resource's name in the program.
        proposed: a name from the engine's own naming rules, which then counts instead of ours.
        automatic: False when the engine forbids automatic names.
        models: gives botocore's model of a service; None leaves its constraints out.
    """

    region: str
    default_tags: Mapping[str, str] = field(default_factory=dict)
    logical: str = ""
    seed: bytes = b""
    proposed: str = ""
    automatic: bool = True
    models: Callable[[str], Any] | None = None


def check(row: Row, old: Properties, new: Properties, around: Surroundings) -> tuple[Properties, list[Problem]]:
    """The inputs with defaults filled in, and everything that is wrong with them.

    Args:
        old: the inputs before; an automatic name among them is kept.
    """
    schema = schema_of(row.type)
    inputs: Properties = {}
    problems: list[Problem] = []
    for name, value in new.items():
        if name in _IGNORED or (name == "tagsAll" and schema.taggable):
            continue
        known = schema.inputs.get(name)
        if known is None:
            problems.append(_unknown(name, schema.inputs))
        elif name in row.unsupported:
            problems.append(Problem(name, f"the local cloud does not support it here: {row.unsupported[name]}"))
        elif name in row.json and isinstance(value, Mapping | list) and not has_unknown(value):
            inputs[name] = json.dumps(value)
        else:
            inputs[name] = _typed(name, value, known, problems)
    filled = _fill(row, schema.regional, old, inputs, around)
    if filled:
        inputs["__defaults"] = sorted(filled)
    problems += [
        Problem(name, f'Missing required argument: the property "{name}" is required, but nothing was given')
        for name, known in schema.inputs.items()
        if known.required and name not in inputs
    ]
    if not problems:
        problems += _documents(row, inputs)
        problems += [problem for rule in row.rules for problem in rule(inputs)]
        told = {problem.property for problem in problems}
        problems += [one for one in violations(row, inputs, around.models) if one.property not in told]
    own = inputs.get("tags")
    if row.tags is not None and (own is None or own is UNKNOWN or isinstance(own, Mapping)):
        inputs["tagsAll"] = tags.merged(around.default_tags, own)
        problems += _tags(inputs)
    return inputs, problems


def _unknown(path: str, allowed: Mapping[str, Field]) -> Problem:
    name = path.rpartition(".")[2]
    near = difflib.get_close_matches(name, allowed, n=1, cutoff=0.5)
    hint = f'; did you mean "{near[0]}"?' if near else f"; allowed are {', '.join(sorted(allowed))}"
    return Problem(path, f'Invalid or unknown key "{name}"{hint}')


def _typed(path: str, value: Any, field_: Field, problems: list[Problem]) -> Any:
    """The value in the type that the schema says, as far as it can be read as one."""
    if value is UNKNOWN or field_.kind == "any":
        return value
    if field_.kind == "object":
        if not isinstance(value, Mapping):
            problems.append(Problem(path, f"expected an object, got {_kind(value)}"))
            return value
        return _object(path, value, field_, problems)
    if field_.kind == "list":
        if not isinstance(value, list):
            problems.append(Problem(path, f"expected a list, got {_kind(value)}"))
            return value
        item = field_.item or Field("", "any")
        return [_typed(f"{path}[{position}]", entry, item, problems) for position, entry in enumerate(value)]
    if field_.kind == "map":
        if not isinstance(value, Mapping):
            problems.append(Problem(path, f"expected a map, got {_kind(value)}"))
            return value
        item = field_.item or Field("", "any")
        return {key: _typed(f"{path}.{key}", entry, item, problems) for key, entry in value.items()}
    return _scalar(path, value, field_.kind, problems)


def _object(path: str, value: Mapping[str, Any], field_: Field, problems: list[Problem]) -> Properties:
    allowed = field_.fields()
    if not allowed:
        return dict(value)
    for name, inner in allowed.items():
        if inner.required and name not in value:
            problems.append(Problem(f"{path}.{name}", f'Missing required argument: "{path}.{name}" is required'))
    typed: Properties = {}
    for name, entry in value.items():
        if name.startswith("__"):
            continue
        if name not in allowed:
            problems.append(_unknown(f"{path}.{name}", allowed))
        else:
            typed[name] = _typed(f"{path}.{name}", entry, allowed[name], problems)
    return typed


def _scalar(path: str, value: Any, kind: str, problems: list[Problem]) -> Any:
    if isinstance(value, Mapping | list):
        problems.append(Problem(path, f"expected {_NAMES[kind]}, got {_kind(value)}"))
    elif kind == "str":
        return str(value).lower() if isinstance(value, bool) else str(value)
    elif kind == "bool" and not isinstance(value, bool):
        if str(value).lower() in ("true", "false"):
            return str(value).lower() == "true"
        problems.append(Problem(path, f"expected true or false, got {_kind(value)}"))
    elif kind in ("int", "float") and (isinstance(value, bool) or not isinstance(value, int | float)):
        try:
            number = float(str(value))
        except ValueError:
            problems.append(Problem(path, f"expected a number, got {_kind(value)}"))
            return value
        return int(number) if number.is_integer() else number
    elif kind == "int" and isinstance(value, float):
        problems.append(Problem(path, "expected a whole number, got a fraction"))
    return value


_NAMES = {"str": "a string", "bool": "true or false", "int": "a whole number", "float": "a number"}


def _kind(value: Any) -> str:
    """What a value is, without saying the value: it may be a secret."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "true or false"
    return "a string" if isinstance(value, str) else "a number"


def _fill(row: Row, regional: bool, old: Properties, inputs: Properties, around: Surroundings) -> set[str]:
    filled = {name for name in row.defaults if name not in inputs}
    inputs.update({name: row.defaults[name] for name in filled})
    for path, value in row.nested_filled.items():
        _fill_in(inputs, path.split("."), value)
    if regional and "region" not in inputs:
        inputs["region"] = around.region
        filled.add("region")
    rule = row.auto_name
    if rule is not None and rule.name not in inputs:
        name = _name(row, old, inputs, around)
        if name:
            inputs[rule.name] = name
            filled.add(rule.name)
    return filled


def _fill_in(where: Any, path: list[str], value: Any) -> None:
    if isinstance(where, list):
        for item in where:
            _fill_in(item, path, value)
    elif isinstance(where, dict):
        if len(path) == 1:
            where.setdefault(path[0], value)
        else:
            _fill_in(where.get(path[0]), path[1:], value)


def _name(row: Row, old: Properties, inputs: Properties, around: Surroundings) -> str:
    rule = row.auto_name
    if rule is None:
        return ""
    if rule.name in old.get("__defaults", ()) and old.get(rule.prefix) == inputs.get(rule.prefix):
        return old[rule.name]
    if around.proposed:
        suffix = rule.suffix(inputs) if rule.suffix else ""
        return f"{rule.start}{around.proposed}{suffix}"
    if not around.automatic or inputs.get(rule.prefix) is UNKNOWN:
        return ""
    return automatic(rule, around.logical, inputs, around.seed)


def _documents(row: Row, inputs: Properties) -> list[Problem]:
    problems: list[Problem] = []
    for name in sorted(row.json):
        value = inputs.get(name)
        if not isinstance(value, str) or not value:
            continue
        try:
            json.loads(value)
        except ValueError as error:
            problems.append(Problem(name, f'"{name}" contains an invalid JSON: {error}'))
    return problems


def _tags(inputs: Properties) -> list[Problem]:
    everything = inputs.get("tagsAll")
    if not isinstance(everything, Mapping):
        return []
    problems = [
        Problem(f'tags["{key}"]', "a tag's key has 1 to 128 characters, its value up to 256")
        for key, value in everything.items()
        if not 1 <= len(key) <= 128 or (isinstance(value, str) and len(value) > 256)
    ]
    if len(everything) > 50:
        problems.append(Problem("tags", f"{len(everything)} tags with the provider's defaults; at most 50 are allowed"))
    return problems


# What the provider's own configuration may say; anything else would be passed over, so it is refused.
CONFIGURATION = frozenset(
    {
        "accessKey",
        "allowedAccountIds",
        "defaultTags",
        "endpoints",
        "forbiddenAccountIds",
        "maxRetries",
        "profile",
        "region",
        "s3UsePathStyle",
        "secretKey",
        "skipCredentialsValidation",
        "skipMetadataApiCheck",
        "skipRegionValidation",
        "skipRequestingAccountId",
        "token",
    }
)


def check_configuration(config: Properties) -> list[Problem]:
    """What is wrong with the provider's own configuration."""
    allowed = provider_schema().inputs
    problems = [_unknown(name, allowed) for name in config if name not in allowed and name not in _IGNORED]
    problems += [
        Problem(
            name,
            f'the local cloud\'s aws provider does not support "{name}"; it has {", ".join(sorted(CONFIGURATION))}',
        )
        for name in config
        if name in allowed and name not in CONFIGURATION
    ]
    region = config.get("region")
    if isinstance(region, str) and not config.get("skipRegionValidation") and not is_region(region):
        problems.append(Problem("region", f"invalid AWS Region: '{region}'; a region looks like us-east-1"))
    return problems
