"""How the pods of an endpoint are spread: over zones, over nodes, and over what can be taken back and what can't.

Over capacity types they are spread by having two Deployments, with a floor of known size on demand. A constraint over
`karpenter.sh/capacity-type` would spread by halves instead: with ScheduleAnyway Karpenter put half of the pods on
demand although spot came first (measured with 1.9.0 and 1.14.1 on 2026-11-23).
"""

from pulumi_kubernetes.core.v1 import TopologySpreadConstraintArgs
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs

from components.serving.placement import ZONE
from components.serving.priority import Share

HOST = "kubernetes.io/hostname"
# Two zones have pods, or the second one waits. Not three: when one of three is lost, all that is left has to fit into
# two, and with three demanded each of them would take a single pod (Kubernetes documentation, pod topology spread
# constraints, minDomains).
ZONES_AT_LEAST = 2


def spread(share: Share, labels: dict[str, str]) -> list[TopologySpreadConstraintArgs]:
    """Constraints of one Deployment's pods.

    Args:
        share: a floor has to be spread over zones; a burst is where capacity is.
        labels: that select the Deployment's pods.
    """
    hard = share is Share.FLOOR
    return [_over(ZONE, labels, hard=hard), _over(HOST, labels, hard=False)]


def _over(topology: str, labels: dict[str, str], *, hard: bool) -> TopologySpreadConstraintArgs:
    return TopologySpreadConstraintArgs(
        topology_key=topology,
        max_skew=1,
        when_unsatisfiable="DoNotSchedule" if hard else "ScheduleAnyway",
        min_domains=ZONES_AT_LEAST if hard else None,
        label_selector=LabelSelectorArgs(match_labels=labels),
        # A new version is spread by itself, wherever the old one stands.
        match_label_keys=["pod-template-hash"],
        # A lost zone's nodes are tainted; counted, they would be the emptiest zone, and nothing could be placed beside.
        node_taints_policy="Honor",
    )
