"""An export of 100 MB, read by the command as a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

SIZE = 100 * 10**6
TABLE = "aws:dynamodb/table:Table"
TAGS = {"stanchion:workload": "orders", "stanchion:tier": "standard", "stanchion:restore": "30m"}
CONFIGURATION = """
tiers:
  standard: {rto: 4h, rpo: {application: 1h, infrastructure: 1h, zone: 1h}, drill_every: 90d}
"""


def write_export(path: Path, *, protected: bool) -> int:
    """Tables until the file has its size; the last one is as told. How many there are."""
    filler = "x" * 20_000
    count = SIZE // 20_400
    with path.open("w", encoding="utf-8") as file:
        file.write('{"version": 3, "deployment": {"resources": [')
        for number in range(count):
            recovery = {"enabled": protected or number < count - 1}
            inputs = {"name": f"t{number}", "tags": TAGS, "pointInTimeRecovery": recovery, "hashKey": filler}
            urn = f"urn:pulumi:prod::lake::{TABLE}::t{number}"
            resource = {"urn": urn, "type": TABLE, "custom": True, "id": f"t{number}", "inputs": inputs}
            file.write(("," if number else "") + json.dumps({**resource, "outputs": {}}))
        file.write("]}}")
    return count


def recovery(export: Path, configuration: Path) -> tuple[int, str, float]:
    """Exit code, what was said, and the megabytes it took at most."""
    program = (
        "import psutil, sys, threading\n"
        "from stanchion.cli.main import main\n"
        "own, peak, ended = psutil.Process(), [0], threading.Event()\n"
        # What the kernel remembers as the highest goes through an exec, so it would be that of the tests' own process.
        "def watch():\n"
        "    while not ended.wait(0.02):\n        peak[0] = max(peak[0], own.memory_info().rss)\n"
        "threading.Thread(target=watch, daemon=True).start()\n"
        "try:\n    main()\n"
        "finally:\n    ended.set()\n    print('KB', peak[0] / 1000, file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", program, "recovery", str(export), "--config", str(configuration)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    kilobytes = next(float(line.split()[1]) for line in done.stderr.splitlines() if line.startswith("KB "))
    return done.returncode, " ".join((done.stdout + done.stderr).split()), kilobytes / 1000


def test_a_large_export_is_judged_to_its_last_resource_in_bounded_memory(tmp_path: Path):
    configuration = tmp_path / "recovery.yaml"
    configuration.write_text(CONFIGURATION, encoding="utf-8")
    export = tmp_path / "export.json"
    count = write_export(export, protected=False)
    assert export.stat().st_size > 0.95 * SIZE
    code, said, megabytes = recovery(export, configuration)
    assert code == 1
    assert f"t{count - 1}" in said
    # The text, and what it says, once each.
    assert megabytes < 4 * SIZE / 10**6


def test_a_large_export_that_was_cut_off_is_refused_with_a_sentence(tmp_path: Path):
    configuration = tmp_path / "recovery.yaml"
    configuration.write_text(CONFIGURATION, encoding="utf-8")
    export = tmp_path / "export.json"
    write_export(export, protected=True)
    with export.open("rb+") as file:
        file.truncate(SIZE // 2)
    code, said, _ = recovery(export, configuration)
    assert code == 2
    assert str(export) in said
    assert "Traceback" not in said
