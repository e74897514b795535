"""The longest path over recovery steps: what depends adds, what is parallel takes the larger."""

from collections.abc import Sequence

from stanchion.recovery.findings import Step
from stanchion.recovery.term import Amount, rank, total


def fastest(steps: Sequence[Step]) -> tuple[list[Step], list[tuple[Step, Step]]]:
    """Of steps that are alternatives of each other only the fastest; one that is known beats one that is not.

    Returns:
        The steps that count, in their order, and each of the other ones with the step that takes its place.
    """
    best: dict[tuple[str, str], Step] = {}
    for step in steps:
        if step.alternative:
            key = (step.phase, step.alternative)
            best[key] = min(best.get(key, step), step, key=_speed)
    kept: list[Step] = []
    spare: list[tuple[Step, Step]] = []
    for step in steps:
        winner = best.get((step.phase, step.alternative), step)
        if winner is step:
            kept.append(step)
        else:
            spare.append((step, winner))
    return kept, spare


def _speed(step: Step) -> tuple[tuple[int, float], str, str]:
    return rank(total(term.amount for term in step.terms)), step.urn, step.name


def longest_path(steps: Sequence[Step]) -> tuple[list[Step], list[Step]]:
    """The steps of the path that takes longest, in order, and the other ones.

    A step waits for every step of the URNs in its `after` that are among the steps. Steps that wait for each other in
    a circle can't be ordered: the circle counts once, at the place where it is entered.

    Returns:
        The path (first to last) and the rest; both empty for no steps.
    """
    by_urn: dict[str, list[Step]] = {}
    for step in steps:
        by_urn.setdefault(step.urn, []).append(step)
    best: dict[int, tuple[Amount, list[Step]]] = {}
    for step in steps:
        _measure(step, by_urn, best)
    if not best:
        return [], []
    _, path = max(best.values(), key=lambda found: rank(found[0]))
    on_path = {id(step) for step in path}
    return path, [step for step in steps if id(step) not in on_path]


def _measure(step: Step, by_urn: dict[str, list[Step]], best: dict[int, tuple[Amount, list[Step]]]) -> None:
    """Fill `best` for a step and all it waits for; iterative, since chains can be longer than the recursion limit."""
    stack: list[tuple[Step, bool]] = [(step, False)]
    under_way: set[int] = set()
    while stack:
        current, ready = stack.pop()
        if id(current) in best:
            continue
        before = [other for urn in current.after for other in by_urn.get(urn, ()) if other is not current]
        if not ready:
            under_way.add(id(current))
            stack.append((current, True))
            stack.extend((other, False) for other in before if id(other) not in best and id(other) not in under_way)
            continue
        own = total(term.amount for term in current.terms)
        longest = max(
            (best[id(other)] for other in before if id(other) in best),
            key=lambda found: rank(found[0]),
            default=None,
        )
        if longest is None:
            best[id(current)] = (own, [current])
        else:
            best[id(current)] = (total((longest[0], own)), [*longest[1], current])
