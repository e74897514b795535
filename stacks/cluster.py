"""The cluster of one region: control plane, nodes, add-ons, identities of models, the way in, and batch endpoints."""

from collections.abc import Sequence

import pulumi

from components.alarm import AlarmTopicsArgs
from components.serving.add_on_versions import AddOn
from components.serving.add_ons import AddOns, AddOnsArgs, after_nodes, before_nodes
from components.serving.auto_mode import AutoMode, AutoModeArgs
from components.serving.cluster import Cluster, ClusterArgs, Engine
from components.serving.keda import Keda, KedaArgs
from components.serving.node_group_controllers import NodeGroupControllers, NodeGroupControllersArgs
from components.serving.node_groups import NodeGroups, NodeGroupsArgs
from components.serving.pod_identity import PodIdentity, PodIdentityArgs
from components.serving.vcpu_quotas import VcpuQuotas, VcpuQuotasArgs
from stacks.batch import batch_endpoints
from stacks.capacity import capacity_of
from stacks.entry import entry
from stacks.kubernetes_provider import kubernetes_provider
from stacks.needs import LayerOutputs, Needs, publish
from stacks.pools import node_group_args, pool_args
from stacks.providers import provider_of
from stacks.topics import topics_of
from stanchion.contracts import ClusterOutputs, FoundationOutputs
from stanchion.layers import Place
from stanchion.serving.slots import NAMESPACE
from stanchion.spec import Capacity, Environment, role_arn
from stanchion.spec.regions import PARTITION_OF

Foundation = LayerOutputs[FoundationOutputs]


def build(spec: Environment, place: Place, needs: Needs) -> LayerOutputs[ClusterOutputs]:
    """Build the cluster of `place.region`.

    Raises:
        StanchionError: the environment says nothing about capacity.
    """
    region = str(place.region)
    capacity = capacity_of(spec, place)
    foundation = needs.foundation(region)
    topics = topics_of(foundation)
    aws_provider = provider_of(spec, place)
    opts = pulumi.ResourceOptions(provider=aws_provider)
    VcpuQuotas(f"{spec.name}-quotas", VcpuQuotasArgs(dict(capacity.vcpu_quotas)), opts)
    cluster = _cluster(spec, place, capacity, foundation, topics, opts)
    inside = pulumi.ResourceOptions(
        providers=[
            aws_provider,
            kubernetes_provider(place, cluster.cluster_name, cluster.endpoint, cluster.certificate_authority),
        ]
    )
    engine = Engine(capacity.engine.value)
    network = _add_ons(spec, capacity, cluster, "network", before_nodes(engine), opts)
    nodes = _nodes(spec, capacity, cluster, foundation, topics, _after(inside, network))
    _add_ons(spec, capacity, cluster, "add-ons", after_nodes(engine), _after(opts, [nodes]))
    Keda(f"{spec.name}-keda", KedaArgs(), _after(inside, [nodes]))
    if engine is Engine.NODE_GROUPS:
        _controllers(spec, region, capacity, cluster, foundation, _after(inside, [nodes]))
    roles = {name: identity.role_arn for name, identity in _identities(spec, cluster, foundation, opts).items()}
    way_in = entry(spec, region, cluster, foundation, topics, opts)
    batch = batch_endpoints(spec, region, capacity, foundation, topics, opts)
    return publish(
        ClusterOutputs,
        {
            "account": spec.accounts.workload,
            "region": region,
            "engine": capacity.engine.value,
            "access": {
                "name": cluster.cluster_name,
                "arn": cluster.arn,
                "endpoint": cluster.endpoint,
                "certificate_authority": cluster.certificate_authority,
                "kubernetes_version": capacity.kubernetes_version,
                "security_group_id": cluster.security_group_id,
            },
            "pools": list(capacity.pools),
            "roles": roles,
            "entry": way_in,
            "batch": batch,
        },
        stack=pulumi.get_stack(),
    )


def _after(opts: pulumi.ResourceOptions, needed: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(needed)))


def cluster_name(spec: Environment) -> str:
    """The cluster's name in each region."""
    return spec.name


