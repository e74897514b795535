from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws
from typer.testing import Result

from stanchion.cli.keys import app, read_keys
from stanchion.errors import RunFailedError, StanchionError
from stanchion.keys import api_key
from tests.unit.cli.managed import NAME, create_table, prepare, runner

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    prepare(tmp_path, monkeypatch)
    with mock_aws():
        yield runner(app, tmp_path)


@pytest.fixture
def table(run: Run) -> Any:
    return create_table(f"{NAME}-keys")


def test_a_key_is_shown_once_and_only_its_hash_is_kept(run: Run, table: Any) -> None:
    said = run(
        "create", NAME, "--team", "forms", "--use-case", "customer-support", "--limit", "key:tokens:day:1000000",
        "--limit", "user:usd:month:20:16", "--expires", "90d", "--endpoint", "support-assistant",
    )  # fmt: skip
    assert said.exit_code == 0
    key = api_key.read(said.stdout.removesuffix("\n"))
    assert key is not None
    assert key.secret not in said.stderr
    assert "can't be asked for again" in said.stderr
    (item,) = read_keys(table, f"{NAME}-keys")
    assert key.matches(item.digest)
    assert key.secret not in str(table.scan(TableName=f"{NAME}-keys"))
    assert (item.team, item.use_case, item.endpoints) == ("forms", "customer-support", ("support-assistant",))
    assert [(each.scope, each.hard, each.soft) for each in item.limits] == [("key", 1e6, None), ("user", 20, 16)]
    assert item.expires_at == item.created_at + timedelta(days=90)
    assert abs(datetime.now(UTC) - item.created_at) < timedelta(minutes=1)
    listed = run("list", NAME).stdout
    assert key.secret not in listed
    for text in (
        key.id,
        "active",
        "forms",
        "key:tokens:day:1000000, user:usd:month:20:16",
        f"{item.expires_at:%Y-%m-%d}",
    ):
        assert text in listed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--use-case", "customer-suport"], "did you mean customer-support"),
        # Its only endpoint that is not online: what runs in batches has no callers.
        (["--use-case", "cooking"], "allowed: customer-support, retention"),
        (["--use-case", "retention", "--endpoint", "nightly-churn"], "'nightly-churn' is not an online endpoint"),
        (["--use-case", "retention", "--endpoint", "support-assistant"], "allowed: churn-risk"),
        (["--use-case", "retention", "--limit", "key:tokens:week:5"], "is not a limit"),
        (["--use-case", "retention", "--expires", "soon"], "is not a duration"),
        (["--use-case", "retention", "--expires", "0s"], "of no use"),
        (["--use-case", "retention", "--team", ""], "--team has to be a name"),
    ],
)
def test_a_key_that_opens_nothing_is_not_created(run: Run, table: Any, arguments: list[str], said: str) -> None:
    with pytest.raises(StanchionError, match=said):
        run("create", NAME, *(["--team", "forms"] if "--team" not in arguments else []), *arguments)
    assert not read_keys(table, f"{NAME}-keys")


def test_a_key_is_revoked_once(run: Run, table: Any) -> None:
    key = api_key.read(run("create", NAME, "--team", "forms", "--use-case", "retention").stdout.strip())
    assert key is not None
    assert "is revoked." in run("revoke", NAME, key.id).stdout
    (item,) = read_keys(table, f"{NAME}-keys")
    assert item.state(datetime.now(UTC)) == "revoked"
    assert (
        f"was revoked before, at {item.revoked_at.isoformat() if item.revoked_at else ''}"
        in run("revoke", NAME, key.id).stdout
    )
    assert "revoked" in run("list", NAME).stdout
    with pytest.raises(StanchionError, match=f"there is no key {'z' * 16} in example-keys"):
        run("revoke", NAME, "z" * 16)
    with pytest.raises(StanchionError) as error:
        run("revoke", NAME, key.text)
    assert key.secret not in str(error.value)


def test_another_account_is_asked_for_nothing(run: Run, table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from stanchion.cli import regional

    def refuse(spec: Any, root: Path) -> None:
        raise StanchionError(f"not the account of {spec.name}")

    monkeypatch.setattr(regional, "refuse_wrong_account", refuse)
    monkeypatch.setattr(regional, "client", None)
    for command in (
        ["list", NAME], ["revoke", NAME, "z" * 16], ["create", NAME, "--team", "forms", "--use-case", "retention"]
    ):  # fmt: skip
        with pytest.raises(StanchionError, match="not the account of example"):
            run(*command)


def test_without_its_table_it_says_what_to_do(run: Run) -> None:
    for command in (["list", NAME], ["create", NAME, "--team", "forms", "--use-case", "retention"]):
        with pytest.raises(
            StanchionError,
            match=f"for it in us-east-1; the stacks `{NAME}-links` and `{NAME}-control-us-east-1` make them",
        ):
            run(*command)


def test_while_the_primary_is_gone_the_standby_is_asked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from stanchion.cli import regional

    standby = create_table(f"{NAME}-keys", "us-west-2")
    real = regional.client

    def client(service: str, region: str) -> Any:
        if region == "us-east-1":
            from botocore.exceptions import EndpointConnectionError

            raise EndpointConnectionError(endpoint_url="https://dynamodb.us-east-1.amazonaws.com")
        return real(service, region)

    monkeypatch.setattr(regional, "client", client)
    run("create", NAME, "--team", "forms", "--use-case", "retention")
    assert len(read_keys(standby, f"{NAME}-keys")) == 1
    standby.delete_table(TableName=f"{NAME}-keys")
    monkeypatch.setattr(regional, "client", lambda service, region: client(service, "us-east-1"))
    with pytest.raises(RunFailedError, match=r"neither region answers \(us-east-1: .*; us-west-2: "):
        run("list", NAME)
