"""An environment, its tables and queues, and the commands run on it."""

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
import typer
from typer.testing import CliRunner, Result

from stanchion.cli import regional

CHECKOUT = Path(__file__).resolve().parents[3]
NAME = "example"
REGIONS = ("us-east-1", "us-west-2")


def prepare(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example's document; clients are made once, since that is what takes the time, and the account is right."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    (folder / "environments").mkdir()
    shutil.copy(CHECKOUT / f"environments/{NAME}.yaml", folder / "environments")
    monkeypatch.setattr(regional, "client", cache(regional.client))
    monkeypatch.setattr(regional, "refuse_wrong_account", lambda spec, root: None)


def create_table(name: str, region: str = REGIONS[0], sort_key: str | None = None) -> Any:
    """A table whose partition key is `id`, or a counter's with its region."""
    client: Any = boto3.client("dynamodb", region_name=region)
    keys = [("counter" if sort_key else "id", "HASH"), *([(sort_key, "RANGE")] if sort_key else [])]
    client.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each, _ in keys],
        KeySchema=[{"AttributeName": each, "KeyType": kind} for each, kind in keys],
    )  # fmt: skip
    return client


def runner(app: typer.Typer, folder: Path) -> Callable[..., Result]:
    """Runs a command; what it raises is raised."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--root", str(folder)], catch_exceptions=False)

    return run
