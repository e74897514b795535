"""Who may use a data key: the account's own IAM policies, and named services for this account only."""

from collections.abc import Callable
from typing import Any

# The policy statement of one service, from the account's id and the key's region.
Statement = Callable[[str, str], dict[str, Any]]


def key_policy(account_id: str, region: str, services: tuple[str, ...]) -> dict[str, Any]:
    """The key policy of one region's key.

    In a key policy `Resource: "*"` means this key and no other.

    Args:
        account_id: 12 digits.
        region: where the key lies.
        services: of `SERVICES`, those that encrypt or decrypt on their own behalf.

    Raises:
        ValueError: a service that has no statement here.
    """
    unknown = sorted(set(services) - set(SERVICES))
    if unknown:
        raise ValueError(f"'{unknown[0]}' has no statement in the key policy; allowed: {', '.join(SERVICES)}")
    return {
        "Version": "2012-10-17",
        "Statement": [
            _account(account_id),
            *(SERVICES[service](account_id, region) for service in services),
        ],
    }


def _account(account_id: str) -> dict[str, Any]:
    # Without this statement nobody could change the policy again. It gives nothing by itself: IAM policies of the
    # account decide, and those of this platform name the key. `kms:*` because administration is part of it.
    return {
        "Sid": "AccountDecidesByIam",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }


def _logs(account_id: str, region: str) -> dict[str, Any]:
    return {
        "Sid": "LogGroupsOfThisAccount",
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{region}.amazonaws.com"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        "Resource": "*",
        "Condition": {
            "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{region}:{account_id}:log-group:*"}
        },
    }


def _publisher(sid: str, principal: str, *, sends_account: bool = True) -> Statement:
    """A service that publishes to encrypted topics, or writes to encrypted queues, of this account."""

    def statement(account_id: str, _region: str) -> dict[str, Any]:
        said = {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"Service": principal},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
        }
        return {**said, "Condition": {"StringEquals": {"aws:SourceAccount": account_id}}} if sends_account else said

    return statement


# By the name that components use. Sources: the service guides' pages on encrypted topics, queues and log groups.
SERVICES: dict[str, Statement] = {
    "logs": _logs,
    "cloudwatch": _publisher("AlarmsPublish", "cloudwatch.amazonaws.com"),
    # The guide's statement has no condition: one on what EventBridge does not send would drop events in silence.
    "events": _publisher("EventRulesPublish", "events.amazonaws.com", sends_account=False),
    "sns": _publisher("TopicsDeliverToQueues", "sns.amazonaws.com"),
    "s3": _publisher("BucketsNotifyAndInventory", "s3.amazonaws.com"),
    # As for EventBridge: the guide shows no condition.
    "backup": _publisher("VaultsNotify", "backup.amazonaws.com", sends_account=False),
}
