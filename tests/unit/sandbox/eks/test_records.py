from pathlib import Path

import pytest

from sandbox.eks.errors import EksError
from sandbox.eks.records import ClusterRecord, Records


def test_all_that_hangs_on_a_cluster_is_kept(tmp_path: Path):
    file = tmp_path / "eks.json"
    records = Records(file)
    records.regions["us-east-1"] = {"main": ClusterRecord({"name": "main"}, policies={"arn": {"p": {"a": 1}}})}
    records.regions["us-west-2"] = {}
    records.save()
    again = Records(file)
    assert again.cluster("us-east-1", "main") == records.cluster("us-east-1", "main")
    assert [(region, name) for region, name, _ in again.all()] == [("us-east-1", "main")]
    assert file.stat().st_mode & 0o077 == 0


def test_a_cluster_of_another_region_is_not_found():
    records = Records()
    records.regions["us-east-1"] = {"main": ClusterRecord({"name": "main"})}
    with pytest.raises(EksError, match="No cluster found for name: main") as caught:
        records.cluster("us-west-2", "main")
    assert caught.value.status == 404
