"""One example of every component, as full as its args allow, for the rules that hold for all of them.

A new component gets its line in `EXAMPLES`; one without fails `test_every_component` by name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import pulumi

from components.alarm import AlarmTopicsArgs
from components.component import Component
from components.continuity.audit_framework import AuditFramework, AuditFrameworkArgs
from components.continuity.backup_plan import BackupCopyArgs, BackupPlan, BackupPlanArgs
from components.continuity.backup_roles import BackupRoles, BackupRolesArgs
from components.continuity.backup_vault import BackupVault, BackupVaultArgs
from components.continuity.restore_testing import RestoreTesting, RestoreTestingArgs
from components.continuity.state_backend import StateBackend, StateBackendArgs
from components.delivery.registry import ContainerRegistry, ContainerRegistryArgs
from components.delivery.registry_replication import RegistryReplication, RegistryReplicationArgs
from components.functions.python_function import PythonFunction, PythonFunctionArgs
from components.functions.shared_layer import SharedLayer, SharedLayerArgs
from components.network.flow_logs import FlowLogs, FlowLogsArgs
from components.network.network import Nat, Network, NetworkArgs
from components.observability.event_stream import ColumnArgs, EventStream, EventStreamArgs
from components.observability.log_group import LogGroup, LogGroupArgs
from components.observability.minute_aggregate import MinuteAggregate, MinuteAggregateArgs
from components.observability.topics import Topics, TopicsArgs
from components.serving.add_on_versions import AddOn
from components.serving.add_ons import AddOns, AddOnsArgs
from components.serving.auto_mode import AutoMode, AutoModeArgs
from components.serving.batch import BatchEndpoint, BatchEndpointArgs
from components.serving.batch_capacity import BatchCapacity, BatchCapacityArgs
from components.serving.batch_schedule import BatchSchedule, BatchScheduleArgs
from components.serving.cluster import Cluster, ClusterArgs
from components.serving.endpoint import OnlineEndpoint, OnlineEndpointArgs
from components.serving.endpoints_namespace import EndpointsNamespace, EndpointsNamespaceArgs
from components.serving.entry import Entry, EntryArgs, TierEntryArgs
from components.serving.firewall import Firewall, FirewallArgs
from components.serving.gateway import Gateway, GatewayArgs
from components.serving.gateway_alarms import GatewayEndpointArgs
from components.serving.gateway_binding import GatewayBinding, GatewayBindingArgs
from components.serving.gateway_identity import GatewayIdentity, GatewayIdentityArgs
from components.serving.gateway_namespace import GatewayNamespace, GatewayNamespaceArgs
from components.serving.gateway_tables import GatewayTables, GatewayTablesArgs
from components.serving.hash_keys import HashKeys, HashKeysArgs
from components.serving.job_definition import JobArgs
from components.serving.keda import Keda, KedaArgs
from components.serving.node_group_controllers import NodeGroupControllers, NodeGroupControllersArgs
from components.serving.node_groups import NodeGroupArgs, NodeGroups, NodeGroupsArgs
from components.serving.node_pools import PoolArgs
from components.serving.placement import Accelerator
from components.serving.pod_identity import PodIdentity, PodIdentityArgs
from components.serving.protocol import Kind
from components.serving.response_cache import ResponseCache, ResponseCacheArgs
from components.serving.routing_configuration import RoutingConfiguration, RoutingConfigurationArgs
from components.serving.ticket_queue import TicketQueue, TicketQueueArgs
from components.serving.variant import StartArgs, VariantArgs
from components.serving.vcpu_quotas import VcpuQuotas, VcpuQuotasArgs
from components.serving.weights import WeightsArgs
from components.storage.bucket import TieredBucket, TieredBucketArgs
from components.storage.key import MultiRegionKey, MultiRegionKeyArgs, ReplicaKey, ReplicaKeyArgs
from components.storage.key_guard import KeyGuard, KeyGuardArgs
from components.storage.replication import BucketReplication, BucketReplicationArgs, ReplicatedBucketArgs
from components.storage.table import TableReplicaArgs
from stanchion.spec import Tiering
from tests.recorder import ACCOUNT

NAME = "local-example"
PRIMARY, STANDBY = "us-east-1", "us-west-2"


class Scope(Enum):
    """Where a component's resources lie."""

    REGIONAL = "regional"  # in the region of the provider it inherits, and nothing names a region
    ENVIRONMENT_WIDE = "environment-wide"  # in several regions, and each resource names its own


