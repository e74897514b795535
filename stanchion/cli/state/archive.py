"""The archive: named files with checksums, and a manifest that tells a whole archive from a damaged one."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from stanchion.errors import StanchionError

VERSION = 1
MANIFEST = "manifest.json"


class ArchiveError(StanchionError):
    """An archive that can't be trusted or read."""


@dataclass(frozen=True)
class Archive:
    """A saved environment.

    Args:
        environment: its name.
        saved_at: ISO time with its zone.
        stacks: names of the stacks, producers first, as they have to be restored.
        files: content by relative path: `stacks/<stack>.json`, and documents under the paths they have in the project.
    """

    environment: str
    saved_at: str
    stacks: tuple[str, ...]
    files: Mapping[str, bytes]

    def export_of(self, stack: str) -> bytes:
        """The engine's export of a stack."""
        return self.files[export_name(stack)]

    @property
    def documents(self) -> dict[str, bytes]:
        """The files that are not exports, by their path in the project."""
        return {name: content for name, content in self.files.items() if not name.startswith("stacks/exports/")}

    def manifest(self) -> bytes:
        """What it holds, with a SHA-256 and a size for each file."""
        document = {
            "version": VERSION,
            "environment": self.environment,
            "saved_at": self.saved_at,
            "stacks": list(self.stacks),
            "files": {
                name: {"sha256": digest(content), "bytes": len(content)} for name, content in sorted(self.files.items())
            },
        }
        return json.dumps(document, indent=2, sort_keys=True).encode()


def export_name(stack: str) -> str:
    """Under which name the export of a stack lies in an archive."""
    return f"stacks/exports/{stack}.json"


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def names_in(manifest: bytes, where: str) -> dict[str, str]:
    """The files a manifest names, with their checksums.

    Raises:
        ArchiveError: it is not a manifest this version reads.
    """
    return {name: str(entry["sha256"]) for name, entry in _read(manifest, where)["files"].items()}


def checked(manifest: bytes, files: Mapping[str, bytes], where: str) -> Archive:
    """An archive whose every file is there and is what it was when it was saved.

    Args:
        manifest: its content.
        files: what was found, by name.
        where: named in errors.

    Raises:
        ArchiveError: says which file is missing or damaged.
    """
    document = _read(manifest, where)
    for name, checksum in names_in(manifest, where).items():
        if name not in files:
            raise ArchiveError(f"{where} is not whole: {name} is missing; restore an earlier archive.")
        if digest(files[name]) != checksum:
            raise ArchiveError(
                f"{where} is damaged: {name} has SHA-256 {digest(files[name])}, saved was {checksum}; "
                "restore an earlier archive, or the bucket's earlier version of this file."
            )
    stacks = tuple(str(stack) for stack in document["stacks"])
    missing = [stack for stack in stacks if export_name(stack) not in files]
    if missing:
        raise ArchiveError(f"{where} is not whole: it names stack '{missing[0]}' and has no export of it.")
    known = {name: content for name, content in files.items() if name in document["files"]}
    return Archive(str(document["environment"]), str(document["saved_at"]), stacks, known)


def refuse_plain_secrets(export: bytes, stack: str) -> None:
    """Refuse an export whose secrets are readable: an archive outlives the people who may read it today.

    Raises:
        ArchiveError: the stack's secrets are not encrypted in it.
    """
    try:
        deployment: Any = json.loads(export).get("deployment") or {}
    except (ValueError, AttributeError):
        raise ArchiveError(f"the export of stack '{stack}' is not a Pulumi export.") from None
    if _has_plain_secret(deployment):
        raise ArchiveError(
            f"the export of stack '{stack}' holds secrets in plain text, so it is not saved; "
            "export without --show-secrets."
        )


_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the mark of a secret in a state, none itself


def _has_plain_secret(value: Any) -> bool:
    queue = [value]
    while queue:
        item = queue.pop()
        if isinstance(item, dict):
            fields = cast("dict[str, Any]", item)
            if fields.get(_SIGNATURE) == _SECRET and "plaintext" in fields:
                return True
            queue.extend(fields.values())
        elif isinstance(item, list):
            queue.extend(cast("list[Any]", item))
    return False


def _read(manifest: bytes, where: str) -> dict[str, Any]:
    try:
        document = json.loads(manifest)
        version = document["version"]
        if not isinstance(version, int):
            raise TypeError
    except (ValueError, KeyError, TypeError):
        raise ArchiveError(f"{where}/{MANIFEST} is not a manifest of `stanchion state save`.") from None
    if version > VERSION:
        raise ArchiveError(f"{where} has version {version}; this Stanchion reads up to {VERSION}: update it.")
    if not all(key in document for key in ("environment", "saved_at", "stacks", "files")):
        raise ArchiveError(f"{where}/{MANIFEST} lacks a key; a manifest has environment, saved_at, stacks, files.")
    return document
