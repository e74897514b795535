"""The key policy, statement by statement: what is missing in it fails in silence, what is too much lets others in."""

from typing import Any

import pytest

from components.storage.key_policy import SERVICES, key_policy

ACCOUNT = "111122223333"
REGION = "us-west-2"
PUBLISH = ["kms:Decrypt", "kms:GenerateDataKey*"]
OWN_ACCOUNT = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def statements(*services: str) -> list[dict[str, Any]]:
    document = key_policy(ACCOUNT, REGION, services)
    assert document["Version"] == "2012-10-17"
    return document["Statement"]


def said_for(service: str) -> dict[str, Any]:
    """What a service's statement says beyond the account's, without its id."""
    _, statement = statements(service)
    return {key: value for key, value in statement.items() if key != "Sid"}


def test_without_services_the_accounts_own_iam_policies_decide_alone() -> None:
    assert statements() == [
        {
            "Sid": "AccountDecidesByIam",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ]


def test_log_groups_of_this_account_and_region_only_are_encrypted() -> None:
    assert said_for("logs") == {
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{REGION}.amazonaws.com"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        "Resource": "*",
        "Condition": {
            "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:*"}
        },
    }


@pytest.mark.parametrize("service", ["cloudwatch", "sns", "s3"])
def test_what_publishes_does_so_for_this_account_only(service: str) -> None:
    assert said_for(service) == {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": PUBLISH,
        "Resource": "*",
        "Condition": OWN_ACCOUNT,
    }


@pytest.mark.parametrize("service", ["events", "backup"])
def test_services_that_send_nothing_to_hold_a_condition_against_publish_without_one(service: str) -> None:
    assert said_for(service) == {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": PUBLISH,
        "Resource": "*",
    }


def test_services_come_in_the_order_given_each_under_an_id_of_its_own() -> None:
    ids = [statement["Sid"] for statement in statements(*SERVICES)]
    assert len(set(ids)) == len(ids) == len(SERVICES) + 1
    assert [statement["Sid"] for statement in statements("s3", "logs")][1:] == [
        "BucketsNotifyAndInventory",
        "LogGroupsOfThisAccount",
    ]


def test_an_unknown_service_is_refused_with_those_that_are_allowed() -> None:
    with pytest.raises(ValueError, match=r"'glue' has no statement.* allowed: logs, cloudwatch, events, sns, s3"):
        key_policy(ACCOUNT, REGION, ("logs", "glue"))
