"""What a resource type takes and gives, read from the text of the installed `pulumi_aws` package.

The package's source is generated and regular, so that reading it as text takes milliseconds where importing it takes
a second and pulls in the whole SDK, which a provider process does not need.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from keyword import iskeyword
from pathlib import Path

_SECRETS = re.compile(r"additional_secret_outputs=\[([^\]]*)\]")
_SECRET_INPUT = re.compile(r'__props__\.__dict__\["(\w+)"\] = None if \w+ is None else pulumi\.Output\.secret')
_GETTER = re.compile(
    r'@pulumi\.getter(?:\(name="(\w+)"\))?\n'
    r'(?:    @_utilities\.deprecated\("""(?:(?!""").)*"""\)\n)?'
    r"    def (\w+)\(self\) -> ([^\n]+):\n",
    re.DOTALL,
)
_PARAMETER = re.compile(r"^\s+(\w+): (.+?)( = None)?(?:,|\):)$")
_TOKEN = re.compile(r"^aws:(\w+)/(\w+):(\w+)$")


@dataclass(frozen=True)
class Field:
    """One property: `kind` is str, int, float, bool, any, object, list or map.

    `item` is what a list or map holds; `nested` names an object's type as `<module>:<class>`.
    """

    name: str
    kind: str
    required: bool = False
    item: "Field | None" = None
    nested: str = ""

    def fields(self) -> "dict[str, Field]":
        """The properties of an object, or of the objects in a list; empty for everything else."""
        if self.kind == "object":
            return nested_fields(self.nested)
        return self.item.fields() if self.item is not None else {}


@dataclass(frozen=True)
class TypeSchema:
    """A resource type: its inputs, its outputs (inputs among them) and which of them are secret."""

    inputs: dict[str, Field]
    outputs: dict[str, Field]
    secrets: frozenset[str]

    @property
    def regional(self) -> bool:
        """Whether the type takes `region`; iam and other global services do not."""
        return "region" in self.inputs

    @property
    def taggable(self) -> bool:
        """Whether the type takes `tags`."""
        return "tags" in self.inputs


class UnknownTypeError(LookupError):
    """`pulumi_aws` has no such type."""


@cache
def _package() -> Path:
    spec = find_spec("pulumi_aws")
    if spec is None or spec.origin is None:
        raise UnknownTypeError("the package pulumi_aws is not installed, and the types' properties are read from it")
    return Path(spec.origin).parent


@cache
def schema_of(token: str) -> TypeSchema:
    """The schema of a resource type.

    Args:
        token: such as `aws:sqs/queue:Queue`.

    Raises:
        UnknownTypeError: the installed pulumi_aws has no such type.
    """
    match = _TOKEN.match(token)
    if match is None:
        raise UnknownTypeError(f"'{token}' is no type of the aws provider")
    module, file, name = match.groups()
    # A package of Python cannot be named as one of its words.
    module = f"{module}_" if iskeyword(module) else module
    path = _package() / module / f"{_snake(file)}.py"
    if not path.is_file():
        raise UnknownTypeError(f"pulumi_aws has no type '{token}'")
    return _schema(path, module, name)


@cache
def provider_schema() -> TypeSchema:
    """What the provider itself takes as configuration."""
    return _schema(_package() / "provider.py", "", "Provider")


def _schema(path: Path, module: str, name: str) -> TypeSchema:
    text = path.read_text(encoding="utf-8")
    # A nested type may have taken the plain name of the arguments.
    plain = f"{name}Args" if f"\nclass {name}Args" in text else f"{name}InitArgs"
    inputs = _arguments(_class(text, plain), module)
    body = _class(text, name)
    outputs = dict(inputs)
    for camel, snake, annotation in _GETTER.findall(body):
        known = inputs.get(camel or snake)
        outputs[camel or snake] = known or _field(camel or snake, annotation, False, module)
    secrets = {secret.strip().strip('"') for found in _SECRETS.findall(body) for secret in found.split(",")}
    secrets |= {_camel(found, outputs) for found in _SECRET_INPUT.findall(body)}
    return TypeSchema(inputs, outputs, frozenset(secrets - {""}))


def _camel(snake: str, outputs: dict[str, Field]) -> str:
    folded = snake.replace("_", "").lower()
    return next((name for name in outputs if name.lower() == folded), snake)


@cache
def nested_fields(nested: str) -> dict[str, Field]:
    """The properties of a nested type, `<module>:<class>`; empty when the package does not have it as an input."""
    module, name = nested.split(":")
    try:
        body = _class(_inputs(module), name)
    except UnknownTypeError:
        return {}
    return _arguments(body, module)


@cache
def _inputs(module: str) -> str:
    return (_package() / module / "_inputs.py").read_text(encoding="utf-8")


def _class(text: str, name: str) -> str:
    match = re.search(rf"^class {name}[(:].*$", text, re.MULTILINE)
    if match is None:
        raise UnknownTypeError(f"pulumi_aws has no class {name}")
    end = re.compile(r"^(?:class |@)", re.MULTILINE).search(text, match.end())
    return text[match.start() : end.start() if end else len(text)]


def _arguments(body: str, module: str) -> dict[str, Field]:
    signature = body[body.index("def __init__(") :]
    end = signature.index("):\n") + 2
    names = {snake: camel or snake for camel, snake, _ in _GETTER.findall(body)}
    fields: dict[str, Field] = {}
    for line in signature[:end].splitlines()[1:]:
        match = _PARAMETER.match(line)
        if match is not None:
            snake, annotation, default = match.groups()
            name = names.get(snake, snake)
            fields[name] = _field(name, annotation, default is None, module)
    return fields


def _field(name: str, annotation: str, required: bool, module: str) -> Field:
    text = annotation.strip()
    while (inner := _unwrap(text, ("pulumi.Input", "pulumi.Output", "Optional", "Union"))) is not None:
        text = _first(inner)
    if (inner := _unwrap(text, ("Sequence",))) is not None:
        return Field(name, "list", required, _field(name, inner, True, module))
    if (inner := _unwrap(text, ("Mapping",))) is not None:
        return Field(name, "map", required, _field(name, inner.split(",", 1)[1], True, module))
    if text.startswith("_builtins."):
        return Field(name, text.removeprefix("_builtins."), required)
    if text.startswith("'") and text.endswith("'"):
        return Field(name, "object", required, nested=_nested(text.strip("'"), module))
    return Field(name, "any", required)


def _unwrap(text: str, generics: tuple[str, ...]) -> str | None:
    for generic in generics:
        if text.startswith(f"{generic}[") and text.endswith("]"):
            return text[len(generic) + 1 : -1]
    return None


def _first(arguments: str) -> str:
    """The first of a list of type arguments, commas inside brackets left alone."""
    depth = 0
    for position, letter in enumerate(arguments):
        depth += (letter == "[") - (letter == "]")
        if letter == "," and depth == 0:
            return arguments[:position].strip()
    return arguments.strip()


def _nested(reference: str, module: str) -> str:
    # Outputs have types of their own with the same properties as the arguments of the same name.
    if reference.startswith("outputs."):
        return f"{module}:{reference.removeprefix('outputs.')}Args"
    if "." in reference:
        other, name = reference.split(".", 1)
        return f"{other.removeprefix('_')}:{name}"
    return f"{module}:{reference}"


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
