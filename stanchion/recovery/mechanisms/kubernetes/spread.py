"""How many replicas are left at least when one host or one zone is gone: what the scheduler was obliged to do.

Only `DoNotSchedule` constraints and required anti-affinity oblige it. A constraint without `minDomains` allows all
replicas in one domain as long as only one has nodes, so it counts when two domains with running nodes are known, or
when no node of the cluster is in the program (then it is assumed, and said).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from stanchion.graph import Resource, Setting, Unsettled
from stanchion.recovery.mechanisms.kubernetes.objects import pod_labels, pod_spec, selects
from stanchion.recovery.mechanisms.kubernetes.quantities import count

HOST = "kubernetes.io/hostname"
ZONE = "topology.kubernetes.io/zone"
CAPACITY_TYPE = "karpenter.sh/capacity-type"
# A zone contains whole hosts: what is spread over zones is spread over hosts too.
_IMPLIED_BY = {HOST: (HOST, ZONE), ZONE: (ZONE,), CAPACITY_TYPE: (CAPACITY_TYPE,)}


@dataclass(frozen=True, slots=True)
class Remaining:
    """Replicas that are left at least; `assumed` when that rests on there being two domains with nodes.

    `hint` says what stops a constraint from being a guarantee, empty when nothing does.
    """

    replicas: float | Unsettled
    assumed: bool = False
    hint: str = ""


def remaining(resource: Resource, replicas: float, key: str, domains: Mapping[str, int] | None) -> Remaining:
    """What is left of the replicas when the domain with the most of them is gone.

    Args:
        resource: the controller of the pods.
        replicas: how many run at least.
        key: the topology key of what is gone: `HOST` or `ZONE`.
        domains: in how many domains nodes run at least, by topology key; None when no nodes are in the program.
    """
    found = (*_constraints(resource, replicas, key, domains), *_anti_affinity(resource, replicas, key))
    known = [one for one in found if isinstance(one.replicas, float)]
    best = max(known, key=lambda one: (one.replicas, not one.assumed), default=None)
    if best is not None and best.replicas:
        return best
    gap = next((one for one in found if isinstance(one.replicas, Unsettled)), None)
    hint = next((one.hint for one in known if one.hint), _soft(resource, key))
    return gap or Remaining(0.0, hint=hint)


def is_spread(resource: Resource, key: str) -> bool:
    """Whether a hard constraint over this key stands in the settings."""
    items = pod_spec(resource)["topologySpreadConstraints"].each()
    if isinstance(items, Unsettled):
        return False
    return any(item["topologyKey"].value == key and _is_hard(item) is True for item in items)


def _constraints(resource: Resource, replicas: float, key: str, domains: Mapping[str, int] | None) -> list[Remaining]:
    items = pod_spec(resource)["topologySpreadConstraints"].each()
    if isinstance(items, Unsettled):
        return [Remaining(items)]
    return [_constraint(item, resource, replicas, key, domains) for item in items]


def _constraint(
    item: Setting, resource: Resource, replicas: float, key: str, domains: Mapping[str, int] | None
) -> Remaining:
    topology, hard, skew = item["topologyKey"].text(), _is_hard(item), count(item["maxSkew"], 1)
    least = count(item["minDomains"], 1)
    if topology not in _IMPLIED_BY[key] and not isinstance(topology, Unsettled):
        return Remaining(0.0)
    if hard is False:
        return Remaining(0.0)
    ours = selects(item["labelSelector"], pod_labels(resource))
    if ours is False:
        return Remaining(0.0, hint=f"`{item.path}` selects other pods than these")
    for part in (topology, hard, skew, ours):
        if isinstance(part, Unsettled):
            return Remaining(part)
    if not isinstance(skew, float):
        return Remaining(0.0)
    # The fullest of two domains holds (replicas + skew) / 2 at most, all of them when they are no more than the skew.
    left = replicas - ((replicas + skew) // 2) if replicas > skew else 0.0
    if isinstance(least, float) and least >= 2:
        return Remaining(left)
    if domains is not None and domains.get(str(topology), 0) >= 2:
        return Remaining(left)
    if isinstance(least, Unsettled):
        return Remaining(least)
    if domains is None:
        return Remaining(left, assumed=left > 0)
    return Remaining(
        0.0, hint=f"`{item.path}` has no minDomains: 2, so all replicas may lie in the only domain with nodes"
    )


def _anti_affinity(resource: Resource, replicas: float, key: str) -> list[Remaining]:
    required = pod_spec(resource)["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    items = required.each()
    if isinstance(items, Unsettled):
        return [Remaining(items)]
    found: list[Remaining] = []
    for item in items:
        topology = item["topologyKey"].text()
        ours = selects(item["labelSelector"], pod_labels(resource))
        if ours is False or (topology not in _IMPLIED_BY[key] and not isinstance(topology, Unsettled)):
            continue
        gap = next((part for part in (topology, ours) if isinstance(part, Unsettled)), None)
        found.append(Remaining(gap) if gap else Remaining(float(max(0.0, replicas - 1))))
    return found


def _is_hard(item: Setting) -> bool | Unsettled:
    value = item["whenUnsatisfiable"].text("DoNotSchedule")
    return value if isinstance(value, Unsettled) else value == "DoNotSchedule"


def _soft(resource: Resource, key: str) -> str:
    items = pod_spec(resource)["topologySpreadConstraints"].each()
    if isinstance(items, Unsettled):
        return ""
    soft = next((i for i in items if i["topologyKey"].value in _IMPLIED_BY[key] and _is_hard(i) is False), None)
    return f"`{soft.path}` is ScheduleAnyway, which guarantees nothing" if soft else ""
