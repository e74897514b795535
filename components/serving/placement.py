"""Labels and taints by which pods find their nodes; both engines use the same ones."""

from enum import Enum

from stanchion.spec import SPOT_TYPES

# `floor`, `burst` or `overflow`: what a node is for.
CAPACITY_LABEL = "stanchion.dev/capacity"
# The name of the pool, such as `general` or `gpu`.
POOL_LABEL = "stanchion.dev/pool"
CAPACITY_TYPE = "karpenter.sh/capacity-type"
ZONE = "topology.kubernetes.io/zone"
INSTANCE_TYPE = "node.kubernetes.io/instance-type"
# Nothing stands on nodes that AWS may take back unless it says that it can; add-ons and the gateway don't.
SPOT_TAINT = "stanchion.dev/spot"
TAINT_VALUE = "true"


class Accelerator(Enum):
    """The resource that pods ask for, which is also the taint that keeps all others away."""

    NVIDIA = "nvidia.com/gpu"
    NEURON = "aws.amazon.com/neuron"


class Architecture(Enum):
    """The processors of nodes, as Kubernetes calls them."""

    AMD64 = "amd64"
    ARM64 = "arm64"


def refuse_few_types(subject: str, types: list[str], needed: bool) -> None:
    """Refuse spot capacity that comes from few instance types.

    Raises:
        ValueError: a sentence with the subject, the number and the fix.
    """
    if needed and len(set(types)) < SPOT_TYPES:
        raise ValueError(
            f"{subject} takes spot capacity from {len(set(types))} instance types and needs {SPOT_TYPES}: the fewer, "
            "the likelier it is that all are taken back at once. Add types, or allow no burst."
        )
