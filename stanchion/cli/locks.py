"""Clears the lock of an update whose process died, and only that."""

import json
import os
import socket
from pathlib import Path
from typing import Any
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
    for lock in locks:
        if lock.get("hostname") != socket.gethostname() or _alive(int(lock.get("pid", 0))):
            raise StanchionError(
                f"stack '{engine.name}' is being updated by {lock.get('username')}@{lock.get('hostname')} "
                f"(process {lock.get('pid')}) since {lock.get('timestamp')}; wait until it ends, or, if you know that "
                f"it is gone, run `pulumi cancel --stack {engine.name}`."
            )
    if not locks:
        raise StanchionError(
            f"stack '{engine.name}' is locked by another update whose lock can't be read from here; wait until it "
            f"ends, or, if you know that it is gone, run `pulumi cancel --stack {engine.name}`."
        )
    console.print(f"  the last update of {engine.name} was interrupted; its lock is cleared")
    engine.cancel()


def _locks(backend_url: str, stack: str) -> list[dict[str, Any]]:
    url = urlparse(backend_url)
    if url.scheme != "file":
        return []
    folder = Path(unquote(url.netloc + url.path)) / ".pulumi" / "locks"
    return [json.loads(file.read_text(encoding="utf-8")) for file in folder.glob(f"**/{stack}/*.json")]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
