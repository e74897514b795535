"""Reads YAML with the line of every key, and refuses what a document never needs: aliases, depth, size, repeats."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import yaml

from stanchion.spec.errors import Problem, SpecError

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 50

Path = tuple[str | int, ...]


@dataclass
class Located:
    """Plain data, and the line (from 1) of each key and item by its path."""

    data: Any
    lines: dict[Path, int] = field(default_factory=dict[Path, int])

    def line_of(self, path: Path) -> int | None:
        """The line of a path, or of the nearest part of it that is there."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


def read(text: str, source: str) -> Located:
    """Parse a document.

    Args:
        text: at most 1 MiB.
        source: the file's name, for the sentences.

    Raises:
        SpecError: it is too large, too deep, uses aliases, repeats a key, is empty, is no mapping, or does not parse.
    """
    if len(text.encode()) > MAX_BYTES:
        raise _refused(source, None, f"the file is larger than {MAX_BYTES // 1024} KiB; an environment needs a few")
    try:
        _refuse_excess(text, source)
        node = yaml.compose(text, Loader=yaml.SafeLoader)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" in column {mark.column + 1}" if mark else ""
        said = error.problem or "it does not parse"
        raise _refused(
            source, mark.line + 1 if mark else None, f"this is no YAML: {said}{where}; mend the line"
        ) from None
    except yaml.YAMLError as error:
        raise _refused(source, None, f"this is no YAML: {error}".replace("\n", " ")) from None
    if node is None:
        raise _refused(source, None, "the file is empty; start from environments/example.yaml")
    if not isinstance(node, yaml.MappingNode):
        raise _refused(source, 1, "the document is no mapping; write keys such as `name: prod`")
    located = Located(None)
    problems: list[Problem] = []
    located.data = _construct(node, (), located, source, problems)
    if problems:
        raise SpecError(problems)
    return located


def _refuse_excess(text: str, source: str) -> None:
    """Walk the events, which takes no recursion: what is deep or bends back is refused before it is built."""
    depth = 0
    documents = 0
    for event in cast("Iterator[yaml.Event]", yaml.parse(text, Loader=yaml.SafeLoader)):  # pyright: ignore[reportUnknownMemberType]
        line = event.start_mark.line + 1
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            raise _refused(source, line, f"'*{event.anchor}' is an alias; write the value out, aliases are not allowed")
        elif isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        if depth > MAX_DEPTH:
            raise _refused(
                source, line, f"the document is nested deeper than {MAX_DEPTH} levels; an environment needs 5"
            )
        if documents > 1:
            raise _refused(source, line, "a second document begins here; one file holds one environment")


def _construct(node: yaml.Node, path: Path, located: Located, source: str, problems: list[Problem]) -> Any:
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        seen: dict[str, int] = {}
        for key_node, value_node in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
            line = key_node.start_mark.line + 1
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            inner = (*path, key)
            if key in seen:
                dotted = ".".join(map(str, inner))
                problems.append(
                    Problem(source, line, dotted, f"the key stands here and in line {seen[key]}; remove one of them")
                )
            seen[key] = line
            located.lines[inner] = line
            mapping[key] = _construct(value_node, inner, located, source, problems)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        items: list[Any] = []
        for index, item in enumerate(cast("list[yaml.Node]", node.value)):
            located.lines[(*path, index)] = item.start_mark.line + 1
            items.append(_construct(item, (*path, index), located, source, problems))
        return items
    try:
        return _scalar(node)
    except (ValueError, yaml.YAMLError):
        message = f"'{node.value}' can't be read as {node.tag.split(':')[-1]}; put it in quotes if it is a text"
        problems.append(Problem(source, node.start_mark.line + 1, ".".join(map(str, path)), message))
        return None


def _scalar(node: yaml.Node) -> Any:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    finally:
        loader.dispose()  # pyright: ignore[reportUnknownMemberType]


def _refused(source: str, line: int | None, message: str) -> SpecError:
    return SpecError([Problem(source, line, "", message)])
