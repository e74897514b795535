"""Clears what an update left whose process died: its lock, the creates it had begun, a checkpoint cut short."""

import json
import os
import shutil
import socket
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlparse

from pulumi import automation
from rich.console import Console

from stanchion.errors import StanchionError


def clear_dead_lock(engine: automation.Stack, backend_url: str, console: Console) -> None:
    """Cancel a lock left by a process of this machine that is gone.

    A lock of a living process, of another machine, or in a backend whose locks can't be read from here is left.

    Args:
        backend_url: as in PULUMI_BACKEND_URL; only `file://` locks can be read.

    Raises:
        StanchionError: the lock's owner may still be at work; says who, where and since when.
    """
    locks = _locks(backend_url, engine.name)
    _refuse_living(locks, engine.name)
    if not locks:
        raise StanchionError(
            f"stack '{engine.name}' is locked by another update whose lock can't be read from here; wait until it "
            f"ends, or, if you know that it is gone, run `pulumi cancel --stack {engine.name}`."
        )
    console.print(f"  the last update of {engine.name} was interrupted; its lock is cleared")
    engine.cancel()


def restore_checkpoint(backend_url: str, project: str, stack: str, console: Console) -> None:
    """Put the copy in place of a checkpoint that was cut short: the engine writes the file in place, keeping a copy.

    The copy is one step older, so that what the last step made may be missing in it; that is said.

    Args:
        backend_url: as in PULUMI_BACKEND_URL; only `file://` can be mended from here.
        project: the project's name, of Pulumi.yaml.

    Raises:
        StanchionError: the update that writes it may still be at work, or there is no whole copy.
    """
    folder = _folder(backend_url)
    checkpoint = folder / "stacks" / project / f"{stack}.json" if folder else None
    if checkpoint is None:
        return
    _remove_cut_attributes(checkpoint, backend_url, stack)
    if not checkpoint.exists() or _whole(checkpoint):
        return
    _refuse_living(_locks(backend_url, stack), stack)
    copy = checkpoint.with_suffix(".json.bak")
    if not _whole(copy):
        raise StanchionError(
            f"the state of stack '{stack}' can't be read and has no whole copy beside it ({checkpoint}); "
            "put an export or one of the folder's `backups` in its place."
        )
    shutil.copyfile(copy, checkpoint)
    console.print(
        f"  the last update of {stack} was interrupted while it wrote its state; the copy of one step before is in "
        "place, and a resource made in that step may exist without being in it"
    )


def _remove_cut_attributes(checkpoint: Path, backend_url: str, stack: str) -> None:
    """Remove what lies beside a file to say its media type, when it was cut short: with it no stack can be read.

    The engine reads a file without it all the same (gocloud.dev, fileblob, read 2026-11-27).
    """
    folder = _folder(backend_url)
    beside_locks = folder.glob(f"locks/**/{stack}/*.attrs") if folder else ()
    for attributes in (*checkpoint.parent.glob(f"{checkpoint.name}*.attrs"), *beside_locks):
        if not _whole(attributes):
            _refuse_living(_locks(backend_url, stack), stack)
            attributes.unlink(missing_ok=True)


def _refuse_living(locks: list[dict[str, Any]], stack: str) -> None:
    for lock in locks:
        if lock.get("hostname") != socket.gethostname() or _alive(int(lock.get("pid", 0))):
            raise StanchionError(
                f"stack '{stack}' is being updated by {lock.get('username')}@{lock.get('hostname')} "
                f"(process {lock.get('pid')}) since {lock.get('timestamp')}; wait until it ends, or, if you know that "
                f"it is gone, run `pulumi cancel --stack {stack}`."
            )


def clear_pending_creates(engine: automation.Stack, console: Console) -> None:
    """Take creates that were begun and never reported out of the state, and name what may be left of them.

    Whether the cloud made such a resource can't be known from here. One with a name of its own is adopted or refused by
    the next create; one that is named anew each time may stay behind, so its name is said.
    """
    pending: list[dict[str, Any]] = (engine.export_stack().deployment or {}).get("pending_operations") or []
    begun = [operation["resource"] for operation in pending if operation.get("type") == "creating"]
    if not begun:
        return
    engine.refresh(clear_pending_creates=True, color="never", show_secrets=False, suppress_outputs=True)
    for resource in begun:
        inputs = cast("dict[str, Any]", resource.get("inputs") or {})
        name = next((inputs[key] for key in ("bucket", "name", "repositoryName") if inputs.get(key)), None)
        named = f", named '{name}'" if name else ""
        console.print(
            f"  it had begun to create {resource['urn'].split('::')[-1]} ({resource['type']}{named}), "
            "which may exist without being in the state"
        )


def _folder(backend_url: str) -> Path | None:
    """Where a backend on the disk keeps its files; None for any other."""
    url = urlparse(backend_url)
    return Path(unquote(url.netloc + url.path)) / ".pulumi" if url.scheme == "file" else None


def _locks(backend_url: str, stack: str) -> list[dict[str, Any]]:
    folder = _folder(backend_url)
    files = folder.glob(f"locks/**/{stack}/*.json") if folder else ()
    # A lock that was cut short itself says nothing of its owner, who then counts as living.
    return [json.loads(file.read_text(encoding="utf-8")) if _whole(file) else {} for file in files]


def _whole(file: Path) -> bool:
    try:
        json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
