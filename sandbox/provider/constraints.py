"""Patterns, enums, ranges and lengths of properties, from schemas that ship in packages.

Two sources: the CloudFormation resource schemas in cfn-lint, and botocore's own input shapes. Only the one schema a
type needs is read.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from botocore import xform_name

from sandbox.provider.row import Call, Problem, Row
from sandbox.provider.shapes import member_of
from sandbox.provider.values import UNKNOWN, Properties


def violations(row: Row, inputs: Properties, models: Callable[[str], Any] | None = None) -> list[Problem]:
    """What the packaged schemas say against a resource's inputs; unknown values are passed over.

    Args:
        models: gives botocore's model of a service; None leaves botocore's shapes out.
    """
    found = _of_cloudformation(row, inputs)
    told = {problem.property for problem in found}
    if models is not None:
        found += [problem for problem in _of_botocore(row, inputs, models) if problem.property not in told]
    return found


def _of_cloudformation(row: Row, inputs: Properties) -> list[Problem]:
    if not row.cfn:
        return []
    schema, node = _node(row.cfn)
    if schema is None or node is None:
        return []
    names = {**row.names, **row.cfn_names}
    wanted = {name: value for name, value in inputs.items() if name not in row.uncheck and not name.startswith("__")}
    return list(_object(row, schema, node, wanted, names, ""))


def _of_botocore(row: Row, inputs: Properties, models: Callable[[str], Any]) -> list[Problem]:
    """What the input shape of the creating operation says, for the properties that go into it by name."""
    step = row.create[0] if row.create else None
    if not isinstance(step, Call) or not step.fill:
        return []
    model = models(row.service)
    # The client's methods are the operations in snake case.
    name = next(name for name in model.operation_names if xform_name(name) == step.operation)
    shape = model.operation_model(name).input_shape
    for part in [part for part in step.within.split(".") if part]:
        shape = shape.members[part]
    wanted = {name: value for name, value in inputs.items() if step.only is None or name in step.only}
    return list(_shaped(row, shape, wanted, ""))


def _shaped(row: Row, shape: Any, value: Any, path: str) -> Iterator[Problem]:
    plain = re.sub(r"\[\d+\]", "", path)
    if value is UNKNOWN or plain in row.uncheck:
        return
    if shape.type_name == "structure" and isinstance(value, Mapping):
        for name, item in value.items():
            inner = f"{path}.{name}" if path else name
            member = member_of(re.sub(r"\[\d+\]", "", inner), shape.members, row.names)
            if member is not None:
                yield from _shaped(row, shape.members[member], item, inner)
    elif shape.type_name == "list" and isinstance(value, list):
        for position, item in enumerate(value):
            yield from _shaped(row, shape.member, item, f"{path}[{position}]")
    elif isinstance(value, str) and shape.type_name == "string":
        known = shape.metadata
        # The service's patterns describe the whole value.
        pattern = f"^(?:{known['pattern']})$" if "pattern" in known else None
        limits = {"enum": known.get("enum"), "minLength": known.get("min"), "maxLength": known.get("max")}
        yield from _string({**limits, "pattern": pattern}, value, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number({"minimum": shape.metadata.get("min"), "maximum": shape.metadata.get("max")}, value, path)


@cache
def _folder() -> Path | None:
    spec = find_spec("cfnlint")
    return Path(spec.origin).parent / "data" / "schemas" if spec is not None and spec.origin else None


@cache
def _index() -> dict[str, str]:
    folder = _folder()
    if folder is None:
        return {}
    return json.loads((folder / "providers" / "us-east-1.json").read_text(encoding="utf-8"))


@cache
def _node(reference: str) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The schema of a CloudFormation type, and the object in it that the row's properties belong to."""
    name, _, definition = reference.partition("/")
    key, folder = _index().get(name), _folder()
    if key is None or folder is None:
        return None, None
    schema = json.loads((folder / "resources" / f"{key}.json").read_text(encoding="utf-8"))
    return schema, schema.get("definitions", {}).get(definition) if definition else schema


def _resolve(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = schema
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target.get(part, {})
        node = target
    return node


def _object(
    row: Row,
    schema: dict[str, Any],
    node: dict[str, Any],
    value: Mapping[str, Any],
    names: Mapping[str, str],
    path: str,
) -> Iterator[Problem]:
    members = node.get("properties", {})
    for name, item in value.items():
        inner = f"{path}.{name}" if path else name
        plain = re.sub(r"\[\d+\]", "", inner)
        member = member_of(plain, members, names)
        if member is not None and plain not in row.uncheck:
            yield from _value(row, schema, members[member], item, names, inner)


def _value(
    row: Row, schema: dict[str, Any], node: dict[str, Any], value: Any, names: Mapping[str, str], path: str
) -> Iterator[Problem]:
    node = _resolve(schema, node)
    if value is UNKNOWN or value is None:
        return
    if isinstance(value, Mapping):
        inner = _resolve(schema, node.get("items", node))
        yield from _object(row, schema, inner, value, names, path)
    elif isinstance(value, list):
        items = node.get("items")
        for position, item in enumerate(value):
            if isinstance(items, dict):
                yield from _value(row, schema, items, item, names, f"{path}[{position}]")
    elif isinstance(value, str):
        yield from _string(node, value, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number(node, value, path)


def _string(node: Mapping[str, Any], value: str, path: str) -> Iterator[Problem]:
    name = path.rpartition(".")[2]
    allowed = node.get("enum")
    if allowed and value not in [str(choice) for choice in allowed]:
        choices = ", ".join(str(choice) for choice in allowed[:20])
        yield Problem(path, f"expected {name} to be one of [{choices}]")
    least, most = node.get("minLength"), node.get("maxLength")
    if (least is not None and len(value) < least) or (most is not None and len(value) > most):
        yield Problem(path, f"expected the length of {name} to be {_span(least, most)}, got {len(value)}")
    pattern = node.get("pattern")
    if pattern and not _matches(pattern, value):
        yield Problem(path, f"invalid value for {name}: it has to match {pattern}")


def _number(node: Mapping[str, Any], value: float, path: str) -> Iterator[Problem]:
    name = path.rpartition(".")[2]
    least, most = node.get("minimum"), node.get("maximum")
    if (least is not None and value < least) or (most is not None and value > most):
        yield Problem(path, f"expected {name} to be {_span(least, most)}, got {value}")
    if node.get("enum") and value not in node["enum"] and str(value) not in [str(choice) for choice in node["enum"]]:
        yield Problem(path, f"expected {name} to be one of {node['enum'][:20]}")


def _span(least: Any, most: Any) -> str:
    if least is None:
        return f"at most {most}"
    return f"at least {least}" if most is None else f"in the range ({least} - {most})"


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    # Character classes by Unicode property are written as Python knows them; a pattern that still does not compile
    # is no reason to refuse anything.
    text = pattern.replace(r"\p{L}", r"\w").replace(r"\p{N}", r"\d").replace(r"\p{Z}", r"\s")
    try:
        return re.compile(text)
    except re.error:
        return None


def _matches(pattern: str, value: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.search(value) is not None
