"""Errors of the provider, and what the API server says made into sentences."""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes_provider.objects import called, is_secret
from sandbox.kubernetes_provider.paths import Path, look
from sandbox.provider.errors import ProviderError

_CONFLICT, _TOO_LONG = 409, 2000
_HIDDEN = "[secret]"
# A text is quoted; anything else has no end that can be told.
_VALUE = re.compile(r'Invalid value: (?:"(?:[^"\\]|\\.)*"|.*)', re.DOTALL)
_MANAGER = re.compile(r'conflict with "([^"]+)"')


class UnreachableError(ProviderError):
    """There is no way to the cluster."""


class ConflictError(ProviderError):
    """Fields of an object belong to other managers.

    Args:
        managers: by field.
    """

    def __init__(self, message: str, managers: Mapping[str, str]) -> None:
        super().__init__(message)
        self.managers = dict(managers)


class RefusedError(ProviderError):
    """The API server refused an object.

    Args:
        status: of HTTP.
        fields: what is wrong with which field.
    """

    def __init__(self, message: str, status: int, fields: Mapping[str, str]) -> None:
        super().__init__(message)
        self.status = status
        self.fields = dict(fields)


def refused(error: ApiError, document: Mapping[str, Any], secrets: Iterable[Path]) -> ProviderError:
    """A sentence about a refusal, without the value of any secret.

    Args:
        document: the object that was refused.
        secrets: the paths in it that are secret.
    """
    if not error.status:
        return UnreachableError(f"{called(document)}: {error}")
    hide = _Hiding(document, secrets)
    if error.status == _CONFLICT and error.reason == "Conflict" and error.fields:
        return _conflict(error, document)
    causes = {field: hide(message) for field, message in error.fields.items() if field}
    said = "; ".join(f"{field}: {message}" for field, message in causes.items()) or hide(str(error))
    return RefusedError(f"{called(document)}: the API server refuses it: {said[:_TOO_LONG]}", error.status, causes)


def _conflict(error: ApiError, document: Mapping[str, Any]) -> ConflictError:
    managers = {
        field: found.group(1) if (found := _MANAGER.search(message)) else message
        for field, message in error.fields.items()
    }
    by_manager: dict[str, list[str]] = {}
    for field, manager in managers.items():
        by_manager.setdefault(manager, []).append(field.removeprefix("."))
    said = "; ".join(
        f"{', '.join(fields)} {'belongs' if len(fields) == 1 else 'belong'} to the field manager '{manager}'"
        for manager, fields in by_manager.items()
    )
    them = "it" if len(managers) == 1 else "them"
    return ConflictError(
        f"{called(document)}: {said}. Leave {them} out of the program, name {them} in ignoreChanges, or take {them} "
        'over with the annotation pulumi.com/patchForce: "true"',
        managers,
    )


class _Hiding:
    """Takes the values of secrets out of what the API server says."""

    def __init__(self, document: Mapping[str, Any], secrets: Iterable[Path]) -> None:
        paths = [*secrets, *([("data",), ("stringData",)] if is_secret(document) else [])]
        self.all_values = is_secret(document)
        texts = {text for path in paths for text in _texts(look(document, path))}
        spelled = {form for text in texts if text for form in _spellings(text)}
        self.texts = sorted(spelled, key=len, reverse=True)

    def __call__(self, message: str) -> str:
        if self.all_values:
            message = _VALUE.sub(f"Invalid value: {_HIDDEN}", message)
        for text in self.texts:
            message = message.replace(text, _HIDDEN)
        return message


def _spellings(text: str) -> set[str]:
    encoded = base64.b64encode(text.encode()).decode()
    return {text, json.dumps(text)[1:-1], encoded}


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
