"""The nodes of a cluster in EKS Auto Mode: their role, their class, and pools for floor, burst and overflow."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.core.v1 import ConfigMap
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.alarm import AlarmTopicsArgs
from components.component import Component
from components.serving import node_pools
from components.serving.access import AUTO_NODE_POLICY, grant_access
from components.serving.node_alarms import node_alarms
from components.serving.node_pools import PoolArgs, burst_spec, floor_spec, overflow_spec
from components.serving.placement import refuse_few_types
from stanchion.addressing import ZONES
from stanchion.serving.cold_start import NODE_DISK_MIB_PER_SECOND

# EKS user guide, Auto Mode node IAM role (read 2026-11-23): pull images, and nothing but the pods' own identities.
NODE_POLICIES = {
    "worker": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodeMinimalPolicy",
    "images": "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
}
NODE_CLASS_API = "eks.amazonaws.com/v1"
# What a gp3 volume has by itself, and what it takes to read weights of tens of GB in a minute (EBS user guide, gp3).
DISK = {"iops": 6000, "throughput": NODE_DISK_MIB_PER_SECOND}


@dataclass
class AutoModeArgs:
    """Args of `AutoMode`.

    Args:
        cluster_name: the cluster the nodes join.
        security_group_id: the cluster's security group.
        subnet_ids: private subnets, one a zone.
        zone_names: their zones, in the same order.
        key_arn: ARN of the region's KMS key; encrypts the nodes' disks.
        pools: the first one without an accelerator is where add-ons run, so it has a floor.
        alarm_topics: topics of the region.
        watch_nodes: whether alarms watch the nodes; needs the observability add-on.
    """

    cluster_name: pulumi.Input[str]
    security_group_id: pulumi.Input[str]
    subnet_ids: pulumi.Input[list[str]]
    zone_names: pulumi.Input[list[str]]
    key_arn: pulumi.Input[str]
    pools: list[PoolArgs]
    alarm_topics: AlarmTopicsArgs
    watch_nodes: bool = True


class AutoMode(Component):
    """Node pools of our own in place of Auto Mode's built-in ones, which know neither spot nor a floor.

    Each pool is up to five NodePools: a static one on demand for each zone, spot with a taint, and on demand for what
    spot does not give. What does not tolerate the taint, such as add-ons, never stands on spot. Floors of the zones
    expire days apart, since expiry asks no disruption budget.

    A class that names capacity reservations ends the use of open ones by every class of the cluster (EKS user guide,
    capacity reservations).

    Cost: the floor and what is reserved run always; spot costs a third to a tenth of on demand (EC2 spot price page);
        Auto Mode adds about 12 % of the on-demand price to each instance (EKS price page, from memory).
    Recovery: of three zones' floors two are left when a zone is lost. Nodes that do not run yet come in about a minute
        as a rule and are promised by nobody, unless `reserved_per_zone` keeps instances for them. Spot has no bound.
    """

    def __init__(self, name: str, args: AutoModeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        refuse_no_floor(name, args.pools)
        super().__init__(name, args, opts)
        self.role = self._role()
        self.access = self._access(args)
        self.network_policies = self._network_policies()
        self.reservations = {pool.pool: self._reservations(pool, args) for pool in args.pools}
        self.node_classes = {pool.pool: self._node_class(pool, args) for pool in args.pools}
        self.node_pools = [made for pool in args.pools for made in self._node_pools(pool, args)]
        if args.watch_nodes:
            node_alarms(self, args.cluster_name, sum(pool.floor_per_zone for pool in args.pools) * ZONES)
        self.register_outputs({"nodeRoleArn": self.role.arn})

    def _role(self) -> aws.iam.Role:
        trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        role = aws.iam.Role(
            f"{self.name}-node",
            description="What nodes may do by themselves; pods have identities of their own.",
            assume_role_policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [trust]}),
            tags=self.shared(),
            opts=self.child(),
        )
        for suffix, arn in NODE_POLICIES.items():
            aws.iam.RolePolicyAttachment(f"{self.name}-{suffix}", role=role.name, policy_arn=arn, opts=self.child())
        return role

    def _access(self, args: AutoModeArgs) -> aws.eks.AccessPolicyAssociation:
        # EKS makes this entry by itself for the built-in pools only; without it nodes start and never join.
        return grant_access(self, "node", args.cluster_name, self.role.arn, AUTO_NODE_POLICY, entry_type="EC2")

    def _network_policies(self) -> ConfigMap:
        # Without it network policies are accepted and do nothing (EKS user guide, use network policies with Auto Mode,
        # read 2026-11-27); the node classes have their half.
        return ConfigMap(
            f"{self.name}-network-policies",
            metadata=ObjectMetaArgs(
                name="amazon-vpc-cni", namespace="kube-system", labels={"stanchion.dev/shared": "true"}
            ),
            data={"enable-network-policy-controller": "true"},
            opts=self.child(),
        )

    def _reservations(self, pool: PoolArgs, args: AutoModeArgs) -> list[aws.ec2.CapacityReservation]:
        if pool.reserved_per_zone is None:
            return []
        zones = pulumi.Output.from_input(args.zone_names)
        return [
            aws.ec2.CapacityReservation(
                f"{self.name}-{pool.pool}-{number}",
                instance_type=(pool.floor_types or pool.instance_types)[0],
                instance_platform="Linux/UNIX",
                availability_zone=zones[number],
                instance_count=pool.floor_per_zone + pool.reserved_per_zone,
                # Only what names it: anything else of this type in the account would use it up.
                instance_match_criteria="targeted",
                end_date_type="unlimited",
                tags={**self.shared(), "Name": f"{self.name}-{pool.pool}-{number}"},
                opts=self.child(),
            )
            for number in range(ZONES)
        ]

    def _node_class(self, pool: PoolArgs, args: AutoModeArgs) -> CustomResource:
        spec: dict[str, Any] = {
            "role": self.role.name,
            "subnetSelectorTerms": pulumi.Output.from_input(args.subnet_ids).apply(
                lambda subnets: [{"id": subnet} for subnet in subnets]
            ),
            "securityGroupSelectorTerms": [{"id": args.security_group_id}],
            "networkPolicy": "DefaultAllow",
            "ephemeralStorage": {"size": f"{pool.ephemeral_gib}Gi", "kmsKeyID": args.key_arn, **DISK},
        }
        if self.reservations[pool.pool]:
            spec["capacityReservationSelectorTerms"] = [{"id": each.id} for each in self.reservations[pool.pool]]
        return self._object(f"class-{pool.pool}", pool.pool, NODE_CLASS_API, "NodeClass", spec, [self.access])

    def _node_pools(self, pool: PoolArgs, args: AutoModeArgs) -> list[CustomResource]:
        names = pulumi.Output.from_input(args.zone_names)
        zones: list[pulumi.Input[str]] = [names[number] for number in range(ZONES)]

        def made(name: str, spec: dict[str, Any]) -> CustomResource:
            own = f"{pool.pool}-{name}"
            needs: list[pulumi.Resource] = [self.node_classes[pool.pool]]
            return self._object(own, own, node_pools.API_VERSION, "NodePool", spec, needs)

        specs: dict[str, dict[str, Any]] = {}
        if pool.floor_per_zone:
            specs = {f"floor-{number}": floor_spec(pool, number, zone) for number, zone in enumerate(zones)}
        if pool.burst_cpu:
            specs["burst"] = burst_spec(pool, zones)
        if pool.overflow_cpu:
            specs["overflow"] = overflow_spec(pool, zones)
        return [made(name, spec) for name, spec in specs.items()]

    def _object(
        self, suffix: str, name: str, api_version: str, kind: str, spec: dict[str, Any], after: list[pulumi.Resource]
    ) -> CustomResource:
        return CustomResource(
            f"{self.name}-{suffix}",
            api_version=api_version,
            kind=kind,
            metadata={"name": name, "labels": {"stanchion.dev/shared": "true"}},
            spec=spec,
            opts=self.child(depends_on=after),
        )


def refuse_no_floor(name: str, pools: list[PoolArgs]) -> None:
    """Refuse pools that would leave add-ons without nodes, or spot without choice.

    Raises:
        ValueError: a sentence with the pool's name and the fix.
    """
    if not any(pool.floor_per_zone and pool.accelerator is None for pool in pools):
        raise ValueError(
            f"'{name}' has no pool with a floor and without accelerator: with the built-in pools off, add-ons would "
            "have no node to run on. Give one pool floor_per_zone 1 or more."
        )
    twice = [pool.pool for number, pool in enumerate(pools) if pool.pool in {p.pool for p in pools[:number]}]
    if twice:
        raise ValueError(
            f"'{name}' has two pools called '{twice[0]}'; names are the nodes' labels, so give each its own."
        )
    for pool in pools:
        refuse_few_types(f"pool '{pool.pool}'", pool.instance_types, needed=pool.burst_cpu > 0)
        if pool.pool == "default":
            # Auto Mode's own class has that name (EKS user guide, create a node class).
            raise ValueError(f"'{name}' has a pool called 'default', the name of Auto Mode's own; call it 'general'.")
