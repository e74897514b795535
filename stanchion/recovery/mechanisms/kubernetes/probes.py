"""What probes of containers say about time: how soon a bad version is noticed, how long a start may take."""

from stanchion.graph import Resource, Setting, Unsettled
from stanchion.recovery.mechanisms.kubernetes.objects import pod_spec
from stanchion.recovery.mechanisms.kubernetes.quantities import count
from stanchion.recovery.mechanisms.kubernetes.sources import PROBES, STARTUP_PROBE
from stanchion.recovery.term import Amount, Grade, Term, product, rank, total


def containers(resource: Resource) -> tuple[Setting, ...] | Unsettled:
    """The containers of the pods."""
    return pod_spec(resource)["containers"].each()


def detection(resource: Resource) -> Term | None:
    """How long a container that answers wrongly stays in service, by its readiness or else its liveness probe.

    Args:
        resource: the controller of the pods. Of several containers the slowest probe counts.

    Returns:
        None when no container has such a probe: then Kubernetes notices nothing.
    """
    found: list[tuple[Amount, Setting]] = []
    items = containers(resource)
    if isinstance(items, Unsettled):
        return Term("a probe fails", items, Grade.BOUND, PROBES, items.urn, items.property)
    for item in items:
        probe = item["readinessProbe"] if item["readinessProbe"].is_set else item["livenessProbe"]
        if probe.is_set:
            tries = product(count(probe["periodSeconds"], 10), count(probe["failureThreshold"], 3))
            found.append((total((tries, count(probe["timeoutSeconds"], 1))), probe))
    if not found:
        return None
    amount, place = max(found, key=lambda one: rank(one[0]))
    kind = place.path.rsplit(".", 1)[-1].removesuffix("Probe")
    return Term.of(f"the {kind} probe fails often enough", amount, Grade.BOUND, PROBES, place)


def start_bound(resource: Resource) -> Term | None:
    """The longest start that the startup probes allow; None without one."""
    items = containers(resource)
    if isinstance(items, Unsettled):
        return Term("the container starts", items, Grade.BOUND, STARTUP_PROBE, items.urn, items.property)
    found: list[tuple[Amount, Setting]] = []
    for item in items:
        probe = item["startupProbe"]
        if probe.is_set:
            tries = product(count(probe["periodSeconds"], 10), count(probe["failureThreshold"], 3))
            found.append((total((count(probe["initialDelaySeconds"], 0), tries)), probe))
    if not found:
        return None
    amount, place = max(found, key=lambda one: rank(one[0]))
    return Term.of("the startup probe allows a start of", amount, Grade.BOUND, STARTUP_PROBE, place)


def readiness(resource: Resource) -> Term | None:
    """How long after its start a container is taken into service; None without a readiness probe."""
    items = containers(resource)
    found: list[tuple[Amount, Setting]] = []
    for item in () if isinstance(items, Unsettled) else items:
        probe = item["readinessProbe"]
        if probe.is_set:
            tries = product(count(probe["periodSeconds"], 10), count(probe["successThreshold"], 1))
            found.append((total((count(probe["initialDelaySeconds"], 0), tries)), probe))
    if not found:
        return None
    amount, place = max(found, key=lambda one: rank(one[0]))
    return Term.of("the readiness probe succeeds", amount, Grade.BOUND, PROBES, place)