def _cluster(
    spec: Environment,
    place: Place,
    capacity: Capacity,
    foundation: Foundation,
    topics: AlarmTopicsArgs,
    opts: pulumi.ResourceOptions,
) -> Cluster:
    return Cluster(
        f"{spec.name}-cluster",
        ClusterArgs(
            cluster_name=cluster_name(spec),
            kubernetes_version=capacity.kubernetes_version,
            subnet_ids=foundation.output(lambda f: f.network.private_subnet_ids),
            key_arn=foundation.output(lambda f: f.key.arn),
            account_id=spec.accounts.workload,
            administrators=_role_arns(spec, place, capacity.administrators),
            viewers=_role_arns(spec, place, capacity.viewers),
            log_retention_days=capacity.log_retention.days,
            alarm_topics=topics,
            keep=spec.keep,
            engine=Engine(capacity.engine.value),
            allowed_cidrs=list(capacity.allowed_cidrs),
        ),
        opts,
    )


def _add_ons(
    spec: Environment,
    capacity: Capacity,
    cluster: Cluster,
    name: str,
    add_ons: list[AddOn],
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    if not add_ons:
        return []
    args = AddOnsArgs(
        cluster_name=cluster.cluster_name,
        account_id=spec.accounts.workload,
        kubernetes_version=capacity.kubernetes_version,
        add_ons=add_ons,
    )
    return [AddOns(f"{spec.name}-{name}", args, opts)]


def _nodes(
    spec: Environment,
    capacity: Capacity,
    cluster: Cluster,
    foundation: Foundation,
    topics: AlarmTopicsArgs,
    opts: pulumi.ResourceOptions,
) -> AutoMode | NodeGroups:
    name = f"{spec.name}-nodes"
    subnet_ids = foundation.output(lambda f: f.network.private_subnet_ids)
    if capacity.engine.value == Engine.NODE_GROUPS.value:
        groups = NodeGroupsArgs(
            cluster_name=cluster.cluster_name,
            kubernetes_version=capacity.kubernetes_version,
            subnet_ids=subnet_ids,
            pools=node_group_args(capacity),
            alarm_topics=topics,
        )
        return NodeGroups(name, groups, opts)
    return AutoMode(
        name,
        AutoModeArgs(
            cluster_name=cluster.cluster_name,
            security_group_id=cluster.security_group_id,
            subnet_ids=subnet_ids,
            zone_names=foundation.output(lambda f: f.network.zones),
            key_arn=foundation.output(lambda f: f.key.arn),
            pools=pool_args(capacity),
            alarm_topics=topics,
        ),
        opts,
    )


def _controllers(
    spec: Environment,
    region: str,
    capacity: Capacity,
    cluster: Cluster,
    foundation: Foundation,
    opts: pulumi.ResourceOptions,
) -> NodeGroupControllers:
    """What Auto Mode brings along."""
    return NodeGroupControllers(
        f"{spec.name}-controllers",
        NodeGroupControllersArgs(
            cluster_name=cluster.cluster_name,
            account_id=spec.accounts.workload,
            region=region,
            vpc_id=foundation.output(lambda f: f.network.vpc_id),
            kubernetes_version=capacity.kubernetes_version,
        ),
        opts,
    )


def _identities(
    spec: Environment, cluster: Cluster, foundation: Foundation, opts: pulumi.ResourceOptions
) -> dict[str, PodIdentity]:
    """An identity for the pods of each online endpoint, by endpoint: it reads the files of its own model."""
    return {
        name: PodIdentity(
            f"{spec.name}-{name}",
            PodIdentityArgs(
                cluster_name=cluster.cluster_name,
                account_id=spec.accounts.workload,
                namespace=NAMESPACE,
                service_account=name,
                bucket_arn=foundation.output(lambda f: f.buckets.models.arn),
                prefix=endpoint.model,
                key_arn=foundation.output(lambda f: f.key.arn),
                workload=name,
                tier=endpoint.tier,
            ),
            opts,
        )
        for name, endpoint in spec.online_endpoints.items()
    }


def _role_arns(spec: Environment, place: Place, names: list[str]) -> list[pulumi.Input[str]]:
    return [role_arn(name, spec.accounts.workload, PARTITION_OF[str(place.region)]) for name in names]
