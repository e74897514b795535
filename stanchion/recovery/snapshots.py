"""Daily snapshots that a service takes by itself, kept by its region."""

from collections.abc import Iterator

from stanchion.graph import Resource, ResourceGraph, Setting
from stanchion.recovery.declared import restore_term
from stanchion.recovery.findings import Protection
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import DAY, IN_REGION, Condition, protections, window
from stanchion.recovery.term import Grade, Term


def daily_snapshots(
    graph: ResourceGraph,
    store: Resource,
    at: Setting,
    shortest: float,
    source: Source,
    *,
    given: Condition,
    name: str = "daily snapshot",
) -> Iterator[Protection]:
    """Two snapshots may be a day and a window apart: one begins with its window, the next with the end of its own.

    How long a snapshot takes is published nowhere, so the sum is no bound.

    Args:
        graph: the program.
        store: what is snapshotted.
        at: the daily window (`05:00-09:00`), or the time at which it begins (`05:00`).
        shortest: seconds of the window where the program says none, or only when it begins.
        source: where the service's habit stands.
        given: whether snapshots are kept at all.
        name: as people would say it.
    """
    begins_only = isinstance(at.value, str) and "-" not in at.value
    length = shortest if begins_only else window(at, shortest)
    loss = (
        Term.of(f"one {name.removeprefix('daily ')} a day", DAY, Grade.TYPICAL, source, at),
        Term.of("window in which it begins", length, Grade.TYPICAL, source, at),
    )
    back = restore_term(graph, store, f"restore from the {name}")
    yield from protections(store, name, IN_REGION, loss, [back], given=given)
