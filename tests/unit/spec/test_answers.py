"""Answers from before and of people: only where the ladder has their rung, and with times that make sense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.spec import CachedAnswers, Duration, HumanAnswers, OnlineEndpoint, Rung, load_text
from tests.unit.spec.serving_document import GOOD, changed, refused

ASSISTANT, CHURN = "endpoints.assistant", "endpoints.churn-risk"
LADDER = "ladder: [full, quantized, cached]"
CHURN_CAPACITY = "capacity: {floor: 1, max: 6}"
HUMAN = "ladder: [full, quantized, cached, human]"


def assistant(text: str) -> OnlineEndpoint:
    return load_text(text).online_endpoints["assistant"]


@pytest.mark.parametrize("said", ["", "\n    cache: {}", "\n    cache:", "\n    cache: null"])
def test_the_rung_alone_has_the_defaults(said: str):
    found = assistant(changed((LADDER, f"{LADDER}{said}")))
    assert found.cache == CachedAnswers()
    assert found.cache is not None
    assert (found.cache.fresh.seconds, found.cache.stale.seconds) == (0, 86400)
    # Never across users, unless somebody says so.
    assert not found.cache.shared
    assert found.cache.largest.bytes == 256 * 1024
    assert found.human is None


@pytest.mark.parametrize("said", ["", "\n    human: {}", "\n    human: null"])
def test_people_have_four_hours_and_their_answers_a_month(said: str):
    found = assistant(changed((LADDER, f"{HUMAN}{said}"))).human
    assert found == HumanAnswers()
    assert found is not None
    assert (found.answer_within.seconds, found.keep.seconds, found.webhook_hosts) == (4 * 3600, 30 * 86400, [])


def test_an_endpoint_without_the_rungs_has_neither():
    found = load_text(GOOD).online_endpoints["churn-risk"]
    assert (found.cache, found.human) == (None, None)


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        (
            CHURN_CAPACITY,
            f"{CHURN_CAPACITY}\n    cache: {{fresh: 5m}}",
            f"{CHURN}.cache",
            ("'cached' is not on the ladder of this endpoint", "add cached to the ladder"),
        ),
        (
            CHURN_CAPACITY,
            f"{CHURN_CAPACITY}\n    human: {{}}",
            f"{CHURN}.human",
            ("'human' is not on the ladder of this endpoint", "only with rung human"),
        ),
        (
            LADDER,
            f"{LADDER}\n    cache: {{fresh: 2h, stale: 1h}}",
            f"{ASSISTANT}.cache.stale",
            ("'1h' is shorter than fresh: 2h", "allowed: 2h or longer"),
        ),
        (
            LADDER,
            f"{LADDER}\n    cache: {{fresh: 2d}}",
            f"{ASSISTANT}.cache.stale",
            ("'24h' is shorter than fresh: 2d",),
        ),
        (
            LADDER,
            f"{LADDER}\n    cache: {{stale: 0s}}",
            f"{ASSISTANT}.cache.stale",
            ("'0s' leaves the rung `cached` nothing to give", "take cached off the ladder"),
        ),
        (LADDER, f"{LADDER}\n    cache: {{shared: all}}", f"{ASSISTANT}.cache.shared", ("neither true nor false",)),
        (LADDER, f"{LADDER}\n    cache: {{largest: 256}}", f"{ASSISTANT}.cache.largest", ("it has no unit",)),
        (LADDER, f"{LADDER}\n    cache: {{frsh: 5m}}", f"{ASSISTANT}.cache.frsh", ("did you mean fresh?",)),
        (
            LADDER,
            f"{HUMAN}\n    human: {{answer_within: 0s}}",
            f"{ASSISTANT}.human.answer_within",
            ("'0s' leaves nobody any time", "write 4h"),
        ),
        (
            LADDER,
            f"{HUMAN}\n    human: {{answer_within: 2d, keep: 1d}}",
            f"{ASSISTANT}.human.keep",
            ("'1d' is shorter than answer_within: 2d", "allowed: 2d or longer"),
        ),
        (
            LADDER,
            f"{HUMAN}\n    human: {{webhook_hosts: ['https://answers.example.com']}}",
            f"{ASSISTANT}.human.webhook_hosts[0]",
            ("'https://answers.example.com' is not of the form", "leave out https://"),
        ),
        (
            LADDER,
            f"{HUMAN}\n    human: {{webhook_hosts: ['*.example.com']}}",
            f"{ASSISTANT}.human.webhook_hosts[0]",
            ("each host is named by itself",),
        ),
        (
            LADDER,
            f"{HUMAN}\n    human: {{webhook_hosts: [127.0.0.2]}}",
            f"{ASSISTANT}.human.webhook_hosts[0]",
            ("'127.0.0.2' is not of the form",),
        ),
        (
            LADDER,
            f"{HUMAN}\n    human: {{webhook_hosts: [a.example.com, a.example.com]}}",
            f"{ASSISTANT}.human.webhook_hosts",
            ("host 'a.example.com' is listed twice",),
        ),
    ],
)
def test_what_could_not_answer_is_refused(old: str, new: str, key: str, words: tuple[str, ...]):
    refused(changed((old, new)), key, *words)


@given(st.integers(0, 10**5), st.integers(0, 10**5))
def test_what_is_fresh_is_never_longer_than_what_is_stale(fresh: int, stale: int):
    said = {"fresh": f"{fresh}s", "stale": f"{stale}s"}
    if stale and fresh <= stale:
        assert CachedAnswers.model_validate(said).fresh == Duration(fresh)
    else:
        with pytest.raises(ValueError, match=r"is shorter than fresh|nothing to give"):
            CachedAnswers.model_validate(said)


@given(st.permutations(("cached", "human")))
def test_each_rung_has_its_own(rungs: list[Rung]):
    first = rungs[0]
    made = OnlineEndpoint(tier="t", use_case="us", model="mo", kind="llm", ladder=["full", first])
    assert (made.cache is not None, made.human is not None) == (first == "cached", first == "human")
