from typing import Any

import pytest

from stanchion.graph import UNKNOWN, GraphBuilder
from stanchion.recovery.mechanisms.dynamodb import GLOBAL, MECHANISM, REPLICA, TABLE
from stanchion.recovery.term import Grade
from tests.unit.recovery.mechanisms.reading import APPLICATION, INFRASTRUCTURE, REGION, ZONE, Found

WEST, OHIO = "us-west-2", "us-east-2"


def found(**inputs: Any) -> Found:
    build = GraphBuilder(region="us-east-1")
    build.add(TABLE, "orders", {"name": "orders", **inputs})
    return Found(MECHANISM, build.graph())


def test_a_table_lies_in_three_zones_and_in_one_region():
    alone = found()
    assert alone.loss("orders", INFRASTRUCTURE) == alone.loss("orders", ZONE) == 0
    assert alone.loss("orders", REGION) is alone.loss("orders", APPLICATION) is None


@pytest.mark.parametrize(("enabled", "loss"), [(True, 300), (False, None)])
def test_point_in_time_recovery_goes_back_to_five_minutes_and_takes_an_hour(enabled: bool, loss: float | None):
    table = found(pointInTimeRecovery={"enabled": enabled})
    assert table.loss("orders", APPLICATION) == loss
    if enabled:
        assert table.restore("orders", APPLICATION, "point-in-time recovery") == 3600


def test_whether_it_is_on_is_named_when_it_is_not_known():
    assert found(pointInTimeRecovery={"enabled": UNKNOWN}).missing("orders", APPLICATION) == (
        "pointInTimeRecovery.enabled"
    )


def test_an_eventual_replica_is_typically_a_second_behind_and_no_help_against_corruption():
    table = found(replicas=[{"regionName": WEST}])
    assert table.loss("orders", REGION) == 1
    assert table.of("orders", REGION)[0].loss[0].grade is Grade.TYPICAL
    assert table.loss("orders", APPLICATION) is None


def test_strong_consistency_loses_nothing_with_three_replicas_or_a_witness():
    strong = [{"regionName": region, "consistencyMode": "STRONG"} for region in (WEST, OHIO)]
    three = found(replicas=strong)
    assert three.loss("orders", REGION) == 0
    assert three.of("orders", REGION)[0].loss[0].grade is Grade.BOUND
    assert found(replicas=strong[:1], globalTableWitness={"regionName": OHIO}).loss("orders", REGION) == 0
    assert found(replicas=strong[:1]).missing("orders", REGION) == "replicas[0].consistencyMode"


def test_a_replica_in_the_same_region_is_none():
    assert found(replicas=[{"regionName": "us-east-1"}]).loss("orders", REGION) is None


@pytest.mark.parametrize(
    ("replica", "path"),
    [
        ({"regionName": UNKNOWN}, "replicas[0].regionName"),
        ({"regionName": WEST, "consistencyMode": UNKNOWN}, "replicas[0].consistencyMode"),
        ({"regionName": WEST, "consistencyMode": "LOOSE"}, "replicas[0].consistencyMode"),
    ],
)
def test_what_is_not_known_of_a_replica_is_named(replica: dict[str, Any], path: str):
    assert found(replicas=[replica]).missing("orders", REGION) == path


def test_a_replica_of_its_own_protects_its_table_and_holds_nothing_itself():
    build = GraphBuilder(region="us-east-1")
    table = build.add(TABLE, "orders", {"name": "orders"})
    build.add(REPLICA, "copy", {"globalTableArn": table.ref("arn")}, region=WEST)
    result = Found(MECHANISM, build.graph())
    assert result.loss("orders", REGION) == 1
    assert result.loss("copy", REGION) == result.loss("copy", APPLICATION) == 0


def test_the_replica_of_a_table_elsewhere_is_judged_by_its_own_settings():
    build = GraphBuilder(region=WEST)
    inputs = {"globalTableArn": "arn:aws:dynamodb:us-east-1:111122223333:table/orders", "pointInTimeRecovery": True}
    build.add(REPLICA, "copy", inputs)
    result = Found(MECHANISM, build.graph())
    assert result.loss("copy", REGION) == 1
    assert result.loss("copy", APPLICATION) == 300


@pytest.mark.parametrize(("regions", "loss"), [(["us-east-1", WEST], 1), (["us-east-1"], None), ([WEST, OHIO], None)])
def test_a_global_table_of_2017_joins_the_tables_of_its_name(regions: list[str], loss: float | None):
    build = GraphBuilder(region="us-east-1")
    build.add(TABLE, "orders", {"name": "orders"})
    replicas = [{"regionName": region} for region in regions]
    build.add(GLOBAL, "orders", {"name": "orders", "replicas": replicas})
    assert Found(MECHANISM, build.graph()).loss("orders", REGION) == loss


def test_one_more_replica_never_makes_it_worse():
    eventual, strong = {"regionName": WEST}, {"regionName": OHIO, "consistencyMode": "STRONG"}
    assert found(replicas=[eventual, {"regionName": UNKNOWN}]).loss("orders", REGION) == 1
    assert found(replicas=[eventual, strong]).loss("orders", REGION) == 0
