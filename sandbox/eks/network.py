"""What EKS asks of EC2: where subnets lie, and the security group that every cluster gets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.eks.errors import EksError, invalid


@dataclass(frozen=True)
class Network:
    """EC2 of the local cloud.

    Args:
        endpoint: of the emulator itself: a fault is for the cloud's users, not for its services.
    """

    endpoint: str

    def subnets(self, region: str, ids: Sequence[str]) -> list[dict[str, str]]:
        """VPC and zone of each subnet.

        Raises:
            EksError: one of them is not there.
        """
        found = self._ask(region, "describe_subnets", SubnetIds=list(ids))["Subnets"]
        by_id = {each["SubnetId"]: each for each in found}
        missing = [each for each in ids if each not in by_id]
        if missing:
            raise invalid(f"The subnet ID '{missing[0]}' does not exist.")
        return [{"vpc": by_id[each]["VpcId"], "zone": by_id[each]["AvailabilityZone"]} for each in ids]

    def create_group(self, region: str, vpc: str, cluster: str, suffix: str) -> str:
        """The security group of a cluster's control plane and nodes.

        Raises:
            EksError: EC2 refused it.
        """
        owner = {"Key": f"kubernetes.io/cluster/{cluster}", "Value": "owned"}
        return self._ask(
            region,
            "create_security_group",
            GroupName=f"eks-cluster-sg-{cluster}-{suffix}",
            Description=f"Control plane and nodes of cluster {cluster}.",
            VpcId=vpc,
            TagSpecifications=[{"ResourceType": "security-group", "Tags": [owner]}],
        )["GroupId"]

    def delete_group(self, region: str, group: str) -> None:
        """Delete it with the cluster; one that something else still names stays, as on AWS."""
        try:
            self._ask(region, "delete_security_group", GroupId=group)
        except EksError:
            return

    def _ask(self, region: str, operation: str, **request: Any) -> Any:
        import botocore.session

        client = botocore.session.get_session().create_client(
            "ec2",
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - nothing on the local cloud is secret
        )
        try:
            return getattr(client, operation)(**request)
        except ClientError as error:
            raise invalid(str(error.response["Error"]["Message"])) from error
        except BotoCoreError as error:
            raise EksError("ServerException", f"EC2 does not answer: {error}", 500) from error
