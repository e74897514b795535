"""The IAM role of the gateways' pods, and what they may do with it: what is on the way of a request, nothing beside."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.component import Component
from components.serving.pod_identity import pod_role
from stanchion.serving.gateway_metrics import NAMESPACE as METRICS
from stanchion.serving.gateway_places import ACCOUNT, GATEWAY_NAMESPACE


@dataclass
class GatewayIdentityArgs:
    """Args of `GatewayIdentity`.

    Args:
        cluster_name: the cluster whose pods get the role.
        account_id: whose clusters may use it.
        key_arn: ARN of the region's KMS key.
        stream_arn: of the Firehose stream of events.
        key_table_arn: of API keys, in this region.
        quota_table_arn: of counters, in this region.
        ticket_table_arn: of tickets, in this region.
        ticket_queue_arn: by which people learn of tickets.
        hash_key_arn: of the secret with the key of hashes; may end with `-*` where the letters that Secrets Manager
            adds aren't known.
        routing_arn: of the configuration in AppConfig: application, environment, configuration.
        namespace: of the service account.
    """

    cluster_name: pulumi.Input[str]
    account_id: str
    key_arn: pulumi.Input[str]
    stream_arn: pulumi.Input[str]
    key_table_arn: pulumi.Input[str]
    quota_table_arn: pulumi.Input[str]
    ticket_table_arn: pulumi.Input[str]
    ticket_queue_arn: pulumi.Input[str]
    hash_key_arn: pulumi.Input[str]
    routing_arn: pulumi.Input[str]
    namespace: str = GATEWAY_NAMESPACE


class GatewayIdentity(Component):
    """A role for one service account of one cluster.

    Cost: nothing.
    Recovery: roles are global and go on to work when the region of IAM's control plane is lost; the standby's cluster
        has an identity of its own, which is there before it is needed.
    """

    role_arn: pulumi.Output[str]

    def __init__(self, name: str, args: GatewayIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.role = pod_role(
            self,
            "role",
            account_id=args.account_id,
            cluster_name=args.cluster_name,
            namespace=args.namespace,
            service_account=ACCOUNT,
            tags=self.shared(),
        )
        self.permission = aws.iam.RolePolicy(
            f"{self.name}-serve",
            role=self.role.name,
            policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements(args)}),
            opts=self.child(),
        )
        self.association = aws.eks.PodIdentityAssociation(
            f"{self.name}-association",
            cluster_name=args.cluster_name,
            namespace=args.namespace,
            service_account=ACCOUNT,
            role_arn=self.role.arn,
            tags=self.shared(),
            # A pod that starts before keeps credentials that may do nothing.
            opts=self.child(depends_on=[self.permission]),
        )
        self.role_arn = self.role.arn
        self.register_outputs({"roleArn": self.role_arn})


def statements(args: GatewayIdentityArgs) -> list[dict[str, Any]]:
    """What a gateway may do."""
    services = ("appconfig", "dynamodb", "firehose", "secretsmanager", "sqs")
    return [
        {"Effect": "Allow", "Action": "firehose:PutRecordBatch", "Resource": args.stream_arn},
        {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": args.key_table_arn},
        {"Effect": "Allow", "Action": ["dynamodb:Query", "dynamodb:UpdateItem"], "Resource": args.quota_table_arn},
        {
            "Effect": "Allow",
            "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
            "Resource": args.ticket_table_arn,
        },
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": args.ticket_queue_arn},
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": args.hash_key_arn},
        {
            "Effect": "Allow",
            "Action": ["appconfig:StartConfigurationSession", "appconfig:GetLatestConfiguration"],
            "Resource": args.routing_arn,
        },
        {
            "Effect": "Allow",
            "Action": "cloudwatch:PutMetricData",
            # CloudWatch knows no resource for it; the condition is what bounds it.
            "Resource": "*",
            "Condition": {"StringEquals": {"cloudwatch:namespace": METRICS}},
        },
        {
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": args.key_arn,
            "Condition": {"StringLike": {"kms:ViaService": [f"{service}.*.amazonaws.com" for service in services]}},
        },
    ]
