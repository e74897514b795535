"""`stanchion preview` with a policy pack: each stack is judged with those before it, and recovery is shown."""

import re
import sys
from pathlib import Path

import pytest

from tests.engine.project import CHECKOUT, Project


@pytest.fixture
def judged(project: Project) -> Project:
    """A project that has this checkout's policy pack, and the environment its rules run in."""
    (project.folder / "policies").symlink_to(CHECKOUT / "policies")
    (project.folder / ".venv").symlink_to(Path(sys.executable).parent.parent)
    # The table is not to be broken into lines.
    project.variables["COLUMNS"] = "250"
    return project


def test_a_first_preview_of_the_platform_is_green_and_shows_what_recovery_will_be(judged: Project):
    answer = judged.stanchion("preview").ok()
    text = answer.out
    assert "✗" not in text
    assert "recovery, as these settings give it" in text
    # Foundation and links together: their data survive each disruption within the objectives, the region's among them.
    for objective in ("1 h", "6 h"):
        rows = [line for line in text.splitlines() if re.search(rf"RPO +{objective} ", line)]
        assert rows, f"no RPO of {objective} is shown"
        assert all(" met " in row for row in rows)
    assert not re.search(r"R[PT]O .* (broken|unknown)\b", text)


def test_a_preview_that_breaks_an_objective_stops_and_says_why(judged: Project):
    # Ten minutes across regions is less than replication commits to.
    judged.edit("region: 6h", "region: 10m")
    answer = judged.stanchion("preview")
    assert answer.code == 1
    said = " ".join(answer.out.split())
    assert "recovery-objectives-met" in said
    assert re.search(r"RPO region is .*, the objective is 10 min", said)
