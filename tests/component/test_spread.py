"""Spread: a floor has to stand in two zones, whatever is left of them; a burst stands where capacity is."""

from typing import Any

from components.serving.priority import Share
from components.serving.spread import HOST, spread

LABELS = {"stanchion.dev/slot": "blue"}
ZONE = "topology.kubernetes.io/zone"


def by_topology(share: Share) -> dict[str, Any]:
    return {str(each.topology_key): each for each in spread(share, LABELS)}


def test_a_floor_is_in_two_zones_or_waits() -> None:
    zone = by_topology(Share.FLOOR)[ZONE]
    assert (zone.when_unsatisfiable, zone.max_skew) == ("DoNotSchedule", 1)
    assert zone.min_domains == 2, "with 3, a lost zone would leave two in which only one pod each could start"


def test_nothing_stops_a_floor_from_sharing_a_node_when_there_is_only_one() -> None:
    assert by_topology(Share.FLOOR)[HOST].when_unsatisfiable == "ScheduleAnyway"


def test_a_burst_is_never_kept_waiting_by_its_spread() -> None:
    for each in by_topology(Share.BURST).values():
        assert each.when_unsatisfiable == "ScheduleAnyway"
        assert each.min_domains is None, "the API refuses it there"


def test_nodes_of_a_lost_zone_don_t_count_and_neither_does_the_version_before() -> None:
    for share in Share:
        for each in by_topology(share).values():
            assert each.node_taints_policy == "Honor"
            assert each.match_label_keys == ["pod-template-hash"]
            assert each.label_selector.match_labels == LABELS


def test_capacity_types_are_not_balanced() -> None:
    """With such a constraint Karpenter puts half of the burst on demand."""
    assert not any("capacity-type" in topology for share in Share for topology in by_topology(share))
