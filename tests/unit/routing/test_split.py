"""The split: by weight over many keys, the same for one key, and no key moves that need not."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.routing.split import choose

KEYS = [f"user-{number}" for number in range(20_000)]


def shares(weights: dict[str, int], salt: str) -> dict[str, int]:
    found = dict.fromkeys(weights, 0)
    for key in KEYS:
        found[choose(weights, key, salt)] += 1
    return found


@pytest.mark.parametrize("salt", ["chat/full", "chat/quantized", "digits/full"])
@pytest.mark.parametrize("green", [1, 10, 50])
def test_many_keys_are_split_by_weight(salt: str, green: int):
    share = green / 100
    # The 99 % interval of a binomial distribution of so many keys; 2.576 is the normal distribution's.
    half = 2.576 * math.sqrt(len(KEYS) * share * (1 - share))
    found = shares({"blue": 100 - green, "green": green}, salt)
    assert abs(found["green"] - len(KEYS) * share) <= half
    assert sum(found.values()) == len(KEYS)


def test_the_first_users_are_not_the_same_everywhere():
    weights = {"blue": 90, "green": 10}
    chosen = [{key for key in KEYS if choose(weights, key, salt) == "green"} for salt in ("chat/full", "digits/full")]
    # A tenth of a tenth by chance.
    assert len(chosen[0] & chosen[1]) < 0.02 * len(KEYS)


@given(
    st.dictionaries(st.sampled_from("abcde"), st.integers(0, 1000), min_size=2).filter(lambda w: any(w.values())),
    st.text(),
    st.text(),
    st.randoms(),
)
def test_a_key_has_one_slot_whatever_the_order_of_the_weights(weights: dict[str, int], key: str, salt: str, random):
    mixed = list(weights.items())
    random.shuffle(mixed)
    chosen = choose(weights, key, salt)
    assert choose(dict(mixed), key, salt) == chosen
    assert weights[chosen] > 0


@given(
    st.dictionaries(st.sampled_from("abc"), st.integers(1, 100), min_size=2, max_size=3),
    st.integers(0, 200),
    st.lists(st.text(max_size=20), max_size=50),
)
def test_only_keys_of_the_slot_whose_weight_changes_move(weights: dict[str, int], weight: int, keys: list[str]):
    changed = next(iter(weights))
    after = {**weights, changed: weight}
    for key in keys:
        old, new = choose(weights, key, "salt"), choose(after, key, "salt")
        if weight >= weights[changed]:
            assert new in (old, changed)
        else:
            assert new == old or old == changed


def test_a_canary_that_is_taken_back_gives_each_the_slot_they_had():
    before = [choose({"blue": 1}, key, "s") for key in KEYS[:500]]
    during = [choose({"blue": 80, "green": 20}, key, "s") for key in KEYS[:500]]
    assert "green" in during
    assert [choose({"blue": 80, "green": 0}, key, "s") for key in KEYS[:500]] == before


@pytest.mark.parametrize("weights", [{}, {"blue": 0}, {"blue": 0, "green": -1}])
def test_nothing_to_choose_from_is_refused(weights: dict[str, int]):
    with pytest.raises(ValueError, match="no slot has a weight above 0"):
        choose(weights, "key", "salt")


def test_a_user_of_half_characters_has_a_slot():
    assert choose({"blue": 1, "green": 1}, "\ud83d", "salt") in ("blue", "green")
