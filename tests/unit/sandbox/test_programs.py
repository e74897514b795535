import os
from pathlib import Path

import pytest

from sandbox.processes.programs import environment, programs
from sandbox.run_directory import Ports, RunDirectory

PORTS = Ports(front_door=4001, ministack=4002, moto=4003)


def test_the_addresses_ministack_gives_out_are_the_front_doors(tmp_path: Path):
    ministack = programs(PORTS)[0]
    assert "127.0.0.1:4002" in ministack.command
    assert environment(RunDirectory(tmp_path), PORTS)["GATEWAY_PORT"] == "4001"


def test_nothing_of_the_users_accounts_or_proxies_reaches_the_emulators(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN", "HTTPS_PROXY", "PULUMI_ACCESS_TOKEN"):
        monkeypatch.setenv(name, "the-users-own")
    variables = environment(RunDirectory(tmp_path), PORTS)
    assert "the-users-own" not in variables.values()
    assert variables["HOME"] != os.environ.get("HOME")


def test_listeners_beyond_loopback_and_docker_are_off(tmp_path: Path):
    variables = environment(RunDirectory(tmp_path), PORTS)
    assert variables["SFTP_ENABLED"] == variables["IOT_MTLS_ENABLED"] == "0"
    assert not Path(variables["DOCKER_HOST"].removeprefix("unix://")).exists()


def test_both_emulators_are_the_same_account(tmp_path: Path):
    variables = environment(RunDirectory(tmp_path), PORTS)
    assert variables["MOTO_ACCOUNT_ID"] == variables["MINISTACK_ACCOUNT_ID"] == "000000000000"


def test_all_content_lies_in_the_run_directory(tmp_path: Path):
    variables = environment(RunDirectory(tmp_path), PORTS)
    for name in ("STATE_DIR", "S3_DATA_DIR", "TMPDIR", "HOME", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        assert Path(variables[name]).is_relative_to(tmp_path), name


def test_an_emulator_that_died_is_not_replaced_by_an_empty_one():
    # These write down what they know after each change, and the front door knows nothing but faults.
    assert {program.name for program in programs(PORTS) if program.restart} == {"batch", "clock", "eks", "front-door"}
