"""Which pools take which pods: node selectors, required node affinity, and taints that have to be tolerated."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from stanchion.graph import Resource, Setting, Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.mechanisms.kubernetes.floors import Left, left_of
from stanchion.recovery.mechanisms.kubernetes.objects import conjunction, mapping, pod_spec, texts
from stanchion.recovery.mechanisms.kubernetes.pools import Pool
from stanchion.recovery.mechanisms.kubernetes.spread import ZONE

# Labels that every node gets from its kubelet or its provider; a pool that does not limit them has any value.
_WELL_KNOWN = ("kubernetes.io/", "node.kubernetes.io/", "topology.kubernetes.io/", "karpenter.k8s.aws/", "k8s.io/")
_WELL_KNOWN_KEYS = ("karpenter.sh/capacity-type", "eks.amazonaws.com/instance-")


@dataclass(frozen=True, eq=False)
class Placement:
    """Pools that take the pods, and those of which it can't be told (with the first reason).

    Many controllers share one, so what follows from the pools is worked out once.
    """

    certain: tuple[Pool, ...]
    uncertain: tuple[Pool, ...] = ()
    gap: Unsettled | None = None
    _left: dict[Disruption, Left] = field(default_factory=dict[Disruption, Left])

    @cached_property
    def pools(self) -> tuple[Pool, ...]:
        """All pools that may take the pods."""
        return self.certain + self.uncertain

    @cached_property
    def only_spot(self) -> bool:
        """Whether all of them are known, and can have nothing but spot instances."""
        return bool(self.certain) and not self.uncertain and all(pool.only_spot is True for pool in self.certain)

    @cached_property
    def spot_gap(self) -> Unsettled | None:
        """Why it can't be told whether they can have nothing but spot instances; None when it can."""
        if self.only_spot or any(pool.only_spot is False for pool in self.certain):
            return None
        if all(pool.only_spot is False for pool in self.pools):
            return None
        return next((pool.only_spot for pool in self.pools if isinstance(pool.only_spot, Unsettled)), self.gap)

    @cached_property
    def some_spot(self) -> bool:
        """Whether some of them, but not all, have spot instances."""
        some = any(pool.spot is True for pool in self.pools)
        return some and not all(pool.only_spot is True for pool in self.pools)

    @cached_property
    def repaired(self) -> bool | Unsettled:
        """Whether every node that may hold the pods is replaced when it stays silent."""
        if any(pool.repair is False for pool in self.pools):
            return False
        gap = next((pool.repair for pool in self.pools if isinstance(pool.repair, Unsettled)), None)
        return gap or bool(self.pools)

    def left(self, disruption: Disruption) -> Left:
        """What a disruption leaves of the floors that surely take the pods; needs one such pool."""
        if disruption not in self._left:
            self._left[disruption] = left_of(self.certain, disruption)
        return self._left[disruption]


def placement(resource: Resource, pools: Iterable[Pool]) -> Placement:
    """The pools that take the pods of a controller.

    Args:
        resource: the controller.
        pools: all pools of its cluster.
    """
    certain: list[Pool] = []
    uncertain: list[Pool] = []
    gap: Unsettled | None = None
    for pool in pools:
        verdict = conjunction([_selected(resource, pool), _affine(resource, pool), _tolerated(resource, pool)])
        if isinstance(verdict, Unsettled):
            uncertain.append(pool)
            gap = gap or verdict
        elif verdict:
            certain.append(pool)
    return Placement(tuple(certain), tuple(uncertain), gap)


def pinned_zones(resource: Resource) -> frozenset[str] | None:
    """The zones that the pods themselves ask for; None when they go anywhere."""
    own = pod_spec(resource)["nodeSelector"][ZONE]
    if isinstance(own.value, str):
        return frozenset((own.value,))
    terms = _terms(resource)
    if isinstance(terms, Unsettled):
        return None
    zones: set[str] = set()
    for term in terms:
        items = term["matchExpressions"].each()
        wanted = () if isinstance(items, Unsettled) else items
        values = [texts(i["values"]) for i in wanted if i["key"].value == ZONE and i["operator"].value == "In"]
        if not values or isinstance(values[0], Unsettled):
            return None
        zones |= set(values[0])
    return frozenset(zones) or None


