import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.graph import UNKNOWN, GraphBuilder
from stanchion.recovery.mechanisms.queues import KAFKA, KAFKA_SERVERLESS, MECHANISM, QUEUE, REPLICATOR, STREAM
from stanchion.recovery.term import Grade
from tests.unit.recovery.mechanisms.reading import APPLICATION, INFRASTRUCTURE, REGION, ZONE, Found, worse


def found(type_, inputs=None):
    builder = GraphBuilder()
    builder.add(type_, "store", inputs or {})
    return Found(MECHANISM, builder.graph())


@pytest.mark.parametrize("type_", [QUEUE, STREAM])
def test_messages_survive_a_zone(type_):
    result = found(type_)
    assert result.loss("store", ZONE) == result.loss("store", INFRASTRUCTURE) == 0
    assert {t.grade for p in result.of("store", ZONE) for t in p.loss} == {Grade.BOUND}


@pytest.mark.parametrize(
    ("type_", "inputs", "seconds"),
    [
        (QUEUE, {}, 345_600),
        (QUEUE, {"messageRetentionSeconds": 60}, 60),
        (STREAM, {}, 86_400),
        (STREAM, {"retentionPeriod": 48}, 172_800),
    ],
)
def test_no_more_is_lost_than_is_kept(type_, inputs, seconds):
    result = found(type_, inputs)
    assert result.loss("store", APPLICATION) == result.loss("store", REGION) == seconds


def test_an_unknown_retention_is_named():
    assert found(QUEUE, {"messageRetentionSeconds": UNKNOWN}).missing("store", REGION) == "messageRetentionSeconds"
    assert found(STREAM, {"retentionPeriod": []}).missing("store", APPLICATION) == "retentionPeriod"


def test_kafka_needs_brokers_in_two_zones():
    group = {"brokerNodeGroupInfo": {"clientSubnets": ["a", "b"]}}
    assert found(KAFKA, group).loss("store", ZONE) == 0
    assert found(KAFKA, {"brokerNodeGroupInfo": {"clientSubnets": ["a"]}}).loss("store", ZONE) is None
    assert found(KAFKA, {"brokerNodeGroupInfo": UNKNOWN}).missing("store", ZONE) == "brokerNodeGroupInfo.clientSubnets"
    # Subnets of a first preview: how many there are is known, which ones is not.
    assert found(KAFKA, {"brokerNodeGroupInfo": {"clientSubnets": [UNKNOWN, UNKNOWN]}}).loss("store", ZONE) == 0
    assert found(KAFKA_SERVERLESS).loss("store", INFRASTRUCTURE) == 0


def test_what_a_topic_keeps_is_in_no_setting():
    result = found(KAFKA_SERVERLESS)
    assert result.loss("store", APPLICATION) is None
    assert result.loss("store", REGION) is None


def test_a_replicator_is_noted():
    builder = GraphBuilder()
    builder.add(REPLICATOR, "mirror")
    assert "no bound for its lag" in Found(MECHANISM, builder.graph()).notes[0]


@settings(max_examples=30, deadline=None)
@given(st.integers(60, 1_209_600), st.integers(60, 1_209_600))
def test_a_longer_retention_never_loses_less(one, other):
    short, long = sorted((one, other))
    losses = [found(QUEUE, {"messageRetentionSeconds": value}).loss("store", REGION) for value in (short, long)]
    assert not worse(losses[0], losses[1])
