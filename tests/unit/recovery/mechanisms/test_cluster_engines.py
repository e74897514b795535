"""DocumentDB and Neptune: the figures that are their own; the rest is Aurora's shape."""

import pytest

from stanchion.graph import GraphBuilder, Unsettled
from stanchion.recovery.mechanisms import documentdb, neptune
from tests.unit.recovery.mechanisms.reading import APPLICATION, INFRASTRUCTURE, REGION, ZONE, Found

STORAGE = "storage in three zones"
BOTH = [(documentdb.MECHANISM, documentdb.DOCUMENTDB, 30, 1), (neptune.MECHANISM, neptune.NEPTUNE, 120, 60)]


def found(mechanism, engine, zones=("a", "b")):
    builder = GraphBuilder()
    together = builder.add(engine.global_cluster, "global", {})
    for name, region in (("one", "us-east-1"), ("two", "us-west-2")):
        inputs = {"globalClusterIdentifier": together.ref("id")}
        cluster = builder.add(engine.cluster, name, inputs, region=region)
        for zone in zones:
            inputs = {"clusterIdentifier": cluster.ref("id"), "availabilityZone": zone}
            builder.add(engine.instance, f"{name}-{zone}", inputs, region=region)
    return Found(mechanism, builder.graph())


@pytest.mark.parametrize(("mechanism", "engine", "seconds", "lag"), BOTH)
def test_figures(mechanism, engine, seconds, lag):
    result = found(mechanism, engine)
    assert result.loss("one", ZONE) == result.loss("one", INFRASTRUCTURE) == 0
    assert result.restore("one", ZONE, STORAGE) == seconds
    assert result.loss("one", APPLICATION) == 300
    assert result.loss("one", REGION) == result.loss("two", REGION) == lag


def test_who_says_how_long_another_region_takes():
    assert found(*BOTH[0][:2]).restore("one", REGION, "global cluster") == 60
    assert isinstance(found(*BOTH[1][:2]).restore("one", REGION, "global cluster"), Unsettled)


def test_who_says_how_long_the_only_instance_takes():
    assert isinstance(found(*BOTH[0][:2], zones="a").restore("one", INFRASTRUCTURE, STORAGE), Unsettled)
    assert found(*BOTH[1][:2], zones="a").restore("one", INFRASTRUCTURE, STORAGE) == 600


@pytest.mark.parametrize(("mechanism", "engine", "_", "lag"), BOTH)
def test_a_source_cluster_is_a_member_of_its_global_cluster(mechanism, engine, _, lag):
    builder = GraphBuilder()
    first = builder.add(engine.cluster, "one", {})
    together = builder.add(engine.global_cluster, "global", {"sourceDbClusterIdentifier": first.ref("arn")})
    builder.add(engine.cluster, "two", {"globalClusterIdentifier": together.ref("id")}, region="us-west-2")
    assert Found(mechanism, builder.graph()).loss("one", REGION) == lag
