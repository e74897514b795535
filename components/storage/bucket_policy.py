"""Statements of a bucket's policy: what is refused whoever asks, and who may deliver access logs."""

from typing import Any

import pulumi

Statement = dict[str, Any]

# A refusal is for everybody, the account's own administrators included; "*" in a Deny widens nothing.
EVERYBODY = "*"


def only_over_tls(bucket_arn: pulumi.Input[str]) -> list[Statement]:
    """Refuse plain HTTP, and TLS older than 1.2."""
    refused = {
        "Effect": "Deny",
        "Principal": EVERYBODY,
        # Every action there is and will be: a list would let the next one through unencrypted.
        "Action": "s3:*",
        "Resource": [bucket_arn, pulumi.Output.concat(bucket_arn, "/*")],
    }
    return [
        {**refused, "Sid": "RefusePlainHttp", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {**refused, "Sid": "RefuseOldTls", "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}},
    ]


def only_with_key(bucket_arn: pulumi.Input[str], key_arn: pulumi.Input[str]) -> list[Statement]:
    """Refuse objects that ask for another encryption than the bucket's.

    A request without encryption headers gets the bucket's default and passes: the negated conditions hold for an
    absent header too, so each stands beside a test that the header is there.
    """
    refused = {
        "Effect": "Deny",
        "Principal": EVERYBODY,
        "Action": "s3:PutObject",
        "Resource": pulumi.Output.concat(bucket_arn, "/*"),
    }
    algorithm = "s3:x-amz-server-side-encryption"
    key = "s3:x-amz-server-side-encryption-aws-kms-key-id"
    return [
        {
            **refused,
            "Sid": "RefuseOtherEncryption",
            "Condition": {"Null": {algorithm: "false"}, "StringNotEquals": {algorithm: "aws:kms"}},
        },
        {
            **refused,
            "Sid": "RefuseOtherKeys",
            "Condition": {"Null": {key: "false"}, "ArnNotEquals": {key: key_arn}},
        },
    ]


def access_log_delivery(bucket_arn: pulumi.Input[str], account_id: pulumi.Input[str]) -> list[Statement]:
    """Let S3 and load balancers deliver the access logs of this account's own, and of no other's."""
    balancers = pulumi.Output.concat("arn:aws:elasticloadbalancing:*:", account_id, ":loadbalancer/*")
    return [
        {
            # Elastic Load Balancing user guide, access logs of application load balancers, bucket policy.
            "Sid": "LoadBalancerLogDelivery",
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": pulumi.Output.concat(bucket_arn, "/*"),
            "Condition": {"ArnLike": {"aws:SourceArn": balancers}},
        },
        {
            "Sid": "AccessLogDelivery",
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": pulumi.Output.concat(bucket_arn, "/*"),
            "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
        },
    ]


def document(statements: list[Statement]) -> pulumi.Output[str]:
    """The policy document as JSON, known as soon as the ARNs in it are."""
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements})
