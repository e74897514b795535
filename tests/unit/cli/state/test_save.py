import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from stanchion.cli.state import save as module
from stanchion.cli.state.archive import Archive, ArchiveError
from stanchion.cli.state.save import archives, save

ROOT = Path(__file__).resolve().parents[4]
SIDES = {
    "primary": {"region": "us-east-1", "bucket": "of-the-primary"},
    "standby": {"region": "us-west-2", "bucket": "of-the-standby"},
}
EXPORT = json.dumps({"version": 3, "deployment": {"resources": []}}).encode()


class Engine:
    """The state stack is deployed, and nothing else."""

    def __init__(self, *_: Any) -> None: ...

    def export(self, stack: str) -> bytes | None:
        return EXPORT if stack == "local-state" else None

    def outputs(self, stack: str) -> dict[str, Any]:
        return {"state": SIDES} if stack == "local-state" else {}


class Bucket:
    """Keeps what is saved."""

    saved: list[tuple[str, str, Archive]]

    def __init__(self, bucket: str, region: str) -> None:
        self.place = (bucket, region)

    def url(self, environment: str, saved_at: str) -> str:
        return f"s3://{'/'.join(self.place)}/{environment}/{saved_at}"

    def save(self, archive: Archive) -> str:
        self.saved.append((*self.place, archive))
        return self.url(archive.environment, archive.saved_at)

    def list(self, _: str) -> tuple[str, ...]:
        return ("then",)


@pytest.fixture(autouse=True)
def cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    Bucket.saved = []
    monkeypatch.setattr(module, "Engine", Engine)
    monkeypatch.setattr(module, "ArchiveBucket", Bucket)


@pytest.mark.parametrize(
    ("bucket", "region", "place"),
    [
        (None, None, "of-the-primary/us-east-1"),
        # The primary is gone: nothing may ask it, neither for the bucket nor where the bucket lies.
        (None, "us-west-2", "of-the-standby/us-west-2"),
        ("another", None, "another/us-east-1"),
        ("another", "eu-west-1", "another/eu-west-1"),
    ],
)
def test_the_bucket_is_that_of_the_state_in_the_region_that_is_asked(
    bucket: str | None, region: str | None, place: str
):
    assert archives("local", ROOT, bucket, region) == (f"s3://{place}/local/then",)
    assert save("local", ROOT, bucket, region, Console(file=io.StringIO())).startswith(f"s3://{place}/local/")


def test_a_region_without_a_bucket_of_the_state_is_refused():
    with pytest.raises(ArchiveError, match="no bucket in 'eu-west-1'; allowed: us-east-1, us-west-2"):
        archives("local", ROOT, None, "eu-west-1")


def test_what_is_deployed_is_saved_with_its_documents_and_what_is_not_is_said():
    said = io.StringIO()
    save("local", ROOT, None, None, Console(file=said, width=200))
    ((_, _, archive),) = Bucket.saved
    assert archive.stacks == ("local-state",)
    assert set(archive.files) == {
        "stacks/exports/local-state.json",
        "environments/local.yaml",
        "policies/configuration.yaml",
        "stacks/config/Pulumi.local-state.yaml",
    }
    assert "local-links is not deployed and not saved" in said.getvalue()


def test_an_environment_of_which_nothing_is_deployed_is_not_saved(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Engine, "export", lambda *_: None)
    with pytest.raises(ArchiveError, match="nothing to save"):
        save("local", ROOT, None, None, Console(file=io.StringIO()))
    assert Bucket.saved == []
