"""ARNs made of parts that a preview knows, so that what points at them can be judged before the first deployment."""

import pulumi

from stanchion.spec import Environment
from stanchion.spec.regions import PARTITION_OF


def bucket_arn(region: str, name: pulumi.Input[str]) -> pulumi.Output[str]:
    """The ARN of a bucket; it names neither region nor account, but the partition is the region's."""
    return pulumi.Output.concat("arn:", PARTITION_OF[region], ":s3:::", name)


def key_alias_arn(spec: Environment, region: str, alias: pulumi.Input[str]) -> pulumi.Output[str]:
    """The ARN of a key's alias in the workload's account.

    Args:
        spec: the environment.
        region: where the key lies.
        alias: its name, with `alias/`.
    """
    return _arn(region, "kms", spec.accounts.workload, alias)


def vault_arn(
    spec: Environment, region: str, name: pulumi.Input[str], account: str | None = None
) -> pulumi.Output[str]:
    """The ARN of a backup vault.

    Args:
        spec: the environment.
        region: where the vault lies.
        name: its name.
        account: whose it is; the workload's if None.
    """
    return _arn(region, "backup", account or spec.accounts.workload, pulumi.Output.concat("backup-vault:", name))


def _arn(region: str, service: str, account: str, resource: pulumi.Input[str]) -> pulumi.Output[str]:
    return pulumi.Output.concat("arn:", PARTITION_OF[region], ":", service, ":", region, ":", account, ":", resource)


def table_arn(spec: Environment, region: str, name: pulumi.Input[str]) -> pulumi.Output[str]:
    """The ARN of a DynamoDB table of a region; a global table has one in each."""
    return arn(spec, region, "dynamodb", pulumi.Output.concat("table/", name))


def arn(spec: Environment, region: str, service: str, resource: pulumi.Input[str]) -> pulumi.Output[str]:
    """The ARN of something in the workload's account.

    Args:
        spec: the environment.
        region: where it lies.
        service: such as `dynamodb`.
        resource: what follows the account.
    """
    return _arn(region, service, spec.accounts.workload, resource)
