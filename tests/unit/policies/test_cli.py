"""`stanchion check` as a user meets it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]


def plan(tmp_path: Path, days: Any) -> Path:
    urn = "urn:pulumi:test::program::aws:cloudwatch/logGroup:LogGroup::service"
    state = {
        "urn": urn,
        "type": "aws:cloudwatch/logGroup:LogGroup",
        "custom": True,
        "inputs": {"retentionInDays": days},
    }
    document = {"config": {"aws:region": "us-east-1"}, "steps": [{"op": "create", "urn": urn, "newState": state}]}
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def run(*arguments: object, text: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "stanchion.cli.main", "check", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, input=text, check=False)


def test_a_program_that_is_well(tmp_path: Path):
    done = run(plan(tmp_path, 90))
    assert (done.returncode, done.stderr) == (0, "")
    assert "0 mandatory" in done.stdout


def test_a_program_that_is_not(tmp_path: Path):
    done = run("-", "--format", "json", text=plan(tmp_path, 0).read_text(encoding="utf-8"))
    assert done.returncode == 1
    assert [v["rule"] for v in json.loads(done.stdout)["violations"] if v["level"] == "mandatory"] == [
        "storage-log-retention"
    ]


def test_a_configuration_of_its_own_and_a_file_for_the_result(tmp_path: Path):
    configuration = tmp_path / "other.yaml"
    configuration.write_text("rules: {storage-log-retention: {level: disabled}}", encoding="utf-8")
    output = tmp_path / "result.sarif"
    done = run(plan(tmp_path, 0), "--config", configuration, "--format", "sarif", "--output", output)
    assert (done.returncode, done.stdout) == (0, "")
    assert json.loads(output.read_text(encoding="utf-8"))["version"] == "2.1.0"


def test_all_rules_are_named():
    done = run("--list", "--group", "cost")
    assert done.returncode == 0
    assert "cost-budget-thresholds" in done.stdout
    assert "storage" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "nothing to check"),
        (["nowhere.json"], "there is no file nowhere.json"),
        (["{plan}", "--rule", "nothing"], "there is no group or rule 'nothing'"),
        (["{plan}", "--output", "x"], "--output needs --format"),
        (["{plan}", "--environment", "nowhere"], "environment 'nowhere' does not exist"),
        (["{plan}", "--config", "nowhere.yaml"], "nowhere.yaml"),
        (["{plan}", "--format", "json", "--output", "/nowhere/at/all"], "can't be written"),
        (["pyproject.toml"], "pyproject.toml"),
    ],
)
def test_bad_input_is_a_sentence_and_exit_code_2(tmp_path: Path, arguments: list[str], message: str):
    path = plan(tmp_path, 90)
    done = run(*(argument.replace("{plan}", str(path)) for argument in arguments))
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
