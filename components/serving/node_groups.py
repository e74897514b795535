"""The nodes of a cluster without Auto Mode: managed node groups, a floor in each zone and a burst on spot."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs
from components.component import Component
from components.serving.node_alarms import node_alarms
from components.serving.placement import (
    CAPACITY_LABEL,
    CAPACITY_TYPE,
    POOL_LABEL,
    SPOT_TAINT,
    TAINT_VALUE,
    Accelerator,
    Architecture,
    refuse_few_types,
)
from stanchion.addressing import ZONES
from stanchion.serving.cold_start import NODE_DISK_MIB_PER_SECOND

# EKS user guide, node IAM role (read 2026-11-23). The network plugin has an identity of its own, so nodes need no
# rights on network interfaces.
NODE_POLICIES = {
    "worker": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
    "images": "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
}
# By processor and accelerator (EKS API, CreateNodegroup, amiType). Bottlerocket has what tells the scheduler of GPUs,
# as Auto Mode has; Amazon Linux wants a device plugin beside (EKS user guide, install Kubernetes device plugin for
# GPUs, read 2026-11-27). For Neuron both want it.
AMIS = {
    (Architecture.AMD64, None): "AL2023_x86_64_STANDARD",
    (Architecture.ARM64, None): "AL2023_ARM_64_STANDARD",
    (Architecture.AMD64, Accelerator.NVIDIA): "BOTTLEROCKET_x86_64_NVIDIA",
    (Architecture.ARM64, Accelerator.NVIDIA): "BOTTLEROCKET_ARM_64_NVIDIA",
    (Architecture.AMD64, Accelerator.NEURON): "AL2023_x86_64_NEURON",
}
# The disk of images, pods and weights; Bottlerocket has its own system on the first one.
DATA_DISK, BOTTLEROCKET_DATA_DISK = "/dev/xvda", "/dev/xvdb"


@dataclass
class NodeGroupArgs:
    """Args of one pool of node groups.

    Args:
        pool: its name; nodes carry it as label.
        instance_types: of the burst, 15 or more, all of one size: the group counts nodes, not vCPUs.
        floor_types: of the floor; those of the burst if empty.
        floor_per_zone: nodes on demand that run in each zone.
        burst_nodes: most spot nodes, over all zones; no burst if 0.
        accelerator: what the nodes have and only pods that ask for it may use.
        architecture: of all types.
        disk_gib: disk of a node for images and weights.
    """

    pool: str
    instance_types: list[str]
    floor_types: list[str]
    floor_per_zone: int = 1
    burst_nodes: int = 0
    accelerator: Accelerator | None = None
    architecture: Architecture = Architecture.AMD64
    disk_gib: int = 80


@dataclass
class NodeGroupsArgs:
    """Args of `NodeGroups`.

    Args:
        cluster_name: the cluster the nodes join.
        kubernetes_version: of the nodes; that of the cluster, which is updated first.
        subnet_ids: private subnets, one a zone.
        pools: at least one has a floor and no accelerator: add-ons run there.
        alarm_topics: topics of the region.
        watch_nodes: whether alarms watch the nodes; needs the observability add-on.
    """

    cluster_name: pulumi.Input[str]
    kubernetes_version: str
    subnet_ids: pulumi.Input[list[str]]
    pools: list[NodeGroupArgs]
    alarm_topics: AlarmTopicsArgs
    watch_nodes: bool = True


class NodeGroups(Component):
    """Managed node groups with the labels and taints of `AutoMode`, so that pods need not know the engine.

    A spot group rebalances by itself: EKS takes the pools with the most spare capacity, starts a new node when a notice
    comes, and drains the old one (EKS user guide, managed node groups, capacity types). What makes a burst larger is an
    autoscaler in the cluster, which finds these groups by the tags that EKS gives them (`NodeGroupControllers`).

    Disks are encrypted with the account's default key for EBS: with a key of ours, EC2 Auto Scaling's role would need
    rights on it that only exist once it does.

    Cost: the instances and 0.08 USD per GB-month of disk (us-east-1, EBS price page, from memory).
    Recovery: of three zones' floors two are left when a zone is lost. A node group that has to grow gets what EC2 has,
        within minutes as a rule, and is promised nothing. Spot has no bound.
    """

    def __init__(self, name: str, args: NodeGroupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        refuse_no_nodes(name, args.pools)
        super().__init__(name, args, opts)
        self.role, self._attached = self._role()
        self.templates = {pool.pool: self._template(pool) for pool in args.pools}
        self.groups = [group for pool in args.pools for group in self._groups(pool, args)]
        if args.watch_nodes:
            node_alarms(self, args.cluster_name, sum(pool.floor_per_zone for pool in args.pools) * ZONES)
        self.register_outputs({"nodeRoleArn": self.role.arn})

    def _role(self) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
        trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        role = aws.iam.Role(
            f"{self.name}-node",
            description="What nodes may do by themselves; pods have identities of their own.",
            assume_role_policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [trust]}),
            tags=self.shared(),
            opts=self.child(),
        )
        return role, [
            aws.iam.RolePolicyAttachment(f"{self.name}-{suffix}", role=role.name, policy_arn=arn, opts=self.child())
            for suffix, arn in NODE_POLICIES.items()
        ]

    def _template(self, pool: NodeGroupArgs) -> aws.ec2.LaunchTemplate:
        return aws.ec2.LaunchTemplate(
            f"{self.name}-{pool.pool}",
            description=f"Nodes of pool {pool.pool}.",
            metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled",
                http_tokens="required",
                # One hop ends at the node: no pod gets the node's credentials.
                http_put_response_hop_limit=1,
            ),
            block_device_mappings=[
                aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
                    device_name=(BOTTLEROCKET_DATA_DISK if pool.accelerator is Accelerator.NVIDIA else DATA_DISK),
                    ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                        volume_size=pool.disk_gib,
                        volume_type="gp3",
                        iops=6000,
                        throughput=NODE_DISK_MIB_PER_SECOND,
                        encrypted="true",
                        delete_on_termination="true",
                    ),
                )
            ],
            update_default_version=True,
            tags=self.shared(),
            opts=self.child(),
        )

    def _groups(self, pool: NodeGroupArgs, args: NodeGroupsArgs) -> list[aws.eks.NodeGroup]:
        subnets = pulumi.Output.from_input(args.subnet_ids)
        types = pool.floor_types or pool.instance_types
        groups = []
        for number in range(ZONES if pool.floor_per_zone else 0):
            size = (pool.floor_per_zone, pool.floor_per_zone + 1)
            groups.append(self._group(pool, args, f"floor-{number}", [subnets[number]], types, size))
        if pool.burst_nodes:
            every = [subnets[number] for number in range(ZONES)]
            groups.append(self._group(pool, args, "burst", every, pool.instance_types, (0, pool.burst_nodes)))
        return groups

    def _group(
        self,
        pool: NodeGroupArgs,
        args: NodeGroupsArgs,
        suffix: str,
        subnets: list[pulumi.Output[str]],
        types: list[str],
        size: tuple[int, int],
    ) -> aws.eks.NodeGroup:
        spot = suffix == "burst"
        template = self.templates[pool.pool]
        return aws.eks.NodeGroup(
            f"{self.name}-{pool.pool}-{suffix}",
            cluster_name=args.cluster_name,
            node_role_arn=self.role.arn,
            subnet_ids=subnets,
            capacity_type="SPOT" if spot else "ON_DEMAND",
            instance_types=types,
            ami_type=AMIS[pool.architecture, pool.accelerator],
            version=args.kubernetes_version,
            launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(str)
            ),
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(min_size=size[0], desired_size=size[0], max_size=size[1]),
            # A group of one zone has few nodes, and one at a time is what the other zones can stand in for.
            update_config=aws.eks.NodeGroupUpdateConfigArgs(
                max_unavailable=None if spot else 1, max_unavailable_percentage=33 if spot else None
            ),
            node_repair_config=aws.eks.NodeGroupNodeRepairConfigArgs(enabled=True),
            labels={
                CAPACITY_LABEL: "burst" if spot else "floor",
                CAPACITY_TYPE: "spot" if spot else "on-demand",
                POOL_LABEL: pool.pool,
            },
            taints=_taints(pool, spot) or None,
            tags=self.shared(),
            # How many run now is the autoscaler's to say.
            opts=self.child(depends_on=self._attached, ignore_changes=["scalingConfig.desiredSize"] if spot else None),
        )


def _taints(pool: NodeGroupArgs, spot: bool) -> list[aws.eks.NodeGroupTaintArgs]:
    keys = [*([pool.accelerator.value] if pool.accelerator else []), *([SPOT_TAINT] if spot else [])]
    return [aws.eks.NodeGroupTaintArgs(key=key, value=TAINT_VALUE, effect="NO_SCHEDULE") for key in keys]


def refuse_no_nodes(name: str, pools: list[NodeGroupArgs]) -> None:
    """Refuse pools that would leave add-ons without nodes, spot without choice, or nodes without an image.

    Raises:
        ValueError: a sentence with the pool's name and the fix.
    """
    if not any(pool.floor_per_zone and pool.accelerator is None for pool in pools):
        raise ValueError(
            f"'{name}' has no pool with a floor and without accelerator, so add-ons would have no node to run on; give "
            "one pool floor_per_zone 1 or more."
        )
    for pool in pools:
        refuse_few_types(f"pool '{pool.pool}'", pool.instance_types, needed=pool.burst_nodes > 0)
        if (pool.architecture, pool.accelerator) not in AMIS:
            accelerator = pool.accelerator.value if pool.accelerator else "no accelerator"
            raise ValueError(
                f"pool '{pool.pool}' is {pool.architecture.value} with {accelerator}, for which EKS has no image; use "
                "amd64."
            )
