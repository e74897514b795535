"""How long a pod stays bound to a node that is not ready or not reachable."""

import math

from stanchion.graph import Resource, Setting, Unsettled
from stanchion.recovery.mechanisms.kubernetes.objects import pod_spec
from stanchion.recovery.mechanisms.kubernetes.sources import EVICTION
from stanchion.recovery.term import Amount, Grade, Term, rank

DEFAULT_SECONDS = 300.0
_TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


def toleration(resource: Resource) -> Term:
    """The longer one of the tolerations for not-ready and unreachable, since a lost node may show as either.

    A taint that no toleration matches gets one of 300 s by the API server; of several that match the shortest counts;
    one without `tolerationSeconds` keeps the pod bound for ever.

    Args:
        resource: the controller of the pods.
    """
    setting = pod_spec(resource)["tolerations"]
    items = setting.each()
    if isinstance(items, Unsettled):
        return Term.of("pods stay bound to the node (toleration)", items, Grade.BOUND, EVICTION, setting)
    found = [_of_taint(taint, items, setting) for taint in _TAINTS]
    amount, place = max(found, key=lambda one: rank(one[0]))
    return Term.of("pods stay bound to the node (toleration)", amount, Grade.BOUND, EVICTION, place)


def _of_taint(taint: str, items: tuple[Setting, ...], whole: Setting) -> tuple[Amount, Setting]:
    matching: list[Setting] = []
    for item in items:
        verdict = _matches(item, taint)
        if isinstance(verdict, Unsettled):
            return verdict, item
        if verdict:
            matching.append(item)
    if not matching:
        return DEFAULT_SECONDS, whole
    amounts: list[tuple[Amount, Setting]] = []
    for item in matching:
        setting = item["tolerationSeconds"]
        number = setting.number(math.inf)
        if isinstance(number, float):
            number = setting.wrong("a number of seconds") if math.isnan(number) else max(0.0, number)
        amounts.append((number, setting))
    unsettled = next((one for one in amounts if isinstance(one[0], Unsettled)), None)
    return unsettled or min(amounts, key=lambda one: rank(one[0]))


def _matches(item: Setting, taint: str) -> bool | Unsettled:
    key, effect, operator, value = (item[name].text() for name in ("key", "effect", "operator", "value"))
    for part in (key, effect, operator, value):
        if isinstance(part, Unsettled):
            return part
    if effect not in ("", "NoExecute"):
        return False
    if not key:
        return operator == "Exists"
    return key == taint and (operator == "Exists" or not value)