@dataclass(frozen=True)
class Example:
    """How to build a component.

    Args:
        scope: where its resources lie.
        build: makes one called `NAME`; the first argument is its `keep`, for those that have one.
        in_cluster: whether it makes Kubernetes objects, and so gets a cluster's provider too.
    """

    scope: Scope
    build: Callable[[bool, pulumi.ResourceOptions], Component]
    in_cluster: bool = False


def topics(region: str) -> AlarmTopicsArgs:
    """Topics of a region."""
    arn = f"arn:aws:sns:{region}:{ACCOUNT}:local-topics"
    return AlarmTopicsArgs(critical=f"{arn}-critical", warning=f"{arn}-warning", info=f"{arn}-info")


def key(region: str) -> str:
    """ARN of a region's key."""
    return f"arn:aws:kms:{region}:{ACCOUNT}:key/mrk-local"


def replicated(region: str) -> ReplicatedBucketArgs:
    """One side of a replication."""
    name = f"local-raw-{region}"
    return ReplicatedBucketArgs(
        name=name, arn=f"arn:aws:s3:::{name}", region=region, alarm_topics=topics(region), key_arn=key(region)
    )


def vault(region: str) -> str:
    """ARN of a region's vault."""
    return f"arn:aws:backup:{region}:{ACCOUNT}:backup-vault:local-standard"


SUBNETS = ["subnet-a", "subnet-b", "subnet-c"]
ZONE_NAMES = [f"{STANDBY}{letter}" for letter in "abc"]
SPOT_TYPES = [f"{family}.{size}" for family in ("c6i", "m6i", "r6i", "c7i", "m7i") for size in ("2xlarge", "4xlarge")]
SPOT_TYPES += [f"{family}.2xlarge" for family in ("c6a", "m6a", "r6a", "c7a", "m7a")]


def add_ons(_keep: bool, opts: pulumi.ResourceOptions) -> AddOns:
    return AddOns(NAME, AddOnsArgs("local", ACCOUNT, "1.35", list(AddOn), {"coredns": "v1.13.2-eksbuild.5"}), opts)


def auto_mode(_keep: bool, opts: pulumi.ResourceOptions) -> AutoMode:
    gpu_types = [f"{family}.{size}xlarge" for family in ("g5", "g6", "g6e") for size in (1, 2, 4, 8, 16)]
    args = AutoModeArgs(
        cluster_name="local",
        security_group_id="sg-1",
        subnet_ids=SUBNETS,
        zone_names=ZONE_NAMES,
        key_arn=key(STANDBY),
        pools=[
            PoolArgs("general", SPOT_TYPES, ["m7i.xlarge"], burst_cpu=256, overflow_cpu=128),
            PoolArgs(
                "gpu",
                gpu_types,
                ["g6.2xlarge"],
                burst_cpu=256,
                overflow_cpu=64,
                reserved_per_zone=1,
                accelerator=Accelerator.NVIDIA,
                ephemeral_gib=400,
            ),
        ],
        alarm_topics=topics(STANDBY),
    )
    return AutoMode(NAME, args, opts)


def audit_framework(_keep: bool, opts: pulumi.ResourceOptions) -> AuditFramework:
    args = AuditFrameworkArgs(
        framework_name="local_standard",
        tier="standard",
        plan_name="local-standard",
        every_hours=3,
        newest_within_hours=6,
        retention_days=35,
        minimum_retention_days=7,
        restore_within="1h",
        copies_to_region=STANDBY,
        copies_to_account="444455556666",
        region=PRIMARY,
    )
    return AuditFramework(NAME, args, opts)


