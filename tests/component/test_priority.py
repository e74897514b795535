"""Priorities: no burst before any floor, and among each the stricter tier first."""

import pytest

from components.serving.priority import Share, priorities, priority_class

TIERS = ["critical", "standard", "batch"]


def test_the_burst_of_the_strictest_tier_comes_after_the_floor_of_the_last() -> None:
    values = priorities(TIERS)
    bursts = [values[priority_class(tier, Share.BURST)] for tier in TIERS]
    floors = [values[priority_class(tier, Share.FLOOR)] for tier in TIERS]
    assert max(bursts) < min(floors)
    assert bursts == sorted(bursts, reverse=True)
    assert floors == sorted(floors, reverse=True)
    assert len(set(bursts + floors)) == 2 * len(TIERS)


def test_all_are_between_a_pod_that_says_nothing_and_what_kubernetes_keeps_for_itself() -> None:
    values = priorities([f"tier-{number}" for number in range(100)]).values()
    assert min(values) > 0
    assert max(values) < 1_000_000_000
    bursts = [v for name, v in priorities([f"tier-{n}" for n in range(100)]).items() if name.endswith("-burst")]
    floors = [v for name, v in priorities([f"tier-{n}" for n in range(100)]).items() if name.endswith("-floor")]
    assert max(bursts) < min(floors), "with as many tiers as there may be"


def test_a_tier_has_one_place_in_the_order() -> None:
    with pytest.raises(ValueError, match="tier 'critical' is named twice"):
        priorities(["critical", "standard", "critical"])
    with pytest.raises(ValueError, match="101 tiers; allowed: up to 100"):
        priorities([f"tier-{number}" for number in range(101)])
