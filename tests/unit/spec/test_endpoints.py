"""Endpoints: their kinds and what each has, the ladder, and who is asked for how much."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.serving.spot_notice import LONGEST
from stanchion.spec import RUNGS, BatchEndpoint, OnlineEndpoint, Rung, load_text
from tests.unit.spec.documents import problems
from tests.unit.spec.serving_document import GOOD, changed, refused

ASSISTANT, CHURN, NIGHTLY = "endpoints.assistant", "endpoints.churn-risk", "endpoints.nightly"
LADDER = "ladder: [full, quantized, cached]"
CHURN_CAPACITY = "capacity: {floor: 1, max: 6}"


def test_kinds_have_what_is_theirs():
    spec = load_text(GOOD)
    assert set(spec.online_endpoints) == {"assistant", "churn-risk"}
    assert set(spec.batch_endpoints) == {"nightly"}
    assistant, nightly = spec.endpoints["assistant"], spec.endpoints["nightly"]
    assert isinstance(assistant, OnlineEndpoint)
    assert isinstance(nightly, BatchEndpoint)
    assert assistant.variants == ("full", "quantized")
    assert nightly.variants == ("full",)


def test_what_is_not_said_is_safe():
    text = changed((f"    {CHURN_CAPACITY}\n", ""))
    churn, nightly = load_text(text).online_endpoints["churn-risk"], load_text(text).batch_endpoints["nightly"]
    assert churn.ladder == ["full"]
    # Two replicas on demand, none on spot, never none at all, and the same in the standby region.
    assert (churn.capacity.floor, churn.capacity.max) == (2, 2)
    assert not churn.capacity.spot
    assert not churn.capacity.scale_to_zero
    assert churn.standby is None
    assert (churn.slo.availability, churn.slo.p95.milliseconds) == (99.9, 5000)
    assert (nightly.max_vcpus, nightly.attempts, nightly.timeout.seconds) == (64, 5, 4 * 3600)


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ("kind: llm", "kind: lmm", f"{ASSISTANT}.kind", ("'lmm' is not a kind", "llm, predictor, batch", "mean llm?")),
        ("    kind: llm\n", "", f"{ASSISTANT}.kind", ("the key is missing", "add `kind: llm`")),
        ("kind: llm", "kind:", f"{ASSISTANT}.kind", ("'' is not a kind",)),
        (
            "kind: llm",
            'kind: llm\n    schedule: "rate(1 hour)"',
            f"{ASSISTANT}.schedule",
            ("'schedule' belongs to kind: batch, and this is kind: llm", "remove it, or write kind: batch"),
        ),
        (
            "kind: predictor",
            "kind: predictor\n    max_vcpus: 8",
            f"{CHURN}.max_vcpus",
            ("'max_vcpus' belongs to kind: batch, and this is kind: predictor",),
        ),
        (
            "kind: batch",
            "kind: batch\n    ladder: [full]",
            f"{NIGHTLY}.ladder",
            ("'ladder' belongs to kind: llm or predictor, and this is kind: batch",),
        ),
        (
            "kind: batch",
            "kind: batch\n    standby: {floor: 1}",
            f"{NIGHTLY}.standby",
            ("'standby' belongs to kind: llm or predictor",),
        ),
        (CHURN_CAPACITY, "capcity: {}", f"{CHURN}.capcity", ("'capcity' is not a key here", "mean capacity?")),
        (CHURN_CAPACITY, "capacity: {flor: 1}", f"{CHURN}.capacity.flor", ("not a key here", "mean floor?")),
        (CHURN_CAPACITY, "capacity: 3", f"{CHURN}.capacity", ("'3' is not a mapping",)),
        (CHURN_CAPACITY, "capacity: {floor: -1, max: 6}", f"{CHURN}.capacity.floor", ("'-1' is too few",)),
        (CHURN_CAPACITY, 'capacity: {floor: "1", max: 6}', f"{CHURN}.capacity.floor", ("not a whole number",)),
        (CHURN_CAPACITY, "capacity: {floor: 1, max: 1001}", f"{CHURN}.capacity.max", ("'1001' is too many",)),
        (CHURN_CAPACITY, "capacity: {max: 6, spot: maybe}", f"{CHURN}.capacity.spot", ("neither true nor false",)),
        (LADDER, "ladder: [quantized, cached]", f"{ASSISTANT}.ladder", ("it starts with 'quantized'", "[full, quant")),
        (LADDER, "ladder: []", f"{ASSISTANT}.ladder", ("it is empty", "write [full]")),
        (
            LADDER,
            "ladder: [full, cached, quantized]",
            f"{ASSISTANT}.ladder",
            ("'quantized' comes after 'cached'", "write [full, quantized, cached]"),
        ),
        (LADDER, "ladder: [full, quantized, quantized]", f"{ASSISTANT}.ladder", ("'quantized' is listed twice",)),
        (LADDER, "ladder: [full, quantised]", f"{ASSISTANT}.ladder[1]", ("'quantised'", "did you mean quantized?")),
        ("availability: 99.9", "availability: 100", f"{ASSISTANT}.slo.availability", ("'100' is not a percentage",)),
        ("availability: 99.9", "availability: 0.999", f"{ASSISTANT}.slo.availability", ("90 to below 100",)),
        ("p95: 1500ms", "p95: 1500", f"{ASSISTANT}.slo.p95", ("'1500' is not the time of an answer", "1500ms")),
        ("use_case: customer-support", "use_case: Customer Support", f"{ASSISTANT}.use_case", ("not of the form",)),
        ("  assistant:", "  Assistant:", "endpoints.Assistant", ("'Assistant' is not of the form",)),
        ("cron(0 3 * * ? *)", "cron(0 3 * * *)", f"{NIGHTLY}.schedule", ("with six fields, in UTC",)),
        ("cron(0 3 * * ? *)", "at(2026-12-01T00:00:00)", f"{NIGHTLY}.schedule", ("is not of the form",)),
        ("command: [score]", "command: []", f"{NIGHTLY}.command", ("it has no word", "[score, Ref::input")),
        (
            "command: [score]",
            "command: [score]\n    attempts: 1",
            f"{NIGHTLY}.attempts",
            ("'1' is too few", "2 to 10 attempts"),
        ),
        (
            "command: [score]",
            "command: [score]\n    timeout: 59s",
            f"{NIGHTLY}.timeout",
            ("'59s' is less than AWS Batch takes", "60s or longer"),
        ),
        (
            "prefix: nightly/out",
            "prefix: nightly/in/out",
            f"{NIGHTLY}.output.prefix",
            ("'nightly/in/out' lies below input.prefix: nightly/in", "write nightly/in-out"),
        ),
        (
            "prefix: nightly/out",
            "prefix: nightly/in",
            f"{NIGHTLY}.output.prefix",
            ("the next job reads what this one wrote",),
        ),
        ("input: {bucket: curated", "input: {bucket: models", f"{NIGHTLY}.input.bucket", ("'models'", "raw, curated")),
        (
            "    input: {bucket: curated, prefix: nightly/in}\n",
            "",
            f"{NIGHTLY}.input",
            ("the key is missing", "add `input: {bucket: curated, prefix: nightly/in}`"),
        ),
    ],
)
def test_bad_endpoints(old: str, new: str, key: str, words: tuple[str, ...]):
    refused(changed((old, new)), key, *words)


def test_output_beside_the_input_is_taken_however_alike_it_is_called():
    for prefix in ("nightly/in-out", "nightly/inner", "nightly"):
        assert load_text(changed(("prefix: nightly/out", f"prefix: {prefix}")))
    assert load_text(
        changed(("output: {bucket: curated, prefix: nightly/out}", "output: {bucket: raw, prefix: nightly/in}"))
    )


@given(st.lists(st.sampled_from(RUNGS), max_size=5))
def test_a_ladder_goes_down_from_the_whole_model_and_says_how_it_would(ladder: list[Rung]):
    text = changed((LADDER, f"ladder: [{', '.join(ladder)}]"), ("standby: {floor: 1, rung: quantized}", "standby:"))
    # Those of the subsets that begin with `full`, in the order of the rungs.
    good = [list(rungs) for count in range(1, 5) for rungs in combinations(RUNGS, count) if rungs[0] == "full"]
    found = [problem for problem in problems(text) if problem.key == f"{ASSISTANT}.ladder"]
    assert bool(found) == (ladder not in good)
    if found:
        proposed = found[0].message.split("fix: write ")[1].removesuffix(".")
        repaired = changed((LADDER, f"ladder: {proposed}"), ("standby: {floor: 1, rung: quantized}", "standby:"))
        assert problems(repaired) == ()


@pytest.mark.parametrize(
    ("said", "key", "words"),
    [
        ("deadline: 0s", "deadline", ("'0s' leaves no time", "1s to 85s")),
        (
            "deadline: 86s",
            "deadline",
            ("'86s' is longer than a node on spot may still run", "write 85s, stream longer"),
        ),
        ("deadline: 30", "deadline", ("it has no unit",)),
        (
            "deadline: 9s\n    rung_timeout: 9001ms",
            "rung_timeout",
            ("'9001ms' is longer than deadline: 9s", "allowed: up to 9s", "write 3s"),
        ),
        ("rung_timeout: 61s", "rung_timeout", ("'61s' is longer than deadline: 60s",)),
        ("deadline: 5s\n    rung_timeout: 10s", "rung_timeout", ("'10s' is longer than deadline: 5s",)),
        (
            "without_counters: ignore",
            "without_counters",
            ("'ignore' is not one of its values", "bounded, refuse, allow"),
        ),
    ],
)
def test_times_that_can_not_be_kept_are_refused(said: str, key: str, words: tuple[str, ...]):
    refused(changed((CHURN_CAPACITY, f"{CHURN_CAPACITY}\n    {said}")), f"{CHURN}.{key}", *words)


def test_a_request_has_a_minute_and_a_rung_ten_seconds_of_it():
    churn = load_text(GOOD).online_endpoints["churn-risk"]
    assert (churn.deadline.seconds, churn.rung_timeout.milliseconds) == (60, 10_000)
    assert churn.without_counters == "bounded"


@given(st.integers(1, LONGEST))
def test_a_short_deadline_alone_is_no_contradiction(seconds: int):
    text = changed((CHURN_CAPACITY, f"{CHURN_CAPACITY}\n    deadline: {seconds}s"))
    churn = load_text(text).online_endpoints["churn-risk"]
    assert churn.rung_timeout.milliseconds == min(10, seconds) * 1000


@pytest.mark.parametrize(
    "key", ["deadline", "rung_timeout", "cache", "human", "quotas", "without_counters", "payloads"]
)
def test_what_a_gateway_does_is_no_matter_of_jobs(key: str):
    text = changed(("kind: batch", f"kind: batch\n    {key}: {{}}"))
    refused(text, f"{NIGHTLY}.{key}", f"'{key}' belongs to kind: llm or predictor")
