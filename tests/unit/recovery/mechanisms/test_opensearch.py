import pytest

from stanchion.graph import UNKNOWN, GraphBuilder
from stanchion.recovery.mechanisms.opensearch import COLLECTION, DOMAIN, ELASTICSEARCH, MECHANISM
from stanchion.recovery.term import Grade
from tests.unit.recovery.mechanisms.reading import APPLICATION, INFRASTRUCTURE, REGION, ZONE, Found

HOUR, DAY = 3600, 86_400


def found(inputs, type_=DOMAIN):
    builder = GraphBuilder()
    builder.add(type_, "search", inputs)
    return Found(MECHANISM, builder.graph())


def test_zones_take_a_node_in_another_zone():
    aware = {"clusterConfig": {"instanceCount": 2, "zoneAwarenessEnabled": True}}
    assert found(aware).loss("search", ZONE) == 0
    assert {t.grade for p in found(aware).of("search", ZONE) for t in p.loss} == {Grade.TYPICAL}
    two = {"clusterConfig": {"instanceCount": 2}}
    assert found(two).loss("search", INFRASTRUCTURE) == 0
    assert found(two).loss("search", ZONE) == HOUR
    assert found({}).loss("search", INFRASTRUCTURE) == HOUR


def test_standby_is_a_bound_and_takes_a_minute():
    result = found({"clusterConfig": {"multiAzWithStandbyEnabled": True}})
    assert result.restore("search", ZONE, "Multi-AZ with Standby") == 60
    standby = next(p for p in result.of("search", ZONE) if p.name == "Multi-AZ with Standby")
    assert [(t.amount, t.grade) for t in standby.loss] == [(0, Grade.BOUND)]


def test_settings_of_a_cluster_that_are_unknown_fall_back_to_snapshots():
    result = found({"clusterConfig": UNKNOWN})
    assert result.loss("search", ZONE) == HOUR
    assert "zone awareness" in result.names("search", ZONE)


@pytest.mark.parametrize(
    ("type_", "inputs", "seconds"),
    [
        (DOMAIN, {}, HOUR),
        (DOMAIN, {"engineVersion": "OpenSearch_1.0"}, HOUR),
        (DOMAIN, {"engineVersion": "Elasticsearch_5.3"}, HOUR),
        (DOMAIN, {"engineVersion": "Elasticsearch_5.1"}, DAY),
        (ELASTICSEARCH, {"elasticsearchVersion": "7.10"}, HOUR),
        (ELASTICSEARCH, {}, DAY),
    ],
)
def test_the_version_decides_how_often_snapshots_are_made(type_, inputs, seconds):
    result = found(inputs, type_)
    assert result.loss("search", APPLICATION) == seconds
    assert result.loss("search", REGION) is None


@pytest.mark.parametrize("version", [UNKNOWN, "latest"])
def test_a_version_that_is_not_told_is_named(version):
    assert found({"engineVersion": version}).missing("search", APPLICATION) == "engineVersion"


@pytest.mark.parametrize(
    ("state", "name"), [(None, "standby replicas"), ("DISABLED", "data in S3"), (UNKNOWN, "data in S3")]
)
def test_a_collection_keeps_its_data_whatever_stands_by(state, name):
    result = found({"standbyReplicas": state}, COLLECTION)
    assert result.loss("search", ZONE) == 0
    assert result.names("search", ZONE) == {name}
    assert result.loss("search", APPLICATION) == HOUR
