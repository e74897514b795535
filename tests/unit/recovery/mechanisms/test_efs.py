import pytest

from stanchion.graph import UNKNOWN, GraphBuilder, Unsettled
from stanchion.recovery.mechanisms.efs import BACKUP_POLICY, FILE_SYSTEM, MECHANISM, REPLICATION
from tests.unit.recovery.mechanisms.reading import APPLICATION, INFRASTRUCTURE, REGION, ZONE, Found

HOUR = 3600


def found(inputs=None, destination=None, backup=None, region="us-east-1"):
    builder = GraphBuilder(region=region)
    system = builder.add(FILE_SYSTEM, "files", inputs or {})
    if destination is not None:
        builder.add(REPLICATION, "copy", {"sourceFileSystemId": system.ref("id"), "destination": destination})
    if backup is not None:
        builder.add(BACKUP_POLICY, "backup", {"fileSystemId": system.ref("id"), "backupPolicy": {"status": backup}})
    return Found(MECHANISM, builder.graph())


def test_regional_survives_a_zone_and_one_zone_does_not():
    assert found().loss("files", ZONE) == found().loss("files", INFRASTRUCTURE) == 0
    one = found({"availabilityZoneName": "us-east-1a"}, backup="DISABLED")
    assert one.loss("files", INFRASTRUCTURE) == 0
    assert one.loss("files", ZONE) is None


def test_an_unknown_zone_is_named():
    assert found({"availabilityZoneName": UNKNOWN}, backup="DISABLED").missing("files", ZONE) == "availabilityZoneName"


@pytest.mark.parametrize("destination", [{"region": "us-west-2"}, {"availabilityZoneName": "us-west-2a"}])
def test_replication_to_another_region_is_fifteen_minutes_behind(destination):
    result = found(destination=destination)
    assert result.loss("files", REGION) == 900
    assert result.loss("files", APPLICATION) is None


def test_replication_within_the_region_helps_one_zone_only():
    inputs = {"availabilityZoneName": "us-east-1a"}
    elsewhere = found(inputs, {"availabilityZoneName": "us-east-1b", "region": "us-east-1"}, "DISABLED")
    assert elsewhere.loss("files", ZONE) == 900
    assert elsewhere.loss("files", REGION) is None
    same = found(inputs, {"availabilityZoneName": "us-east-1a", "region": "us-east-1"}, "DISABLED")
    assert same.loss("files", ZONE) is None


@pytest.mark.parametrize(
    ("destination", "path"), [({"region": UNKNOWN}, "destination.region"), ({}, "destination.region")]
)
def test_a_destination_that_is_not_told_is_named(destination, path):
    assert found(destination=destination).missing("files", REGION) == path


def test_the_destination_is_a_copy_and_tells_the_region():
    builder = GraphBuilder()
    source = builder.add(FILE_SYSTEM, "files")
    copy = builder.add(FILE_SYSTEM, "standby", region="us-west-2")
    inputs = {"sourceFileSystemId": source.ref("id"), "destination": {"fileSystemId": copy.ref("id")}}
    builder.add(REPLICATION, "copy", inputs)
    result = Found(MECHANISM, builder.graph())
    assert result.loss("files", REGION) == 900
    assert result.loss("standby", REGION) == result.loss("standby", APPLICATION) == 0


def test_file_systems_that_replicate_each_other_are_no_copies():
    builder = GraphBuilder()
    one, two = builder.add(FILE_SYSTEM, "one"), builder.add(FILE_SYSTEM, "two", region="us-west-2")
    for i, (a, b) in enumerate([(one, two), (two, one)]):
        inputs = {"sourceFileSystemId": a.ref("id"), "destination": {"fileSystemId": b.ref("id")}}
        builder.add(REPLICATION, f"r{i}", inputs)
    assert Found(MECHANISM, builder.graph()).loss("one", APPLICATION) is None


def test_the_default_backup_plan_is_daily_with_the_apis_windows():
    # 24 h + 8 h + 7 d
    expected = (24 + 8 + 168) * HOUR
    assert found(backup="ENABLED").loss("files", APPLICATION) == expected
    assert found(backup="DISABLED").loss("files", APPLICATION) is None
    assert found().loss("files", APPLICATION) is None


def test_one_zone_has_backups_unless_the_policy_says_otherwise():
    inputs = {"availabilityZoneName": "us-east-1a"}
    assert found(inputs).loss("files", ZONE) == 200 * HOUR
    assert found(inputs, backup="DISABLED").loss("files", ZONE) is None


def test_an_unknown_backup_status_is_named():
    assert found(backup=UNKNOWN).missing("files", APPLICATION) == "backupPolicy.status"


def test_the_restore_time_is_the_teams():
    assert isinstance(
        found(destination={"region": "eu-west-1"}).restore("files", REGION, "replication 'copy'"), Unsettled
    )
