"""On which nodes pods of an endpoint run, and how long they stay on one that has fallen silent."""

from pulumi_kubernetes.core.v1 import (
    AffinityArgs,
    NodeAffinityArgs,
    NodeSelectorArgs,
    NodeSelectorRequirementArgs,
    NodeSelectorTermArgs,
    PreferredSchedulingTermArgs,
    TolerationArgs,
)

from components.serving.placement import CAPACITY_TYPE, POOL_LABEL, SPOT_TAINT, Accelerator

# A silent node is noticed after the node monitor grace (50 s since Kubernetes 1.32); a quarter of the objective is for
# letting its pods go, the rest for their start. Less than 10 s, and a node that stalls for a moment loses its models.
SHARE_OF_RTO, LEAST_SECONDS = 4, 10
# What Kubernetes takes when nothing is said (Kubernetes documentation, taints and tolerations).
USUAL_SECONDS = 300
SILENT = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


def affinity(pool: str, *, spot: bool) -> AffinityArgs:
    """Nodes of one pool.

    Args:
        pool: its name.
        spot: whether the pods prefer what AWS may take back, or must not stand on it.
    """
    required = [NodeSelectorRequirementArgs(key=POOL_LABEL, operator="In", values=[pool])]
    preferred = None
    if spot:
        wish = NodeSelectorRequirementArgs(key=CAPACITY_TYPE, operator="In", values=["spot"])
        preferred = [PreferredSchedulingTermArgs(weight=100, preference=NodeSelectorTermArgs(match_expressions=[wish]))]
    else:
        required.append(NodeSelectorRequirementArgs(key=CAPACITY_TYPE, operator="NotIn", values=["spot"]))
    return AffinityArgs(
        node_affinity=NodeAffinityArgs(
            required_during_scheduling_ignored_during_execution=NodeSelectorArgs(
                node_selector_terms=[NodeSelectorTermArgs(match_expressions=required)]
            ),
            preferred_during_scheduling_ignored_during_execution=preferred,
        )
    )


def tolerations(accelerator: Accelerator | None, seconds: int, *, spot: bool) -> list[TolerationArgs]:
    """Taints that don't keep the pods away, and for how long two of them don't.

    Args:
        accelerator: of the pool, whose nodes keep all others away.
        seconds: how long a pod stays bound to a node that is not ready or not reachable.
        spot: whether the pods may stand on spot.
    """
    keys = [*([accelerator.value] if accelerator else []), *([SPOT_TAINT] if spot else [])]
    return [
        *(TolerationArgs(key=key, operator="Exists", effect="NoSchedule") for key in keys),
        *(TolerationArgs(key=key, operator="Exists", effect="NoExecute", toleration_seconds=seconds) for key in SILENT),
    ]


def bound_seconds(rto_seconds: int | None) -> int:
    """How long pods stay bound to a silent node.

    Args:
        rto_seconds: the strictest RTO of infrastructure and zone; None if there is none.
    """
    if rto_seconds is None:
        return USUAL_SECONDS
    return min(USUAL_SECONDS, max(LEAST_SECONDS, rto_seconds // SHARE_OF_RTO))
