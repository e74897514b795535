"""The cluster that a provider works on: what it serves, and objects in it; errors are sentences."""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.kubernetes.api import Api
from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes_provider.errors import UnreachableError, refused
from sandbox.kubernetes_provider.objects import Kind
from sandbox.kubernetes_provider.paths import Path
from sandbox.kubernetes_provider.schemas import Definition, definition_in
from sandbox.provider.errors import ProviderError
from sandbox.provider.values import Properties

_DOWN_SECONDS = 5.0  # how long nobody asks again after the API server did not answer
_NOT_FOUND = 404
_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@dataclass(frozen=True)
class Served:
    """How a cluster serves a kind: the name of its lists in paths, and whether objects lie in namespaces."""

    plural: str
    namespaced: bool


class NotServedError(ProviderError):
    """The cluster has no such kind."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(
            f"the cluster has no kind '{kind.name}' in {kind.version}; its CustomResourceDefinition has to be "
            "there first (dependsOn), or the version is one that the cluster does not serve"
        )


class NoNamespaceError(ProviderError):
    """The namespace of an object is not there."""


class Cluster:
    """One cluster, asked by many threads at a time.

    Args:
        api: none when there is no way to it.
        why: there is none; a sentence.
    """

    def __init__(self, api: Api | None, why: str = "") -> None:
        self._api = api
        self._why = why
        self._kinds: dict[Kind, Served] = {}
        self._definitions: dict[Kind, Definition | None] = {}
        self._lock = threading.Lock()
        self._down_until = 0.0

    @property
    def api(self) -> Api:
        """The API server.

        Raises:
            UnreachableError: there is no way to it.
        """
        if self._api is None:
            raise UnreachableError(self._why)
        if time.monotonic() < self._down_until:
            raise UnreachableError(self._why)
        return self._api

    def served(self, kind: Kind) -> Served | None:
        """How the cluster serves a kind; none when it does not.

        Raises:
            UnreachableError: it can't be asked.
        """
        known = self._kinds.get(kind)
        if known is not None:
            return known
        with self._lock:
            found = self._kinds.get(kind)
            if found is None:
                answer = self._asked(lambda api: api.served(kind.version, kind.name))
                found = None if answer is None else Served(*answer)
            if found is not None:
                self._kinds[kind] = found
            return found

    def definition(self, kind: Kind) -> Definition | None:
        """A custom kind as the cluster's definition of it has it; none when there is none, or nobody can be asked."""
        if kind in self._definitions:
            return self._definitions[kind]
        try:
            served = self.served(kind)
            if served is None:
                return None
            document = self._asked(lambda api: api.get(f"{_DEFINITIONS}/{served.plural}.{kind.group}"))
        except ProviderError:
            return None
        found = self._definitions[kind] = definition_in(document, kind) if document else None
        return found

    def planned(self, document: Properties) -> None:
        """Remember a definition that the program makes: objects of its kind come before it is in the cluster."""
        spec = document.get("spec")
        names = spec.get("names") if isinstance(spec, dict) else None
        if not isinstance(spec, dict) or not isinstance(names, dict):
            return
        for version in spec.get("versions") or ():
            if isinstance(version, dict):
                kind = Kind(f"{spec.get('group')}/{version.get('name')}", str(names.get("kind")))
                self._definitions[kind] = definition_in(document, kind)

    def get(self, kind: Kind, namespace: str, name: str) -> Properties | None:
        """An object; none when it is not there, or the cluster has no such kind.

        Raises:
            UnreachableError: nobody answers.
            ProviderError: the API server refused.
        """
        served = self.served(kind)
        if served is None:
            return None
        path = self._path(kind, served, namespace, name)
        return self._asked(lambda api: api.get(path))

    def items(self, path: str, **query: str) -> list[Properties]:
        """The objects of a list.

        Raises:
            UnreachableError: nobody answers.
            ProviderError: the API server refused.
        """
        return self._asked(lambda api: api.items(path, **query))

    def apply(
        self, document: Properties, manager: str, secrets: Iterable[Path], *, dry_run: bool = False, force: bool = False
    ) -> Properties:
        """Server-side apply.

        Args:
            secrets: paths in the document whose values no error says.

        Raises:
            NotServedError: the cluster has no such kind.
            NoNamespaceError: the object's namespace is not there.
            ConflictError: fields belong to other managers.
            RefusedError: the API server refused.
            UnreachableError: nobody answers.
        """
        kind = Kind.of(document)
        if self.served(kind) is None:
            raise NotServedError(kind)
        try:
            return self._answered(lambda api: api.apply(document, manager, dry_run=dry_run, force=force))
        except ApiError as error:
            namespace = (document.get("metadata") or {}).get("namespace")
            if error.status == _NOT_FOUND and f'namespaces "{namespace}" not found' in str(error):
                raise NoNamespaceError(f"there is no namespace '{namespace}'") from error
            if error.status == _NOT_FOUND:
                # Served a moment ago: its definition was taken away.
                self._kinds.pop(kind, None)
                raise NotServedError(kind) from error
            raise refused(error, document, secrets) from error

    def delete(self, kind: Kind, namespace: str, name: str, propagation: str) -> bool:
        """Ask for the end of an object; returns whether it was there.

        Raises:
            UnreachableError: nobody answers.
            ProviderError: the API server refused.
        """
        served = self.served(kind)
        if served is None:
            return False
        path = self._path(kind, served, namespace, name)
        return self._asked(lambda api: api.delete(path, propagation=propagation))

    @staticmethod
    def _path(kind: Kind, served: Served, namespace: str, name: str) -> str:
        base = f"/apis/{kind.version}" if kind.group else f"/api/{kind.version}"
        within = f"/namespaces/{namespace or 'default'}" if served.namespaced else ""
        return f"{base}{within}/{served.plural}/{name}"

    def _asked(self, ask: Any) -> Any:
        try:
            return self._answered(ask)
        except ApiError as error:
            raise ProviderError(str(error)) from error

    def _answered(self, ask: Any) -> Any:
        try:
            return ask(self.api)
        except ApiError as error:
            if error.status:
                raise
            self._why = (
                f"{str(error).rstrip('.')}; start the local cloud with `stanchion sandbox start`, or heal its region"
            )
            self._down_until = time.monotonic() + _DOWN_SECONDS
            raise UnreachableError(self._why) from error
