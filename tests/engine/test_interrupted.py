"""An update whose engine is killed in the middle is followed by one that works."""

import json
import os
import signal
import subprocess
from pathlib import Path

from tests.engine.listing import listing
from tests.engine.project import Project
from tests.engine.test_foundation import until

PRIMARY = "us-east-1"


def test_a_killed_engine_is_followed_by_a_working_up(project: Project, tmp_path: Path):
    before = listing(project)
    stack = project.stack("foundation", PRIMARY)
    project.pulumi("stack", "init", stack).ok()
    events = tmp_path / "events.json"
    process = subprocess.Popen(
        ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack, "--event-log", str(events)],
        cwd=project.folder,
        env={**project.variables, "PULUMI_DEBUG_COMMANDS": "true"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def created() -> bool:
        assert process.poll() is None, "the update ended before it could be killed"
        text = events.read_text(encoding="utf-8") if events.exists() else ""
        return sum('"resOutputsEvent"' in line for line in text.splitlines()) >= 20

    until(created, "twenty resources", seconds=120)
    # The whole group, as the machine's end would: neither the engine nor its plugins can say goodbye.
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    some = listing(project) - before
    assert some, "nothing had been created when the engine was killed"

    answer = project.stanchion("up", "--yes", "--stack", stack).ok()
    assert "its lock is cleared" in " ".join(answer.out.split())
    again = project.stanchion("up", "--yes", "--stack", stack).ok()
    assert "create" not in again.out, again.out
    exported = json.loads(project.pulumi("stack", "export", "--stack", stack).ok().out)
    assert not exported["deployment"].get("pending_operations"), "operations are still pending"
    project.stanchion("destroy", "--yes", "--stack", stack).ok()
