"""YAML with the line of everything in it, read within bounds."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import yaml

from stanchion.spec.refusal import shown

DEEPEST = 50
MOST_VALUES = 10_000

# The plain scalars of YAML 1.2, which is what editors check with: `no`, `on` and 1:30 are text, 0123 is a number.
_NULL = ("", "~", "null", "Null", "NULL")
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


class UnreadableError(Exception):
    """The text is no document at all.

    Args:
        line: counted from 1; None where the whole text is meant.
        message: what is wrong; what is allowed; how to fix it.
    """

    def __init__(self, line: int | None, message: str) -> None:
        self.line, self.message = line, message
        super().__init__(message)


@dataclass(frozen=True)
class Duplicate:
    """A key that is written twice in one mapping."""

    path: tuple[str, ...]
    first_line: int
    line: int


@dataclass
class Node:
    """A value with where it is written.

    Args:
        line: where the value starts, from 1.
        key_line: where its key is, or its own line in a list.
        written: a scalar's text; `a mapping` or `a list` for the others.
        value: dict[str, Node], list[Node] or a scalar.
        size: how many values it stands for when aliases are followed.
    """

    line: int
    key_line: int
    written: str
    value: Any
    size: int = 1

    @property
    def is_number(self) -> bool:
        """Whether YAML takes it for a number."""
        return isinstance(self.value, int | float) and not isinstance(self.value, bool)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing after the key."""
        return self.value is None

    def plain(self) -> Any:
        """The value without lines."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.children().items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.children().values()]
        return self.value

    def children(self) -> "dict[str, Node]":
        """What lies below, by key or by place in the list."""
        value: Any = self.value
        if isinstance(value, dict):
            return value  # pyright: ignore[reportUnknownVariableType]
        items: list[Node] = value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]
        return {str(place): item for place, item in enumerate(items)}

    def at(self, path: Sequence[str]) -> "tuple[Node, bool]":
        """The value at a path, or the nearest one above it; and whether it is the one that was asked for."""
        here = self
        for part in path:
            children = here.children()
            if part not in children:
                return here, False
            here = children[part]
        return here, True


@dataclass
class _Reading:
    """A document while it is read, event after event, without following anything blindly."""

    text: str
    loader: Any
    duplicates: list[Duplicate] = field(default_factory=list[Duplicate])
    values: int = 0
    events: Iterator[Any] = field(init=False)
    anchors: dict[str, Node | None] = field(default_factory=dict[str, "Node | None"])

    def __post_init__(self) -> None:
        # The stubs leave the event types out.
        parse: Any = yaml.parse  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        self.events = parse(self.text, Loader=self.loader)

    def read(self) -> Node:
        root: Node | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise _unreadable(event, "a second document starts", "one document in a file", "remove `---`")
                root = self._node(next(self.events), (), None, 1)
        if root is None or root.value is None:
            raise UnreadableError(
                None,
                "the file is empty; allowed: an environment document; fix: start with `name:`, or copy another one.",
            )
        return root

    def _node(self, event: Any, path: tuple[str, ...], key_line: int | None, depth: int) -> Node:
        line: int = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, key_line or line)
        if getattr(event, "tag", None):
            raise _unreadable(
                event, f"the tag {shown(event.tag)} asks for a type", "plain values without tags", "remove the tag"
            )
        if depth > DEEPEST:
            raise _unreadable(event, f"it is nested deeper than {DEEPEST} levels", f"{DEEPEST} levels", "flatten it")
        self._count(event, 1)
        anchor: str | None = event.anchor
        if anchor:
            self.anchors[anchor] = None
        if isinstance(event, yaml.MappingStartEvent):
            node = self._mapping(line, path, depth)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(line, path, depth)
        else:
            node = Node(line, line, event.value, _scalar(event))
        node.key_line = key_line or line
        if anchor:
            self.anchors[anchor] = node
        return node

    def _mapping(self, line: int, path: tuple[str, ...], depth: int) -> Node:
        children: dict[str, Node] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key_line: int = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent) or not isinstance(_scalar(event), str):
                named = f"'{shown(event.value)}'" if isinstance(event, yaml.ScalarEvent) else "a list, mapping or alias"
                raise _unreadable(event, f"{named} is used as a key", "text as keys", "put the key in double quotes")
            key: str = event.value
            child = self._node(next(self.events), (*path, key), key_line, depth + 1)
            if key in children:
                self.duplicates.append(Duplicate((*path, key), children[key].key_line, key_line))
            else:
                children[key] = child
        return Node(line, line, "a mapping", children, 1 + sum(child.size for child in children.values()))

    def _sequence(self, line: int, path: tuple[str, ...], depth: int) -> Node:
        items: list[Node] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._node(event, (*path, str(len(items))), None, depth + 1))
        return Node(line, line, "a list", items, 1 + sum(item.size for item in items))

    def _alias(self, event: Any, key_line: int) -> Node:
        name: str = event.anchor
        target = self.anchors.get(name)
        if target is None:
            what = (
                f"*{name} lies inside &{name} itself" if name in self.anchors else f"*{name} has no &{name} before it"
            )
            raise _unreadable(event, what, "an alias of something complete above it", "write the value out")
        self._count(event, target.size)
        return Node(target.line, key_line, target.written, target.value, target.size)

    def _count(self, event: Any, size: int) -> None:
        self.values += size
        if self.values > MOST_VALUES:
            raise _unreadable(
                event,
                f"it has more than {MOST_VALUES} values, aliases followed",
                f"{MOST_VALUES} values",
                "write less; an environment has some hundred",
            )


# Twenty times as fast, where PyYAML was built with the C library.
FAST: Any = getattr(yaml, "CSafeLoader", None)


def _read(text: str, loader: Any) -> tuple[Node, list[Duplicate]]:
    reading = _Reading(text, loader)
    return reading.read(), reading.duplicates


def read_document(text: str) -> tuple[Node, list[Duplicate]]:
    """The text's only document, and the keys that it has twice.

    Raises:
        UnreadableError: it is not YAML, empty, too deep, too large, or uses what a document has no need for.
    """
    if FAST is not None:
        # What the C library refuses, Python's parser reads again: its sentences are those that people get.
        with suppress(yaml.YAMLError, UnicodeEncodeError):
            return _read(text, FAST)
    try:
        return _read(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise UnreadableError(*_not_yaml(error)) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise UnreadableError(
            line,
            f"it has the character U+{ord(text[error.position]):04X}, which YAML does not take; "
            "allowed: printable text; fix: remove the character.",
        ) from None


def _not_yaml(error: yaml.MarkedYAMLError) -> tuple[int | None, str]:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (None, 0)
    what = error.problem or "it can't be read"
    if error.context:
        what = f"{what} ({error.context}"
        what += f" on line {error.context_mark.line + 1})" if error.context_mark else ")"
    return line, (
        f"it is not YAML at column {column}: {what}; allowed: YAML, indented with blanks; "
        "fix: look at this line and the one above for a bracket, quote, colon or tab."
    )


def _unreadable(event: Any, what: str, allowed: str, fix: str) -> UnreadableError:
    return UnreadableError(event.start_mark.line + 1, f"{what}; allowed: {allowed}; fix: {fix}.")


def _scalar(event: yaml.ScalarEvent) -> object:
    text: str = event.value
    # Plain ones have none, or an empty one from the C library.
    if event.style:
        return text
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text):
        # Python refuses to read numbers of thousands of digits; as a value they are wrong anyway.
        return int(text) if len(text) < 100 else float("inf")
    return float(text) if _FLOAT.fullmatch(text) else text
