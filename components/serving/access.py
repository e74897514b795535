"""Who gets into a cluster: access entries with EKS's access policies, and ranges of addresses."""

import pulumi
import pulumi_aws as aws

from components.component import Component

_ACCESS = "arn:aws:eks::aws:cluster-access-policy"
# EKS user guide, access policy permissions (read 2026-11-23).
ADMINISTRATOR_POLICY = f"{_ACCESS}/AmazonEKSClusterAdminPolicy"
VIEWER_POLICY = f"{_ACCESS}/AmazonEKSAdminViewPolicy"
AUTO_NODE_POLICY = f"{_ACCESS}/AmazonEKSAutoNodePolicy"
EVERYWHERE = ("0.0.0.0/0", "::/0")


def grant_access(
    component: Component,
    name: str,
    cluster_name: pulumi.Input[str],
    principal: pulumi.Input[str],
    policy: str,
    entry_type: str = "STANDARD",
) -> aws.eks.AccessPolicyAssociation:
    """Let an IAM role into a whole cluster with one of EKS's access policies."""
    entry = aws.eks.AccessEntry(
        f"{component.name}-{name}",
        cluster_name=cluster_name,
        principal_arn=principal,
        type=entry_type,
        tags=component.shared(),
        opts=component.child(),
    )
    return aws.eks.AccessPolicyAssociation(
        f"{component.name}-{name}",
        cluster_name=cluster_name,
        principal_arn=entry.principal_arn,
        policy_arn=policy,
        access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
        opts=component.child(),
    )


def refuse_open(subject: str, cidrs: list[str]) -> None:
    """Refuse ranges that are the whole internet.

    Raises:
        ValueError: a sentence with the subject and the fix.
    """
    everywhere = [cidr for cidr in cidrs if cidr.strip() in EVERYWHERE]
    if everywhere:
        raise ValueError(
            f"{subject} has allowed_cidrs '{everywhere[0]}', which is the whole internet; name the ranges of the "
            "people and pipelines that need the API, or none, which leaves it reachable inside the VPC."
        )
