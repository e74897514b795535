"""Tables of DynamoDB as the platform has them: paid by request, encrypted with the region's key, and to be had back."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.component import Component


@dataclass
class TableReplicaArgs:
    """The other region of a global table.

    Args:
        region: its name.
        key_arn: ARN of that region's KMS key; a key of another region can't be used there.
        key_alias_arn: ARN of an alias of that key, which is known before the key is made; a tag says it.
    """

    region: str
    key_arn: pulumi.Input[str]
    key_alias_arn: pulumi.Input[str]


@dataclass
class TableArgs:
    """What one table is.

    Args:
        name: its name.
        partition_key: the attribute, a text.
        key_arn: ARN of the region's KMS key.
        keep: protect it from deletion, and leave it in the cloud when the stack goes.
        tags: whose it is.
        sort_key: the second attribute of the key, a text; none if None.
        time_to_live: the attribute by which items go, seconds since 1970; none if None.
        stream: whether changes can be read from a stream.
        replica: the other region; a table of one region if None.
    """

    name: str
    partition_key: str
    key_arn: pulumi.Input[str]
    keep: bool
    tags: dict[str, str]
    sort_key: str | None = None
    time_to_live: str | None = None
    stream: bool = False
    replica: TableReplicaArgs | None = None


def table(component: Component, child: str, args: TableArgs) -> aws.dynamodb.Table:
    """A table of a component.

    Args:
        component: whose child it is.
        child: what it is called in the program, after the component's name.
    """
    keys = [args.partition_key, *([args.sort_key] if args.sort_key else [])]
    replicas, tags = None, dict[str, pulumi.Input[str]](args.tags)
    if args.replica is not None:
        replicas = [
            aws.dynamodb.TableReplicaArgs(
                region_name=args.replica.region,
                kms_key_arn=args.replica.key_arn,
                point_in_time_recovery=True,
                deletion_protection_enabled=args.keep,
                propagate_tags=True,
            )
        ]
        tags = {**tags, **component.replica_key_tag(args.replica.key_alias_arn)}
    # A global table replicates by its stream, which then has whole items.
    streamed = args.stream or args.replica is not None
    return aws.dynamodb.Table(
        f"{component.name}-{child}",
        name=args.name,
        billing_mode="PAY_PER_REQUEST",
        hash_key=args.partition_key,
        range_key=args.sort_key,
        attributes=[aws.dynamodb.TableAttributeArgs(name=key, type="S") for key in keys],
        ttl=aws.dynamodb.TableTtlArgs(attribute_name=args.time_to_live, enabled=True) if args.time_to_live else None,
        stream_enabled=True if streamed else None,
        stream_view_type="NEW_AND_OLD_IMAGES" if streamed else None,
        server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True, kms_key_arn=args.key_arn),
        point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
        deletion_protection_enabled=args.keep,
        replicas=replicas,
        tags=tags,
        opts=component.kept(args.keep),
    )
