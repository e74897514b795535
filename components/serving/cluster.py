"""An EKS cluster: who may reach it, who may administer it, what it keeps, and who makes its nodes."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs, Comparison, Metric, MissingData, Severity, Signal
from components.component import Component
from components.observability.log_group import LogGroup, LogGroupArgs
from components.serving.access import ADMINISTRATOR_POLICY, VIEWER_POLICY, grant_access, refuse_open

_AWS = "arn:aws:iam::aws:policy"
# EKS user guide, cluster IAM role and Auto Mode identity and access (read 2026-11-23).
CLUSTER_POLICIES = {"cluster": f"{_AWS}/AmazonEKSClusterPolicy"}
AUTO_MODE_POLICIES = {
    "compute": f"{_AWS}/AmazonEKSComputePolicy",
    "block-storage": f"{_AWS}/AmazonEKSBlockStoragePolicy",
    "load-balancing": f"{_AWS}/AmazonEKSLoadBalancingPolicy",
    "networking": f"{_AWS}/AmazonEKSNetworkingPolicy",
}
LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
# etcd of a cluster holds 8 GB (EKS user guide, service quotas and control plane; best practices, etcd); beyond, it
# takes no writes. Four fifths leave days at any usual growth.
STORAGE_ALARM_BYTES = 0.8 * 8 * 1024**3


class Engine(Enum):
    """Who makes nodes: EKS Auto Mode, or managed node groups with everything that has to run on them."""

    AUTO_MODE = "auto_mode"
    NODE_GROUPS = "node_groups"


class Support(Enum):
    """What happens at the end of a version's standard support: EKS upgrades, or bills the extended one."""

    STANDARD = "STANDARD"
    EXTENDED = "EXTENDED"


@dataclass
class ClusterArgs:
    """Args of `Cluster`.

    Args:
        cluster_name: unique in account and region; log group, roles and node tags carry it.
        kubernetes_version: such as `1.35`.
        subnet_ids: private subnets, one a zone; the control plane's interfaces and the nodes lie in them.
        key_arn: ARN of the region's KMS key; encrypts secrets, logs and, in Auto Mode, the nodes' volumes.
        account_id: whose cluster may use the role.
        administrators: ARNs of IAM roles that may do everything in the cluster; the one that deploys is among them.
        log_retention_days: of the control plane's logs.
        alarm_topics: topics of the region.
        keep: refuse deletion in the cloud, and leave the logs there when the stack goes.
        engine: who makes nodes.
        viewers: ARNs of IAM roles that may read everything but secrets' values.
        allowed_cidrs: from where the API may be reached over the internet; from nowhere if empty.
        support: what happens when the version's standard support ends.
        silent_after: how long an audit log without records means that something is wrong.
    """

    cluster_name: str
    kubernetes_version: str
    subnet_ids: pulumi.Input[list[str]]
    key_arn: pulumi.Input[str]
    account_id: str
    administrators: list[pulumi.Input[str]]
    log_retention_days: int
    alarm_topics: AlarmTopicsArgs
    keep: bool
    engine: Engine = Engine.AUTO_MODE
    viewers: list[pulumi.Input[str]] = field(default_factory=list)
    allowed_cidrs: list[str] = field(default_factory=list)
    support: Support = Support.STANDARD
    silent_after: str = "1h"


