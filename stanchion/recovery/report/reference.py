"""The tables of docs/recovery.md, read from the mechanisms: `python -m stanchion.recovery.report.reference [--check]`.

The figures are those in the code: every term that a mechanism makes is found in its source with its name, its amount
where that is a constant, its grade and its source. What several mechanisms use has a table of its own.
"""

import ast
import importlib
import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from stanchion.generated import cell, run
from stanchion.recovery.mechanism import Mechanism, all_mechanisms
from stanchion.recovery.report.amount import shown
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import HOUR
from stanchion.recovery.term import Grade

FILE = Path(__file__).resolve().parents[3] / "docs" / "recovery.md"
COMMAND = "stanchion.recovery.report.reference"
_PACKAGE = "stanchion.recovery"
# Where parts of mechanisms lie; the rest of the package composes what they find.
_PARTS = (
    f"{_PACKAGE}.backup.",
    f"{_PACKAGE}.mechanisms.kubernetes.",
    f"{_PACKAGE}.cluster_volume",
    f"{_PACKAGE}.snapshots",
    f"{_PACKAGE}.reading.",
)
_BY_SETTING = "by setting"
_UNKNOWN = "unknown"
_VARIES = "…"
_BY_CASE = "depends on the case"
# Where an object holds a figure without a source of the same name.
_BESIDE = {"rebuild": "failover", "lag": "replication", "promotion": "replication"}
_DECLARED = ("declared, else unknown", Grade.DECLARED.value, "tag `stanchion:restore`")


@dataclass(frozen=True, slots=True)
class Shape:
    """Where a call that makes a term has its arguments, and what it means where it has none.

    Args:
        name, amount, grade, source: positions; None where the call has no such argument.
        constant: the amount of every such term.
        graded: the grade where the call says none.
    """

    name: int = 0
    amount: int | None = None
    grade: int | None = None
    source: int | None = None
    constant: float | None = None
    graded: str = Grade.BOUND.value


_SHAPES = {
    "Term": Shape(amount=1, grade=2, source=3),
    "Term.of": Shape(amount=1, grade=2, source=3),
    "nothing_lost": Shape(grade=3, source=1, constant=0.0),
    "goes_on": Shape(grade=3, source=1, constant=0.0),
    "never": Shape(source=1, constant=math.inf, graded=Grade.NONE.value),
    "restore_term": Shape(name=2),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One term of a table, as it is shown."""

    what: str
    figure: str
    grade: str
    source: str


def body() -> str:
    """Every table, as Markdown."""
    parts: dict[str, list[str]] = {}
    lines = [f"Sources were read on {Source('', '').checked} where no other day is named.", ""]
    for mechanism in all_mechanisms():
        module = sys.modules[mechanism.find.__module__]
        lines += [f"### {mechanism.name}", "", first_sentence(module), "", *_reads(mechanism)]
        used = [part for part in _parts_of(module) if table(importlib.import_module(part))]
        for part in used:
            parts.setdefault(part, []).append(mechanism.name)
        lines += [*table(module), ""] if table(module) else []
        if used:
            lines += [f"With: {', '.join(f'[{_title(part)}](#{_anchor(part)})' for part in used)}.", ""]
    lines += ["## Parts that mechanisms are made of", ""]
    for part in sorted(parts, key=_title):
        module = importlib.import_module(part)
        users = ", ".join(parts[part])
        lines += [f"### {_title(part)}", "", first_sentence(module), "", f"Used by {users}.", "", *table(module), ""]
    return "\n".join(lines)


def first_sentence(module: ModuleType) -> str:
    """What a module's documentation begins with."""
    text = " ".join((module.__doc__ or "").strip().split("\n\n")[0].split())
    head, dot, _ = text.partition(". ")
    return cell(head + dot.strip())


def table(module: ModuleType) -> list[str]:
    """The terms that a module makes, and the sources and figures it names besides; nothing when there are none."""
    found = dict.fromkeys([*_rows(module), *_of_objects(module)])
    named = {row.source for row in found}
    own = dict.fromkeys(_written(source) for source in _sources(_assigned(module).values()))
    rows = [*found, *(Row("how settings are read", "", "", source) for source in own if source not in named)]
    lines = [f"| {cell(row.what)} | {row.figure} | {row.grade} | {cell(row.source)} |" for row in rows]
    if lines:
        lines = ["| term | figure | grade | source |", "|---|---|---|---|", *lines]
    if constants := ", ".join(_constants(module)):
        lines += ["", f"Figures: {constants}."] if lines else [f"Figures: {constants}."]
    return lines


def _constants(module: ModuleType) -> Iterator[str]:
    """Numbers that a module has a public name for: what services do where a program says nothing, and limits."""
    for name, value in {**_assigned(module), **_taken_from_serving(module)}.items():
        if not name.isupper() or name.startswith("_") or isinstance(value, bool) or not isinstance(value, int | float):
            continue
        words = name.lower().removesuffix("_seconds").removesuffix("_bytes_per_second").replace("_", " ")
        if name.endswith("_BYTES_PER_SECOND"):
            yield f"{words} {value / 1024**2:g} MiB/s"
        elif name.endswith("_SECONDS") or value >= HOUR:
            yield f"{words} {shown(float(value))}"
        else:
            yield f"{words} {value:g}"


def _taken_from_serving(module: ModuleType) -> dict[str, Any]:
    """Figures of cold starts, which the document is held against as well, and lie there."""
    imports = (node for node in _tree(module).body if isinstance(node, ast.ImportFrom))
    taken = (alias.name for node in imports if node.module == "stanchion.serving.cold_start" for alias in node.names)
    return {name: getattr(module, name, None) for name in taken}


def _reads(mechanism: Mechanism) -> Iterator[str]:
    for label, types in (("Judges", mechanism.stores), ("Reads", mechanism.reads - mechanism.stores)):
        if types:
            yield f"{label} {', '.join(f'`{_short(type_)}`' for type_ in sorted(types))}."
            yield ""


def _short(type_: str) -> str:
    """`aws:s3/bucket:Bucket` as `aws:s3:Bucket`, as Pulumi's own documentation has it."""
    package, _, rest = type_.partition(":")
    module, _, name = rest.rpartition(":")
    if package == "aws":
        module = module.partition("/")[0]
    return ":".join(part for part in (package, module, name) if part)


def _parts_of(module: ModuleType) -> tuple[str, ...]:
    """The parts a mechanism imports, itself or through another part."""
    found: dict[str, None] = {}
    queue = [module]
    while queue:
        for name in _imported(queue.pop()):
            if name.startswith(_PARTS) and name not in found:
                found[name] = None
                queue.append(importlib.import_module(name))
    return tuple(sorted(found))


def _imported(module: ModuleType) -> Iterator[str]:
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _title(part: str) -> str:
    return part.removeprefix(f"{_PACKAGE}.").removeprefix("mechanisms.").replace(".", " ").replace("_", " ")


def _anchor(part: str) -> str:
    return _title(part).replace(" ", "-")


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))


