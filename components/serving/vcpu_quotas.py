"""The account's quotas of vCPUs in a region, as the document says that they are."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.component import Component


@dataclass
class VcpuQuotasArgs:
    """Args of `VcpuQuotas`.

    Args:
        vcpus: by the code of a quota of EC2, such as `L-1216C47A`.
    """

    vcpus: dict[str, int]


class VcpuQuotas(Component):
    """Quotas that are declared: one that the account does not have is asked for, and policies compare pools with them.

    They are the account's and the region's, shared by everything in it. Destroying the stack lowers none.

    Cost: nothing.
    Recovery: a region that takes over needs as much as the one that is lost. AWS grants a larger quota within minutes
        or days, so it has to be there before.
    """

    def __init__(self, name: str, args: VcpuQuotasArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.quotas = {
            code: aws.servicequotas.ServiceQuota(
                f"{self.name}-{code.lower()}",
                service_code="ec2",
                quota_code=code,
                value=vcpus,
                opts=self.child(),
            )
            for code, vcpus in sorted(args.vcpus.items())
        }
        self.register_outputs({})
