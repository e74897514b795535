"""Speed of rules and estimates: whole process, beside Checkov on the same program; inside the engine; memory.

`python -m benchmarks.policy` prints the table and ends with 1 when a bound is broken; `make bench` runs it too.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml
from rich.console import Console
from rich.table import Table

from benchmarks.measure import Timing, in_turn, machine, repeat, timed
from benchmarks.synthetic import write
from sandbox import cloud
from tests.engine.project import CHECKOUT, run_command

# Seconds for the whole process, by number of resources.
BOUNDS = {1000: 1.0, 5000: 3.0}
FASTER = 10.0
MEMORY_BOUND = 300 * 2**20
IN_ENGINE_BOUND = 1.0
IN_ENGINE_COUNT = 1000
# A preview takes longer than the bound on what is added to it, and differs by as much from run to run.
IN_ENGINE_RUNS = 9
# The other side of the comparison takes a minute a run; its spread is small beside the ratio.
CHECKOV_RUNS = 3

Row = tuple[str, str, str, bool]


def main() -> int:
    """Measure all; exit code 1 when a bound is broken."""
    console = Console()
    root = Path(tempfile.mkdtemp(prefix="stanchion-"))
    try:
        rows = [*process_rows(console, root), *engine_rows(console, root)]
    finally:
        shutil.rmtree(root)
    table = Table("what", "measured", "bound", title=f"rules and estimates, {machine()}", title_justify="left")
    for what, measured, bound, ok in rows:
        table.add_row(what, f"[{'green' if ok else 'red'}]{measured}[/]", bound)
    console.print(table)
    return 0 if all(ok for *_, ok in rows) else 1


def process_rows(console: Console, root: Path) -> list[Row]:
    """`stanchion check`, with all rules and all estimates, and Checkov with its default configuration."""
    checkov = installed(console, root, "bench") / "bin/checkov"
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    configuration = root / "configuration.yaml"
    configuration.write_text(yaml.safe_dump({"environment": "example"}), encoding="utf-8")

    def ours(plan: Path) -> float:
        command = [sys.executable, "-m", "stanchion.cli.main", "check", str(plan), "--config", str(configuration)]
        # Violations are what it is there for: exit code 1 is a measurement as well.
        return timed_with_findings([*command, "--format", "json"], CHECKOUT, environment)

    def theirs(plan: Path) -> float:
        command = [str(checkov), "-f", str(plan), "--soft-fail", "--quiet", "--compact", "-o", "json"]
        return timed(command, root, environment)

    rows: list[Row] = []
    plans = {count: write(root, count) for count in (1, *BOUNDS)}
    with console.status("starting both on one resource"):
        start, their_start = in_turn(lambda: ours(plans[1][0]), lambda: theirs(plans[1][1]), runs=CHECKOV_RUNS)
    rows.append(("start-up alone (1 resource)", f"{start}; Checkov {their_start}", "", True))
    for count, bound in BOUNDS.items():
        with console.status(f"{count} resources, ours five times and Checkov {CHECKOV_RUNS} times"):
            mine = repeat(lambda plan=plans[count][0]: ours(plan))
            other = Timing(tuple(theirs(plans[count][1]) for _ in range(CHECKOV_RUNS)))
        ratio = other.median / mine.median
        steady, their_steady = mine.median - start.median, other.median - their_start.median
        rows += [
            (f"check of {count} resources, whole process", str(mine), f"{bound:.0f} s", mine.median <= bound),
            (f"Checkov on the same {count}", f"{other}, {ratio:.0f}x", f"{FASTER:.0f}x", ratio >= FASTER),
            (f"without start-up, {count}", f"{steady:.2f} s; Checkov {their_steady:.2f} s", "", True),
        ]
    largest = plans[max(BOUNDS)][0]
    used = peak_memory(
        [sys.executable, "-m", "stanchion.cli.main", "check", str(largest), "--config", str(configuration)], environment
    )
    rows.append(
        (f"memory at {max(BOUNDS)}", f"{used / 2**20:.0f} MB", f"{MEMORY_BOUND / 2**20:.0f} MB", used <= MEMORY_BOUND)
    )
    return rows


def timed_with_findings(command: list[str], folder: Path, variables: dict[str, str]) -> float:
    """Wall seconds of one run that may find something (exit code 1); any other failure is no measurement."""
    begun = time.monotonic()
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return time.monotonic() - begun


def peak_memory(command: list[str], variables: dict[str, str]) -> int:
    """Largest resident size of one run, in bytes; asked of a process of its own, which has no other children."""
    program = (
        "import resource, subprocess, sys; "
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=False); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *command],
        cwd=CHECKOUT,
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    # Linux counts in KiB, macOS in bytes.
    return int(done.stdout) * (1 if sys.platform == "darwin" else 1024)


def installed(console: Console, root: Path, name: str) -> Path:
    """The environment of a pinned requirements file: what is compared with has pins of its own."""
    folder = root / name
    uv = [sys.executable, "-m", "uv"]
    with console.status(f"installing requirements/{name}.txt"):
        subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
        install = [*uv, "pip", "install", "--quiet", "--python", str(folder / "bin/python"), "--compile-bytecode"]
        requirements = str(CHECKOUT / f"requirements/{name}.txt")
        subprocess.run([*install, "--require-hashes", "-r", requirements], check=True)
    return folder


# What every pack costs: the engine asks it twice about each resource.
EMPTY_PACK = """
import pulumi_policy

