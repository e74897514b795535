"""A small client of a control plane: server-side apply, reads, deletes, patches."""

import http.client
import json
import ssl
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxError
from sandbox.kubernetes.errors import ApiError

_SECONDS = 30
_APPLY = "application/apply-patch+yaml"
_MERGE = "application/merge-patch+json"
_NOT_FOUND = 404

Document = dict[str, Any]


@dataclass(frozen=True)
class Api:
    """One API server, as one user.

    Args:
        host: an address.
        tls: trusts the control plane's own authority and nothing else.
        token: says who asks.
    """

    host: str
    port: int
    tls: ssl.SSLContext
    token: str = field(repr=False)
    _served: dict[str, dict[str, tuple[str, bool]]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_kubeconfig(cls, file: Path) -> "Api":
        """The API server of a kubeconfig that this package wrote.

        Raises:
            SandboxError: the file is not there: the control plane never ran.
        """
        try:
            document = json.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise SandboxError(
                f"{file} can't be read ({error.strerror}); the control plane has to be started first."
            ) from error
        cluster, user = document["clusters"][0]["cluster"], document["users"][0]["user"]
        address = urllib.parse.urlsplit(cluster["server"])
        tls = ssl.create_default_context(cafile=cluster["certificate-authority"])
        return cls(str(address.hostname), int(address.port or 443), tls, user["token"])

    def ready(self) -> bool:
        """Whether the API server answers that it can work."""
        try:
            return self._send("GET", "/readyz", None, "")[0] == http.client.OK
        except (OSError, http.client.HTTPException):
            return False

    def get(self, path: str, **query: str) -> Document | None:
        """An object or a list; none when it is not there.

        Raises:
            ApiError: the API server refused.
        """
        return self._ask("GET", path, query, missing=True)

    def items(self, path: str, **query: str) -> list[Document]:
        """The objects of a list.

        Raises:
            ApiError: the API server refused.
        """
        return (self._ask("GET", path, query) or {}).get("items") or []

    def apply(self, document: Document, manager: str, *, dry_run: bool = False, force: bool = True) -> Document:
        """Create or change an object by server-side apply.

        Args:
            document: the fields this manager owns.
            dry_run: have it judged and completed, but not stored.
            force: take over fields that another manager owns.

        Returns:
            The object as it is now.

        Raises:
            ApiError: the API server refused; says which fields.
        """
        query = {"fieldManager": manager, "force": str(force).lower(), **({"dryRun": "All"} if dry_run else {})}
        return self._ask("PATCH", self.path_of(document), query, document, _APPLY) or {}

    def create(self, path: str, document: Document) -> Document:
        """Create an object in the list at the path.

        Raises:
            ApiError: the API server refused: it is there already, ...
        """
        return self._ask("POST", path, {}, document) or {}

    def patch(self, path: str, change: Document) -> Document:
        """Change fields of an object; None takes one away.

        Raises:
            ApiError: the API server refused: it is not there, ...
        """
        return self._ask("PATCH", path, {}, change, _MERGE) or {}

    def delete(self, path: str, *, grace_seconds: int | None = None, propagation: str = "Background") -> bool:
        """Ask for the end of an object.

        Args:
            grace_seconds: the pods' own when not given; 0 takes the object away at once.
            propagation: what happens to what it owns: Background, Foreground or Orphan.

        Returns:
            Whether it was there.

        Raises:
            ApiError: the API server refused.
        """
        grace = {} if grace_seconds is None else {"gracePeriodSeconds": grace_seconds}
        options = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation, **grace}
        return self._ask("DELETE", path, {}, options, missing=True) is not None

    def path_of(self, document: Mapping[str, Any]) -> str:
        """Where an object lives; an object without a namespace is meant for `default`.

        Raises:
            SandboxError: the API server has no such kind.
            ApiError: the API server refused.
        """
        version, kind = str(document.get("apiVersion")), str(document.get("kind"))
        found = self.served(version, kind)
        if found is None:
            raise SandboxError(
                f"the API server has no kind '{kind}' in {version}; its definition has to be applied first, "
                "or the version is one it does not serve."
            )
        plural, namespaced = found
        metadata = document["metadata"]
        base = _base(version)
        within = f"/namespaces/{metadata.get('namespace') or 'default'}" if namespaced else ""
        return f"{base}{within}/{plural}/{urllib.parse.quote(metadata['name'])}"

    def served(self, version: str, kind: str) -> tuple[str, bool] | None:
        """The name of a kind's lists in paths and whether its objects lie in namespaces; none when it is not served.

        Raises:
            ApiError: the API server refused.
        """
        base = _base(version)
        known = self._served.get(base, {})
        if kind not in known:
            # Asked again for a kind that is not known: a custom one may have come meanwhile.
            found = (self.get(base) or {}).get("resources") or []
            known = {each["kind"]: (each["name"], each["namespaced"]) for each in found if "/" not in each["name"]}
            self._served[base] = known
        return known.get(kind)

    def _ask(
        self, method: str, path: str, query: Mapping[str, str], body: Document | None = None,
        kind: str = "application/json", *, missing: bool = False,
    ) -> Document | None:  # fmt: skip
        target = f"{path}?{urllib.parse.urlencode(query)}" if query else path
        try:
            status, text = self._send(method, target, body, kind)
        except (OSError, http.client.HTTPException) as error:
            said = f"the API server at {self.host}:{self.port} does not answer: {error}."
            raise ApiError(0, "Unreachable", said, {}) from error
        try:
            document = json.loads(text)
        except ValueError:
            document = None
        if status == _NOT_FOUND and missing:
            return None
        if status >= http.client.BAD_REQUEST:
            raise ApiError.from_answer(status, document)
        return document

    def _send(self, method: str, target: str, body: Document | None, kind: str) -> tuple[int, bytes]:
        """One request on a connection of its own; the machine's proxies have no say in it."""
        connection = http.client.HTTPSConnection(self.host, self.port, timeout=_SECONDS, context=self.tls)
        try:
            headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
            if body is not None:
                headers["Content-Type"] = kind
            connection.request(method, target, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def _base(version: str) -> str:
    return f"/apis/{version}" if "/" in version else f"/api/{version}"
