"""How a controller replaces its pods: in how many waves an earlier version is back everywhere, and what each costs."""

import math
from dataclasses import dataclass

from stanchion.graph import Resource, Unsettled
from stanchion.recovery.mechanisms.kubernetes.objects import DAEMON_SET, DEPLOYMENT, pod_spec
from stanchion.recovery.mechanisms.kubernetes.quantities import count, portion, share
from stanchion.recovery.mechanisms.kubernetes.replicas import Replicas
from stanchion.recovery.mechanisms.kubernetes.sources import (
    DAEMON_STRATEGY,
    DEPLOYMENT_STRATEGY,
    STATEFUL_STRATEGY,
    TERMINATION,
)
from stanchion.recovery.sources import Source
from stanchion.recovery.term import Amount, Grade, Term, product

TERMINATION_SECONDS = 30.0
# Between floor and ceiling the worst number of replicas is looked for, up to so many.
_LOOKED_AT = 500


@dataclass(frozen=True, slots=True)
class Rollout:
    """How pods are replaced.

    Args:
        waves: how many times pods start one after the other; unsettled when a count is not known.
        one_by_one: whether a pod has to be gone before its successor starts.
        source: where the rule stands.
    """

    waves: float | Unsettled
    one_by_one: bool
    source: Source


def rollout(resource: Resource, replicas: Replicas | None) -> Rollout:
    """The rollout of a Deployment, StatefulSet or (without replicas) DaemonSet."""
    if resource.type == DAEMON_SET:
        return Rollout(_daemon_waves(resource), True, DAEMON_STRATEGY)
    least, most = _range(replicas)
    if resource.type != DEPLOYMENT:
        batch = share(resource.at("spec")["updateStrategy"]["rollingUpdate"]["maxUnavailable"], 1, 1, up=True)
        waves = _quotient(most, batch if isinstance(batch, Unsettled) else max(1.0, batch))
        return Rollout(waves, True, STATEFUL_STRATEGY)
    strategy = resource.at("spec")["strategy"]
    kind = strategy["type"].text("RollingUpdate")
    if kind == "Recreate":
        return Rollout(1.0, True, DEPLOYMENT_STRATEGY)
    for part in (kind, least, most):
        if isinstance(part, Unsettled):
            return Rollout(part, False, DEPLOYMENT_STRATEGY)
    surge = portion(strategy["rollingUpdate"]["maxSurge"], "25%")
    unavailable = portion(strategy["rollingUpdate"]["maxUnavailable"], "25%")
    if isinstance(surge, Unsettled):
        return Rollout(surge, False, DEPLOYMENT_STRATEGY)
    if isinstance(unavailable, Unsettled):
        return Rollout(unavailable, False, DEPLOYMENT_STRATEGY)
    # The API takes no pair of zeros; where rounding makes one, one pod at a time is replaced.
    worst = max(
        math.ceil(number / max(1.0, surge.of(number, up=True) + unavailable.of(number, up=False)))
        for number in _numbers(least, most)
    )
    return Rollout(float(worst), False, DEPLOYMENT_STRATEGY)


def replacement(resource: Resource, how: Rollout) -> tuple[Term, ...]:
    """What a rollout takes beside the starts of pods: their ends, and the time they have to stay ready."""
    spec = resource.at("spec")
    terms: list[Term] = []
    if how.one_by_one:
        end = pod_spec(resource)["terminationGracePeriodSeconds"]
        amount: Amount = product(count(end, TERMINATION_SECONDS), how.waves)
        terms.append(Term.of(f"pods end {shown(how.waves)}", amount, Grade.BOUND, TERMINATION, end))
    stay = spec["minReadySeconds"]
    if stay.is_set:
        amount = product(count(stay, 0), how.waves)
        terms.append(Term.of(f"pods have to stay ready {shown(how.waves)}", amount, Grade.BOUND, how.source, stay))
    return tuple(terms)


def shown(waves: float | Unsettled) -> str:
    """`in 3 waves`."""
    if isinstance(waves, Unsettled):
        return "in waves"
    return "at once" if waves <= 1 else f"in {waves:.0f} waves"


def _range(replicas: Replicas | None) -> tuple[float | Unsettled, float | Unsettled]:
    if replicas is None:
        return 1.0, 1.0
    least = replicas.floor
    most = replicas.ceiling if replicas.ceiling is not None else least
    if isinstance(least, Unsettled) or isinstance(most, Unsettled):
        return least, most
    return max(1.0, least), max(1.0, least, most)


def _numbers(least: float | Unsettled, most: float | Unsettled) -> list[float]:
    if isinstance(least, Unsettled) or isinstance(most, Unsettled):
        return []
    numbers = [float(n) for n in range(int(least), int(min(most, least + _LOOKED_AT)) + 1)]
    return numbers if numbers[-1] == most else [*numbers, most]


def _daemon_waves(resource: Resource) -> float | Unsettled:
    """A DaemonSet's waves follow from a percentage alone; a count would need the number of nodes."""
    setting = resource.at("spec")["updateStrategy"]["rollingUpdate"]["maxUnavailable"]
    percent = share(setting, 1, 100, up=False)
    if isinstance(percent, Unsettled):
        return percent
    if not (isinstance(setting.value, str) and setting.value.strip().endswith("%")) or percent == 0:
        return Unsettled(
            resource.urn, setting.path, "is a number of nodes, and no setting says how many nodes there are"
        )
    return float(math.ceil(100 / percent))


def _quotient(number: float | Unsettled, batch: float | Unsettled) -> float | Unsettled:
    if isinstance(number, Unsettled):
        return number
    return batch if isinstance(batch, Unsettled) else float(math.ceil(number / batch))