class Cluster(Component):
    """A control plane whose access is declared here and nowhere else: access entries, no config map, no silent creator.

    The API answers inside the VPC, and outside only to `allowed_cidrs`. Secrets are encrypted in etcd with the region's
    key. Auto Mode comes without its built-in pools, whose types and disruption nobody can choose; `AutoMode` adds ours.

    Cost: 0.10 USD an hour, 0.60 in extended support (EKS price page, from memory); Auto Mode adds about 12 % to the
        price of its instances. Logs 0.50 USD per GB, of which audit is the most.
    Recovery: the control plane runs in three zones and is AWS's to keep up. A lost region takes the cluster with it;
        the standby's is there before it is needed. What is in it comes from this program, not from a backup.
    """

    cluster_name: pulumi.Output[str]
    arn: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    certificate_authority: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    kubernetes_version: pulumi.Output[str]

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        refuse_locked_out(name, args)
        refuse_open(f"cluster '{name}'", args.allowed_cidrs)
        super().__init__(name, args, opts)
        self.log_group = self._log_group(args)
        self.role = self._role(args)
        self.permissions = self._permissions(args)
        self.cluster = self._cluster(args)
        self.access = self._access(args)
        self._alarms()
        self._outputs(args)

    def _log_group(self, args: ClusterArgs) -> LogGroup:
        # EKS would make it on its own: without a key, and kept for ever.
        return LogGroup(
            f"{self.name}-control-plane",
            LogGroupArgs(
                retention_days=args.log_retention_days,
                key_arn=args.key_arn,
                keep=args.keep,
                log_group_name=f"/aws/eks/{args.cluster_name}/cluster",
                silent_after=args.silent_after,
                alarm_topics=args.alarm_topics,
            ),
            self.child(),
        )

    def _role(self, args: ClusterArgs) -> aws.iam.Role:
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": "eks.amazonaws.com"},
            # Auto Mode tags its sessions with the cluster's name, by which its policies limit themselves.
            "Action": ["sts:AssumeRole", *(["sts:TagSession"] if args.engine is Engine.AUTO_MODE else [])],
            # For this cluster only, not for another customer's (EKS user guide, confused deputy prevention).
            "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:eks:*:{args.account_id}:cluster/{args.cluster_name}"}},
        }
        return aws.iam.Role(
            f"{self.name}-role",
            description=f"What the control plane of {args.cluster_name} may do.",
            assume_role_policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [trust]}),
            tags=self.shared(),
            opts=self.child(),
        )

    def _permissions(self, args: ClusterArgs) -> list[pulumi.Resource]:
        policies = {**CLUSTER_POLICIES, **(AUTO_MODE_POLICIES if args.engine is Engine.AUTO_MODE else {})}
        attached: list[pulumi.Resource] = [
            aws.iam.RolePolicyAttachment(
                f"{self.name}-{suffix}", role=self.role.name, policy_arn=arn, opts=self.child()
            )
            for suffix, arn in policies.items()
        ]
        statements: list[dict[str, Any]] = [
            {
                "Effect": "Allow",
                "Action": ["kms:DescribeKey", "kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext"],
                "Resource": args.key_arn,
            },
            {
                # Grants for the volumes of nodes, which EC2 uses, and for nobody else.
                "Effect": "Allow",
                "Action": "kms:CreateGrant",
                "Resource": args.key_arn,
                "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
            },
        ]
        key = aws.iam.RolePolicy(
            f"{self.name}-key",
            role=self.role.name,
            policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements}),
            opts=self.child(),
        )
        return [*attached, key]

    def _cluster(self, args: ClusterArgs) -> aws.eks.Cluster:
        auto_mode = args.engine is Engine.AUTO_MODE
        return aws.eks.Cluster(
            f"{self.name}-cluster",
            name=args.cluster_name,
            version=args.kubernetes_version,
            role_arn=self.role.arn,
            access_config=aws.eks.ClusterAccessConfigArgs(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            vpc_config=aws.eks.ClusterVpcConfigArgs(
                subnet_ids=args.subnet_ids,
                endpoint_private_access=True,
                endpoint_public_access=bool(args.allowed_cidrs),
                public_access_cidrs=args.allowed_cidrs or None,
            ),
            encryption_config=aws.eks.ClusterEncryptionConfigArgs(
                resources=["secrets"],
                provider=aws.eks.ClusterEncryptionConfigProviderArgs(key_arn=args.key_arn),
            ),
            enabled_cluster_log_types=list(LOG_TYPES),
            upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type=args.support.value),
            # A zone that only misbehaves can be taken out of the cluster's traffic by one call.
            zonal_shift_config=aws.eks.ClusterZonalShiftConfigArgs(enabled=True),
            deletion_protection=args.keep,
            # Neither engine wants the unversioned ones: Auto Mode has its own, node groups get pinned add-ons.
            bootstrap_self_managed_addons=False,
            # The three go together: EKS refuses some of them on and others off.
            compute_config=aws.eks.ClusterComputeConfigArgs(enabled=auto_mode, node_pools=[] if auto_mode else None),
            kubernetes_network_config=aws.eks.ClusterKubernetesNetworkConfigArgs(
                elastic_load_balancing=aws.eks.ClusterKubernetesNetworkConfigElasticLoadBalancingArgs(enabled=auto_mode)
            ),
            storage_config=aws.eks.ClusterStorageConfigArgs(
                block_storage=aws.eks.ClusterStorageConfigBlockStorageArgs(enabled=auto_mode)
            ),
            tags=self.shared(),
            opts=self.child(depends_on=[self.log_group, *self.permissions]),
        )

    def _access(self, args: ClusterArgs) -> list[aws.eks.AccessPolicyAssociation]:
        who = [("administrator", ADMINISTRATOR_POLICY, args.administrators), ("viewer", VIEWER_POLICY, args.viewers)]
        return [
            grant_access(self, f"{kind}-{number}", self.cluster.name, principal, policy)
            for kind, policy, principals in who
            for number, principal in enumerate(principals)
        ]

    def _alarms(self) -> None:
        def alarm(name: str, metric: str, threshold: float, signal: Signal, statistic: str, description: str) -> None:
            self.alarm(
                name,
                signal=signal,
                severity=Severity.WARNING,
                # EKS user guide, basic metrics in CloudWatch: vended every minute since 1.28.
                metric=Metric("AWS/EKS", metric, {"ClusterName": self.cluster.name}, statistic, period=300),
                threshold=threshold,
                comparison=Comparison.ABOVE,
                missing_data=MissingData.NOT_BREACHING,
                periods=3,
                runbook="cluster-control-plane",
                description=description,
            )

        alarm(
            "api-errors",
            "apiserver_request_total_5XX",
            50,
            Signal.ERRORS,
            "Sum",
            "The API server fails more than ten requests a minute; scaling and rollouts stall.",
        )
        alarm(
            "api-throttled",
            "apiserver_request_total_429",
            300,
            Signal.SATURATION,
            "Sum",
            "The API server refuses requests because it has too many.",
        )
        alarm(
            "pods-unschedulable",
            "scheduler_pending_pods_UNSCHEDULABLE",
            0,
            Signal.SATURATION,
            "Minimum",
            "Pods have had no node to run on for 15 minutes.",
        )
        alarm(
            "storage",
            "apiserver_storage_size_bytes",
            STORAGE_ALARM_BYTES,
            Signal.SATURATION,
            "Maximum",
            "The cluster's database is nearly full; when it is, it takes no writes.",
        )

    def _outputs(self, args: ClusterArgs) -> None:
        self.cluster_name = self.cluster.name
        self.arn = self.cluster.arn
        self.endpoint = self.cluster.endpoint
        self.certificate_authority = self.cluster.certificate_authority.apply(lambda authority: authority.data or "")
        self.security_group_id = self.cluster.vpc_config.apply(lambda vpc: vpc.cluster_security_group_id or "")
        self.kubernetes_version = pulumi.Output.from_input(args.kubernetes_version)
        self.register_outputs(
            {
                "clusterName": self.cluster_name,
                "arn": self.arn,
                "endpoint": self.endpoint,
                "certificateAuthority": self.certificate_authority,
                "securityGroupId": self.security_group_id,
                "kubernetesVersion": self.kubernetes_version,
            }
        )


def refuse_locked_out(name: str, args: ClusterArgs) -> None:
    """Refuse a cluster that nobody could administer.

    Raises:
        ValueError: a sentence with the cluster's name and the fix.
    """
    if not args.administrators:
        raise ValueError(
            f"cluster '{name}' has no administrators: who made it gets no rights by that, so nobody could put anything "
            "into it. Name at least the IAM role that deploys."
        )
