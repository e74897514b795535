"""What mechanisms of stateful services have in common: protections that hold under a condition, daily windows, regions.

A condition is True, False, or why it can't be told; a protection whose condition can't be told may not be counted on,
and says which value is missing.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Protection
from stanchion.recovery.sources import Source, derived
from stanchion.recovery.term import Amount, Grade, Term

Condition = bool | Unsettled

HOUR = 3600.0
DAY = 24 * HOUR
# Both are survived by a second machine; only a zone needs it to stand elsewhere.
HARDWARE = (Disruption.INFRASTRUCTURE, Disruption.ZONE)
# What a backup helps against that its region keeps across zones.
IN_REGION = (Disruption.APPLICATION, *HARDWARE)
EVERYTHING = (*IN_REGION, Disruption.REGION)

_WINDOW = re.compile(r"(?:[a-z]{3}:)?(\d{1,2}):(\d{2})-(?:[a-z]{3}:)?(\d{1,2}):(\d{2})", re.IGNORECASE)
_COPY = derived("a replica holds a copy of its source, and the source is judged itself")


def protections(
    resource: Resource,
    name: str,
    disruptions: Iterable[Disruption],
    loss: Sequence[Term],
    restore: Sequence[Term] = (),
    *,
    given: Condition = True,
) -> Iterator[Protection]:
    """One protection for each disruption: none when the condition is False, an unknown loss when it can't be told.

    Args:
        resource: the store.
        name: as people would say it: `Multi-AZ standby`.
        disruptions: what it protects against.
        loss: terms in seconds that add up to what may be lost.
        restore: terms in seconds until the data can be used again.
        given: under which condition the service protects at all.
    """
    if given is False:
        return
    if isinstance(given, Unsettled):
        loss = [replace(term, amount=given, urn=given.urn, property=given.property) for term in loss[:1]]
    for disruption in disruptions:
        yield Protection(resource.urn, name, disruption, tuple(loss), tuple(restore))


def nothing_lost(name: str, source: Source, at: Resource | Setting, grade: Grade = Grade.BOUND) -> Term:
    """A loss of 0 seconds: the service keeps more than one copy before it says that a write succeeded."""
    return Term.of(name, 0.0, grade, source, at)


def copy_of(resource: Resource, source: str) -> Iterator[Protection]:
    """A replica has nothing of its own to lose, whatever happens: what may be lost is its source's.

    Args:
        resource: the replica.
        source: of what it is one, as people would say it: `RDS instance 'orders'`.
    """
    term = Term.of("a replica has no data of its own", 0.0, Grade.BOUND, _COPY, resource)
    yield from protections(resource, f"copy of {source}", EVERYTHING, [term])


def all_of(*conditions: Condition) -> Condition:
    """Whether all hold; one that does not decides, even if another can't be told."""
    if any(condition is False for condition in conditions):
        return False
    return next((condition for condition in conditions if isinstance(condition, Unsettled)), True)


def any_of(*conditions: Condition) -> Condition:
    """Whether one holds; one that does decides, even if another can't be told."""
    if any(condition is True for condition in conditions):
        return True
    return next((condition for condition in conditions if isinstance(condition, Unsettled)), False)


def at_least(number: float | Unsettled, least: float) -> Condition:
    """Whether a count reaches a floor."""
    return number if isinstance(number, Unsettled) else number >= least


def apart(graph: ResourceGraph, one: Resource, other: Resource) -> Condition:
    """Whether two resources lie in different regions."""
    here, there = graph.region_of(one), graph.region_of(other)
    if isinstance(here, Unsettled):
        return here
    return there if isinstance(there, Unsettled) else here != there


@dataclass(frozen=True, slots=True)
class Footprint:
    """Where the members of a group lie, found once for all of them.

    Args:
        regions: those that are known.
        gap: why that of a member is not.
        size: how many members there are.
    """

    regions: frozenset[str]
    gap: Unsettled | None
    size: int

    @classmethod
    def of(cls, graph: ResourceGraph, members: Collection[Resource]) -> "Footprint":
        """The footprint of these members."""
        found = [graph.region_of(member) for member in members]
        gap = next((region for region in found if isinstance(region, Unsettled)), None)
        return cls(frozenset(region for region in found if isinstance(region, str)), gap, len(members))

    def beyond(self, here: str | Unsettled) -> Condition:
        """Whether the group has a member outside of the region of one of its members."""
        if self.size < 2:
            return False
        if isinstance(here, Unsettled):
            return here
        return True if self.regions - {here} else (self.gap or False)


def window(setting: Setting, default: float) -> Amount:
    """Length in seconds of a daily window such as `05:00-09:00`; over midnight too.

    Args:
        setting: the window.
        default: seconds of the window that AWS picks when the program says nothing.
    """
    text = setting.text()
    if isinstance(text, Unsettled):
        return text
    if not text:
        return default
    match = _WINDOW.fullmatch(text.strip())
    if match is None:
        return setting.wrong("a window such as 05:00-09:00")
    start, end = (int(match[i]) * 60 + int(match[i + 1]) for i in (1, 3))
    return ((end - start) % (24 * 60)) * 60.0


def zones_of(settings: Iterable[Setting]) -> tuple[set[str], Unsettled | None]:
    """The zones that are known, and why one is not."""
    known: set[str] = set()
    gap: Unsettled | None = None
    for setting in settings:
        text = setting.text()
        if isinstance(text, Unsettled):
            gap = gap or text
        elif text:
            known.add(text)
        else:
            why = "is not set, so AWS picks a zone and may pick the same one twice"
            gap = gap or Unsettled(setting.resource.urn, setting.path, why)
    return known, gap


def spread(settings: Iterable[Setting]) -> Condition:
    """Whether machines stand in two zones at least."""
    known, gap = zones_of(settings)
    if len(known) > 1:
        return True
    return False if gap is None else gap
