import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.graph import UNKNOWN, GraphBuilder, Unsettled
from stanchion.recovery.mechanisms.fsx import KINDS, MECHANISM, TASK
from stanchion.recovery.term import Amount
from tests.unit.recovery.mechanisms.reading import APPLICATION, INFRASTRUCTURE, REGION, ZONE, Found

WINDOWS, ONTAP, ZFS, LUSTRE = (kind.type for kind in KINDS)
LOCATION = "aws:datasync/locationFsxWindows:LocationFsxWindows"
# A day and a window of half an hour.
DAILY = 86_400 + 1800


def found(type_, inputs):
    builder = GraphBuilder()
    builder.add(type_, "files", inputs)
    return Found(MECHANISM, builder.graph())


def copied(schedule, region="us-west-2", known=True):
    builder = GraphBuilder()
    systems = [builder.add(WINDOWS, "files", {}), builder.add(WINDOWS, "standby", {}, region=region)]
    places = [
        builder.add(LOCATION, f"l{i}", {"fsxFilesystemArn": system.ref("arn")}, region=("us-east-1", region)[i])
        for i, system in enumerate(systems)
    ]
    target = places[1].ref("arn") if known else "arn:aws:datasync:us-west-2:1:location/loc-1"
    inputs = {"sourceLocationArn": places[0].ref("arn"), "destinationLocationArn": target}
    builder.add(TASK, "copy", inputs | ({"schedule": schedule} if schedule is not None else {}))
    return Found(MECHANISM, builder.graph())


@pytest.mark.parametrize(
    ("type_", "deployment", "seconds"),
    [(WINDOWS, "MULTI_AZ_1", 30), (ONTAP, "MULTI_AZ_1", 60), (ONTAP, "MULTI_AZ_2", 60)],
)
def test_multi_az_survives_a_zone(type_, deployment, seconds):
    result = found(type_, {"deploymentType": deployment})
    assert result.loss("files", ZONE) == 0
    assert result.restore("files", ZONE, "Multi-AZ standby") == seconds


def test_a_failover_time_nobody_publishes_is_the_teams():
    result = found(ZFS, {"deploymentType": "MULTI_AZ_1"})
    assert result.loss("files", ZONE) == 0
    assert isinstance(result.restore("files", ZONE, "Multi-AZ standby"), Unsettled)


@pytest.mark.parametrize("type_", [WINDOWS, ONTAP, ZFS])
def test_single_az_survives_a_machine_but_not_its_zone(type_):
    result = found(type_, {"deploymentType": "SINGLE_AZ_1", "automaticBackupRetentionDays": 0})
    assert result.loss("files", INFRASTRUCTURE) == 0
    assert result.loss("files", ZONE) is None


@pytest.mark.parametrize("deployment", ["SCRATCH_1", "SCRATCH_2", None])
def test_scratch_keeps_nothing(deployment):
    result = found(LUSTRE, {"deploymentType": deployment, "automaticBackupRetentionDays": 7})
    for disruption in (APPLICATION, INFRASTRUCTURE, ZONE, REGION):
        assert result.loss("files", disruption) is None


def test_backups_by_default_are_the_providers():
    inputs = {"deploymentType": "SINGLE_AZ_1"}
    assert found(WINDOWS, inputs).loss("files", APPLICATION) == DAILY
    for type_ in (ONTAP, ZFS):
        assert found(type_, inputs).loss("files", APPLICATION) is None
        assert found(type_, inputs | {"automaticBackupRetentionDays": 1}).loss("files", APPLICATION) == DAILY
    persistent = {"deploymentType": "PERSISTENT_2", "automaticBackupRetentionDays": 1}
    assert found(LUSTRE, persistent | {"dailyAutomaticBackupStartTime": "05:00"}).loss("files", ZONE) == DAILY


def test_unknown_settings_are_named():
    assert found(ONTAP, {"deploymentType": UNKNOWN}).missing("files", ZONE) == "deploymentType"
    inputs = {"deploymentType": "SINGLE_AZ_1", "automaticBackupRetentionDays": UNKNOWN}
    assert found(ZFS, inputs).missing("files", APPLICATION) == "automaticBackupRetentionDays"


def interval(result) -> Amount:
    return result.of("files", REGION)[0].loss[0].amount


def test_a_datasync_copy_is_its_interval_and_a_transfer_that_nobody_can_tell():
    result = copied({"scheduleExpression": "rate(6 hours)"})
    assert interval(result) == 21_600
    assert isinstance(result.loss("files", REGION), Unsettled)
    # It copies what is damaged as well.
    assert result.names("files", APPLICATION) == {"daily backup"}


@pytest.mark.parametrize("schedule", [None, {"scheduleExpression": "rate(1 hour)", "status": "DISABLED"}])
def test_a_task_that_nobody_starts_is_no_protection(schedule):
    assert copied(schedule).loss("files", REGION) is None


def test_a_copy_in_the_same_region_is_no_protection():
    assert copied({"scheduleExpression": "rate(1 hour)"}, region="us-east-1").loss("files", REGION) is None


def test_a_destination_outside_of_the_program_is_named():
    result = copied({"scheduleExpression": "rate(1 hour)"}, known=False)
    assert result.missing("files", REGION) == "destinationLocationArn"


@pytest.mark.parametrize("expression", [UNKNOWN, "cron(0 * * * ? *)", "often"])
def test_a_schedule_that_can_not_be_told_is_named(expression):
    gap = interval(copied({"scheduleExpression": expression}))
    assert isinstance(gap, Unsettled)
    assert gap.property == "schedule.scheduleExpression"


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 100), st.integers(1, 100))
def test_a_longer_interval_never_gives_a_shorter_loss(one, other):
    short, long = sorted((one, other))
    amounts = [interval(copied({"scheduleExpression": f"rate({hours} hours)"})) for hours in (short, long)]
    assert not isinstance(amounts[0], Unsettled)
    assert not isinstance(amounts[1], Unsettled)
    assert amounts[0] <= amounts[1]
