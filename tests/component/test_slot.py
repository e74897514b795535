"""Slots as components see them: labels, selectors that need not change, names that fit."""

import pytest

from components.serving.priority import Share
from components.serving.slot import Slot, refuse_long
from stanchion.serving.slots import SlotNames

BLUE = Slot(SlotNames("support-assistant", "full", "blue"), "critical")


def test_selectors_find_the_pods_of_one_slot_and_no_others() -> None:
    for share in Share:
        labels = BLUE.pod_labels(share)
        assert BLUE.selector.items() <= labels.items()
        assert BLUE.selector_of(share).items() <= labels.items()
    assert not BLUE.selector_of(Share.FLOOR).items() <= BLUE.pod_labels(Share.BURST).items()
    green = Slot(SlotNames("support-assistant", "full", "green"), "critical")
    assert not BLUE.selector.items() <= green.labels.items()


def test_another_tier_is_no_other_selector() -> None:
    """A Deployment is replaced when its selector changes, and with it all of its pods at once."""
    other = Slot(BLUE.names, "standard")
    assert other.selector == BLUE.selector
    assert other.labels != BLUE.labels


def test_blue_serves_first() -> None:
    assert BLUE.in_service
    assert not Slot(SlotNames("support-assistant", "full", "green"), "critical").in_service


def test_a_name_is_as_long_as_the_longest_that_is_made_of_it_lets_it_be() -> None:
    refuse_long("e" * 41, ("full", "quantized"))
    with pytest.raises(
        ValueError, match=r"'e{42}-quantized-green-(burst|floor)' of 64 characters; .* of 41 characters or less"
    ):
        refuse_long("e" * 42, ("full", "quantized"))
