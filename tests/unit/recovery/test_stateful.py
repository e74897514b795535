"""Every type of the provider that sounds stateful is either in the table or said not to be."""

import importlib.util
import re
from pathlib import Path

import pytest

from stanchion.graph import UNKNOWN, GraphBuilder
from stanchion.recovery.mechanism import all_mechanisms
from stanchion.recovery.stateful import STATEFUL, kind_of_state, stateful_kind, unexplained

SOUNDS_STATEFUL = re.compile(
    r"(Cluster|Instance|Table|FileSystem|FileCache|Database|Domain|Stream|Queue|Volume|Disk|Repository|Ledger|Keyspace"
    r"|Namespace|Bucket|BucketV2|Vault|Store|Cache|Archive|Broker|Index|Collection|Graph|Secret|Parameter|Pool|Directory"
    r"|Workspace|Registry|Catalog|DataSet|FeatureGroup|Topic|LogGroup|Memory|ReplicationGroup)$"
)
# By service, what only sounds so: parts of a store, machines and compute, networks and names, what a deployment writes
# again, what watches, and backups themselves.
NOT_STATEFUL = {
    "agentregistry": "Registry",
    "amp": "RuleGroupNamespace Workspace",
    "appsync": "ApiCache ChannelNamespace",
    "athena": "DataCatalog Database",
    "backup": "LogicallyAirGappedVault Vault",
    "batch": "JobQueue",
    "bedrock": "AgentcoreRegistry",
    "chime": "SdkvoiceVoiceProfileDomain",
    "cleanrooms": "ConfiguredTable",
    "cloudformation": "StackSetInstance",
    "cloudfront": "TrustStore",
    "cloudtrail": "EventDataStore",
    "cloudwatch": "LogGroup LogStream MetricStream",
    "cloudwatchomni": "Domain",
    "codeartifact": "Domain",
    "cognito": "UserPoolDomain",
    "connect": "Queue",
    "datasync": "FsxOpenZfsFileSystem LocationFsxOntapFileSystem",
    "dax": "Cluster",
    "detective": "Graph",
    "devicefarm": "DevicePool",
    "devopsguru": "ResourceCollection",
    "directoryservice": "SharedDirectory",
    "dms": "ReplicationInstance",
    "docdb": "ClusterInstance GlobalCluster",
    "dynamodb": "GlobalSecondaryIndex GlobalTable",
    "ec2": "AmiFromInstance DefaultRouteTable Instance LocalGatewayRouteTable RouteTable VpcIpamPool",
    "ec2transitgateway": "MulticastDomain PolicyTable RouteTable",
    "ecs": "Cluster",
    "eks": "Cluster",
    "elasticache": "GlobalReplicationGroup",
    "emrcontainers": "VirtualCluster",
    "finspace": "KxCluster",
    "fsx": "OntapVolume OpenZfsVolume",
    "gamelift": "GameSessionQueue",
    "glue": "Catalog CatalogTable CatalogDatabase PartitionIndex Registry",
    "grafana": "Workspace",
    "keyspaces": "Keyspace",
    "kinesis": "FirehoseDeliveryStream",
    "kms": "CustomKeyStore",
    "lb": "TrustStore",
    "lightsail": "Domain",
    "location": "PlaceIndex",
    "mediaconvert": "Queue",
    "memorydb": "MultiRegionCluster",
    "msk": "Topic",
    "neptune": "ClusterInstance GlobalCluster",
    "pinpoint": "EventStream Smsvoicev2Pool",
    "qldb": "Stream",
    "quicksight": "DataSet Namespace",
    "rds": "ClusterActivityStream ClusterInstance GlobalCluster ReservedInstance",
    "resourceexplorer": "Index",
    "route53": "CidrCollection TrafficPolicyInstance",
    "route53domains": "Domain RegisteredDomain",
    "route53recoverycontrol": "Cluster",
    "s3": "VectorsIndex",
    "s3control": "AccessGrantsInstance",
    "s3tables": "Namespace Table",
    "sagemaker": "CodeRepository",
    "schemas": "Registry",
    "servicediscovery": "HttpNamespace Instance PrivateDnsNamespace PublicDnsNamespace",
    "ses": "IdentityNotificationTopic",
    "sesv2": "DedicatedIpPool",
    "sns": "Topic",
    "ssm": "Parameter",
    "storagegateway": "Cache TapePool",
    "swf": "Domain",
    "timestreamwrite": "Database",
    "verifiedaccess": "Instance",
    "verifiedpermissions": "PolicyStore",
    "workmail": "DefaultDomain Domain",
    "workspaces": "Directory Pool",
    "workspacesweb": "TrustStore",
}


def tokens() -> set[str]:
    """The provider's type tokens; its modules are listed in the text of its `__init__.py`, which is not imported."""
    found = importlib.util.find_spec("pulumi_aws")
    assert found
    assert found.origin
    return set(re.findall(r'"(aws:[\w-]+/[\w-]+:[\w-]+)"', Path(found.origin).read_text(encoding="utf-8")))


def split(token: str) -> tuple[str, str]:
    _, module, name = token.split(":")
    return module.split("/")[0], name


def test_what_sounds_stateful_is_decided_on():
    known = tokens()
    assert len(known) > 1000
    undecided = {
        token
        for token in known
        if SOUNDS_STATEFUL.search(token)
        and stateful_kind(token) is None
        and split(token)[1] not in NOT_STATEFUL.get(split(token)[0], "").split()
    }
    assert undecided == set()


def test_both_lists_hold_only_what_the_provider_has():
    known = tokens()
    assert {type_ for type_ in STATEFUL if type_.startswith("aws:")} <= known
    named = {split(token) for token in known}
    assert {(s, name) for s, names in NOT_STATEFUL.items() for name in names.split()} <= named
    assert not {split(type_) for type_ in STATEFUL if type_.startswith("aws:")} & {
        (service, name) for service, names in NOT_STATEFUL.items() for name in names.split()
    }


def test_what_a_mechanism_explains_is_in_the_table():
    explained = {type_ for mechanism in all_mechanisms() for type_ in mechanism.stores}
    assert {type_ for type_ in explained if stateful_kind(type_) is None} == set()


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ({"volumeClaimTemplates": [{}]}, "StatefulSet"),
        ({"volumeClaimTemplates": UNKNOWN}, "StatefulSet"),
        (UNKNOWN, "StatefulSet"),
        ({}, None),
        ({"volumeClaimTemplates": []}, None),
        (None, None),
    ],
)
def test_a_stateful_set_holds_state_if_it_claims_volumes(spec, kind):
    builder = GraphBuilder()
    handle = builder.add("kubernetes:apps/v1:StatefulSet", "set", {"spec": spec})
    assert kind_of_state(builder.graph().resources[handle.urn]) == kind


def test_only_what_no_mechanism_found_is_unexplained():
    builder = GraphBuilder()
    queue, pool = builder.add("aws:sqs/queue:Queue", "q"), builder.add("aws:cognito/userPool:UserPool", "users")
    builder.add("aws:sns/topic:Topic", "t")
    graph = builder.graph()
    found = [(resource.urn, kind) for resource, kind in unexplained(graph, frozenset({queue.urn}))]
    assert found == [(pool.urn, "Cognito user pool")]
