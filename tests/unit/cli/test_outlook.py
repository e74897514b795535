"""What recovery will be: programs of several stacks together."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from stanchion.cli.outlook import Outlook
from stanchion.cli.run import policy_pack
from stanchion.spec import load_environment

ROOT = Path(__file__).resolve().parents[3]


def shown(outlook: Outlook) -> str:
    written = StringIO()
    outlook.show(Console(file=written, width=200))
    return written.getvalue()


def resource(stack: str, type_: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    return {"urn": f"urn:pulumi:{stack}::stanchion::{type_}::{name}", "type": type_, "custom": True, "inputs": inputs}


def bucket(stack: str, name: str) -> list[dict[str, Any]]:
    tags = {"stanchion:layer": "foundation", "stanchion:shared": "true", "stanchion:restore": "30m"}
    region = "us-east-1" if stack == "primary" else "us-west-2"
    versions = {"bucket": name, "versioningConfiguration": {"status": "Enabled"}}
    return [
        resource(stack, "aws:s3/bucket:Bucket", name, {"bucket": name, "tags": tags, "region": region}),
        resource(stack, "aws:s3/bucketVersioning:BucketVersioning", name, versions),
    ]


@pytest.fixture
def outlook(tmp_path: Path) -> Outlook:
    return Outlook(load_environment("local", ROOT), tmp_path)


def test_nothing_is_said_of_nothing(outlook: Outlook):
    outlook.add_deployed("links", {})
    assert shown(outlook) == ""


def test_a_foundation_alone_is_not_assessed_for_its_region(outlook: Outlook):
    outlook.add_deployed("primary", {"resources": bucket("primary", "lake")})
    text = shown(outlook)
    assert "recovery, as these settings give it" in text
    assert "the layer 'links', which protects it, is not part of this program" in text


def test_with_the_links_it_is(outlook: Outlook):
    outlook.add_deployed("primary", {"resources": bucket("primary", "lake")})
    outlook.add_deployed("standby", {"resources": bucket("standby", "copy")})
    rule = {
        "id": "all",
        "status": "Enabled",
        "destination": {"bucket": "arn:aws:s3:::copy", "replicationTime": {"status": "Enabled"}},
    }
    replication = resource(
        "links",
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        "lake",
        {"bucket": "lake", "rules": [rule], "tags": {"stanchion:layer": "links"}},
    )
    outlook.add_deployed("links", {"resources": [replication]})
    row = next(line for line in shown(outlook).splitlines() if "6 h" in line)
    assert "15 min" in row
    assert " met " in row


def test_a_project_has_a_pack_or_has_none(tmp_path: Path):
    assert policy_pack(ROOT) == [str(ROOT / "policies")]
    assert policy_pack(tmp_path) is None
