"""What an object is called: kinds from type tokens, ids, and the annotations that say how to treat it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.kubernetes_provider.paths import look
from sandbox.provider.values import Properties

_PREFIX = "pulumi.com/"
AUTONAMED: Final = f"{_PREFIX}autonamed"
SKIP_AWAIT: Final = f"{_PREFIX}skipAwait"
TIMEOUT_SECONDS: Final = f"{_PREFIX}timeoutSeconds"
PATCH_FORCE: Final = f"{_PREFIX}patchForce"
FIELD_MANAGER: Final = f"{_PREFIX}patchFieldManager"
PROPAGATION: Final = f"{_PREFIX}deletionPropagationPolicy"

# What the server keeps about an object; no program can say it.
SERVER_METADATA: Final = (
    "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields",
    "resourceVersion", "selfLink", "uid",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A kind of objects, such as `apps/v1` `Deployment`."""

    version: str
    name: str

    @classmethod
    def of_token(cls, token: str) -> "Kind":
        """From a type: `kubernetes:core/v1:Namespace`, `kubernetes:apps/v1:Deployment`."""
        _, version, name = token.split(":", 2)
        return cls(version.removeprefix("core/"), name)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Kind":
        """From an object."""
        return cls(str(document.get("apiVersion")), str(document.get("kind")))

    @property
    def group(self) -> str:
        """The API group; empty for the core one."""
        return self.version.partition("/")[0] if "/" in self.version else ""

    def __str__(self) -> str:
        return f"{self.version} {self.name}"


def identity(document: Mapping[str, Any]) -> str:
    """The id of an object in the engine's state: `namespace/name`, or the name alone."""
    metadata = document.get("metadata") or {}
    name, namespace = str(metadata.get("name")), metadata.get("namespace")
    return f"{namespace}/{name}" if namespace else name


def from_identity(identity: str) -> tuple[str, str]:
    """Namespace (may be empty) and name of an id."""
    namespace, slash, name = identity.partition("/")
    return (namespace, name) if slash else ("", namespace)


def called(document: Mapping[str, Any]) -> str:
    """An object as a sentence names it."""
    return f"{document.get('kind')} {identity(document)}"


def annotation(document: Mapping[str, Any], name: str) -> str:
    """The text of an annotation; empty when it is not there or not known."""
    value = look(document, ("metadata", "annotations", name))
    return value if isinstance(value, str) else ""


def is_secret(document: Mapping[str, Any]) -> bool:
    """Whether it is a Secret of the core API."""
    return document.get("kind") == "Secret" and document.get("apiVersion") == "v1"


def shaped_like(value: Any, wanted: Any) -> Any:
    """A value without the parts that the wanted one does not speak of; lists are compared by position."""
    if isinstance(value, Mapping) and isinstance(wanted, Mapping):
        return {name: shaped_like(item, wanted[name]) for name, item in value.items() if name in wanted}
    if isinstance(value, list) and isinstance(wanted, list):
        shared = [shaped_like(one, other) for one, other in zip(value, wanted, strict=False)]
        return shared + value[len(wanted) :]
    return value


def without_server_metadata(document: Mapping[str, Any]) -> Properties:
    """An object without what only the server says of it."""
    metadata = {name: item for name, item in document.get("metadata", {}).items() if name not in SERVER_METADATA}
    return {name: item for name, item in document.items() if name not in ("metadata", "status")} | {
        "metadata": metadata
    }