def _selected(resource: Resource, pool: Pool) -> bool | Unsettled:
    selector = pod_spec(resource)["nodeSelector"]
    if gap := selector.unsettled:
        return gap
    verdicts: list[bool | Unsettled] = []
    for key in sorted(mapping(selector.value)):
        value = selector[key].text()
        verdicts.append(value if isinstance(value, Unsettled) else _offers(pool, key, frozenset((value,))))
    return conjunction(verdicts)


def _terms(resource: Resource) -> tuple[Setting, ...] | Unsettled:
    affinity = pod_spec(resource)["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    return affinity["nodeSelectorTerms"].each()


def _affine(resource: Resource, pool: Pool) -> bool | Unsettled:
    terms = _terms(resource)
    if isinstance(terms, Unsettled):
        return terms
    if not terms:
        return True
    verdicts = [_term(term, pool) for term in terms]
    if any(verdict is True for verdict in verdicts):
        return True
    return next((verdict for verdict in verdicts if isinstance(verdict, Unsettled)), False)


def _term(term: Setting, pool: Pool) -> bool | Unsettled:
    items = term["matchExpressions"].each()
    if isinstance(items, Unsettled):
        return items
    verdicts: list[bool | Unsettled] = []
    for item in items:
        key, operator, values = item["key"].text(), item["operator"].text(), texts(item["values"])
        if isinstance(key, Unsettled) or isinstance(operator, Unsettled):
            verdicts.append(key if isinstance(key, Unsettled) else item["operator"].wrong("an operator"))
        elif isinstance(values, Unsettled):
            verdicts.append(values)
        elif operator == "In":
            verdicts.append(_offers(pool, key, frozenset(values)))
        elif operator == "Exists":
            verdicts.append(_offers(pool, key, None))
        elif operator in ("NotIn", "DoesNotExist"):
            verdicts.append(_lacks(pool, key, frozenset(values) if operator == "NotIn" else None))
    return conjunction(verdicts)


def _offers(pool: Pool, key: str, wanted: frozenset[str] | None) -> bool | Unsettled:
    """Whether nodes of the pool can carry a label with one of these values (None: with any)."""
    own = pool.labels.get(key)
    if isinstance(own, Unsettled):
        return own
    if own is not None:
        return wanted is None or bool(own & wanted)
    if key == ZONE and isinstance(pool.zones, frozenset) and wanted is not None:
        return bool(pool.zones & wanted)
    return key.startswith((*_WELL_KNOWN, *_WELL_KNOWN_KEYS)) or f"/{key}".find(".kubernetes.io/") > 0


def _lacks(pool: Pool, key: str, excluded: frozenset[str] | None) -> bool | Unsettled:
    """Whether nodes of the pool can be without one of these values (None: without the label)."""
    own = pool.labels.get(key)
    if isinstance(own, Unsettled) or own is None:
        return own or True
    # Of a label with several values one that is not excluded is enough.
    return excluded is not None and not own <= excluded


def _tolerated(resource: Resource, pool: Pool) -> bool | Unsettled:
    if isinstance(pool.taints, Unsettled):
        return pool.taints
    if not pool.taints:
        return True
    tolerations = pod_spec(resource)["tolerations"].each()
    if isinstance(tolerations, Unsettled):
        return tolerations
    verdicts: list[bool | Unsettled] = []
    for taint in pool.taints:
        # Node groups write the effects as NO_SCHEDULE, Kubernetes as NoSchedule.
        effect = taint["effect"].text()
        effect = effect if isinstance(effect, Unsettled) else effect.replace("_", "").lower()
        if effect == "prefernoschedule":
            continue
        parts = (taint["key"].text(), taint["value"].text(), effect)
        gap = next((part for part in parts if isinstance(part, Unsettled)), None)
        verdicts.append(gap or any(_tolerates(item, *map(str, parts)) for item in tolerations))
    return conjunction(verdicts)


def _tolerates(item: Setting, key: str, value: str, effect: str) -> bool:
    own = item["effect"].text()
    if not isinstance(own, str) or (own and own.lower() != effect):
        return False
    operator, wanted = item["operator"].text("Equal"), item["key"].text()
    if not wanted:
        return operator == "Exists"
    return wanted == key and (operator == "Exists" or item["value"].text() == value)
