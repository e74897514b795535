"""Bad input is one clear sentence, exit code 2, no trace, and nothing changed."""

import os
import shutil
import socket
import sys
from pathlib import Path

import pytest

from tests.engine.listing import listing
from tests.engine.project import CHECKOUT, Answer, Project, run_command


def refused(answer: Answer, *said: str) -> None:
    text = " ".join(answer.out.split())
    assert answer.code == 2, answer.out
    for part in said:
        assert part in text, answer.out
    assert "Traceback" not in text
    assert "error:" in text


EDITS = {
    "unknown key": ("nat: single", "natt: single", "network.natt"),
    "wrong unit": ("flow_log_retention: 7d", "flow_log_retention: 7 weeks", "network.flow_log_retention"),
    "no such region": ("standby: us-west-2", "standby: us-west-9", "regions.standby"),
    "standby equal to primary": ("standby: us-west-2", "standby: us-east-1", "regions.standby"),
    "range too small": ("primary: 10.20.0.0/16", "primary: 10.20.0.0/28", "network.cidr.primary"),
    "ranges overlap": ("standby: 10.21.0.0/16", "standby: 10.20.0.0/16", "network.cidr.standby"),
    "archive before cold": ("archive: 120d", "archive: 10d", "storage.raw.archive"),
    "retention below the minimum": ("expire: 730d", "expire: 121d", "storage.raw.expire"),
    "duplicate name": ("owner: platform", "owner: platform\nowner: other", "owner"),
    "no yaml": ("tiers:", "tiers: [", ".yaml:"),
}


# Every case once, and every command with one of them: they all read the document the same way.
COMMANDS = [*((case, "up") for case in sorted(EDITS)), ("unknown key", "preview"), ("unknown key", "destroy")]


@pytest.mark.parametrize(("case", "command"), COMMANDS)
def test_a_bad_document_is_refused_before_the_engine_starts(project: Project, case: str, command: str):
    old, new, key = EDITS[case]
    project.edit(old, new)
    arguments = [] if command == "preview" else ["--yes"]
    refused(project.stanchion(command, *arguments), f"environments/{project.environment}.yaml:", key)
    # A stack would be made first of all.
    assert project.environment not in project.pulumi("stack", "ls", "--all").out


def test_the_same_sentence_comes_from_plain_pulumi(project: Project):
    project.edit("nat: single", "natt: single")
    stack = project.stack("links")
    project.pulumi("stack", "init", stack).ok()
    answer = project.pulumi("preview", "--stack", stack)
    assert answer.code != 0
    assert "network.natt" in answer.out
    assert "Traceback" not in answer.out
    project.pulumi("stack", "rm", "--yes", stack).ok()


def test_an_environment_that_does_not_exist_is_named(project: Project):
    command = [sys.executable, "-m", "stanchion.cli.main", "up", "--yes", "--environment", "prod"]
    refused(run_command(command, project.folder, project.variables), "environments/prod.yaml", project.environment)


def test_a_folder_without_a_project_is_named(tmp_path: Path, engine: dict[str, str]):
    command = [sys.executable, "-m", "stanchion.cli.main", "preview"]
    refused(run_command(command, tmp_path, engine), "no Pulumi.yaml in")


def test_the_wrong_account_is_refused_and_nothing_is_made(project: Project):
    before = listing(project)
    project.edit('"000000000000"', '"111122223333"')
    stack = project.stack("foundation", "us-east-1")
    refused(
        project.stanchion("up", "--yes", "--stack", stack),
        f"environments/{project.environment}.yaml:",
        "accounts.workload: '111122223333' is not the account of the credentials",
        "000000000000",
    )
    assert listing(project) == before


def test_the_provider_refuses_the_wrong_account_of_a_plain_pulumi(project: Project):
    before = listing(project)
    project.edit('"000000000000"', '"111122223333"')
    stack = project.stack("foundation", "us-east-1")
    project.pulumi("stack", "init", stack).ok()
    answer = project.pulumi("up", "--yes", "--skip-preview", "--stack", stack)
    assert answer.code != 0
    assert "000000000000" in answer.out
    assert "Traceback" not in answer.out
    assert listing(project) == before


def test_an_environment_for_aws_is_not_sent_to_the_local_cloud(project: Project):
    project.edit("cloud: local", "cloud: aws")
    answer = project.pulumi("stack", "init", project.stack("links"))
    answer = project.pulumi("preview", "--stack", project.stack("links"))
    assert answer.code != 0
    assert "AWS_ENDPOINT_URL" in answer.out
    project.pulumi("stack", "rm", "--yes", project.stack("links")).ok()


def test_a_local_cloud_that_is_not_running_says_how_to_start_it(project: Project, tmp_path: Path):
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PULUMI_", "STANCHION_"))}
    variables["STANCHION_SANDBOX_DIR"] = str(tmp_path / "nowhere")
    command = [sys.executable, "-m", "stanchion.cli.main", "preview", "--environment", project.environment]
    refused(run_command(command, project.folder, variables), "not running", "make up")


def test_a_port_that_is_taken_is_named(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        variables = {
            **os.environ,
            "STANCHION_SANDBOX_DIR": str(tmp_path / "sandbox"),
            "STANCHION_SANDBOX_PORT": str(port),
        }
        command = [sys.executable, "-m", "stanchion.cli.main", "sandbox", "start"]
        refused(run_command(command, CHECKOUT, variables), str(port), "STANCHION_SANDBOX_PORT")
    shutil.rmtree(tmp_path / "sandbox", ignore_errors=True)
