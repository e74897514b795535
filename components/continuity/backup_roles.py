"""The roles AWS Backup works as: one that reads what it backs up, one that writes what it restores."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.component import Component

_AWS = "arn:aws:iam::aws:policy"
# AWS Backup guide, managed policies, and Amazon S3 backups: buckets need policies of their own.
BACKUP_POLICIES = {
    "backup": f"{_AWS}/service-role/AWSBackupServiceRolePolicyForBackup",
    "s3-backup": f"{_AWS}/AWSBackupServiceRolePolicyForS3Backup",
}
RESTORE_POLICIES = {
    "restore": f"{_AWS}/service-role/AWSBackupServiceRolePolicyForRestores",
    "s3-restore": f"{_AWS}/AWSBackupServiceRolePolicyForS3Restore",
}


@dataclass
class BackupRolesArgs:
    """Args of `BackupRoles`.

    Args:
        key_arns: ARNs of the keys that vaults and data are encrypted with, in all regions.
    """

    key_arns: list[pulumi.Input[str]]


class BackupRoles(Component):
    """Two roles that only AWS Backup can take, with its managed policies and the use of the platform's keys.

    They are two so that what runs every hour can't write: a restore overwrites data. The managed policies follow what
    the service needs, which a copy of today's would not; they name no resources, so what is backed up is decided by
    the plan's selection and not by the role.

    Cost: nothing.
    Recovery: IAM is global, with its control plane in one region: roles that exist go on to work when that one is lost.
    """

    def __init__(self, name: str, args: BackupRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.backup = self._role("backup", "Lets AWS Backup read what its plans select.", BACKUP_POLICIES, args)
        self.restore = self._role("restore", "Lets AWS Backup write what it restores.", RESTORE_POLICIES, args)
        self.register_outputs({"backupArn": self.backup.arn, "restoreArn": self.restore.arn})

    def _role(self, name: str, description: str, policies: dict[str, str], args: BackupRolesArgs) -> aws.iam.Role:
        role = aws.iam.Role(
            f"{self.name}-{name}",
            description=description,
            # No condition on the source: the guide's trust policy has none, and one on what the service does not send
            # would stop backups without a word. Who may pass the role is IAM's to say.
            assume_role_policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "backup.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        }
                    ],
                }
            ),
            tags=self.shared(),
            opts=self.child(),
        )
        for suffix, arn in policies.items():
            aws.iam.RolePolicyAttachment(f"{self.name}-{suffix}", role=role.name, policy_arn=arn, opts=self.child())
        aws.iam.RolePolicy(
            f"{self.name}-{name}-keys",
            role=role.name,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
                            "Resource": args.key_arns,
                        },
                        {
                            # Grants for services that read and write on the role's behalf, and for nobody else.
                            "Effect": "Allow",
                            "Action": "kms:CreateGrant",
                            "Resource": args.key_arns,
                            "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
                        },
                    ],
                }
            ),
            opts=self.child(),
        )
        return role
