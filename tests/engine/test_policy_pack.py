"""The policy pack with the real engine: what it stops, what it lets pass, and that the command says the same."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine.project import CHECKOUT, Answer, run_command

PACK = str(CHECKOUT / "policies")
DOCUMENT = CHECKOUT / "environments/local.yaml"
PROGRAM = """
import pulumi
from tests.engine.policy_program import build

build(pulumi.Config("app").get("defect") or "none")
"""


class Program:
    """A plain program in a folder of its own, whose objectives are those of the local environment but the region's."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self.folder = folder
        (folder / "state").mkdir()
        self.variables = {
            **variables,
            "PYTHONPATH": str(CHECKOUT),
            "PULUMI_BACKEND_URL": f"file://{folder}/state",
        }
        virtualenv = str(Path(sys.executable).parent.parent)
        settings = {"name": "plain", "runtime": {"name": "python", "options": {"virtualenv": virtualenv}}}
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        (folder / "__main__.py").write_text(PROGRAM, encoding="utf-8")
        (folder / "environments").mkdir()
        document = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
        document["name"] = "plain"
        document["tiers"] = {"standard": {"rto": {"application": "4h"}, "rpo": {"application": "1h"}}}
        (folder / "environments/plain.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
        self.pulumi("stack", "init", "test").ok()
        for key, value in (("aws:region", "us-east-1"), ("stanchion:environment", "plain")):
            self.pulumi("config", "set", key, value, "--stack", "test").ok()

    def pulumi(self, *arguments: str) -> Answer:
        return run_command(["pulumi", *arguments, "--non-interactive", "--color", "never"], self.folder, self.variables)

    def defect(self, name: str) -> None:
        self.pulumi("config", "set", "app:defect", name, "--stack", "test").ok()

    def preview(self, *more: str) -> Answer:
        return self.pulumi("preview", "--stack", "test", "--policy-pack", PACK, *more)

    def check(self, *more: str) -> tuple[Answer, list[dict[str, Any]]]:
        """`stanchion check` on the plan of the same program; what it found."""
        plan = self.folder / "plan.json"
        plan.write_text(self.pulumi("preview", "--stack", "test", "--json", "--show-sames").ok().out, encoding="utf-8")
        command = [sys.executable, "-m", "stanchion.cli.main", "check", str(plan), "-e", "plain", "--format", "json"]
        answer = run_command([*command, *more], self.folder, self.variables)
        return answer, json.loads(answer.out)["violations"]


@pytest.fixture
def program(tmp_path: Path, engine: dict[str, str]) -> Program:
    return Program(tmp_path, engine)


def said(answer: Answer) -> str:
    return " ".join(answer.out.split())


def test_a_first_preview_of_a_healthy_program_is_green(program: Program):
    answer = program.preview().ok()
    assert "mandatory" not in answer.out
    # What is only listed is shown, and stops nothing.
    assert "recovery-assessed" in answer.out
    check, violations = program.check()
    assert check.code == 0
    assert {violation["level"] for violation in violations} == {"advisory"}


def test_a_defect_stops_the_preview_and_the_update_with_the_rule_and_the_resource(program: Program):
    program.defect("suspended")
    answer = program.preview()
    assert answer.code != 0
    assert "[mandatory]" in answer.out
    assert "recovery-objectives-met" in answer.out
    assert "RPO application is unbounded (none), the objective is 1 h" in said(answer)
    assert "nothing protects S3 bucket 'lake'" in said(answer)
    refused = program.pulumi("up", "--yes", "--stack", "test", "--policy-pack", PACK)
    assert refused.code != 0
    assert (
        json.loads(program.pulumi("stack", "export", "--stack", "test").ok().out)["deployment"].get("resources") is None
    )
    check, violations = program.check()
    assert check.code == 1
    # The same rules, with the same sentences.
    for violation in violations:
        assert violation["rule"] in answer.out
        assert " ".join(violation["message"].split()) in said(answer)


def test_an_unknown_setting_fails_a_mandatory_rule_and_the_value_is_named(program: Program):
    program.defect("unknown setting")
    answer = program.preview()
    assert answer.code != 0
    assert "storage-log-retention" in answer.out
    assert "`retentionInDays` of aws:cloudwatch/logGroup:LogGroup 'service' is known only after the deployment" in said(
        answer
    )
    _, violations = program.check()
    assert [v["rule"] for v in violations if v["level"] == "mandatory"] == ["storage-log-retention"]


def test_an_update_with_the_pack_and_the_preview_after_it(program: Program):
    program.pulumi("up", "--yes", "--skip-preview", "--stack", "test", "--policy-pack", PACK).ok()
    try:
        program.preview("--expect-no-changes").ok()
        # What was unknown before the bucket was there is known now: the same program passes.
        program.defect("unknown setting")
        program.preview("--expect-no-changes").ok()
    finally:
        program.pulumi("destroy", "--yes", "--skip-preview", "--stack", "test").ok()


def test_the_engine_sets_a_rule_to_advisory(program: Program, tmp_path: Path):
    program.defect("unknown setting")
    config = tmp_path / "pack.json"
    config.write_text(json.dumps({"storage-log-retention": {"enforcementLevel": "advisory"}}), encoding="utf-8")
    answer = program.preview("--policy-pack-config", str(config)).ok()
    assert "[advisory]" in answer.out
    assert "storage-log-retention" in answer.out


def test_a_broken_environment_document_stops_the_preview_with_its_place(program: Program):
    document = program.folder / "environments/plain.yaml"
    shutil.copy(document, document.with_suffix(".bak"))
    document.write_text(document.read_text(encoding="utf-8").replace("rto:", "rtoo:"), encoding="utf-8")
    answer = program.preview()
    assert answer.code != 0
    assert "environments/plain.yaml:" in answer.out
    assert "did you mean rto?" in said(answer)
    assert "Traceback" not in answer.out
