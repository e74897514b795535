import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.graph import SECRET, UNKNOWN, GraphBuilder, Unsettled
from stanchion.recovery.mechanisms.rds import INSTANCE, MECHANISM, REPLICATED_BACKUPS
from tests.unit.recovery.mechanisms.reading import APPLICATION, INFRASTRUCTURE, REGION, ZONE, Found, worse


def found(inputs, tags=None, copies=()):
    builder = GraphBuilder(tags=tags)
    db = builder.add(INSTANCE, "db", inputs)
    for i, region in enumerate(copies):
        builder.add(REPLICATED_BACKUPS, f"copy{i}", {"sourceDbInstanceArn": db.ref("arn")}, region=region)
    return Found(MECHANISM, builder.graph())


def test_multi_az_loses_nothing_and_takes_two_minutes():
    result = found({"multiAz": True})
    for disruption in (INFRASTRUCTURE, ZONE):
        assert result.loss("db", disruption) == 0
        assert result.restore("db", disruption, "Multi-AZ standby") == 120


def test_multi_az_does_not_help_against_corruption_or_a_lost_region():
    result = found({"multiAz": True})
    assert result.loss("db", APPLICATION) is None
    assert result.loss("db", REGION) is None


def test_the_providers_retention_is_no_backup():
    assert found({}).loss("db", APPLICATION) is None


@pytest.mark.parametrize("disruption", [APPLICATION, INFRASTRUCTURE, ZONE])
def test_point_in_time_recovery_loses_five_minutes_within_the_region(disruption):
    result = found({"backupRetentionPeriod": 1})
    assert result.loss("db", disruption) == 300
    assert result.loss("db", REGION) is None


def test_the_restore_time_is_the_teams():
    silent = found({"backupRetentionPeriod": 7})
    assert isinstance(silent.restore("db", APPLICATION, "point-in-time recovery"), Unsettled)
    declared = found({"backupRetentionPeriod": 7}, {"stanchion:restore": "40m"})
    assert declared.restore("db", APPLICATION, "point-in-time recovery") == 2400


def test_replicated_backups_lose_half_an_hour_with_the_region():
    assert found({"backupRetentionPeriod": 7}, copies=["us-west-2"]).loss("db", REGION) == 1800


def test_replicated_backups_need_another_region_and_backups():
    assert found({"backupRetentionPeriod": 7}, copies=["us-east-1"]).loss("db", REGION) is None
    assert found({}, copies=["us-west-2"]).loss("db", REGION) is None


@pytest.mark.parametrize("value", [UNKNOWN, SECRET, {"a": 1}])
def test_unknown_settings_are_named(value):
    result = found({"multiAz": value, "backupRetentionPeriod": value})
    assert result.missing("db", ZONE) == "multiAz"
    assert result.missing("db", APPLICATION) == "backupRetentionPeriod"


def test_a_replica_has_nothing_of_its_own_and_does_not_count_for_its_source():
    builder = GraphBuilder()
    db = builder.add(INSTANCE, "db", {"backupRetentionPeriod": 7})
    builder.add(INSTANCE, "reader", {"replicateSourceDb": db.ref("identifier")}, region="us-west-2")
    result = Found(MECHANISM, builder.graph())
    assert result.loss("reader", REGION) == 0
    assert result.loss("db", REGION) is None
    assert "no bound for its lag" in result.notes[0]


def test_instances_that_replicate_each_other_are_no_copies_of_anything():
    builder = GraphBuilder()
    builder.add(INSTANCE, "one", {"identifier": "one", "replicateSourceDb": "two"})
    builder.add(INSTANCE, "two", {"identifier": "two", "replicateSourceDb": "one"})
    result = Found(MECHANISM, builder.graph())
    assert result.loss("one", ZONE) is None
    assert result.loss("two", REGION) is None


@settings(max_examples=40, deadline=None)
@given(
    st.booleans(), st.integers(0, 35), st.lists(st.sampled_from(["us-east-1", "us-west-2", "eu-west-1"]), max_size=3)
)
def test_more_copies_never_make_it_worse(multi_az, days, regions):
    inputs = {"multiAz": multi_az, "backupRetentionPeriod": days}
    few, more = found(inputs, copies=regions[:1]), found(inputs | {"multiAz": True}, copies=regions)
    for disruption in (APPLICATION, INFRASTRUCTURE, ZONE, REGION):
        assert not worse(more.loss("db", disruption), few.loss("db", disruption))
