import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.graph import UNKNOWN, GraphBuilder
from stanchion.recovery.mechanisms.elasticache import CLUSTER, GLOBAL, GROUP, MECHANISM, SERVERLESS
from stanchion.recovery.term import Grade
from tests.unit.recovery.mechanisms.reading import APPLICATION, INFRASTRUCTURE, REGION, ZONE, Found, worse

DAY = 86_400
SAFE = {"automaticFailoverEnabled": True, "multiAzEnabled": True, "numCacheClusters": 2}


def found(inputs, type_=GROUP):
    builder = GraphBuilder()
    builder.add(type_, "cache", inputs)
    return Found(MECHANISM, builder.graph())


def test_a_replica_in_another_zone_loses_the_replication_lag():
    result = found(SAFE)
    assert result.loss("cache", INFRASTRUCTURE) == result.loss("cache", ZONE) == 1
    assert result.restore("cache", ZONE, "replica in another zone") == 60
    assert result.loss("cache", APPLICATION) is None
    assert result.loss("cache", REGION) is None


@pytest.mark.parametrize("change", [{"numCacheClusters": 1}, {"automaticFailoverEnabled": False}])
def test_without_a_replica_that_takes_over_memory_is_lost(change):
    result = found(SAFE | change)
    assert result.loss("cache", INFRASTRUCTURE) is None
    assert result.loss("cache", ZONE) is None


def test_without_multi_az_the_zones_of_the_nodes_decide():
    inputs = SAFE | {"multiAzEnabled": False}
    assert found(inputs).loss("cache", ZONE) is None
    assert found(inputs).loss("cache", INFRASTRUCTURE) == 1
    assert found(inputs | {"preferredCacheClusterAzs": ["a", "b"]}).loss("cache", ZONE) == 1
    assert found(inputs | {"preferredCacheClusterAzs": ["a", "a"]}).loss("cache", ZONE) is None
    gap = found(inputs | {"preferredCacheClusterAzs": ["a", UNKNOWN]})
    assert gap.missing("cache", ZONE) == "preferredCacheClusterAzs[1]"


def test_the_shard_with_the_fewest_replicas_decides():
    inputs = {k: v for k, v in SAFE.items() if k != "numCacheClusters"}
    shards = inputs | {"nodeGroupConfigurations": [{"replicaCount": 2}, {"replicaCount": 0}]}
    assert found(shards).loss("cache", INFRASTRUCTURE) is None
    assert found(inputs | {"replicasPerNodeGroup": 1}).loss("cache", INFRASTRUCTURE) == 1
    assert found(inputs | {"replicasPerNodeGroup": 0}).loss("cache", INFRASTRUCTURE) is None


@pytest.mark.parametrize("key", ["automaticFailoverEnabled", "multiAzEnabled", "numCacheClusters"])
def test_an_unknown_setting_is_named(key):
    assert found(SAFE | {key: UNKNOWN}).missing("cache", ZONE) == key


def test_durability():
    assert found({"durability": "sync"}).loss("cache", ZONE) == 0
    assert found({"durability": "async"}).loss("cache", INFRASTRUCTURE) == 10
    for mode in ("default", "disabled", None):
        assert found({"durability": mode}).loss("cache", ZONE) is None
    assert found({"durability": UNKNOWN}).missing("cache", ZONE) == "durability"
    assert {t.grade for p in found({"durability": "sync"}).of("cache", ZONE) for t in p.loss} == {Grade.BOUND}


@pytest.mark.parametrize(
    ("window", "seconds"), [(None, DAY + 3600), ("05:00-09:00", DAY + 4 * 3600), ("23:30-01:00", DAY + 5400)]
)
def test_snapshots_are_a_day_and_a_window_apart(window, seconds):
    result = found({"snapshotRetentionLimit": 5, "snapshotWindow": window})
    assert result.loss("cache", APPLICATION) == result.loss("cache", ZONE) == seconds
    assert result.loss("cache", REGION) is None


def test_a_snapshot_window_that_is_none_is_named():
    result = found({"snapshotRetentionLimit": 5, "snapshotWindow": "at night-ish"})
    assert result.missing("cache", APPLICATION) == "snapshotWindow"


def test_a_single_node_and_a_node_of_a_group():
    assert found({"engine": "memcached"}, CLUSTER).loss("cache", INFRASTRUCTURE) is None
    assert found({"snapshotRetentionLimit": 1}, CLUSTER).loss("cache", INFRASTRUCTURE) == DAY + 3600
    assert found({"replicationGroupId": "other"}, CLUSTER).loss("cache", REGION) == 0


def test_a_serverless_cache_lies_in_several_zones():
    result = found({"snapshotRetentionLimit": 1, "dailySnapshotTime": "09:00"}, SERVERLESS)
    assert result.loss("cache", ZONE) == 1
    assert result.loss("cache", APPLICATION) == DAY + 3600


def global_store(region):
    builder = GraphBuilder()
    primary = builder.add(GROUP, "primary", SAFE)
    store = builder.add(GLOBAL, "store", {"primaryReplicationGroupId": primary.ref("id")})
    builder.add(GROUP, "secondary", {"globalReplicationGroupId": store.ref("globalReplicationGroupId")}, region=region)
    return Found(MECHANISM, builder.graph())


def test_a_global_datastore_saves_the_primary_when_its_secondary_is_elsewhere():
    result = global_store("us-west-2")
    assert result.loss("primary", REGION) == 1
    assert result.restore("primary", REGION, "global datastore 'store'") == 60
    assert result.loss("secondary", REGION) == 0
    assert result.loss("primary", APPLICATION) is None
    assert global_store("us-east-1").loss("primary", REGION) is None


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.booleans(), st.booleans(), st.integers(0, 3))
def test_more_replicas_and_snapshots_never_make_it_worse(nodes, failover, multi_az, kept):
    inputs = {
        "numCacheClusters": nodes,
        "automaticFailoverEnabled": failover,
        "multiAzEnabled": multi_az,
        "snapshotRetentionLimit": kept,
    }
    before = found(inputs)
    after = found(inputs | {"numCacheClusters": nodes + 1, "snapshotRetentionLimit": kept + 1})
    for disruption in (APPLICATION, INFRASTRUCTURE, ZONE, REGION):
        assert not worse(after.loss("cache", disruption), before.loss("cache", disruption))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 23), st.integers(1, 23))
def test_a_longer_window_never_gives_a_shorter_loss(one, other):
    short, long = sorted((one, other))

    def loss(hours):
        window = f"00:00-{hours:02}:00"
        return found({"snapshotRetentionLimit": 1, "snapshotWindow": window}).loss("cache", APPLICATION)

    assert not worse(loss(short), loss(long))