pulumi_policy.PolicyPack(
    name="empty",
    policies=[pulumi_policy.StackValidationPolicy(name="none", description="Finds nothing.", validate=lambda *_: None)],
)
"""
PROGRAM = f"""
import pulumi_aws as aws

for number in range({IN_ENGINE_COUNT - 2}):
    aws.cloudwatch.LogGroup(f"group-{{number}}", retention_in_days=30)
"""


def engine_rows(console: Console, root: Path) -> list[Row]:
    """A preview of 1,000 resources with and without packs, in turn, on a private local cloud."""
    place = root / "cloud"
    place.mkdir()
    try:
        with console.status("starting a private local cloud"):
            variables = cloud.start(lambda line: console.print(f"[dim]{line}[/]"), place)
        folder = root / "program"
        folder.mkdir()
        settings = {"name": "bench", "runtime": {"name": "python", "options": {"virtualenv": str(Path(sys.prefix))}}}
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        (folder / "__main__.py").write_text(PROGRAM, encoding="utf-8")
        environment = {**os.environ, **variables}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        run_command(["pulumi", "stack", "init", "bench", "--non-interactive"], folder, environment).ok()
        run_command(
            ["pulumi", "config", "set", "aws:region", "us-east-1", "--stack", "bench"], folder, environment
        ).ok()
        empty = root / "empty"
        empty.mkdir()
        runtime = {"name": "python", "options": {"virtualenv": str(installed(console, root, "bench-policy"))}}
        (empty / "PulumiPolicy.yaml").write_text(yaml.safe_dump({"runtime": runtime}), encoding="utf-8")
        (empty / "__main__.py").write_text(EMPTY_PACK, encoding="utf-8")
        preview = ["pulumi", "preview", "--non-interactive", "--stack", "bench"]
        with console.status(f"previewing {IN_ENGINE_COUNT} resources without a pack, with ours, with an empty one"):
            without, ours, none = in_turn(
                lambda: timed(preview, folder, environment),
                lambda: timed([*preview, "--policy-pack", str(CHECKOUT / "policies")], folder, environment),
                lambda: timed([*preview, "--policy-pack", str(empty)], folder, environment),
                runs=IN_ENGINE_RUNS,
            )
    finally:
        cloud.stop(lambda line: console.print(f"[dim]{line}[/]"), place)
    added = ours.above(none)
    return [
        (f"a preview of {IN_ENGINE_COUNT} resources without a pack", str(without), "", True),
        ("what ours adds", str(ours.above(without)), "", True),
        ("what an empty pack of Pulumi's SDK adds", str(none.above(without)), "", True),
        # The engine asks every pack twice about each resource while the program waits: that is the engine's price.
        ("ours above the empty one", str(added), f"{IN_ENGINE_BOUND:.0f} s", added.median <= IN_ENGINE_BOUND),
    ]


if __name__ == "__main__":
    sys.exit(main())
