"""In how many zones something stands, read from its subnets or from zones it names."""

from collections.abc import Iterable
from dataclasses import dataclass

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.survival import Condition

SUBNETS = ("aws:ec2/subnet:Subnet", "aws:ec2/defaultSubnet:DefaultSubnet")


@dataclass(frozen=True, slots=True)
class Placement:
    """Where something stands.

    Args:
        zones: the zones that are known.
        elsewhere: how many further subnets there are whose zone can't be told.
        gap: why one of them can't.
    """

    zones: frozenset[str] = frozenset()
    elsewhere: int = 0
    gap: Unsettled | None = None

    def reaches(self, least: int) -> Condition:
        """Whether there are so many zones at least."""
        if len(self.zones) >= least:
            return True
        return False if self.gap is None else self.gap

    @property
    def subnets(self) -> int:
        """How many zones there are where a service takes only one subnet a zone."""
        return len(self.zones) + self.elsewhere


def placement_of(graph: ResourceGraph, subnets: Iterable[Setting], zones: Setting | None = None) -> Placement:
    """The zones of subnets, and those that are named.

    Args:
        graph: the program.
        subnets: lists of subnet ids, or single ones.
        zones: a list of zone names.
    """
    known: set[str] = set()
    gaps: list[Unsettled] = []
    unplaced: set[str] = set()
    anonymous = 0
    for setting in subnets:
        elements = _elements(setting)
        here: set[str] = set()
        for element in elements:
            reference = graph.reference(element, *SUBNETS)
            if reference.unsettled:
                anonymous += 1
                gaps.append(reference.unsettled)
            elif reference.literal is not None:
                unplaced.add(reference.literal)
                why = (
                    f"names subnet '{reference.literal}', which is not part of this program, so its zone can't be told"
                )
                gaps.append(Unsettled(element.resource.urn, element.path, why))
            for subnet in reference.resources:
                zone = zone_of(subnet)
                if isinstance(zone, Unsettled):
                    unplaced.add(subnet.urn)
                    gaps.append(zone)
                else:
                    here.add(zone)
        # One element whose value is unknown may have edges to several subnets, and is still one of them.
        listed = len(here) if setting.unsettled else len(elements)
        known.update(sorted(here)[:listed])
    for element in _elements(zones) if zones is not None else ():
        text = element.text()
        if isinstance(text, Unsettled):
            anonymous += 1
            gaps.append(text)
        elif text:
            known.add(text)
    return Placement(frozenset(known), len(unplaced) + anonymous, gaps[0] if gaps else None)


def zone_of(subnet: Resource) -> str | Unsettled:
    """The zone of a subnet, by name or by id."""
    gap: Unsettled | None = None
    for key in ("availabilityZone", "availabilityZoneId"):
        text = subnet.at(key).text()
        if isinstance(text, Unsettled):
            gap = gap or text
        elif text:
            return text
    return gap or Unsettled(subnet.urn, "availabilityZone", "is not set, so AWS picks a zone")


def _elements(setting: Setting) -> tuple[Setting, ...]:
    """A list that is wholly unknown is looked through by its edges, as one element."""
    elements = setting.each()
    return (setting,) if isinstance(elements, Unsettled) else elements
