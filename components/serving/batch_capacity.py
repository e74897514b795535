"""Where batch jobs run: a compute environment on spot and one on demand, of the same instances."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.component import Component
from components.serving.placement import refuse_few_types
from stanchion.addressing import ZONES

# Batch user guide, Amazon ECS instance role (read 2026-11-23).
INSTANCE_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"


@dataclass
class BatchCapacityArgs:
    """Args of `BatchCapacity`.

    Args:
        workload: whose it is.
        tier: that workload's tier.
        instance_types: 15 or more.
        vpc_id: where instances run.
        subnet_ids: private subnets, one a zone.
        max_vcpus: most vCPUs in each of the two.
        disk_gib: disk of an instance for images and weights.
    """

    workload: str
    tier: str
    instance_types: list[str]
    vpc_id: pulumi.Input[str]
    subnet_ids: pulumi.Input[list[str]]
    max_vcpus: int
    disk_gib: int


class BatchCapacity(Component):
    """Two compute environments that shrink to nothing: the queue asks spot first and on demand when it gets none.

    Cost: the instances while jobs run, by the second.
    Recovery: spot has no bound by itself; with the second environment behind it jobs go on at the on-demand price.
    """

    def __init__(self, name: str, args: BatchCapacityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        refuse_few_types(f"batch '{name}'", args.instance_types, needed=True)
        super().__init__(name, args, opts)
        self.tags = self.owned_by(args.workload, args.tier)
        self.profile = self._profile()
        self.security_group = self._security_group(args)
        self.template = self._template(args)
        self.spot = self._environment("spot", "SPOT", "SPOT_PRICE_CAPACITY_OPTIMIZED", args)
        self.on_demand = self._environment("on-demand", "EC2", "BEST_FIT_PROGRESSIVE", args)
        self.register_outputs({})

    def _profile(self) -> aws.iam.InstanceProfile:
        trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        role = aws.iam.Role(
            f"{self.name}-instance",
            description="What hosts of batch jobs may do by themselves; jobs have roles of their own.",
            assume_role_policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [trust]}),
            tags=self.tags,
            opts=self.child(),
        )
        attached = aws.iam.RolePolicyAttachment(
            f"{self.name}-instance", role=role.name, policy_arn=INSTANCE_POLICY, opts=self.child()
        )
        return aws.iam.InstanceProfile(
            f"{self.name}-instance", role=role.name, tags=self.tags, opts=self.child(depends_on=[attached])
        )

    def _security_group(self, args: BatchCapacityArgs) -> aws.ec2.SecurityGroup:
        group = aws.ec2.SecurityGroup(
            f"{self.name}-jobs",
            description="Batch jobs: nobody calls them",
            vpc_id=args.vpc_id,
            tags={**self.tags, "Name": f"{self.name}-jobs"},
            opts=self.child(),
        )
        aws.vpc.SecurityGroupEgressRule(
            f"{self.name}-https",
            security_group_id=group.id,
            description="HTTPS to buckets, registry and logs",
            cidr_ipv4="0.0.0.0/0",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            tags=self.tags,
            opts=self.child(),
        )
        return group

    def _template(self, args: BatchCapacityArgs) -> aws.ec2.LaunchTemplate:
        disk = aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
            volume_size=args.disk_gib, volume_type="gp3", encrypted="true", delete_on_termination="true"
        )
        return aws.ec2.LaunchTemplate(
            f"{self.name}-host",
            description="Hosts of batch jobs.",
            metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled",
                http_tokens="required",
                # One hop ends at the host: jobs get their own credentials and not the host's.
                http_put_response_hop_limit=1,
            ),
            block_device_mappings=[aws.ec2.LaunchTemplateBlockDeviceMappingArgs(device_name="/dev/xvda", ebs=disk)],
            update_default_version=True,
            tags=self.tags,
            opts=self.child(),
        )

    def _environment(
        self, suffix: str, kind: str, strategy: str, args: BatchCapacityArgs
    ) -> aws.batch.ComputeEnvironment:
        subnets = pulumi.Output.from_input(args.subnet_ids)
        return aws.batch.ComputeEnvironment(
            f"{self.name}-{suffix}",
            type="MANAGED",
            state="ENABLED",
            compute_resources=aws.batch.ComputeEnvironmentComputeResourcesArgs(
                type=kind,
                allocation_strategy=strategy,
                min_vcpus=0,
                max_vcpus=args.max_vcpus,
                instance_types=args.instance_types,
                instance_role=self.profile.arn,
                subnets=[subnets[number] for number in range(ZONES)],
                security_group_ids=[self.security_group.id],
                launch_template=aws.batch.ComputeEnvironmentComputeResourcesLaunchTemplateArgs(
                    launch_template_id=self.template.id,
                    # By number: `$Latest` stays the same text when the template changes, and nothing would follow.
                    version=self.template.latest_version.apply(str),
                ),
                tags={**self.tags, "Name": f"{self.name}-{suffix}"},
            ),
            update_policy=aws.batch.ComputeEnvironmentUpdatePolicyArgs(
                # A change of the environment waits for its jobs, an hour at most.
                job_execution_timeout_minutes=60,
                terminate_jobs_on_update=False,
            ),
            # One subnet a zone; before the network is deployed nobody else can tell.
            tags={**self.tags, "stanchion:zones": str(ZONES)},
            # How many vCPUs there are now is Batch's to say.
            opts=self.child(ignore_changes=["computeResources.desiredVcpus"]),
        )
