"""What `make up` says at its end."""

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from sandbox.cloud import CloudStatus


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
            for line in published(result.outputs):
                console.print(f"  {line}", highlight=False, markup=False)
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
        (".venv/bin/stanchion preview", "what a change of environments/local.yaml would do"),
        (".venv/bin/stanchion sandbox status", "processes, ports, faults"),
        ('eval "$(.venv/bin/stanchion sandbox env)"', "then pulumi, boto3 and the aws CLI work with the local cloud"),
        ("pulumi stack output foundation -j -s local-foundation-us-east-1", "the values that a stack publishes"),
        (".venv/bin/stanchion sandbox fail-region us-east-1", "lose a region; `heal` brings it back"),
        (
            "kubectl get nodes,pods --all-namespaces",
            "the clusters, where the environment has any (after the same `env`)",
        ),
        ("make down", "stop it; the content is kept"),
    ):
        console.print(f"  {command:<65} {why}", highlight=False, markup=False)


def state_only_types() -> dict[str, str]:
    """The resource types that are recorded and have no effect, each with the reason."""
    aws = importlib.import_module("sandbox.provider.state_only")
    kubernetes = importlib.import_module("sandbox.kubernetes_provider.state_only")
    reasons: dict[str, str] = {**aws.STATE_ONLY, **kubernetes.STATE_ONLY, **kubernetes.WITHOUT_CONTROLLER}
    return dict(sorted(reasons.items()))


def published(outputs: Mapping[str, Any]) -> list[str]:
    """One line per contract: its version and what it holds; `pulumi stack output` shows the values."""
    return [
        f"{layer} {document['version']}: {', '.join(sorted(key for key in document if key != 'version'))}"
        if isinstance(document, Mapping) and "version" in document
        else str(layer)
        for layer, document in outputs.items()
    ]
