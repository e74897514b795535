"""A small program in plain pulumi_aws with what a reader of graphs has to get right.

Two regions, an explicit and the default provider, components in components, secrets, values that only the deployment
knows, nested lists. `changed` is the same program after an edit: an update, a replacement, a removal and something new.
"""

import json

import pulumi
import pulumi_aws as aws

PASSWORD = "correct-horse-battery"


class Store(pulumi.ComponentResource):
    """A bucket with its parts, as a team would write it."""

    def __init__(self, name: str, key: aws.kms.Key, days: int, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("shop:storage:Store", name, {"days": days}, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.bucket = aws.s3.Bucket(f"{name}-data", tags={"stanchion:workload": "orders"}, opts=child)
        aws.s3.BucketVersioning(
            f"{name}-versions",
            bucket=self.bucket.id,
            versioning_configuration={"status": "Enabled"},
            opts=child,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=self.bucket.id,
            rules=[
                {"apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key.arn}}
            ],
            opts=child,
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            bucket=self.bucket.id,
            rules=[
                {
                    "id": "old",
                    "status": "Enabled",
                    "filter": {"prefix": "old/"},
                    "transitions": [{"days": days, "storage_class": "GLACIER_IR"}],
                    "noncurrent_version_expiration": {"noncurrent_days": 30},
                },
                {"id": "parts", "status": "Enabled", "abort_incomplete_multipart_upload": {"days_after_initiation": 7}},
            ],
            opts=child,
        )
        self.register_outputs({"bucket": self.bucket.bucket})


class Shop(pulumi.ComponentResource):
    """Two stores and what they share."""

    def __init__(self, name: str, changed: bool, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("shop:index:Shop", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.key = aws.kms.Key(f"{name}-key", multi_region=True, deletion_window_in_days=7, opts=child)
        self.orders = Store("orders", self.key, 60 if changed else 30, child)
        self.register_outputs({})


def build(changed: bool = False) -> None:
    """Register everything.

    Args:
        changed: as the program is after the edit.
    """
    west = aws.Provider("west", region="us-west-2", default_tags={"tags": {"team": "shop"}})
    east = aws.Provider("east", region="us-east-1", default_tags={"tags": {"team": "shop"}})
    shop = Shop("shop", changed, pulumi.ResourceOptions(providers=[east]))
    # Of the other region by its own property, beside one that is there by its provider.
    aws.kms.ReplicaKey(
        "key-copy",
        primary_key_arn=shop.key.arn,
        region="us-west-2",
        deletion_window_in_days=7,
        opts=pulumi.ResourceOptions(provider=east, protect=True, retain_on_delete=True),
    )
    dead = aws.sqs.Queue("dead", opts=pulumi.ResourceOptions(provider=west))
    aws.sqs.Queue(
        "work",
        redrive_policy=dead.arn.apply(lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})),
        visibility_timeout_seconds=60,
        opts=pulumi.ResourceOptions(provider=west, depends_on=[shop]),
    )
    # On the default provider, whose region only the configuration or the environment says.
    aws.sns.Topic("told", display_name=pulumi.Output.secret(PASSWORD), name="told-2" if changed else "told-1")
    aws.cloudwatch.LogGroup(
        "log",
        retention_in_days=30,
        tags={"owner": "shop", "token": pulumi.Output.secret(PASSWORD)},
    )
    if changed:
        aws.sns.Topic("new", tags={"queue": dead.name})
    else:
        aws.sns.Topic("gone")
    pulumi.export("bucket", shop.orders.bucket.bucket)
    pulumi.export("password", pulumi.Output.secret(PASSWORD))