def _rows(module: ModuleType) -> Iterator[Row]:
    """The terms of a module, in the order of its text."""
    for function in ast.walk(_tree(module)):
        if not isinstance(function, ast.FunctionDef):
            continue
        texts = dict(_texts(function))
        for node in ast.walk(function):
            shape = _SHAPES.get(ast.unparse(node.func)) if isinstance(node, ast.Call) else None
            if shape and isinstance(node, ast.Call):
                yield from _row(node, shape, vars(module), texts)


def _row(call: ast.Call, shape: Shape, names: Mapping[str, Any], texts: Mapping[str, str]) -> Iterator[Row]:
    what = _name(_argument(call, shape.name), texts)
    if shape.source is None:
        yield Row(what, *_DECLARED)
        return
    source = _value(_argument(call, shape.source), names)
    amount = shape.constant if shape.amount is None else _value(_argument(call, shape.amount), names)
    grade = _value(_argument(call, shape.grade), names) if shape.grade is not None else None
    graded = grade.value if isinstance(grade, Grade) else shape.graded
    figure = _UNKNOWN if graded == Grade.NONE.value else _BY_SETTING
    if isinstance(amount, int | float):
        figure = shown(float(amount))
    yield Row(what, figure, graded, _written(source) if isinstance(source, Source) else _BY_CASE)


def _argument(call: ast.Call, position: int | None) -> ast.expr | None:
    return call.args[position] if position is not None and position < len(call.args) else None


def _name(node: ast.expr | None, texts: Mapping[str, str]) -> str:
    if isinstance(node, ast.Name) and node.id in texts:
        return texts[node.id]
    return _text(node) or _VARIES


def _texts(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """Names that a function gives to texts."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and (text := _text(node.value)):
            yield node.targets[0].id, text


def _text(node: ast.expr | None) -> str:
    """A text with dots where it names something of the program."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else _VARIES for part in node.values)
    if isinstance(node, ast.IfExp):
        return " or ".join(filter(None, dict.fromkeys((_text(node.body), _text(node.orelse)))))
    return ""


def _value(node: ast.expr | None, names: Mapping[str, Any]) -> Any:
    """What an expression of constants means; None for one of settings."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        return getattr(_value(node.value, names), node.attr, None)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        left, right = _value(node.left, names), _value(node.right, names)
        return left * right if isinstance(left, int | float) and isinstance(right, int | float) else None
    return None


def _of_objects(module: ModuleType) -> Iterator[Row]:
    """Figures that a module keeps in an object, such as a database engine's: `failover_seconds` beside `failover`."""
    for value in _assigned(module).values():
        several = cast("tuple[Any, ...]", value) if isinstance(value, tuple) else (value,)
        for one in several:
            if not is_dataclass(one) or isinstance(one, type | Mechanism | Source):
                continue
            held = {field.name: getattr(one, field.name) for field in fields(one)}
            label = f" ({held['label']})" if "label" in held else ""
            for name, amount in held.items():
                what = name.removesuffix("_seconds")
                if what != name and isinstance(amount, int | float):
                    source = held.get(_BESIDE.get(what, what))
                    written = _written(source) if isinstance(source, Source) else str(held.get("guide", ""))
                    yield Row(f"{what}{label}", shown(float(amount)), Grade.TYPICAL.value, written)
            for name, value_ in held.items():
                if isinstance(value_, Source) and not any(_BESIDE.get(key, key) == name for key in _timed(held)):
                    yield Row(f"{name}{label}", "", "", _written(value_))


def _timed(held: Mapping[str, Any]) -> Iterator[str]:
    """The figures of an object that are there."""
    return (name.removesuffix("_seconds") for name, value in held.items() if name.endswith("_seconds") and value)


def _assigned(module: ModuleType) -> dict[str, Any]:
    """What a module itself gives a name to, in the order of its text."""
    found: dict[str, Any] = {}
    for node in _tree(module).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name):
            found[target.id] = getattr(module, target.id, None)
    return found


def _sources(values: Iterable[Any]) -> Iterator[Source]:
    return (value for value in values if isinstance(value, Source))


def _written(source: Source) -> str:
    return str(source) if source.checked == Source("", "").checked else f"{source} ({source.checked})"


def main(arguments: list[str], file: Path = FILE) -> int:
    """Write the tables into the document, or with --check say whether the committed ones are stale."""
    return run(arguments, file, "docs/recovery.md", body, COMMAND)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