def backup_plan(_keep: bool, opts: pulumi.ResourceOptions) -> BackupPlan:
    args = BackupPlanArgs(
        plan_name="local-standard",
        tier="standard",
        vault_name="local-standard",
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/backup",
        retention_days=90,
        alarm_topics=topics(PRIMARY),
        copies=[BackupCopyArgs(vault(STANDBY), 90)],
        application_rpo="1h",
        region_rpo="6h",
        region=PRIMARY,
    )
    return BackupPlan(NAME, args, opts)


def backup_roles(_keep: bool, opts: pulumi.ResourceOptions) -> BackupRoles:
    return BackupRoles(NAME, BackupRolesArgs(key_arns=[key(PRIMARY), key(STANDBY)]), opts)


def backup_vault(keep: bool, opts: pulumi.ResourceOptions) -> BackupVault:
    args = BackupVaultArgs(
        vault_name="local-standard",
        tier="standard",
        key_arn=key(STANDBY),
        keep=keep,
        minimum_retention_days=7,
        alarm_topics=topics(STANDBY),
        deleters=[f"arn:aws:iam::{ACCOUNT}:role/break-glass"],
    )
    return BackupVault(NAME, args, opts)


def restore_testing(_keep: bool, opts: pulumi.ResourceOptions) -> RestoreTesting:
    args = RestoreTestingArgs(
        test_name="local_standard",
        tier="standard",
        vault_arn=vault(PRIMARY),
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/restore",
        drill_every="90d",
        alarm_topics=topics(PRIMARY),
        region=PRIMARY,
    )
    return RestoreTesting(NAME, args, opts)


def batch_capacity(_keep: bool, opts: pulumi.ResourceOptions) -> BatchCapacity:
    args = BatchCapacityArgs("nightly", "standard", SPOT_TYPES, "vpc-1", SUBNETS, max_vcpus=64, disk_gib=200)
    return BatchCapacity(NAME, args, opts)


def batch_endpoint(keep: bool, opts: pulumi.ResourceOptions) -> BatchEndpoint:
    bucket_arn = "arn:aws:s3:::local"
    args = BatchEndpointArgs(
        endpoint_name="local-nightly",
        account_id=ACCOUNT,
        workload="nightly",
        tier="standard",
        job=JobArgs(
            image=f"{ACCOUNT}.dkr.ecr.{STANDBY}.amazonaws.com/local/batch@sha256:{'0' * 64}",
            command=["score", "--input", "Ref::input"],
            accelerators=1,
            accelerator=Accelerator.NVIDIA,
            parameters={"input": "today"},
        ),
        instance_types=SPOT_TYPES,
        vpc_id="vpc-1",
        subnet_ids=SUBNETS,
        model_bucket_arn=f"{bucket_arn}-models",
        model_prefix="models/scorer",
        input_bucket_arn=f"{bucket_arn}-curated",
        input_prefix="nightly/in",
        output_bucket_arn=f"{bucket_arn}-curated",
        output_prefix="nightly/out",
        key_arn=key(STANDBY),
        alarm_topics=topics(STANDBY),
        keep=keep,
        schedule="cron(0 3 * * ? *)",
        restore_time="2h",
        dead_letter_arn=f"arn:aws:sqs:{STANDBY}:{ACCOUNT}:local-dead-letter",
        environment={"MODEL": "s3://local-models/models/scorer"},
    )
    return BatchEndpoint(NAME, args, opts)


def batch_schedule(_keep: bool, opts: pulumi.ResourceOptions) -> BatchSchedule:
    args = BatchScheduleArgs(
        endpoint_name="local-nightly",
        account_id=ACCOUNT,
        expression="rate(1 hour)",
        queue_arn=f"arn:aws:batch:{STANDBY}:{ACCOUNT}:job-queue/nightly",
        job_definition_arn=f"arn:aws:batch:{STANDBY}:{ACCOUNT}:job-definition/nightly:1",
        workload="nightly",
        tier="standard",
        alarm_topics=topics(STANDBY),
    )
    return BatchSchedule(NAME, args, opts)


