import math

import pytest

from stanchion.graph import UNKNOWN, Resource, Setting, Unsettled
from stanchion.recovery.mechanisms.kubernetes.quantities import count, seconds, share, size


def setting(value):
    return Setting(Resource("urn:pulumi:s::p::t::n", "t", "n"), "spec.x", value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("90s", 90),
        ("1h30m", 5400),
        ("500ms", 0.5),
        ("720h", 2592000),
        (15, 15),
        ("15", 15),
        (None, 7),
        ("Never", math.inf),
    ],
)
def test_durations(value, expected):
    assert seconds(setting(value), 7) == expected


@pytest.mark.parametrize("value", ["soon", "5 minutes", -1, True, [], {}, float("nan"), float("inf"), "", UNKNOWN])
def test_what_is_no_duration(value):
    assert isinstance(seconds(setting(value), 7), Unsettled)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1Ki", 1024),
        ("2Gi", 2 * 1024**3),
        ("5G", 5e9),
        ("100", 100),
        (42, 42),
        ("1.5M", 1.5e6),
        ("10GB", 1e10),
        ("0", 0),
    ],
)
def test_sizes(value, expected):
    assert size(setting(value)) == expected


@pytest.mark.parametrize("value", ["big", "-1Gi", True, None, [], UNKNOWN])
def test_what_is_no_size(value):
    assert isinstance(size(setting(value)), Unsettled)


@pytest.mark.parametrize("value", [-1, 1.5, "x", float("inf"), float("nan"), UNKNOWN, {}])
def test_what_is_no_count(value):
    assert isinstance(count(setting(value), 1), Unsettled)


@pytest.mark.parametrize(
    ("value", "of", "up", "down"),
    [
        ("25%", 3, 1, 0),
        ("25%", 4, 1, 1),
        ("25%", 5, 2, 1),
        ("100%", 7, 7, 7),
        ("7%", 100, 7, 7),
        (2, 9, 2, 2),
        (None, 4, 1, 1),
    ],
)
def test_shares_are_rounded_as_the_field_has_it(value, of, up, down):
    assert share(setting(value), "25%", of, up=True) == up
    assert share(setting(value), "25%", of, up=False) == down


@pytest.mark.parametrize("value", ["half", "-1%", UNKNOWN, [1]])
def test_what_is_no_share(value):
    assert isinstance(share(setting(value), 1, 4, up=True), Unsettled)
