"""`make bench`: what the README states, measured anew on a private local cloud."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from rich.console import Console
from rich.table import Table

from benchmarks import clusters, direct, gateway, policy, serving, views
from benchmarks.measure import Timing, in_turn, machine, repeat, timed
from sandbox import cloud
from tests.engine.project import CHECKOUT, Project

DOCUMENT_BOUND = 0.150
PREVIEW_BOUND = 6.0
OVERHEAD_BOUND = 1.10
MEMORY_BOUND = 1.5 * 2**30


def main() -> int:
    """Run every benchmark; exit code 1 when a bound is broken."""
    console = Console()
    root = Path(tempfile.mkdtemp(prefix="stanchion-"))
    try:
        with console.status("starting a private local cloud"):
            variables = cloud.start(lambda line: console.print(f"[dim]{line}[/]"), root)
        rows = [document_row(), *engine_rows(console, root, variables), memory_row(root)]
    finally:
        cloud.stop(lambda line: console.print(f"[dim]{line}[/]"), root)
        shutil.rmtree(root)
    table = Table("what", "measured", "bound", title=f"local cloud, {machine()}", title_justify="left")
    for what, measured, bound, ok in rows:
        table.add_row(what, f"[{'green' if ok else 'red'}]{measured}[/]", bound)
    console.print(table)
    others = [policy.main(), clusters.main(), serving.main(), gateway.main(), views.main()]
    return 0 if all(ok for *_, ok in rows) and not any(others) else 1


Row = tuple[str, str, str, bool]


def engine_rows(console: Console, root: Path, variables: dict[str, str]) -> list[Row]:
    """Preview of the foundation, and the same resources without components, in turn."""
    (root / "ours").mkdir()
    (root / "plain").mkdir()
    ours = Project(root / "ours", variables, "bench")
    stack = ours.stack("foundation", ours.regions[0])
    ours.pulumi("stack", "init", stack).ok()
    count = plain_project(root / "plain", ours, stack)
    preview = ["pulumi", "preview", "--non-interactive", "--stack"]
    environment = {**os.environ, **variables}
    with console.status(f"previewing {count} resources with and without components, five times each"):
        with_components, without = in_turn(
            lambda: timed([*preview, stack], ours.folder, environment),
            lambda: timed([*preview, "plain"], root / "plain", {**environment, "PYTHONPATH": str(CHECKOUT)}),
        )
    ratio = with_components.median / without.median
    with console.status("bringing the foundation up"):
        up = timed(
            ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack], ours.folder, environment
        )
    with console.status("previewing it without a change, five times"):
        unchanged = repeat(lambda: timed([*preview, stack], ours.folder, environment))
    return [
        row(f"first preview of the foundation ({count} resources)", with_components),
        row("preview without a change", unchanged),
        (
            "components, as a ratio to pulumi_aws alone",
            f"{ratio:.2f}",
            f"{OVERHEAD_BOUND:.2f}",
            ratio <= OVERHEAD_BOUND,
        ),
        ("pulumi_aws alone", str(without), "", True),
        ("first up of the foundation", f"{up:.1f} s (n=1)", "", True),
    ]


def row(what: str, timing: Timing) -> Row:
    """A preview's row, held against its bound."""
    return (what, str(timing), f"{PREVIEW_BOUND:.0f} s", timing.median <= PREVIEW_BOUND)


def plain_project(folder: Path, ours: Project, stack: str) -> int:
    """The same resources as a program of its own."""
    settings = {"name": "plain", "runtime": {"name": "python", "options": {"virtualenv": str(Path(sys.prefix))}}}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    count = direct.write(folder, direct.recorded(ours.folder, ours.environment, stack))
    from tests.engine.project import run_command

    run_command(["pulumi", "stack", "init", "plain", "--non-interactive"], folder, ours.variables).ok()
    return count


def document_row() -> tuple[str, str, str, bool]:
    """Processor time until a document is read, without that of the libraries it needs."""
    program = (
        "import time, yaml; from pydantic import BaseModel; type('Warm', (BaseModel,), {})();"
        "start = time.process_time();"
        "from stanchion.spec import load_environment; load_environment('example');"
        "print(time.process_time() - start)"
    )

    def seconds() -> float:
        done = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=True)
        return float(done.stdout)

    read = Timing(tuple(seconds() for _ in range(5)))
    bound = DOCUMENT_BOUND
    return "import and load of the environment document", str(read), f"{bound:g} s", read.median <= bound


def memory_row(root: Path) -> Row:
    """Resident memory of the local cloud's processes, after the work above."""
    used = cloud.status(root).memory_bytes
    return (
        "memory of the local cloud",
        f"{used / 2**30:.2f} GiB",
        f"{MEMORY_BOUND / 2**30:.1f} GiB",
        used <= MEMORY_BOUND,
    )


if __name__ == "__main__":
    sys.exit(main())