def bucket(keep: bool, opts: pulumi.ResourceOptions) -> TieredBucket:
    args = TieredBucketArgs(
        purpose="raw",
        account_id=ACCOUNT,
        noncurrent_days=30,
        keep=keep,
        key_arn=key(STANDBY),
        tiering=Tiering.INTELLIGENT,
        archive_access_days=90,
        expire_days=400,
        log_bucket="local-access-logs",
        object_lock_days=30,
        backup_plan="local-standard",
        restore_time="30m",
        alarm_topics=topics(STANDBY),
    )
    return TieredBucket(NAME, args, opts)


def bucket_replication(_keep: bool, opts: pulumi.ResourceOptions) -> BucketReplication:
    args = BucketReplicationArgs(primary=replicated(PRIMARY), standby=replicated(STANDBY), object_lock=True)
    return BucketReplication(NAME, args, opts)


def cluster(keep: bool, opts: pulumi.ResourceOptions) -> Cluster:
    args = ClusterArgs(
        cluster_name="local",
        kubernetes_version="1.35",
        subnet_ids=SUBNETS,
        key_arn=key(STANDBY),
        account_id=ACCOUNT,
        administrators=[f"arn:aws:iam::{ACCOUNT}:role/deploy"],
        log_retention_days=90,
        alarm_topics=topics(STANDBY),
        keep=keep,
        viewers=[f"arn:aws:iam::{ACCOUNT}:role/on-call"],
        allowed_cidrs=["192.0.2.0/24"],
    )
    return Cluster(NAME, args, opts)


def container_registry(keep: bool, opts: pulumi.ResourceOptions) -> ContainerRegistry:
    args = ContainerRegistryArgs(
        environment="local",
        repositories=["gateway", "models"],
        key_arn=key(STANDBY),
        keep=keep,
        alarm_topics=topics(STANDBY),
        dead_letter_arn=f"arn:aws:sqs:{STANDBY}:{ACCOUNT}:local-dead-letter",
    )
    return ContainerRegistry(NAME, args, opts)


def endpoints_namespace(_keep: bool, opts: pulumi.ResourceOptions) -> EndpointsNamespace:
    args = EndpointsNamespaceArgs(["critical", "standard"], https_cidrs=["10.20.0.0/16"])
    return EndpointsNamespace(NAME, args, opts)


def entry(keep: bool, opts: pulumi.ResourceOptions) -> Entry:
    args = EntryArgs(
        entry_name="local-gateways",
        cluster_name="local",
        cluster_security_group_id="sg-cluster",
        vpc_id="vpc-1",
        vpc_cidr="10.20.0.0/16",
        subnet_ids=SUBNETS,
        certificate_arn=f"arn:aws:acm:{STANDBY}:{ACCOUNT}:certificate/1",
        access_log_bucket="local-access-logs",
        key_arn=key(STANDBY),
        allowed_cidrs=["192.0.2.0/24", "2001:db8::/32"],
        tiers=[
            TierEntryArgs("critical", "critical.example.com", "2m", 1500),
            TierEntryArgs("standard", "standard.example.com", "4h"),
        ],
        alarm_topics=topics(STANDBY),
        keep=keep,
    )
    return Entry(NAME, args, opts)


def firewall(keep: bool, opts: pulumi.ResourceOptions) -> Firewall:
    args = FirewallArgs(
        resource_arn=f"arn:aws:elasticloadbalancing:{STANDBY}:{ACCOUNT}:loadbalancer/app/local/1",
        load_balancer="local-gateways",
        requests_per_address=2000,
        key_arn=key(STANDBY),
        log_retention_days=90,
        keep=keep,
        alarm_topics=topics(STANDBY),
    )
    return Firewall(NAME, args, opts)


def flow_logs(keep: bool, opts: pulumi.ResourceOptions) -> FlowLogs:
    args = FlowLogsArgs(
        vpc_id="vpc-1",
        key_arn=key(STANDBY),
        retention_days=90,
        account_id=ACCOUNT,
        alarm_topics=topics(STANDBY),
        keep=keep,
    )
    return FlowLogs(NAME, args, opts)


