"""What holds for every mechanism of stateful services, whatever a program holds."""

import inspect
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.graph import SECRET, UNKNOWN, GraphBuilder, ResourceGraph
from stanchion.recovery import cluster_volume
from stanchion.recovery.findings import Note, Store
from stanchion.recovery.mechanisms import (
    aurora,
    documentdb,
    efs,
    elasticache,
    fsx,
    memorydb,
    neptune,
    opensearch,
    queues,
    rds,
    redshift,
    secrets_and_parameters,
)
from stanchion.recovery.stateful import stateful_kind
from stanchion.recovery.term import Grade

MODULES = (
    *(aurora, documentdb, efs, elasticache, fsx, memorydb, neptune, opensearch, queues, rds, redshift),
    secrets_and_parameters,
)
# What they read, and one property that nobody reads.
KEYS = (
    *("engine", "multiAz", "backupRetentionPeriod", "replicateSourceDb", "sourceDbInstanceArn", "clusterIdentifier"),
    *("availabilityZone", "globalClusterIdentifier", "sourceDbClusterIdentifier", "dbClusterParameterGroupName"),
    *("parameters", "backtrackWindow", "replicationSourceIdentifier", "availabilityZoneName", "sourceFileSystemId"),
    *("destination", "fileSystemId", "backupPolicy", "deploymentType", "automaticBackupRetentionDays", "schedule"),
    *("dailyAutomaticBackupStartTime", "sourceLocationArn", "destinationLocationArn", "fsxFilesystemArn"),
    *("durability", "automaticFailoverEnabled", "multiAzEnabled", "nodeGroupConfigurations", "numCacheClusters"),
    *("replicasPerNodeGroup", "preferredCacheClusterAzs", "snapshotRetentionLimit", "snapshotWindow"),
    *("dailySnapshotTime", "globalReplicationGroupId", "primaryReplicationGroupId", "replicationGroupId"),
    *("multiRegionClusterName", "clusterConfig", "engineVersion", "elasticsearchVersion", "standbyReplicas"),
    *("messageRetentionSeconds", "retentionPeriod", "brokerNodeGroupInfo", "replicas", "recoveryWindowInDays"),
    *("secretId", "nodeType", "numberOfNodes", "automatedSnapshotRetentionPeriod", "region", "tags", "other"),
)
NESTED = (
    *("region", "name", "value", "replicaCount", "instanceCount", "zoneAwarenessEnabled", "multiAzWithStandbyEnabled"),
    *("scheduleExpression", "status", "fileSystemId", "availabilityZoneName", "clientSubnets", "other"),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 90), st.just(2.5), st.sampled_from(["", "x", "one", "true", "07:00", "1"])
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS | st.just(UNKNOWN) | st.just(SECRET),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NESTED), inner, max_size=3),
    max_leaves=4,
)


def keys_of(module: Any) -> list[str]:
    """What a module names in its source, its own or that of the shape it shares."""
    text = inspect.getsource(module) + inspect.getsource(cluster_volume)
    return [key for key in KEYS if f'"{key}"' in text or key == "other"]


def program(module: Any, inputs: dict[str, Any], *, backwards: bool = False) -> ResourceGraph:
    """Two resources of each type that refer to each other by whatever the inputs hold."""
    builder = GraphBuilder()
    types = sorted(module.MECHANISM.stores | module.MECHANISM.reads, reverse=backwards)
    for name in ("two", "one") if backwards else ("one", "two"):
        for type_ in types:
            builder.add(type_, name, inputs)
    return builder.graph()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.MECHANISM.name)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_no_program_makes_them_raise(module, data):
    inputs = data.draw(st.dictionaries(st.sampled_from(keys_of(module)), VALUES, max_size=10))
    findings = list(module.MECHANISM.find(program(module, inputs)))
    for finding in findings:
        assert isinstance(finding, Store | Note) or all(term.source.document for term in finding.loss)
    assert Counter(findings) == Counter(module.MECHANISM.find(program(module, inputs, backwards=True)))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.MECHANISM.name)
def test_every_store_is_named_as_the_table_names_it(module):
    graph = program(module, {})
    stores = [finding for finding in module.MECHANISM.find(graph) if isinstance(finding, Store)]
    assert {graph.resources[store.urn].type for store in stores} == module.MECHANISM.stores
    assert all(stateful_kind(type_) for type_ in module.MECHANISM.stores)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.MECHANISM.name)
def test_no_amount_is_unbounded_without_the_grade_that_says_so(module):
    for finding in module.MECHANISM.find(program(module, {})):
        for term in () if isinstance(finding, Store | Note) else (*finding.loss, *finding.restore):
            assert (term.amount == float("inf")) == (term.grade is Grade.NONE)
