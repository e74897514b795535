"""What `make up` says at its end."""

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from sandbox.cloud import CloudStatus

_LONGEST_VALUE = 80


def summarise(console: Console, results: Sequence[Any], found: CloudStatus, seconds: float) -> None:
    """Print stacks, resources, outputs, what is recorded only, and where to look next.

    Args:
        results: of the runner: `stack`, `changes` by operation, `outputs`, `seconds`.
        found: the local cloud's status.
        seconds: wall time of everything.
    """
    table = Table("stack", "resources", "changed", "seconds", title="stacks", title_justify="left")
    for result in results:
        changed = sum(count for operation, count in result.changes.items() if operation != "same")
        table.add_row(result.stack, str(sum(result.changes.values())), str(changed), f"{result.seconds:.0f}")
    console.print(table)
    for result in results:
        if result.outputs:
            console.print(f"[bold]outputs of {result.stack}[/]")
            for path, value in flat(result.outputs):
                console.print(f"  {path} = {_short(value)}", highlight=False, markup=False)
    state_only = state_only_types()
    if state_only:
        console.print("[bold]recorded, but not emulated (state only)[/]")
        for kind, reason in state_only.items():
            console.print(f"  {kind}: {reason}", highlight=False, markup=False)
    console.print(
        f"[bold green]the platform is up[/] on the local cloud at {found.endpoint} "
        f"({found.memory_bytes / 2**20:.0f} MiB) in {seconds:.0f} s. Where to look next:"
    )
    for command, why in (
        ("stanchion sandbox status", "processes, ports, faults"),
        ('eval "$(stanchion sandbox env)"', "then pulumi, boto3 and the aws CLI work with the local cloud"),
        ("stanchion preview", "what a change of environments/local.yaml would do"),
        ("stanchion sandbox fail-region us-east-1", "lose a region; `stanchion sandbox heal` brings it back"),
        ("make down", "stop it; the content is kept"),
    ):
        console.print(f"  {command:<42} {why}", highlight=False, markup=False)


def state_only_types() -> dict[str, str]:
    """The resource types that are recorded but not emulated, each with the reason."""
    found = importlib.import_module("sandbox.provider.state_only")
    reasons: Mapping[str, str] = found.STATE_ONLY
    return dict(sorted(reasons.items()))


def flat(outputs: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Nested outputs as paths and plain values."""
    rows: list[tuple[str, Any]] = []
    for key, value in outputs.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            rows += flat(value, f"{path}.")
        else:
            rows.append((path, value))
    return rows


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."