def gateway_binding(_keep: bool, opts: pulumi.ResourceOptions) -> GatewayBinding:
    arn = f"arn:aws:elasticloadbalancing:{STANDBY}:{ACCOUNT}:targetgroup/critical/1"
    return GatewayBinding(NAME, GatewayBindingArgs("gateway-critical", "gateway", "gateway", 80, arn), opts)


def keda(_keep: bool, opts: pulumi.ResourceOptions) -> Keda:
    return Keda(NAME, KedaArgs(), opts)


def key_guard(_keep: bool, opts: pulumi.ResourceOptions) -> KeyGuard:
    return KeyGuard(NAME, KeyGuardArgs(key_arn=key(STANDBY), alarm_topics=topics(STANDBY), other_region=PRIMARY), opts)


def log_group(keep: bool, opts: pulumi.ResourceOptions) -> LogGroup:
    args = LogGroupArgs(
        retention_days=90, key_arn=key(STANDBY), keep=keep, silent_after="1h", alarm_topics=topics(STANDBY)
    )
    return LogGroup(NAME, args, opts)


def multi_region_key(keep: bool, opts: pulumi.ResourceOptions) -> MultiRegionKey:
    args = MultiRegionKeyArgs(account_id=ACCOUNT, home=STANDBY, alias="local-data", keep=keep)
    return MultiRegionKey(NAME, args, opts)


def network(keep: bool, opts: pulumi.ResourceOptions) -> Network:
    args = NetworkArgs(
        cidr="10.20.0.0/16",
        key_arn=key(STANDBY),
        flow_log_retention_days=90,
        account_id=ACCOUNT,
        alarm_topics=topics(STANDBY),
        keep=keep,
        nat=Nat.PER_ZONE,
        interface_endpoints=["ecr.api", "ecr.dkr"],
    )
    return Network(NAME, args, opts)


def node_groups(_keep: bool, opts: pulumi.ResourceOptions) -> NodeGroups:
    args = NodeGroupsArgs(
        cluster_name="local",
        kubernetes_version="1.35",
        subnet_ids=SUBNETS,
        pools=[
            NodeGroupArgs("general", SPOT_TYPES, ["m7i.xlarge"], burst_nodes=9),
            NodeGroupArgs("gpu", [], ["g6.2xlarge"], accelerator=Accelerator.NVIDIA, disk_gib=400),
        ],
        alarm_topics=topics(STANDBY),
    )
    return NodeGroups(NAME, args, opts)


def node_group_controllers(_keep: bool, opts: pulumi.ResourceOptions) -> NodeGroupControllers:
    args = NodeGroupControllersArgs("local", ACCOUNT, STANDBY, "vpc-1", "1.35")
    return NodeGroupControllers(NAME, args, opts)


def online_endpoint(_keep: bool, opts: pulumi.ResourceOptions) -> OnlineEndpoint:
    def variant(name: str, memory: str, weights_gib: int) -> VariantArgs:
        return VariantArgs(
            variant=name,
            image=f"{ACCOUNT}.dkr.ecr.{STANDBY}.amazonaws.com/local/models@sha256:{'0' * 64}",
            weights=WeightsArgs(f"s3://local-models/support-llm/{name}", "1" * 64, weights_gib * 1024**3),
            start=StartArgs(8 * 1024**3, 500 * 1024**2, 195, 130),
            pool="gpu",
            cpu="6",
            memory=memory,
            concurrency=16,
            floor=2,
            max=20,
            accelerator=Accelerator.NVIDIA,
            accelerators=2,
            arguments=["--max-model-len", "8192"],
            local_command=["python", "-m", "server"],
            local_init=["true"],
            version="2026-05",
            loader_image=f"{ACCOUNT}.dkr.ecr.{STANDBY}.amazonaws.com/local/python@sha256:{'2' * 64}",
        )

    args = OnlineEndpointArgs(
        endpoint_name="support-assistant",
        kind=Kind.LLM,
        tier="critical",
        model="support-llm",
        variants=[variant("full", "48Gi", 16), variant("quantized", "24Gi", 6)],
        cluster_name="local",
        region=STANDBY,
        gateway_address="http://gateway.gateway.svc:8081",
        alarm_topics=topics(STANDBY),
        rto="2m",
        spot=True,
        scale_to_zero=True,
        standby=True,
        longest_request="80s",
    )
    return OnlineEndpoint(NAME, args, opts)


