"""`make test`: every check in order, with one closing summary; stops nothing half way, exits 1 if one failed."""

import re
import subprocess
import sys
import tempfile
import threading
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
    # One worker: some of them send signals to their own process.
    "unit": [sys.executable, "-m", "pytest", "tests/unit"],
    "component": [*PYTEST, "tests/component"],
    "foreign": [*PYTEST, "tests/foreign"],
    "engine": [*PYTEST, "tests/engine", "--durations=10"],
}
# Each keeps one processor busy and says nothing until its end: it runs while the next ones do.
BESIDE = {"types"}


def main(chosen: list[str]) -> int:
    console = Console(soft_wrap=True)
    unknown = [name for name in chosen if name not in CHECKS]
    if unknown:
        console.print(f"error: no check '{unknown[0]}'; allowed: {', '.join(CHECKS)}.")
        return 2
    names = chosen or list(CHECKS)
    beside = {name: Check(name, CHECKS[name], told=False) for name in names if name in BESIDE}
    outcomes: list[Outcome] = []
    for name in [*(each for each in names if each not in beside), *beside]:
        console.rule(f"[bold]{name}[/]", align="left")
        outcomes.append((beside.get(name) or Check(name, CHECKS[name])).outcome())
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


class Check:
    """One check under way.

    Args:
        name: of the check.
        command: what runs it.
        told: whether its output is shown as it comes, and not at its end.
    """

    def __init__(self, name: str, command: list[str], *, told: bool = True) -> None:
        self.name, self.command = name, command
        self.begun = time.monotonic()
        # A pipe that nobody reads would stop it.
        self.output = None if told else tempfile.TemporaryFile(mode="w+")  # noqa: SIM115  closed by outcome()
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=self.output or subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.seconds = 0.0
        self.watch = threading.Thread(target=self._end)
        self.watch.start()

    def outcome(self) -> Outcome:
        """Show what it says, until it has ended."""
        if self.output is not None:
            self.watch.join()
            self.output.seek(0)
        said = self.output or self.process.stdout
        assert said is not None
        last = ""
        with said:
            for line in said:
                sys.stdout.write(line)
                sys.stdout.flush()
                if COUNT.search(line):
                    last = line
        self.watch.join()
        code = self.process.returncode
        counts = {kind: int(number) for number, kind in COUNT.findall(last)} if "pytest" in self.command else {}
        failed = counts.get("failed", 0) + counts.get("error", 0) + counts.get("errors", 0)
        return Outcome(self.name, code == 0, self.seconds, counts.get("passed", 0), failed, counts.get("skipped", 0))

    def _end(self) -> None:
        self.process.wait()
        self.seconds = time.monotonic() - self.begun


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
