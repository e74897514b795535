from stanchion.graph import UNKNOWN, GraphBuilder
from stanchion.recovery.mechanisms.memorydb import CLUSTER, MECHANISM, MULTI_REGION
from tests.unit.recovery.mechanisms.reading import APPLICATION, INFRASTRUCTURE, REGION, ZONE, Found


def found(inputs):
    builder = GraphBuilder()
    builder.add(CLUSTER, "db", inputs)
    return Found(MECHANISM, builder.graph())


def test_the_log_survives_a_zone():
    result = found({})
    assert result.loss("db", ZONE) == result.loss("db", INFRASTRUCTURE) == 0
    assert result.loss("db", APPLICATION) is None
    assert result.loss("db", REGION) is None


def test_snapshots_are_a_day_and_a_window_apart():
    assert found({"snapshotRetentionLimit": 1}).loss("db", APPLICATION) == 90_000
    assert found({"snapshotRetentionLimit": UNKNOWN}).missing("db", APPLICATION) == "snapshotRetentionLimit"


def test_a_member_in_another_region_takes_over():
    builder = GraphBuilder()
    together = builder.add(MULTI_REGION, "together")
    for name, region in (("one", "us-east-1"), ("two", "us-west-2")):
        builder.add(CLUSTER, name, {"multiRegionClusterName": together.ref("multiRegionClusterName")}, region=region)
    builder.add(CLUSTER, "alone", {"multiRegionClusterName": "elsewhere"})
    result = Found(MECHANISM, builder.graph())
    assert result.loss("one", REGION) == result.loss("two", REGION) == 1
    assert result.loss("alone", REGION) is None
