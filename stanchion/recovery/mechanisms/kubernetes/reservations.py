"""Reserved capacity: which reservations a pool of nodes can use, and what time-limited ones are worth."""

from collections import defaultdict
from dataclasses import dataclass

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.mechanisms.kubernetes.objects import mapping
from stanchion.recovery.mechanisms.kubernetes.quantities import count

RESERVATION = "aws:ec2/capacityReservation:CapacityReservation"
BLOCK = "aws:ec2/capacityBlockReservation:CapacityBlockReservation"
LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"


@dataclass(frozen=True, slots=True)
class Reservation:
    """Reserved instances of one type in one zone that do not end by themselves."""

    resource: Resource
    zone: str | Unsettled
    instances: float | Unsettled


class Reservations:
    """The open-ended capacity reservations of a program, by region and instance type."""

    def __init__(self, graph: ResourceGraph) -> None:
        self._open: dict[tuple[str, str], list[Reservation]] = defaultdict(list)
        self._all: dict[str, Reservation] = {}
        for resource in graph.of_type(RESERVATION):
            if ends(resource) is not False:
                continue
            found = Reservation(
                resource, resource.at("availabilityZone").text(), count(resource.at("instanceCount"), 0)
            )
            self._all[resource.urn] = found
            kind, region = resource.at("instanceType").text(), graph.region_of(resource)
            matches = resource.at("instanceMatchCriteria").text("open")
            if matches == "open" and isinstance(kind, str) and isinstance(region, str):
                self._open[region, kind].append(found)

    def __bool__(self) -> bool:
        return bool(self._all)

    def open_to(self, region: str | Unsettled, types: tuple[str, ...]) -> tuple[Reservation, ...]:
        """Those that any instance of these types in the region uses by itself."""
        return tuple(r for kind in types for r in self._open.get((str(region), kind), ()))

    def named_by(self, graph: ResourceGraph, setting: Setting) -> tuple[Reservation, ...]:
        """Those a setting names by id or ARN."""
        found = graph.reference(setting, RESERVATION).resources
        return tuple(self._all[r.urn] for r in found if r.urn in self._all)

    def tagged(self, graph: ResourceGraph, wanted: Setting) -> tuple[Reservation, ...]:
        """Those that carry all of these tags; no tags select nothing."""
        pairs = mapping(wanted.value)
        if not pairs:
            return ()
        found: list[Reservation] = []
        for reservation in self._all.values():
            tags = graph.tags_of(reservation.resource)
            if all(key in tags and (value == "*" or tags[key] == value) for key, value in pairs.items()):
                found.append(reservation)
        return tuple(found)


def ends(resource: Resource) -> bool | Unsettled:
    """Whether a reservation ends at a date by itself; capacity blocks always do."""
    if resource.type == BLOCK:
        return True
    kind = resource.at("endDateType").text("unlimited")
    if isinstance(kind, Unsettled):
        return kind
    return kind == "limited" or resource.at("endDate").is_set
