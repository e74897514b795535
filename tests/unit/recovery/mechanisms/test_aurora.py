import pytest

from stanchion.graph import UNKNOWN, GraphBuilder, Unsettled
from stanchion.recovery.mechanisms.aurora import CLUSTER, GLOBAL, INSTANCE, MECHANISM, PARAMETERS
from stanchion.recovery.term import Grade
from tests.unit.recovery.mechanisms.reading import APPLICATION, INFRASTRUCTURE, REGION, ZONE, Found

STORAGE = "storage in three zones"


def found(inputs=None, zones=(), tags=None):
    builder = GraphBuilder(tags=tags)
    cluster = builder.add(CLUSTER, "db", {"engine": "aurora-postgresql"} | (inputs or {}))
    for i, zone in enumerate(zones):
        builder.add(INSTANCE, f"i{i}", {"clusterIdentifier": cluster.ref("id"), "availabilityZone": zone})
    return Found(MECHANISM, builder.graph())


def spanning(parameters=None, regions=("us-east-1", "us-west-2"), reader=True):
    """A global database: a primary with credentials, and a secondary in each further region."""
    builder = GraphBuilder()
    together = builder.add(GLOBAL, "global", {"engine": "aurora-postgresql"})
    inputs = {"engine": "aurora-postgresql", "globalClusterIdentifier": together.ref("id")}
    for i, region in enumerate(regions):
        own = dict(inputs)
        if i == 0:
            own["masterUsername"] = "admin"
            if parameters is not None:
                group = builder.add(PARAMETERS, "group", {"parameters": parameters}, region=region)
                own["dbClusterParameterGroupName"] = group.ref("name")
        cluster = builder.add(CLUSTER, f"c{i}", own, region=region)
        if reader:
            builder.add(INSTANCE, f"i{i}", {"clusterIdentifier": cluster.ref("id")}, region=region)
    return Found(MECHANISM, builder.graph())


def test_a_machine_takes_no_data():
    result = found(zones=["a", "b"])
    assert result.loss("db", INFRASTRUCTURE) == result.loss("db", ZONE) == 0
    assert result.restore("db", ZONE, STORAGE) == 60


def test_the_only_instance_is_replaced_in_ten_minutes_but_not_in_a_lost_zone():
    result = found(zones=["a"])
    assert result.restore("db", INFRASTRUCTURE, STORAGE) == 600
    assert isinstance(result.restore("db", ZONE, STORAGE), Unsettled)
    assert found(zones=["a"], tags={"stanchion:restore": "15m"}).restore("db", ZONE, STORAGE) == 900


def test_readers_in_one_zone_do_not_take_over_when_it_is_lost():
    result = found(zones=["a", "a"])
    assert result.restore("db", INFRASTRUCTURE, STORAGE) == 60
    assert isinstance(result.restore("db", ZONE, STORAGE), Unsettled)


@pytest.mark.parametrize("zone", [None, UNKNOWN])
def test_a_zone_that_is_not_told_is_named(zone):
    gap = found(zones=[zone, zone]).restore("db", ZONE, STORAGE)
    assert isinstance(gap, Unsettled)
    assert gap.property == "availabilityZone"


def test_backups_are_on_by_default():
    assert found().loss("db", APPLICATION) == 300
    assert found({"backupRetentionPeriod": UNKNOWN}).missing("db", APPLICATION) == "backupRetentionPeriod"


def test_backtrack_loses_nothing_from_before_the_damage():
    result = found({"engine": "aurora-mysql", "backtrackWindow": 3600})
    assert result.loss("db", APPLICATION) == 0
    assert {t.grade for p in result.of("db", APPLICATION) for t in p.loss} == {Grade.TYPICAL}
    assert found({"backtrackWindow": 0}).loss("db", APPLICATION) == 300


def test_one_region_is_not_enough():
    assert found().loss("db", REGION) is None
    assert spanning(regions=("us-east-1",)).loss("c0", REGION) is None
    assert spanning(regions=("us-east-1", "us-east-1")).loss("c0", REGION) is None


def test_a_global_database_is_usually_a_second_behind():
    result = spanning()
    assert result.loss("c0", REGION) == result.loss("c1", REGION) == 1
    assert {t.grade for p in result.of("c0", REGION) for t in p.loss} == {Grade.TYPICAL}
    # Replication keeps nothing from before a corruption.
    assert result.loss("c0", APPLICATION) == 300


def test_the_managed_rpo_is_a_bound():
    result = spanning([{"name": "rds.global_db_rpo", "value": "60"}])
    for cluster in ("c0", "c1"):
        assert result.loss(cluster, REGION) == 60
        assert {t.grade for p in result.of(cluster, REGION) for t in p.loss} == {Grade.BOUND}


@pytest.mark.parametrize(
    ("parameters", "path"),
    [
        ([{"name": "rds.global_db_rpo", "value": UNKNOWN}], "parameters[0].value"),
        ([{"name": "rds.global_db_rpo", "value": "5"}], "parameters[0].value"),
        ([{"name": "rds.global_db_rpo"}], "parameters[0].value"),
        (UNKNOWN, "parameters"),
    ],
)
def test_a_managed_rpo_that_is_not_told_or_not_allowed_is_named(parameters, path):
    loss = spanning(parameters).loss("c0", REGION)
    assert isinstance(loss, Unsettled)
    assert loss.property == path


def test_other_parameters_set_no_bound():
    assert spanning([{"name": "max_connections", "value": "10"}]).loss("c0", REGION) == 1


def test_a_secondary_without_instances_takes_ten_minutes_more():
    with_reader, without = spanning().of("c0", REGION)[0], spanning(reader=False).of("c0", REGION)[0]
    assert len(without.restore) == len(with_reader.restore) + 1
    assert without.restore[-1].amount == 600


def test_a_multi_az_cluster_is_no_aurora():
    builder = GraphBuilder(tags={"stanchion:restore": "1h"})
    builder.add(CLUSTER, "db", {"engine": "postgres", "dbClusterInstanceClass": "db.m5d.large"})
    result = Found(MECHANISM, builder.graph())
    assert [store.kind for store in result.stores] == ["Multi-AZ DB cluster"]
    assert result.loss("db", ZONE) == 0
    assert result.restore("db", ZONE, "readers in two other zones") == 35
    assert result.loss("db", APPLICATION) == 300
    assert result.loss("db", REGION) is None


def test_an_unknown_engine_is_named():
    result = found({"engine": UNKNOWN})
    for disruption in (APPLICATION, INFRASTRUCTURE, ZONE, REGION):
        assert result.missing("db", disruption) == "engine"


def test_clusters_of_one_name_in_two_regions_keep_their_instances():
    builder = GraphBuilder()
    for region in ("us-east-1", "us-west-2"):
        builder.add(CLUSTER, region, {"engine": "aurora-mysql", "clusterIdentifier": "db"}, region=region)
        inputs = {"clusterIdentifier": "db", "availabilityZone": f"{region}a"}
        builder.add(INSTANCE, f"{region}-i", inputs, region=region)
    result = Found(MECHANISM, builder.graph())
    # Two instances would take over in a minute; each cluster has one.
    assert result.restore("us-east-1", INFRASTRUCTURE, STORAGE) == 600
