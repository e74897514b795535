"""From a name to an environment: find the file, read it, say everything that is wrong with it at once."""

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from stanchion.spec.errors import Problem, SpecError
from stanchion.spec.part import Part
from stanchion.spec.problem import problems_of
from stanchion.spec.refusal import Refusal, shown
from stanchion.spec.yaml_text import Duplicate, Node, UnreadableError, read_document

if TYPE_CHECKING:
    from stanchion.spec.environment import Environment

P = TypeVar("P", bound=Part)

DIRECTORY = "environments"
SUFFIX = ".yaml"
LARGEST_FILE = 1024 * 1024


def environment_names(root: Path | str | None = None) -> tuple[str, ...]:
    """The names of the environments that have a document, sorted.

    Args:
        root: the checkout; by default the working directory or the nearest one above that has environments.
    """
    return tuple(sorted(path.stem for path in (_checkout(root) / DIRECTORY).glob(f"*{SUFFIX}")))


def load_environment(name: str, root: Path | str | None = None) -> "Environment":
    """Read environments/<name>.yaml.

    Args:
        root: the checkout; by default the working directory or the nearest one above that has environments.

    Raises:
        SpecError: there is no such document, or something in it is wrong; it carries every problem.
    """
    checkout = _checkout(root)
    names = environment_names(checkout)
    source = f"{DIRECTORY}/{shown(name)}{SUFFIX}"
    if name not in names:
        near = get_close_matches(name, names, n=1)
        allowed = ", ".join(names) or f"none yet in {checkout / DIRECTORY}"
        raise _whole(
            source,
            f"environment '{shown(name)}' does not exist; allowed: {allowed}; "
            f"fix: {f'did you mean {near[0]}?' if near else 'take one of these, or add its document.'}",
        )
    return load_text(_text(checkout / DIRECTORY / f"{name}{SUFFIX}", source), source, name)


def load_text(text: str, source: str = "<text>", name: str | None = None) -> "Environment":
    """Read a document from text.

    Args:
        source: what messages call it, such as the path of the file.
        name: the environment it must be of.

    Raises:
        SpecError: something in it is wrong; it carries every problem.
    """
    # All that a document may hold; who reads another file with this module does not wait for it.
    from stanchion.spec.environment import Environment

    spec, problems, document = _validated(Environment, text, source)
    problems += _other_name(document, source, name)
    if problems or spec is None:
        raise SpecError(problems)
    return spec


def load_part(model: type[P], path: Path, source: str) -> P:
    """Read another document of ours that is made of parts, with the same care and the same messages.

    Args:
        model: the part that is the whole document.
        path: the file.
        source: what messages call it.

    Raises:
        SpecError: it can't be read, or something in it is wrong; it carries every problem.
    """
    part, problems, _ = _validated(model, _text(path, source), source)
    if problems or part is None:
        raise SpecError(problems)
    return part


def _validated(model: type[P], text: str, source: str) -> tuple[P | None, list[Problem], Node]:
    if len(text) > LARGEST_FILE:
        raise _too_large(source, len(text))
    try:
        root, duplicates = read_document(text)
    except UnreadableError as error:
        raise SpecError([Problem(source, error.line, "", error.message)]) from None
    if not isinstance(root.value, dict):
        found = "a list" if isinstance(root.value, list) else "one value"
        message = (
            f"the document is {found}, not a mapping; allowed: keys with values; fix: start with a key, as in `name:`."
        )
        raise SpecError([Problem(source, root.line, "", message)])
    problems = [_duplicate(duplicate, source) for duplicate in duplicates]
    try:
        return model.model_validate(root.plain()), problems, root
    except ValidationError as error:
        return None, problems + problems_of(error, model, root, source), root


def _checkout(root: Path | str | None) -> Path:
    if root is not None:
        return Path(root)
    here = Path.cwd()
    return next((place for place in (here, *here.parents) if (place / DIRECTORY).is_dir()), here)


def _text(path: Path, source: str) -> str:
    try:
        # One byte more than allowed shows that a file is too large without reading all of it.
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise _whole(
            source, f"it can't be read: {error.strerror}; allowed: a readable file; fix: check what {path} is."
        ) from None
    if len(raw) > LARGEST_FILE:
        raise _too_large(source, path.stat().st_size)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SpecError(
            [
                Problem(
                    source,
                    line,
                    "",
                    f"byte 0x{raw[error.start]:02X} is not UTF-8; allowed: text in UTF-8; fix: save the file as UTF-8.",
                )
            ]
        ) from None


def _too_large(source: str, size: int) -> SpecError:
    return _whole(
        source,
        f"it has {size} bytes; allowed: {LARGEST_FILE} (1 MiB); fix: keep the environment in it and nothing else.",
    )


def _whole(source: str, message: str) -> SpecError:
    return SpecError([Problem(source, None, "", message)])


def _duplicate(duplicate: Duplicate, source: str) -> Problem:
    return Problem(
        source,
        duplicate.line,
        ".".join(map(shown, duplicate.path)),
        f"'{shown(duplicate.path[-1])}' is written twice, on lines {duplicate.first_line} and {duplicate.line}; "
        "allowed: each name once; fix: remove or rename one of them.",
    )


def _other_name(root: Node, source: str, name: str | None) -> list[Problem]:
    node, found = root.at(["name"])
    if name is None or not found or not isinstance(node.value, str) or node.value == name:
        return []
    return [
        Problem(
            source,
            node.key_line,
            "name",
            f"'{shown(node.value)}' is not the name of the file; allowed: {name}; "
            f"fix: write name: {name}, or rename the file to {node.value}{SUFFIX}.",
        )
    ]


def problem_at(key: str, refusal: Refusal, name: str, root: Path | str | None = None) -> SpecError:
    """An error about a key of a document that reads well, such as one that does not fit the world it is used in.

    Args:
        key: dotted, such as `accounts.workload`.
        refusal: what is wrong, what is allowed, how to fix it.
        name: the environment's name.
        root: as `load_environment`.
    """
    source = f"{DIRECTORY}/{shown(name)}{SUFFIX}"
    document, _ = read_document(_text(_checkout(root) / DIRECTORY / f"{name}{SUFFIX}", source))
    node, _ = document.at(key.split("."))
    return SpecError([Problem(source, node.key_line, key, str(refusal))])
