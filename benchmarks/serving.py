"""What a region that serves 1, 10 and 50 endpoints costs in time: its first preview, its first update.

`python -m benchmarks.serving`; part of `make bench`.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table

from benchmarks.measure import machine, repeat, timed
from sandbox import cloud
from sandbox.kubernetes import binaries
from tests.engine.project import Project

ENDPOINTS = (1, 10, 50)
PREVIEW_BOUND, UP_BOUND = 12.0, 90.0
# A line through 1 and 10 endpoints, and what 50 may be above it.
LINEAR_BOUND = 1.3
LAYERS = ("foundation", "links", "cluster", "control", "serving")

Row = tuple[str, str, str, bool]


def main() -> int:
    """Measure, print, and give 1 when a bound is broken."""
    console = Console()
    root = Path(tempfile.mkdtemp(prefix="stanchion-"))
    try:
        with console.status("starting a private local cloud"):
            variables = cloud.start(lambda line: console.print(f"[dim]{line}[/]"), root)
            binaries.build(binaries.CONTROL_PLANE, lambda line: console.print(f"[dim]{line}[/]"))
        rows = measured(console, root, variables)
    finally:
        cloud.stop(lambda line: console.print(f"[dim]{line}[/]"), root)
        shutil.rmtree(root)
    table = Table("what", "measured", "bound", title=f"serving on the local cloud, {machine()}", title_justify="left")
    for what, said, bound, ok in rows:
        table.add_row(what, f"[{'green' if ok else 'red'}]{said}[/]", bound)
    console.print(table)
    return 0 if all(ok for *_, ok in rows) else 1


def measured(console: Console, root: Path, variables: dict[str, str]) -> list[Row]:
    """Both regions' clusters are up before anything is measured."""
    (root / "project").mkdir()
    project = Project(root / "project", variables, "bench", LAYERS)
    with console.status("bringing the clusters of two regions up"):
        for region in project.regions:
            for layer in ("foundation", "cluster"):
                command = ["up", "--yes", "--skip-preview", "--stack", project.stack(layer, region)]
                project.pulumi("stack", "init", project.stack(layer, region)).ok()
                project.pulumi(*command).ok()
    stack = project.stack("serving", project.regions[0])
    project.pulumi("stack", "init", stack).ok()
    environment = {**os.environ, **variables}
    preview = ["pulumi", "preview", "--non-interactive", "--stack", stack]
    previews: dict[int, float] = {}
    rows: list[Row] = []
    for number in ENDPOINTS:
        serve(project.document, number)
        with console.status(f"previewing {number} endpoints"):
            timing = repeat(
                lambda: timed(preview, project.folder, environment), runs=3 if number == max(ENDPOINTS) else 5
            )
        previews[number] = timing.median
        bound = f"{PREVIEW_BOUND:.0f} s" if number == 10 else ""
        rows.append(
            (f"first preview of {number} endpoints", str(timing), bound, number != 10 or timing.median <= PREVIEW_BOUND)
        )
    each = (previews[10] - previews[1]) / 9
    ratio = previews[50] / (previews[10] + 40 * each)
    rows.append(
        ("preview of 50 to the line through 1 and 10", f"{ratio:.2f}", f"{LINEAR_BOUND}", ratio <= LINEAR_BOUND)
    )
    serve(project.document, 10)
    with console.status("bringing 10 endpoints up"):
        up = timed(
            ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack],
            project.folder,
            environment,
        )
    rows.append(("first up of 10 endpoints", f"{up:.1f} s (n=1)", f"{UP_BOUND:.0f} s", up <= UP_BOUND))
    with console.status("previewing 10 endpoints without a change"):
        rows.append(
            (
                "preview of 10 endpoints without a change",
                str(repeat(lambda: timed(preview, project.folder, environment))),
                "",
                True,
            )
        )
    return rows


def serve(file: Path, number: int) -> None:
    """Let the environment serve so many endpoints of one variant, each with a model of its own."""
    document: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    batch = {name: each for name, each in document["endpoints"].items() if each["kind"] == "batch"}
    model = document["models"]["digits"]["variants"]["full"]
    for each in range(number):
        name = f"model-{each}"
        weights = {**model["weights"], "prefix": f"{name}/1"}
        document["models"][name] = {"variants": {"full": {**model, "weights": weights}}}
        batch[name] = {
            "tier": "standard",
            "use_case": "benchmark",
            "kind": "predictor",
            "model": name,
            "capacity": {"floor": 2, "max": 6, "spot": True},
        }
    document["endpoints"] = batch
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
