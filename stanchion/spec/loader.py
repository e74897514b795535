"""Reads an environment document and says all that is wrong with it, each with file, line and key."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from stanchion.spec import yaml_text
from stanchion.spec.environment import Environment
from stanchion.spec.errors import Problem, SpecError

FOLDER = "environments"


def environment_names(root: Path | None = None) -> tuple[str, ...]:
    """The environments there are: the files of `environments/`, by name."""
    return tuple(sorted(file.stem for file in ((root or Path()) / FOLDER).glob("*.yaml")))


def load_environment(name: str, root: Path | None = None) -> Environment:
    """Read `environments/<name>.yaml`.

    Args:
        name: the file's name without its ending.
        root: the folder that holds `environments/`; the working directory when not given.

    Raises:
        SpecError: it does not exist, can't be read, or says something that is not allowed.
    """
    names = environment_names(root)
    if name not in names:
        near = get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        there = f"there are: {', '.join(names)}" if names else f"there is none in {(root or Path()).resolve() / FOLDER}"
        raise SpecError([Problem(f"{FOLDER}/{name}.yaml", None, "", f"no environment has this name; {hint}{there}")])
    source = f"{FOLDER}/{name}.yaml"
    raw = ((root or Path()) / source).read_bytes()
    try:
        text = raw[: yaml_text.MAX_BYTES + 1].decode("utf-8")
    except UnicodeDecodeError as error:
        raise SpecError(
            [Problem(source, None, "", f"byte {error.start} is no UTF-8; save the file as UTF-8")]
        ) from None
    environment = load_text(text, source)
    if environment.name != name:
        line = yaml_text.read(text, source).line_of(("name",))
        raise SpecError(
            [
                Problem(
                    source,
                    line,
                    "name",
                    f"'{environment.name}' is not the file's name; say '{name}', or rename the file",
                )
            ]
        )
    return environment


def load_text(text: str, source: str) -> Environment:
    """Read a document from text; `source` is what the sentences call it.

    Raises:
        SpecError: as `load_environment`.
    """
    located = yaml_text.read(text, source)
    try:
        return Environment.model_validate(located.data)
    except ValidationError as error:
        problems = [_problem(details, located, source) for details in error.errors(include_url=False)]
        raise SpecError(sorted(set(problems), key=lambda problem: (problem.line or 0, problem.key))) from None


def _problem(details: ErrorDetails, located: yaml_text.Located, source: str) -> Problem:
    # pydantic puts the name of a union's branch into the location; the document has no such key.
    path = _in_document(details["loc"], located.data, missing=details["type"] == "missing")
    key = ".".join(str(part) for part in path)
    line = located.line_of(path) or 1
    return Problem(source, line, key, _sentence(details, path))


def _in_document(loc: tuple[int | str, ...], document: Any, *, missing: bool) -> tuple[int | str, ...]:
    path: list[int | str] = []
    data: Any = document
    for position, part in enumerate(loc):
        last = position == len(loc) - 1
        inside = (isinstance(data, dict) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and part < len(data)  # pyright: ignore[reportUnknownArgumentType]
        )
        if inside:
            data = cast("dict[Any, Any]", data)[part]
        elif not (last and missing):
            continue
        path.append(part)
    return tuple(path)


def _sentence(details: ErrorDetails, path: tuple[int | str, ...]) -> str:
    kind, given = details["type"], details["input"]
    if kind == "missing":
        return "the key is missing; add it"
    if kind == "extra_forbidden":
        allowed = _keys_at(path[:-1])
        near = get_close_matches(str(path[-1]), allowed, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        return f"there is no such key; {hint}allowed: {', '.join(allowed)}"
    if kind == "value_error":
        return str(details["ctx"]["error"]) if "ctx" in details else details["msg"]
    if kind == "enum":
        return f"'{given}' is not allowed; allowed: {details.get('ctx', {}).get('expected', '')}"
    if kind == "string_pattern_mismatch":
        return f"'{given}' has another form; allowed: {details.get('ctx', {}).get('pattern', '')}"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return f"'{given}' is no mapping; write keys below it"
    if kind == "string_type":
        return f"'{given}' is no text; put it in quotes"
    return f"'{given}': {details['msg']}"


def _keys_at(path: Iterable[int | str]) -> list[str]:
    """The keys the document may have at a path."""
    annotation: Any = Environment
    for part in path:
        model = _model(annotation)
        if model is not None:
            known = model.model_fields.get(str(part))
            annotation = known.annotation if known else None
        else:
            # A mapping with free keys, such as tiers: what it holds is its last argument.
            annotation = (get_args(annotation) or (None,))[-1]
    model = _model(annotation)
    return list(model.model_fields) if model else []


def _model(annotation: Any) -> type[BaseModel] | None:
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
