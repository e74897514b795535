"""The IAM role of one service account, and what a model server may read with it: its own model, nothing beside."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.component import Component


@dataclass
class PodIdentityArgs:
    """Args of `PodIdentity`.

    Args:
        cluster_name: the cluster whose pods get the role.
        account_id: whose clusters may use it.
        namespace: of the service account.
        service_account: its name.
        bucket_arn: ARN of the bucket that models lie in.
        prefix: of the keys that may be read, without a slash at either end, such as `models/support-llm`.
        key_arn: ARN of the KMS key that the bucket is encrypted with.
        workload: whose identity it is.
        tier: that workload's tier.
    """

    cluster_name: pulumi.Input[str]
    account_id: str
    namespace: str
    service_account: str
    bucket_arn: pulumi.Input[str]
    prefix: str
    key_arn: pulumi.Input[str]
    workload: str
    tier: str


class PodIdentity(Component):
    """Read access to one model's prefix for one service account of one cluster.

    The trust names cluster, namespace and service account, so that an association somebody adds elsewhere gets nothing.

    Cost: nothing; each decryption 0.03 USD per 10,000, which bucket keys make rare.
    Recovery: roles are global and go on to work when the region of IAM's control plane is lost; the standby's cluster
        has an identity of its own, which is there before it is needed.
    """

    role_arn: pulumi.Output[str]

    def __init__(self, name: str, args: PodIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        refuse_wide_prefix(name, args.prefix)
        super().__init__(name, args, opts)
        tags = self.owned_by(args.workload, args.tier)
        self.role = pod_role(
            self,
            "role",
            account_id=args.account_id,
            cluster_name=args.cluster_name,
            namespace=args.namespace,
            service_account=args.service_account,
            tags=tags,
        )
        self.permission = aws.iam.RolePolicy(
            f"{self.name}-read",
            role=self.role.name,
            policy=pulumi.Output.json_dumps(
                {"Version": "2012-10-17", "Statement": read_prefix(args.bucket_arn, args.prefix, args.key_arn)}
            ),
            opts=self.child(),
        )
        self.association = aws.eks.PodIdentityAssociation(
            f"{self.name}-association",
            cluster_name=args.cluster_name,
            namespace=args.namespace,
            service_account=args.service_account,
            role_arn=self.role.arn,
            tags=tags,
            # A pod that starts before keeps credentials that can read nothing.
            opts=self.child(depends_on=[self.permission]),
        )
        self.role_arn = self.role.arn
        self.register_outputs({"roleArn": self.role_arn})


def pod_role(
    component: Component,
    suffix: str,
    *,
    account_id: str,
    cluster_name: pulumi.Input[str],
    namespace: str,
    service_account: str,
    tags: dict[str, str],
) -> aws.iam.Role:
    """A role that pods of one service account get, and no others.

    The tags of the request are those that EKS Pod Identity sets (EKS user guide, role trust policy of EKS Pod Identity,
    read 2026-11-23).
    """
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {
            "StringEquals": {
                "aws:SourceAccount": account_id,
                "aws:RequestTag/eks-cluster-name": cluster_name,
                "aws:RequestTag/kubernetes-namespace": namespace,
                "aws:RequestTag/kubernetes-service-account": service_account,
            }
        },
    }
    return aws.iam.Role(
        f"{component.name}-{suffix}",
        description=f"What pods of {namespace}/{service_account} may do.",
        assume_role_policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [trust]}),
        tags=tags,
        opts=component.child(),
    )


def read_prefix(bucket_arn: pulumi.Input[str], prefix: str, key_arn: pulumi.Input[str]) -> list[dict[str, Any]]:
    """Statements that allow to list and read the keys below a prefix, and to decrypt them through S3 only."""
    return [
        {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": pulumi.Output.concat(bucket_arn, f"/{prefix}/*"),
        },
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket_arn,
            "Condition": {"StringLike": {"s3:prefix": f"{prefix}/*"}},
        },
        use_key(key_arn, "kms:Decrypt"),
    ]


def write_prefix(bucket_arn: pulumi.Input[str], prefix: str, key_arn: pulumi.Input[str]) -> list[dict[str, Any]]:
    """Statements that allow to write keys below a prefix, and to give up an upload that is not whole."""
    return [
        {
            "Effect": "Allow",
            "Action": ["s3:PutObject", "s3:AbortMultipartUpload"],
            "Resource": pulumi.Output.concat(bucket_arn, f"/{prefix}/*"),
        },
        # An upload in parts is decrypted while it is put together.
        use_key(key_arn, "kms:GenerateDataKey", "kms:Decrypt"),
    ]


def use_key(key_arn: pulumi.Input[str], *actions: str) -> dict[str, Any]:
    """A statement that allows the use of a key through S3 of any region of ours, and not by itself."""
    return {
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": key_arn,
        "Condition": {"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}},
    }


def refuse_wide_prefix(name: str, prefix: str) -> None:
    """Refuse a prefix that is the whole bucket or reaches into a neighbour's.

    Raises:
        ValueError: a sentence with the name, the prefix and the fix.
    """
    if not prefix or prefix != prefix.strip("/") or set("*?$") & set(prefix):
        raise ValueError(
            f"'{name}' has prefix '{prefix}'; allowed: the keys of one model without a slash at either end and without "
            "wildcards, such as 'models/support-llm'."
        )
