import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stanchion.recovery.disruption import Disruption
from stanchion.recovery.evidence import Evidence, EvidenceError, newest, read_evidence

EVIDENCE = Evidence(
    drill="d-1",
    environment="prod",
    workload="search",
    disruption=Disruption.REGION,
    cloud="aws",
    account="111122223333",
    region="us-east-1",
    measured_at=datetime(2026, 11, 1, 12, tzinfo=UTC),
    rto_seconds=300.0,
    rpo_seconds=None,
)


def test_what_is_written_is_read_back():
    assert Evidence.from_json(EVIDENCE.to_json(), "here") == EVIDENCE


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("cloud", "azure", "`cloud` is 'azure'; allowed: aws or local"),
        ("disruption", "flood", "`disruption` is 'flood'"),
        ("measured_at", "yesterday", "`measured_at` is 'yesterday'"),
        ("measured_at", "2026-11-01T12:00:00", "with its zone"),
        ("rto_seconds", -1, "`rto_seconds` is -1"),
        ("rto_seconds", True, "`rto_seconds` is True"),
        ("rpo_seconds", "1", "`rpo_seconds` is '1'"),
        ("workload", "", "`workload` is ''"),
        ("account", 1, "`account` is 1"),
        ("schema_version", 0, "`schema_version` is 0"),
        ("schema_version", 9, "schema_version 9"),
    ],
)
def test_what_is_wrong_is_named_with_its_key(key: str, value: object, message: str):
    document = json.loads(EVIDENCE.to_json()) | {key: value}
    with pytest.raises(EvidenceError, match=r"here") as refused:
        Evidence.from_json(json.dumps(document), "here")
    assert message in str(refused.value)


@pytest.mark.parametrize("text", ["", "[]", "null", "{"])
def test_what_is_no_evidence_is_refused(text: str):
    with pytest.raises(EvidenceError, match="here is not"):
        Evidence.from_json(text, "here")


def test_a_folder_is_read_oldest_first_and_the_newest_counts(tmp_path: Path):
    later = json.loads(EVIDENCE.to_json()) | {"drill": "d-2", "measured_at": "2026-11-02T00:00:00+00:00"}
    (tmp_path / "a.json").write_text(json.dumps(later), encoding="utf-8")
    (tmp_path / "b.json").write_text(EVIDENCE.to_json(), encoding="utf-8")
    found = read_evidence(tmp_path)
    assert [evidence.drill for evidence in found] == ["d-1", "d-2"]
    best = newest(found, "search", Disruption.REGION)
    assert best is not None
    assert best.drill == "d-2"
    assert newest(found, "search", Disruption.ZONE) is None


def test_a_folder_that_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(EvidenceError, match="there is no folder"):
        read_evidence(tmp_path / "nowhere")


def test_evidence_of_another_cloud_or_account_does_not_apply():
    assert EVIDENCE.applies_to("aws", "111122223333")
    assert not EVIDENCE.applies_to("local", "111122223333")
    assert not EVIDENCE.applies_to("aws", "000000000000")
