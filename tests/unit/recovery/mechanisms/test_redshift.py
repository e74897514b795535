from stanchion.graph import UNKNOWN, GraphBuilder
from stanchion.recovery.mechanisms.redshift import CLUSTER, MECHANISM, SCHEDULE, SNAPSHOT_COPY
from tests.unit.recovery.mechanisms.reading import APPLICATION, INFRASTRUCTURE, REGION, ZONE, Found

EIGHT_HOURS = 28_800


def found(inputs, *parts):
    builder = GraphBuilder()
    cluster = builder.add(CLUSTER, "dw", inputs)
    for part in parts:
        builder.add(part, part.rsplit(":")[-1], {"clusterIdentifier": cluster.ref("id")})
    return Found(MECHANISM, builder.graph())


def test_managed_storage_survives_a_zone():
    result = found({"nodeType": "ra3.xlplus"})
    assert result.loss("dw", ZONE) == result.loss("dw", INFRASTRUCTURE) == 0
    assert result.loss("dw", REGION) is None


def test_older_nodes_need_another_node_and_do_not_survive_their_zone():
    assert found({"nodeType": "dc2.large", "numberOfNodes": 2}).loss("dw", INFRASTRUCTURE) == 0
    assert found({"nodeType": "dc2.large"}).loss("dw", INFRASTRUCTURE) == EIGHT_HOURS
    assert found({"nodeType": "dc2.large", "numberOfNodes": 2}).loss("dw", ZONE) == EIGHT_HOURS


def test_snapshots_can_be_switched_off_on_older_nodes_only():
    off = {"automatedSnapshotRetentionPeriod": 0}
    assert found(off | {"nodeType": "dc2.large"}).loss("dw", APPLICATION) is None
    assert found(off | {"nodeType": "ra3.4xlarge"}).loss("dw", APPLICATION) == EIGHT_HOURS


def test_unknown_settings_are_named():
    assert found({"nodeType": UNKNOWN, "automatedSnapshotRetentionPeriod": 0}).missing("dw", ZONE) == "nodeType"
    inputs = {"nodeType": "dc2.large", "automatedSnapshotRetentionPeriod": UNKNOWN}
    assert found(inputs).missing("dw", APPLICATION) == "automatedSnapshotRetentionPeriod"


def test_a_schedule_of_its_own_and_a_copy_are_not_guessed():
    inputs = {"nodeType": "ra3.xlplus"}
    assert found(inputs, SCHEDULE).missing("dw", APPLICATION) == "scheduleIdentifier"
    result = found(inputs, SNAPSHOT_COPY)
    assert "no published time" in result.notes[0]
    assert result.loss("dw", REGION) is None
