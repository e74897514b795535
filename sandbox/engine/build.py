"""Builds the engine from Go modules; their checksums are pinned in go.sum."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from sandbox.builds.go import GoModule
from sandbox.engine.launchers import HOST, PROGRAM_RUNNER, PULUMI, write_host

_MODULE = GoModule(
    Path(__file__).resolve().parent,
    "the engine",
    # Module cache 1.5 GB, build cache 1.5 GB, the engine itself (measured).
    needed_bytes=4 * 1024**3,
    # go.mod's line is newer: a Go of this age downloads that one, if it may.
    oldest_go=(1, 21),
    remedy="install Go 1.25 or newer (go.dev/doc/install), or Pulumi itself",
)
_COMMAND = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_SDK = "github.com/pulumi/pulumi/sdk/v3"


def build_engine(target: Path, version: str, tell: Callable[[str], None]) -> None:
    """Build the engine and put it beside its program runner.

    Args:
        target: an empty folder.
        version: what the engine says of itself; go.mod decides what is built.
        tell: is given one line for each thing done.

    Raises:
        SandboxError: there is no Go, or no space.
        SandboxFailedError: the build failed; its last lines are in the message.
    """
    _MODULE.check_space(target)
    go = _MODULE.find_go(target.parent.parent.parent / "go", tell)
    tell(f"building the Pulumi engine {version} with {go} (about 4 minutes on 2 cores; once for this machine)")
    begun = time.monotonic()
    flags = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{version}"
    _MODULE.build(go, _COMMAND, flags, target / PULUMI)
    sdk = _MODULE.directory_of(go, _SDK)
    shutil.copyfile(sdk / "python" / "cmd" / PROGRAM_RUNNER, target / PROGRAM_RUNNER)
    (target / PROGRAM_RUNNER).chmod(0o755)
    write_host(target / HOST)
    tell(f"built in {time.monotonic() - begun:.0f} s")