def pod_identity(_keep: bool, opts: pulumi.ResourceOptions) -> PodIdentity:
    args = PodIdentityArgs(
        cluster_name="local",
        account_id=ACCOUNT,
        namespace="support-assistant",
        service_account="full",
        bucket_arn="arn:aws:s3:::local-artifacts",
        prefix="models/support-llm",
        key_arn=key(STANDBY),
        workload="support-assistant",
        tier="critical",
    )
    return PodIdentity(NAME, args, opts)


def registry_replication(_keep: bool, opts: pulumi.ResourceOptions) -> RegistryReplication:
    args = RegistryReplicationArgs(
        environment="local", account_id=ACCOUNT, primary_region=PRIMARY, standby_region=STANDBY
    )
    return RegistryReplication(NAME, args, opts)


def replica_key(keep: bool, opts: pulumi.ResourceOptions) -> ReplicaKey:
    args = ReplicaKeyArgs(primary_key_arn=key(PRIMARY), account_id=ACCOUNT, home=STANDBY, alias="local-data", keep=keep)
    return ReplicaKey(NAME, args, opts)


def state_backend(keep: bool, opts: pulumi.ResourceOptions) -> StateBackend:
    args = StateBackendArgs(
        environment="local", account_id=ACCOUNT, primary_region=PRIMARY, standby_region=STANDBY, keep=keep
    )
    return StateBackend(NAME, args, opts)


def topics_component(_keep: bool, opts: pulumi.ResourceOptions) -> Topics:
    return Topics(NAME, TopicsArgs(account_id=ACCOUNT, key_arn=key(STANDBY)), opts)


def vcpu_quotas(_keep: bool, opts: pulumi.ResourceOptions) -> VcpuQuotas:
    return VcpuQuotas(NAME, VcpuQuotasArgs({"L-1216C47A": 256, "L-34B43A08": 128}), opts)


def event_stream(keep: bool, opts: pulumi.ResourceOptions) -> EventStream:
    args = EventStreamArgs(
        environment="local",
        account_id=ACCOUNT,
        events="inference",
        columns=[
            ColumnArgs("event_id", "string"),
            ColumnArgs("ts", "double"),
            ColumnArgs("groups", "map<string,string>"),
        ],
        bucket_name="local-raw",
        bucket_arn="arn:aws:s3:::local-raw",
        prefix="events/inference",
        key_arn=key(STANDBY),
        results_bucket_name="local-results",
        first_day="2026-01-01",
        keep=keep,
        alarm_topics=topics(STANDBY),
        largest_query_gib=50,
    )
    return EventStream(NAME, args, opts)


def gateway(_keep: bool, opts: pulumi.ResourceOptions) -> Gateway:
    args = GatewayArgs(
        environment="local",
        configuration=pulumi.Output.from_input("{}"),
        image=f"{ACCOUNT}.dkr.ecr.us-west-2.amazonaws.com/local/gateway@sha256:{'a' * 64}",
        image_bytes=250 * 2**20,
        image_bytes_per_second=125 * 2**20,
        region=STANDBY,
        tiers=["critical", "standard"],
        endpoints=[GatewayEndpointArgs("chat", 1500, 99.9)],
        alarm_topics=topics(STANDBY),
        floor=3,
        most=12,
        rto="2m",
        targets={"critical": "arn:aws:elasticloadbalancing:us-west-2:111122223333:targetgroup/critical/1"},
    )
    return Gateway(NAME, args, opts)


