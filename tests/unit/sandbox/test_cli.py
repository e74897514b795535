import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sandbox import cli, cloud
from sandbox.errors import SandboxError
from sandbox.front_door.faults import Effect, Fault
from sandbox.kubernetes import kubectl as kubernetes_kubectl


@pytest.fixture(autouse=True)
def _own_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("STANCHION_SANDBOX_DIR", str(tmp_path / "run"))


class Door:
    def __init__(self) -> None:
        self.made: list[Fault] = []
        self.healed: list[tuple[str | None, str | None]] = []

    def add(self, fault: Fault) -> None:
        self.made.append(fault)

    def heal(self, region: str | None, service: str | None) -> list[Fault]:
        self.healed.append((region, service))
        return self.made


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    made = Door()
    monkeypatch.setattr(cloud, "control", lambda: made)
    return made


def call(*arguments: str) -> str:
    result = CliRunner().invoke(cli.app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_region_is_lost_by_name(door: Door):
    assert "connections are cut" in call("fail-region", "us-west-2")
    assert door.made == [Fault(Effect.DROP, region="us-west-2")]


def test_losing_the_region_of_the_global_services_says_so(door: Door):
    assert "iam, route53, budgets and the other global services" in call("fail-region", "us-east-1", "--effect", "hang")
    assert door.made == [Fault(Effect.HANG, region="us-east-1")]


@pytest.mark.parametrize(("typed", "signed"), [("s3", "s3"), ("stepfunctions", "states"), ("cloudwatch", "monitoring")])
def test_a_service_is_known_by_boto3s_name_and_by_its_own(door: Door, typed: str, signed: str):
    call("fail-service", typed, "--region", "us-west-2")
    assert door.made == [Fault(Effect.UNAVAILABLE, "us-west-2", signed)]


def test_latency_is_given_in_milliseconds(door: Door):
    assert "answers 250 ms later" in call("add-latency", "250", "--service", "sqs")
    assert door.made == [Fault(Effect.LATENCY, None, "sqs", 0.25)]


def test_heal_takes_all_or_some(door: Door):
    assert "there was no such fault" in call("heal")
    call("heal", "--region", "us-west-2", "--service", "cloudwatch")
    assert door.healed == [(None, None), ("us-west-2", "monitoring")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fail-region", "us-moon-1"], "there is no region 'us-moon-1'; allowed: af-south-1, "),
        (["fail-service", "grafana"], "the local cloud has no service 'grafana'; allowed: account, "),
        (["fail-service", "s3", "--effect", "latency"], "latency is no loss; use `stanchion sandbox add-latency"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(door: Door, arguments: list[str], said: str):
    with pytest.raises(SandboxError, match=said.replace("`", ".")):
        CliRunner().invoke(cli.app, arguments, catch_exceptions=False)
    assert not door.made


@pytest.mark.parametrize("arguments", [["env"], ["fail-region", "us-east-1"], ["heal"], ["add-latency", "5"]])
def test_a_cloud_that_does_not_run_is_said(arguments: list[str]):
    with pytest.raises(SandboxError, match="is not running; start it") as caught:
        CliRunner().invoke(cli.app, arguments, catch_exceptions=False)
    assert caught.value.exit_code == 2


def test_status_works_without_a_cloud():
    assert "is not running; start it" in call("status")
    document = json.loads(call("status", "--json"))
    assert document["running"] is False
    assert isinstance(document["state_only"], dict)


def test_up_does_not_touch_an_environment_on_aws(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cloud, "prepare_engine", lambda *_: pytest.fail("something was started"))
    with pytest.raises(SandboxError, match=r"'example' is not for the local cloud .*; deploy it with .stanchion up"):
        CliRunner().invoke(cli.app, ["up", "--environment", "example"], catch_exceptions=False)


def test_stop_without_a_cloud_is_no_error():
    assert "was not running" in call("stop")


def test_logs_are_named_and_the_last_lines_shown(tmp_path: Path):
    folder = tmp_path / "run" / "logs"
    folder.mkdir(parents=True)
    (folder / "moto.log").write_text("one\ntwo\nthree\n", encoding="utf-8")
    assert call("logs").startswith("moto  ")
    assert call("logs", "moto", "--lines", "2") == "two\nthree\n"


def test_kubectl_takes_the_place_of_the_command_with_what_leads_to_the_cloud(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    run: list[tuple[str, list[str], str]] = []
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(json.dumps({"contexts": [{"name": "main.us-west-2"}]}), encoding="utf-8")
    monkeypatch.setattr(cloud, "environment_variables", lambda: {"KUBECONFIG": str(kubeconfig)})
    monkeypatch.setattr(kubernetes_kubectl, "build", lambda names, tell: dict.fromkeys(names, "/cache/kubectl"))
    monkeypatch.setattr(os, "execve", lambda path, line, env: run.append((path, line, env["KUBECONFIG"])))
    assert call("kubectl", "--region", "us-west-2", "--", "get", "pods", "-o", "json") == ""
    line = ["kubectl", "--context", "main.us-west-2", "get", "pods", "-o", "json"]
    assert run == [("/cache/kubectl", line, str(kubeconfig))]


def test_env_is_quoted_for_a_shell(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cloud, "environment_variables", lambda: {"A": "it's $HOME", "B": "c"})
    assert call("env") == "export A='it'\"'\"'s $HOME'\nexport B=c\n"
    assert json.loads(call("env", "--json")) == {"A": "it's $HOME", "B": "c"}
