"""`make test`: every check in order, with one closing summary; stops nothing half way, exits 1 if one failed."""

import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
COUNT = re.compile(r"(\d+) (passed|failed|error|errors|skipped)\b")


@dataclass
class Outcome:
    name: str
    ok: bool
    seconds: float
    passed: int
    failed: int
    skipped: int


# Two workers, each with the files it takes as a whole: tests of one file work on what their module has made.
PYTEST = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile"]
CHECKS: dict[str, list[str]] = {
    "lint": [str(BIN / "ruff"), "check", "."],
    "format": [str(BIN / "ruff"), "format", "--check", "."],
    "types": [str(BIN / "pyright"), "--pythonpath", sys.executable],
    "imports": [str(BIN / "lint-imports"), "--no-cache"],
    "schema": [sys.executable, "-m", "stanchion.spec.json_schema", "--check"],
    # Alone: some of them send signals to their own process.
    "unit": [sys.executable, "-m", "pytest", "tests/unit"],
    "component": [*PYTEST, "tests/component"],
    "foreign": [*PYTEST, "tests/foreign"],
    "engine": [*PYTEST, "tests/engine", "--durations=10"],
}


def main(chosen: list[str]) -> int:
    console = Console(soft_wrap=True)
    unknown = [name for name in chosen if name not in CHECKS]
    if unknown:
        console.print(f"error: no check '{unknown[0]}'; allowed: {', '.join(CHECKS)}.")
        return 2
    outcomes = []
    for name in chosen or CHECKS:
        console.rule(f"[bold]{name}[/]", align="left")
        outcomes.append(run(name, CHECKS[name]))
    table = Table("check", "result", "tests", "seconds", title="checks", title_justify="left")
    for o in outcomes:
        result = "[green]passed[/]" if o.ok else "[red]failed[/]"
        counted = f"{o.passed} passed, {o.failed} failed" if o.passed or o.failed else ""
        table.add_row(o.name, result, counted, f"{o.seconds:.0f}")
    console.print(table)
    # A check without tests of its own counts as one.
    passed = sum(o.passed or int(o.ok) for o in outcomes)
    failed = sum(o.failed or int(not o.ok) for o in outcomes)
    skipped = sum(o.skipped for o in outcomes)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 0 if all(o.ok for o in outcomes) else 1


def run(name: str, command: list[str]) -> Outcome:
    begun = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    last = ""
    for line in process.stdout:
        sys.stdout.write(line)
        sys.stdout.flush()
        if COUNT.search(line):
            last = line
    code = process.wait()
    counts = {kind: int(number) for number, kind in COUNT.findall(last)} if "pytest" in command else {}
    failed = counts.get("failed", 0) + counts.get("error", 0) + counts.get("errors", 0)
    return Outcome(name, code == 0, time.monotonic() - begun, counts.get("passed", 0), failed, counts.get("skipped", 0))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