def gateway_namespace(_keep: bool, opts: pulumi.ResourceOptions) -> GatewayNamespace:
    return GatewayNamespace(NAME, GatewayNamespaceArgs(vpc_cidr="10.21.0.0/16"), opts)


def gateway_identity(_keep: bool, opts: pulumi.ResourceOptions) -> GatewayIdentity:
    def arn(service: str, resource: str) -> str:
        return f"arn:aws:{service}:{STANDBY}:{ACCOUNT}:{resource}"

    args = GatewayIdentityArgs(
        cluster_name="local",
        account_id=ACCOUNT,
        key_arn=key(STANDBY),
        stream_arn=arn("firehose", "deliverystream/events"),
        key_table_arn=arn("dynamodb", "table/local-keys"),
        quota_table_arn=arn("dynamodb", "table/local-quotas"),
        ticket_table_arn=arn("dynamodb", "table/local-tickets"),
        ticket_queue_arn=arn("sqs", "local-tickets"),
        hash_key_arn=arn("secretsmanager", "secret:local-event-hash-key-??????"),
        routing_arn=arn("appconfig", "application/a/environment/e/configuration/c"),
    )
    return GatewayIdentity(NAME, args, opts)


def hash_keys(keep: bool, opts: pulumi.ResourceOptions) -> HashKeys:
    args = HashKeysArgs(
        "local", key(STANDBY), keep, PRIMARY, key(PRIMARY), f"arn:aws:kms:{PRIMARY}:{ACCOUNT}:alias/data", "1h"
    )
    return HashKeys(NAME, args, opts)


def python_function(keep: bool, opts: pulumi.ResourceOptions) -> PythonFunction:
    args = PythonFunctionArgs(
        function_name="local-routing-writer",
        function="routing_writer",
        description="Writes the routing document.",
        archive="routing_writer.zip",
        runtime="python3.13",
        architecture="arm64",
        account_id=ACCOUNT,
        key_arn=key(STANDBY),
        keep=keep,
        alarm_topics=topics(STANDBY),
        runbook="routing-writer",
        variables={"STANCHION_REGION": STANDBY},
        policy='{"Version": "2012-10-17", "Statement": []}',
        layer_arns=[f"arn:aws:lambda:{STANDBY}:{ACCOUNT}:layer:local-functions:1"],
        schedule="rate(1 minute)",
        stream_arn=f"arn:aws:dynamodb:{STANDBY}:{ACCOUNT}:table/local-routing-intents/stream/1",
    )
    return PythonFunction(NAME, args, opts)


def shared_layer(_keep: bool, opts: pulumi.ResourceOptions) -> SharedLayer:
    return SharedLayer(NAME, SharedLayerArgs("local", "layer.zip", "python3.13", "arm64"), opts)


def gateway_tables(keep: bool, opts: pulumi.ResourceOptions) -> GatewayTables:
    args = GatewayTablesArgs(
        environment="local",
        key_arn=key(STANDBY),
        keep=keep,
        alarm_topics=topics(STANDBY),
        replica=TableReplicaArgs(PRIMARY, key(PRIMARY), f"arn:aws:kms:{PRIMARY}:{ACCOUNT}:alias/data"),
        restore_time="1h",
    )
    return GatewayTables(NAME, args, opts)


def minute_aggregate(keep: bool, opts: pulumi.ResourceOptions) -> MinuteAggregate:
    return MinuteAggregate(NAME, MinuteAggregateArgs("local", key(STANDBY), keep, topics(STANDBY)), opts)


def response_cache(_keep: bool, opts: pulumi.ResourceOptions) -> ResponseCache:
    args = ResponseCacheArgs(
        environment="local",
        subnet_ids=[*SUBNETS],
        security_group_ids=["sg-1"],
        key_arn=key(STANDBY),
        alarm_topics=topics(STANDBY),
        user_group_id="local-gateways",
    )
    return ResponseCache(NAME, args, opts)


def routing_configuration(keep: bool, opts: pulumi.ResourceOptions) -> RoutingConfiguration:
    args = RoutingConfigurationArgs(
        environment="local",
        region=STANDBY,
        key_arn=key(STANDBY),
        keep=keep,
        alarm_topics=topics(STANDBY),
        restore_time="1h",
    )
    return RoutingConfiguration(NAME, args, opts)


