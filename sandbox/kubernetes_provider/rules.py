"""What the API server wants of names and labels, said before it can be asked.

kubernetes.io/docs/concepts/overview/working-with-objects: "Object Names and IDs", "Labels and Selectors".
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.kubernetes_provider.objects import Kind
from sandbox.kubernetes_provider.paths import Path, look
from sandbox.kubernetes_provider.validate import Problem

_SUBDOMAIN: Final = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_VALUE: Final = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
_LABEL_KEY: Final = re.compile(r"([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_SUBDOMAIN_LENGTH, _LABEL_LENGTH = 253, 63

# Their names are a part of an address; all others' are looser.
_NAMED_AS_LABELS: Final = frozenset({Kind("v1", "Namespace"), Kind("v1", "Service")})
# Roles may be called as people like.
_FREELY_NAMED: Final = "rbac.authorization.k8s.io"
_LABELS: Final[tuple[Path, ...]] = (
    ("metadata", "labels"),
    ("spec", "selector", "matchLabels"),
    ("spec", "template", "metadata", "labels"),
)


def problems_of(kind: Kind, document: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with the name and the labels of an object."""
    name = look(document, ("metadata", "name"))
    if isinstance(name, str) and kind.group != _FREELY_NAMED:
        yield from _name(kind, name)
    for path in _LABELS:
        labels = look(document, path)
        for key, value in labels.items() if isinstance(labels, Mapping) else ():
            yield from _label((*path, key), key, value)


def _name(kind: Kind, name: str) -> Iterator[Problem]:
    as_label = kind in _NAMED_AS_LABELS
    form, most = (_LABEL, _LABEL_LENGTH) if as_label else (_SUBDOMAIN, _SUBDOMAIN_LENGTH)
    path = ("metadata", "name")
    if len(name) > most:
        said = f"'{name}' has {len(name)} characters; {most} are allowed"
        yield Problem(path, said, said)
    elif not form.fullmatch(name):
        letters = "lower case letters, digits and -" if as_label else "lower case letters, digits, - and ."
        said = f"'{name}' is no name; allowed are {letters}, with a letter or digit at both ends"
        yield Problem(path, said, said)


def _label(path: Path, key: str, value: Any) -> Iterator[Problem]:
    if not _LABEL_KEY.fullmatch(key):
        said = f"'{key}' is no key of a label; it looks like `example.com/name`, with 63 characters behind the slash"
        yield Problem(path, said, said)
    if not isinstance(value, str):
        return
    if len(value) > _LABEL_LENGTH:
        long = f"has {len(value)} characters; {_LABEL_LENGTH} are allowed"
        yield Problem(path, f"'{value}' {long}", f"it {long}")
    elif not _LABEL_VALUE.fullmatch(value):
        wrong = "no value of a label; allowed are letters, digits, -, _ and ., with a letter or digit at both ends"
        yield Problem(path, f"'{value}' is {wrong}", f"it is {wrong}")
