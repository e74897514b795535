"""Roles: what reads can't write, both are AWS Backup's alone, and the keys are the platform's."""

import json

import pulumi

from components.continuity.backup_roles import BackupRoles, BackupRolesArgs
from tests.recorder import Recording, provider, record

KEYS: list[pulumi.Input[str]] = ["arn:key:east", "arn:key:west"]


def recorded() -> Recording:
    return record(
        lambda: BackupRoles("prod", BackupRolesArgs(KEYS), pulumi.ResourceOptions(provider=provider("us-east-1")))
    )


def test_only_aws_backup_takes_them() -> None:
    for role in recorded().all("Role"):
        (trust,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
        assert trust["Principal"] == {"Service": "backup.amazonaws.com"}


def test_what_backs_up_can_not_restore() -> None:
    attached: dict[str, set[str]] = {}
    for attachment in recorded().all("RolePolicyAttachment"):
        attached.setdefault(attachment.inputs["role"], set()).add(attachment.inputs["policyArn"].rpartition("/")[2])
    assert sorted(attached.values(), key=min) == [
        {"AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForS3Backup"},
        {"AWSBackupServiceRolePolicyForRestores", "AWSBackupServiceRolePolicyForS3Restore"},
    ]


def test_the_keys_are_used_and_granted_to_services_only() -> None:
    for policy in recorded().all("RolePolicy"):
        use, grant = json.loads(policy.inputs["policy"])["Statement"]
        assert use["Resource"] == grant["Resource"] == KEYS
        assert "kms:CreateGrant" not in use["Action"]
        assert grant["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}