def ticket_queue(_keep: bool, opts: pulumi.ResourceOptions) -> TicketQueue:
    return TicketQueue(NAME, TicketQueueArgs("local", key(STANDBY), topics(STANDBY), "2h"), opts)


EXAMPLES: dict[type[Component], Example] = {
    AddOns: Example(Scope.REGIONAL, add_ons),
    AuditFramework: Example(Scope.ENVIRONMENT_WIDE, audit_framework),
    AutoMode: Example(Scope.REGIONAL, auto_mode, in_cluster=True),
    BackupPlan: Example(Scope.ENVIRONMENT_WIDE, backup_plan),
    BackupRoles: Example(Scope.ENVIRONMENT_WIDE, backup_roles),
    BackupVault: Example(Scope.REGIONAL, backup_vault),
    BatchCapacity: Example(Scope.REGIONAL, batch_capacity),
    BatchEndpoint: Example(Scope.REGIONAL, batch_endpoint),
    BatchSchedule: Example(Scope.REGIONAL, batch_schedule),
    BucketReplication: Example(Scope.ENVIRONMENT_WIDE, bucket_replication),
    Cluster: Example(Scope.REGIONAL, cluster),
    ContainerRegistry: Example(Scope.REGIONAL, container_registry),
    EndpointsNamespace: Example(Scope.REGIONAL, endpoints_namespace, in_cluster=True),
    Entry: Example(Scope.REGIONAL, entry),
    EventStream: Example(Scope.REGIONAL, event_stream),
    Firewall: Example(Scope.REGIONAL, firewall),
    FlowLogs: Example(Scope.REGIONAL, flow_logs),
    GatewayBinding: Example(Scope.REGIONAL, gateway_binding, in_cluster=True),
    GatewayTables: Example(Scope.REGIONAL, gateway_tables),
    Gateway: Example(Scope.REGIONAL, gateway, in_cluster=True),
    GatewayIdentity: Example(Scope.REGIONAL, gateway_identity),
    GatewayNamespace: Example(Scope.REGIONAL, gateway_namespace, in_cluster=True),
    HashKeys: Example(Scope.REGIONAL, hash_keys),
    PythonFunction: Example(Scope.REGIONAL, python_function),
    SharedLayer: Example(Scope.REGIONAL, shared_layer),
    Keda: Example(Scope.REGIONAL, keda, in_cluster=True),
    KeyGuard: Example(Scope.REGIONAL, key_guard),
    LogGroup: Example(Scope.REGIONAL, log_group),
    MinuteAggregate: Example(Scope.REGIONAL, minute_aggregate),
    MultiRegionKey: Example(Scope.REGIONAL, multi_region_key),
    Network: Example(Scope.REGIONAL, network),
    NodeGroupControllers: Example(Scope.REGIONAL, node_group_controllers, in_cluster=True),
    NodeGroups: Example(Scope.REGIONAL, node_groups),
    OnlineEndpoint: Example(Scope.REGIONAL, online_endpoint, in_cluster=True),
    PodIdentity: Example(Scope.REGIONAL, pod_identity),
    RegistryReplication: Example(Scope.ENVIRONMENT_WIDE, registry_replication),
    ResponseCache: Example(Scope.REGIONAL, response_cache),
    RestoreTesting: Example(Scope.ENVIRONMENT_WIDE, restore_testing),
    ReplicaKey: Example(Scope.REGIONAL, replica_key),
    RoutingConfiguration: Example(Scope.REGIONAL, routing_configuration),
    StateBackend: Example(Scope.ENVIRONMENT_WIDE, state_backend),
    TicketQueue: Example(Scope.REGIONAL, ticket_queue),
    TieredBucket: Example(Scope.REGIONAL, bucket),
    Topics: Example(Scope.REGIONAL, topics_component),
    VcpuQuotas: Example(Scope.REGIONAL, vcpu_quotas),
}
