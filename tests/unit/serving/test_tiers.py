"""The tier that promises to be back first comes first."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stanchion.serving.tiers import strictest_first
from stanchion.spec import Environment, Tier, load_text
from tests.unit.spec.serving_document import GOOD


def promising(**rto: Any) -> Environment:
    """A document whose tiers promise that."""
    tiers = {
        name: Tier.model_validate({"rto": each, "rpo": "24h", "decide": "auto"}) for name, each in rto.items()
    }  # fmt: skip
    return load_text(GOOD).model_copy(update={"tiers": tiers})


def test_the_shortest_of_zone_and_infrastructure_decides():
    assert strictest_first(load_text(GOOD)) == ["critical", "standard", "batch"]
    assert strictest_first(promising(a={"zone": "2m"}, b={"infrastructure": "90s", "zone": "1h"})) == ["b", "a"]


def test_who_promises_nothing_of_them_comes_last_and_equals_by_name():
    spec = promising(c="4h", nothing={"region": "1m"}, b="4h", less={"application": "1m"})
    assert strictest_first(spec) == ["b", "c", "less", "nothing"]


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 99), min_size=1))
def test_the_order_is_that_of_the_promises(hours: dict[str, int]):
    spec = promising(**{name: f"{each}h" for name, each in hours.items()})
    assert strictest_first(spec) == sorted(hours, key=lambda name: (hours[name], name))
