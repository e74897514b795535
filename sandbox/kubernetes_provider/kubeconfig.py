"""Which cluster a kubeconfig leads to, and as whom; no program that it names is ever started."""

import base64
import binascii
import json
import ssl
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.kubernetes_provider.connections import KeptApi
from sandbox.provider.errors import ConfigurationError
from sandbox.run_directory import RunDirectory

# Of a control plane's folder; to import that (sandbox.kubernetes.plane_folder) takes as long as to import gRPC.
_OWN = "kubeconfig"


@dataclass(frozen=True)
class Target:
    """What a kubeconfig says of one context.

    Args:
        server: the address of the API server.
        cluster: everything that is said of the cluster.
        user: everything that is said of the user.
        namespace: of objects that name none.
    """

    server: str
    cluster: dict[str, Any]
    user: dict[str, Any]
    namespace: str


def read(text: str, context: str = "", cluster: str = "") -> Target:
    """The target of a kubeconfig.

    Args:
        text: its content, JSON or YAML, or the path of its file.
        context: the current one when not given.
        cluster: the context's when not given.

    Raises:
        ConfigurationError: it can't be read, or lacks what is named.
    """
    document = _document(text)
    chosen = context or str(document.get("current-context") or "")
    found = _named(document, "contexts", "context", chosen)
    server = _named(document, "clusters", "cluster", cluster or str(found.get("cluster") or ""))
    address = server.get("server")
    if not isinstance(address, str) or urllib.parse.urlsplit(address).scheme != "https":
        raise ConfigurationError(
            f"the kubeconfig's cluster of context '{chosen}' has no server that starts with https://"
        )
    user = _named(document, "users", "user", str(found.get("user") or ""))
    return Target(address.rstrip("/"), server, user, str(found.get("namespace") or "default"))


def _document(text: str) -> dict[str, Any]:
    # Content begins with a brace, or has lines; a file's name neither.
    if "\n" not in text and not text.lstrip().startswith("{"):
        file = Path(text).expanduser()
        try:
            text = file.read_text(encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(
                f"the kubeconfig {file} can't be read ({error.strerror}); give its content or the path of a file"
            ) from error
    try:
        document = json.loads(text) if text.lstrip().startswith("{") else _yaml(text)
    except ValueError as error:
        raise ConfigurationError("the kubeconfig is neither JSON nor YAML") from error
    if not isinstance(document, dict):
        raise ConfigurationError("the kubeconfig is no mapping; it begins with `apiVersion: v1` and `kind: Config`")
    return document


def _yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        # What it says may quote a token.
        raise ValueError from error


def _named(document: dict[str, Any], group: str, member: str, name: str) -> dict[str, Any]:
    entries: list[Any] = [entry for entry in document.get(group) or [] if isinstance(entry, dict)]
    for entry in entries:
        if entry.get("name") == name and isinstance(entry.get(member), dict):
            return entry[member]
    known = ", ".join(sorted(str(entry.get("name")) for entry in entries)) or "none"
    raise ConfigurationError(f"the kubeconfig has no {member} '{name}' in its {group}; it has: {known}")


def connect(target: Target, directory: RunDirectory) -> KeptApi:
    """The API server of a target.

    A user with an `exec` program, as EKS has them, gets the token of the local control plane with that address: the
    program is not run, as what it would print is of use on AWS only.

    Args:
        directory: the local cloud's, with its control planes.

    Raises:
        ConfigurationError: there is no such control plane, or no way to trust or to be trusted.
    """
    address = urllib.parse.urlsplit(target.server)
    return KeptApi(str(address.hostname), int(address.port or 443), _trust(target), _token(target, directory))


def _token(target: Target, directory: RunDirectory) -> str:
    token, file = target.user.get("token"), target.user.get("tokenFile")
    if isinstance(token, str):
        return token
    if isinstance(file, str):
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigurationError(f"the kubeconfig's tokenFile {file} can't be read ({error.strerror})") from error
    if "exec" not in target.user:
        raise ConfigurationError(
            "the kubeconfig's user has neither token, tokenFile nor exec; the local cloud's provider knows no other way"
        )
    for file in planes(directory):
        found = _content(file)
        if found is not None and found[0] == target.server:
            return found[1]
    raise ConfigurationError(
        f"no cluster of the local cloud in {directory.path} is at {target.server}; start it with `stanchion sandbox "
        "start`, or set STANCHION_SANDBOX_DIR to the folder of the cloud that has it"
    )


def planes(directory: RunDirectory) -> Iterator[Path]:
    """The kubeconfigs of a local cloud's control planes, `<region>/<cluster>`; those that do not run are among them."""
    for folder in sorted((directory.path / "kubernetes").glob("*/*")):
        if (folder / _OWN).is_file():
            yield folder / _OWN


def _content(file: Path) -> tuple[str, str] | None:
    """Server and token of a control plane; none when its file is being written or gone."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        return document["clusters"][0]["cluster"]["server"], document["users"][0]["user"]["token"]
    except (OSError, ValueError, LookupError):
        return None


def _trust(target: Target) -> ssl.SSLContext:
    data, file = target.cluster.get("certificate-authority-data"), target.cluster.get("certificate-authority")
    try:
        if isinstance(data, str):
            return ssl.create_default_context(cadata=base64.b64decode(data, validate=True).decode())
        if isinstance(file, str):
            return ssl.create_default_context(cafile=file)
    except (OSError, ValueError, binascii.Error, ssl.SSLError) as error:
        raise ConfigurationError(f"the kubeconfig's certificate authority of {target.server} can't be read") from error
    raise ConfigurationError(
        f"the kubeconfig says of {target.server} neither certificate-authority-data nor certificate-authority; "
        "a cluster is never trusted blindly"
    )
