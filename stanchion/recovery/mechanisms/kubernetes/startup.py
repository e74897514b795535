"""How long a pod takes from its place on a node until it serves: image, weights, engine.

In this order: the whole time declared by `stanchion.dev/restore`; image, weights and engine declared apart
(`stanchion.dev/image-bytes`, `weight-bytes`, `engine-init`, at `load-rate` bytes a second); the bound of the startup
probe. Nothing of these: it is not known.
"""

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.declared import declared, restore_term
from stanchion.recovery.mechanisms.kubernetes.objects import annotation
from stanchion.recovery.mechanisms.kubernetes.probes import readiness, start_bound
from stanchion.recovery.mechanisms.kubernetes.quantities import seconds, size
from stanchion.recovery.mechanisms.kubernetes.sources import COLD_START, DECLARED, DISK_RATE, IMAGE_PULL
from stanchion.recovery.term import Amount, Grade, Term
from stanchion.serving.cold_start import DISK_BYTES_PER_SECOND, PULL_SECONDS


def start_terms(graph: ResourceGraph, resource: Resource) -> tuple[Term, ...]:
    """What a start is made of; the terms add up.

    Args:
        graph: the program.
        resource: the controller of the pods.
    """
    if declared(graph, resource, "restore") is not None:
        return (restore_term(graph, resource, "the pod starts and serves"),)
    image, weights, engine = (annotation(resource, key) for key in ("image-bytes", "weight-bytes", "engine-init"))
    probe, ready = start_bound(resource), readiness(resource)
    after = (ready,) if ready else ()
    if engine.is_set:
        terms = [_pull(resource, image)] if image.is_set else [_typical_pull(resource)]
        if weights.is_set:
            terms.append(_loaded("weights are loaded", resource, weights))
        terms.append(Term.of("the engine starts", seconds(engine, 0.0), Grade.DECLARED, DECLARED, engine))
        return (*terms, *after)
    if probe is not None:
        return (_pull(resource, image) if image.is_set else _typical_pull(resource), probe, *after)
    why = (
        "has no startup probe and no declared start: set a startupProbe, or the annotation stanchion.dev/engine-init "
        "(with image-bytes and weight-bytes), or stanchion.dev/restore for the whole"
    )
    gap = Unsettled(resource.urn, "", why)
    return (Term.of("the pod starts and serves", gap, Grade.DECLARED, COLD_START, resource),)


def _pull(resource: Resource, image: Setting) -> Term:
    return _loaded("the image is pulled", resource, image)


def _typical_pull(resource: Resource) -> Term:
    """No probe covers the pull, and an image that nobody has sized is taken to be a large one."""
    return Term.of("the image is pulled (size not declared)", PULL_SECONDS, Grade.TYPICAL, IMAGE_PULL, resource)


def _loaded(name: str, resource: Resource, what: Setting) -> Term:
    rate = annotation(resource, "load-rate")
    amount, bytes_per_second = size(what), size(rate) if rate.is_set else DISK_BYTES_PER_SECOND
    grade, source = (Grade.DECLARED, DECLARED) if rate.is_set else (Grade.TYPICAL, DISK_RATE)
    return Term.of(name, _quotient(amount, bytes_per_second, rate), grade, source, what)


def _quotient(amount: float | Unsettled, rate: float | Unsettled, at: Setting) -> Amount:
    if isinstance(amount, Unsettled):
        return amount
    if isinstance(rate, Unsettled):
        return rate
    return amount / rate if rate > 0 else at.wrong("a rate above 0")
