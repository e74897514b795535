"""Replication of container images from the primary region's registry to the standby's."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.component import Component


@dataclass
class RegistryReplicationArgs:
    """Args of `RegistryReplication`.

    Args:
        environment: the environment's name; repositories whose name begins with `<environment>/` replicate.
        account_id: the registry's owner, the same in both regions.
        primary_region: where images are pushed.
        standby_region: where they arrive.
    """

    environment: str
    account_id: pulumi.Input[str]
    primary_region: str
    standby_region: str


class RegistryReplication(Component):
    """The registry's replication rule: every image pushed to the environment's repositories goes to the standby.

    A registry, that is an account in one region, has *one* replication configuration: a second environment in the
    same account and primary region would overwrite this one. Environments that replicate have accounts of their own.

    Images that were pushed before the rule do not replicate, nor do deletions. What is pushed in the standby region
    while the primary is gone has to be pushed to the primary afterwards. What fails is told by the rules of
    `ContainerRegistry` in both regions.

    Cost: transfer between regions 0.02 USD per GB, and storage on both sides (us-east-1, from memory).
    Recovery: most images arrive within 30 minutes (ECR user guide, typical): no bound, so that a rollout is complete
        only when its image is in the standby's registry.
    """

    def __init__(self, name: str, args: RegistryReplicationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.prefix = f"{args.environment}/"
        self.configuration = self._configuration(args)
        self.register_outputs({"prefix": self.prefix})

    def _configuration(self, args: RegistryReplicationArgs) -> aws.ecr.ReplicationConfiguration:
        rule = aws.ecr.ReplicationConfigurationReplicationConfigurationRuleArgs(
            destinations=[
                aws.ecr.ReplicationConfigurationReplicationConfigurationRuleDestinationArgs(
                    region=args.standby_region, registry_id=args.account_id
                )
            ],
            repository_filters=[
                aws.ecr.ReplicationConfigurationReplicationConfigurationRuleRepositoryFilterArgs(
                    filter=self.prefix, filter_type="PREFIX_MATCH"
                )
            ],
        )
        return aws.ecr.ReplicationConfiguration(
            f"{self.name}-configuration",
            replication_configuration=aws.ecr.ReplicationConfigurationReplicationConfigurationArgs(rules=[rule]),
            region=args.primary_region,
            opts=self.child(),
        )
