"""Capacity: the clusters, who gets into them, and the pools of nodes that models run on."""

from enum import Enum
from typing import Annotated

from pydantic import AfterValidator, Field

from stanchion.spec.addresses import NamedRanges
from stanchion.spec.network import LogRetention
from stanchion.spec.numbers import Between
from stanchion.spec.part import Part
from stanchion.spec.text import Form, distinct, some
from stanchion.spec.units import Duration, Size

# Oldest first: those that the manifests of this program are held against.
KUBERNETES_VERSIONS = ("1.33", "1.34", "1.35")


class Engine(Enum):
    """Who makes nodes: EKS Auto Mode, or managed node groups with everything that has to run on them."""

    AUTO_MODE = "auto_mode"
    NODE_GROUPS = "node_groups"


class Accelerator(Enum):
    """What nodes have beside processors: GPUs of NVIDIA, or AWS's own Inferentia and Trainium."""

    NVIDIA = "nvidia"
    NEURON = "neuron"


_FAMILY = Form(
    "^[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,8})?$", "a family of EC2 such as m7i", "write what stands before the dot of a type"
)
_SIZE = Form("^[a-z0-9-]{1,20}$", "a size of EC2 such as 2xlarge", "write what stands after the dot of a type")
POOL_NAME = Form(
    "^[a-z][a-z0-9-]{0,18}[a-z0-9]$",
    "2 to 20 small letters, digits and dashes, a letter first and no dash last",
    "write a name such as general",
)
_ROLE = Form(
    r"^(arn:aws[a-z-]*:iam::[0-9]{12}:role/)?[A-Za-z0-9+=,.@_/-]{1,128}$",
    "the name of an IAM role of the workload account, or the ARN of any role",
    "write the role's name alone, such as deploy",
)


class Pool(Part):
    """Nodes of one kind: a floor in each zone that always runs, a burst on spot, an overflow on demand."""

    families: Annotated[list[Annotated[str, _FAMILY]], AfterValidator(some("family", "[m7i, m7a]"))] = Field(
        description="EC2 families of one architecture. With sizes they make the types; a type that EC2 doesn't have is "
        "left out.",
        examples=["[m7i, m7a, m6i, m6a, c7i]"],
        json_schema_extra={"minItems": 1},
    )
    sizes: Annotated[list[Annotated[str, _SIZE]], AfterValidator(some("size", "[xlarge]"))] = Field(
        description="EC2 sizes of these families.",
        examples=["[xlarge, 2xlarge, 4xlarge]"],
        json_schema_extra={"minItems": 1},
    )
    accelerator: Accelerator | None = Field(
        default=None, description="`nvidia` or `neuron`; only pods that ask for it get onto the pool's nodes."
    )
    floor_per_zone: Annotated[int, Between(0, 100, "nodes")] = Field(
        default=0, description="Nodes on demand that run in each zone whatever the demand is, and are paid for."
    )
    burst_cpu: Annotated[int, Between(0, 100_000, "vCPUs")] = Field(
        default=0, description="Most vCPUs on spot, over all zones; 0 for none. Spot takes at least 15 types."
    )
    overflow_cpu: Annotated[int, Between(0, 100_000, "vCPUs")] = Field(
        default=0, description="Most vCPUs on demand above the floor, for when spot can't be had; 0 for none."
    )
    reserved_per_zone: Annotated[int, Between(0, 100, "instances")] | None = Field(
        default=None,
        description="Instances reserved in each zone above the floor, paid for whether they run or not: only they "
        "bound the start of nodes. 0 reserves the floor alone; null reserves nothing.",
    )
    disk: Size = Field(
        default=Size.parse("80GiB"), description="Disk of a node for images and weights. 20GiB to 16TiB."
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


def role_arn(role: str, account: str, partition: str = "aws") -> str:
    """The ARN of a role that is named in the document.

    Args:
        role: its name in the workload account, or an ARN, which stays what it is.
        account: the workload account.
        partition: of the regions, `stanchion.spec.regions.PARTITION_OF`.
    """
    return role if role.startswith("arn:") else f"arn:{partition}:iam::{account}:role/{role}"
