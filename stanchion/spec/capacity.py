"""Capacity: the clusters, who gets into them, and the pools of nodes that models run on."""

from collections.abc import Iterator
from enum import Enum
from typing import Annotated

from pydantic import AfterValidator, Field

from stanchion.spec.addresses import NamedRanges
from stanchion.spec.network import LogRetention
from stanchion.spec.numbers import Between
from stanchion.spec.part import Broken, Part
from stanchion.spec.pools import POOL_NAME, Pool
from stanchion.spec.refusal import Refusal, shown
from stanchion.spec.text import Form, distinct, some
from stanchion.spec.units import Duration

# Oldest first: those that the manifests of this program are held against.
KUBERNETES_VERSIONS = ("1.33", "1.34", "1.35")


class Engine(Enum):
    """Who makes nodes: EKS Auto Mode, or managed node groups with everything that has to run on them."""

    AUTO_MODE = "auto_mode"
    NODE_GROUPS = "node_groups"


_ROLE = Form(
    r"^(arn:aws[a-z-]*:iam::[0-9]{12}:role/)?[A-Za-z0-9+=,.@_/-]{1,128}$",
    "the name of an IAM role of the workload account, or the ARN of any role",
    "write the role's name alone, such as deploy",
)


_QUOTA = Form(
    "^L-[0-9A-F]{8}$",
    "the code of a quota of EC2, such as L-1216C47A for standard types on demand or L-34B43A08 for them on spot",
    "write the code that `stanchion check` or `aws service-quotas list-service-quotas --service-code ec2` names",
)


class Capacity(Part):
    """A Kubernetes cluster in each region, and the pools of its nodes."""

    engine: Engine = Field(
        default=Engine.AUTO_MODE,
        description="`auto_mode`: EKS makes nodes and keeps what runs on them. `node_groups`: managed node groups with "
        "pinned add-ons.",
    )
    kubernetes_version: str = Field(
        default=KUBERNETES_VERSIONS[-2],
        description=f"Version of Kubernetes in double quotes: {', '.join(KUBERNETES_VERSIONS)}.",
        json_schema_extra={"enum": list(KUBERNETES_VERSIONS)},
    )
    administrators: Annotated[list[Annotated[str, _ROLE]], AfterValidator(some("role", "[deploy]"))] = Field(
        description="IAM roles that may do everything in the clusters; the one that deploys is among them.",
        examples=["[deploy]"],
        json_schema_extra={"minItems": 1},
    )
    viewers: Annotated[list[Annotated[str, _ROLE]], AfterValidator(distinct("role"))] = Field(
        default_factory=list, description="IAM roles that may read everything but the values of secrets."
    )
    allowed_cidrs: NamedRanges = Field(
        default_factory=list,
        description="From where the Kubernetes API may be reached over the internet; unless said, only inside the VPC.",
    )
    log_retention: LogRetention = Field(
        default=Duration(90 * 86400), description="How long the control plane's logs are kept."
    )
    pools: dict[Annotated[str, POOL_NAME], Pool] = Field(
        description="Pools of nodes by name; one without accelerator and with a floor is where the cluster's own run.",
        examples=["{general: {families: [m7i], sizes: [xlarge], floor_per_zone: 1}}"],
        json_schema_extra={"minProperties": 1, "propertyNames": {"pattern": POOL_NAME.pattern}},
    )

    vcpu_quotas: dict[Annotated[str, _QUOTA], Annotated[int, Between(1, 10_000_000, "vCPUs")]] = Field(
        default_factory=dict,
        description="vCPUs that the account's quotas of EC2 let run in each region, by quota code; a larger number "
        "than the account has asks AWS for it. `aws service-quotas list-service-quotas --service-code ec2` has them.",
        examples=["{L-1216C47A: 256, L-34B43A08: 256}"],
        json_schema_extra={"propertyNames": {"pattern": _QUOTA.pattern}},
    )

    def rules(self) -> Iterator[Broken]:
        """A version that is held, a home for the cluster's own pods, and settings that the engine has."""
        if self.kubernetes_version not in KUBERNETES_VERSIONS:
            yield (
                "kubernetes_version",
                Refusal(
                    f"'{shown(self.kubernetes_version)}' is not a version that this program is held against",
                    allowed=", ".join(KUBERNETES_VERSIONS),
                    fix=f'write "{KUBERNETES_VERSIONS[-1]}"',
                ),
            )
        if not any(pool.accelerator is None and pool.floor_per_zone for pool in self.pools.values()):
            yield (
                "pools",
                Refusal(
                    "none has a floor and no accelerator, so the cluster's own pods have no node that always runs",
                    allowed="at least one pool without accelerator and with floor_per_zone above 0",
                    fix="add general: {families: [m7i, m7a], sizes: [xlarge], floor_per_zone: 1}",
                ),
            )
        if self.engine is Engine.NODE_GROUPS:
            for name, pool in self.pools.items():
                yield from _node_group_rules(f"pools.{name}", pool)


def _node_group_rules(key: str, pool: Pool) -> Iterator[Broken]:
    for setting, value in (("overflow_cpu", pool.overflow_cpu or None), ("reserved_per_zone", pool.reserved_per_zone)):
        if value is not None:
            yield (
                f"{key}.{setting}",
                Refusal(
                    f"'{value}' does nothing with engine: node_groups",
                    allowed="a value only with engine: auto_mode",
                    fix=f"remove {setting}, or write engine: auto_mode",
                ),
            )
    if pool.burst_cpu and len({each.vcpus for each in pool.types}) > 1:
        yield (
            f"{key}.sizes",
            Refusal(
                "they are of several numbers of vCPUs, and a node group counts nodes",
                allowed="one size where there is a burst with engine: node_groups",
                fix=f"write sizes: [{pool.sizes[0]}] and more families, or engine: auto_mode",
            ),
        )


def role_arn(role: str, account: str, partition: str = "aws") -> str:
    """The ARN of a role that is named in the document.

    Args:
        role: its name in the workload account, or an ARN, which stays what it is.
        account: the workload account.
        partition: of the regions, `stanchion.spec.regions.PARTITION_OF`.
    """
    return role if role.startswith("arn:") else f"arn:{partition}:iam::{account}:role/{role}"
