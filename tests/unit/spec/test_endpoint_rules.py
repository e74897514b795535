"""Endpoints name what is there, and promise no more than their capacity and its cold start can keep."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.serving.cold_start import cold_start
from stanchion.spec import Duration, load_text
from tests.unit.spec.documents import problems
from tests.unit.spec.serving_document import GOOD, changed, refused

ASSISTANT, CHURN, NIGHTLY = "endpoints.assistant", "endpoints.churn-risk", "endpoints.nightly"
ASSISTANT_CAPACITY = "capacity: {floor: 2, max: 20, spot: true}"
CHURN_CAPACITY = "capacity: {floor: 1, max: 6}"
STANDBY = "standby: {floor: 1, rung: quantized}"
# Of `support-llm` on the slowest type that holds it, 850 Mbit/s to its disk: 8 GiB, 16 GiB, and 195 s measured.
COLD_START = "81 s for the image and 162 s for the weights at 101 MiB/s of g5.2xlarge, 195 s until it answers"


@pytest.mark.parametrize(
    ("replacements", "key", "words"),
    [
        (
            (("tier: critical", "tier: critcal"),),
            f"{ASSISTANT}.tier",
            ("'critcal' is not a tier", "critical, standard, batch", "did you mean critical?"),
        ),
        (
            (("model: support-llm", "model: support-lm"),),
            f"{ASSISTANT}.model",
            ("'support-lm' is not a model", "support-llm, churn", "did you mean support-llm?"),
        ),
        (
            ((CHURN_CAPACITY, "capacity: {floor: 3, max: 2}"),),
            f"{CHURN}.capacity.max",
            ("'2' is under floor: 3", "3 or more", "write 3"),
        ),
        (
            ((CHURN_CAPACITY, "capacity: {floor: 2, max: 2, spot: true}"),),
            f"{CHURN}.capacity.spot",
            ("'true' does nothing: no replica comes above floor: 2", "write max: 6, or spot: false"),
        ),
        (
            ((CHURN_CAPACITY, "capacity: {floor: 0, max: 6}"),),
            f"{CHURN}.capacity.floor",
            ("'0' keeps no replica, and nothing would start one", "1 or more", "scale_to_zero: true if"),
        ),
        (
            ((CHURN_CAPACITY, "capacity: {floor: 0, max: 6, scale_to_zero: true}"),),
            f"{CHURN}.capacity.floor",
            ("'0' is what would come back at the first request", "write floor: 1"),
        ),
        # Its tier promises 4 h, which a cold start keeps; spot is no reason then.
        (
            ((CHURN_CAPACITY, "capacity: {floor: 0, max: 6, spot: true}"),),
            f"{CHURN}.capacity.floor",
            ("'0' keeps no replica",),
        ),
        (
            ((ASSISTANT_CAPACITY, "capacity: {floor: 0, max: 20, spot: true}"),),
            f"{ASSISTANT}.capacity.floor",
            (
                "'0' with spot: true leaves nothing when spot is taken back",
                f"tier critical promises rto.zone: 2m: a replica takes 568 s: 130 s for a node, {COLD_START}",
                "1 or more on such a tier",
                "write floor: 2, or another tier",
            ),
        ),
        (
            (
                ("rto: {zone: 2m, region: 15m}", "rto: {application: 7m, infrastructure: 1h, zone: 2m, region: 15m}"),
                (ASSISTANT_CAPACITY, "capacity: {floor: 2, max: 20, spot: true, scale_to_zero: true}"),
            ),
            f"{ASSISTANT}.capacity.scale_to_zero",
            (
                "'true' breaks the promise of tier critical, rto.application: 7m",
                f"a cold start of 438 s: {COLD_START}",
                "whose RTO is longer than the cold start",
            ),
        ),
        (
            (
                ("rto: {zone: 2m, region: 15m}", "rto: {application: 7m, infrastructure: 2m, zone: 2m, region: 15m}"),
                (ASSISTANT_CAPACITY, "capacity: {floor: 2, max: 20, scale_to_zero: true}"),
            ),
            f"{ASSISTANT}.capacity.scale_to_zero",
            ("rto.infrastructure: 2m",),
        ),
        # Without a floor of the pool even the node has to come.
        (
            (
                ("rto: {zone: 2m, region: 15m}", "rto: {application: 9m, zone: 2m, region: 15m}"),
                (ASSISTANT_CAPACITY, "capacity: {floor: 2, max: 20, scale_to_zero: true}"),
                ("floor_per_zone: 1\n      burst_cpu: 128", "burst_cpu: 128\n      overflow_cpu: 64"),
            ),
            f"{ASSISTANT}.capacity.scale_to_zero",
            ("rto.application: 9m", f"568 s: 130 s for a node, {COLD_START}"),
        ),
        (
            (("ladder: [full, quantized, cached]", "ladder: [full, cached]"),),
            f"{ASSISTANT}.standby.rung",
            ("'quantized' is not on the ladder", "allowed: full", "write full, or add quantized to the ladder"),
        ),
        (
            ((STANDBY, "standby: {floor: 1, rung: cached}"),),
            f"{ASSISTANT}.standby.rung",
            ("'cached' is no variant of a model", "allowed: full, quantized"),
        ),
        (
            ((STANDBY, "standby: {floor: 1, rung: human}"),),
            f"{ASSISTANT}.standby.rung",
            ("'human' is not on the ladder",),
        ),
        (
            ((STANDBY, "standby: {floor: 21, rung: full}"),),
            f"{ASSISTANT}.standby.floor",
            ("'21' is above capacity.max: 20", "0 to 20"),
        ),
        # 5 GiB of weights and 80 s: 212 s are within 15 min, with somebody deciding for 12 of them they are not.
        (
            ((STANDBY, "standby: {floor: 0, rung: quantized}"), ("decide: {region: auto}", "decide: {region: 12m}")),
            f"{ASSISTANT}.standby.floor",
            ("breaks the promise of tier critical, rto.region: 15m: after 12m to decide,", "takes 211 s: 81 s"),
        ),
        (
            (
                (STANDBY, "standby: {floor: 0, rung: full}"),
                ("rto: {zone: 2m, region: 15m}", "rto: {zone: 2m, region: 7m}"),
            ),
            f"{ASSISTANT}.standby.floor",
            (f"rto.region: 7m: the first replica there takes 438 s: {COLD_START}", "write floor: 1"),
        ),
        (
            (
                ("ladder: [full, quantized, cached]", "ladder: [full, cached]\n    # none"),
                (STANDBY, "standby: {floor: 1}"),
                (CHURN_CAPACITY, "ladder: [full, quantized]"),
            ),
            f"{CHURN}.ladder",
            ("'quantized' is on it, and model 'churn' has no such variant", "allowed: full;", "models.churn.variants"),
        ),
        (
            (
                (CHURN_CAPACITY, "capacity: {floor: 1, max: 6, spot: true}"),
                ("floor_per_zone: 1\n      burst_cpu: 64", "floor_per_zone: 1"),
            ),
            f"{CHURN}.capacity.spot",
            ("'true' does nothing: pool 'general' of variant full has no burst", "write spot: false"),
        ),
        (
            (
                ("families: [m7i, m7a, m6i, m6a, c7i]", "families: [m7i, m7a, m6i, m6a]"),
                ("floor_per_zone: 1\n      burst_cpu: 64", "floor_per_zone: 1"),
            ),
            f"{NIGHTLY}.model",
            ("jobs run on spot, and pool 'general' of model 'churn' has 12 types", "15 types or more"),
        ),
        (
            (("command: [score]", "command: [score]\n    local_command: [python, -m, score]"),),
            f"{NIGHTLY}.local_command",
            ("it is for the local cloud", "only with cloud: local", "remove it"),
        ),
        (
            (("command: [score]", "command: [score]\n    max_vcpus: 3"), ('cpu: "1"', 'cpu: "3500m"')),
            f"{NIGHTLY}.max_vcpus",
            ("'3' is less than one job has: 4", "4 or more"),
        ),
    ],
)
def test_what_can_not_be_kept_is_refused(replacements: tuple[tuple[str, str], ...], key: str, words: tuple[str, ...]):
    refused(changed(*replacements), key, *words)


def test_a_floor_needs_nodes_on_demand_for_each_of_its_variants():
    text = changed(("floor_per_zone: 1\n      burst_cpu: 128", "burst_cpu: 128"))
    found = [(problem.key, problem.message) for problem in problems(text)]
    assert [key for key, _ in found] == [f"{ASSISTANT}.capacity.floor"] * 2
    assert [
        f"pool 'gpu' of variant {name} never has a node on demand" in said
        for name, (_, said) in zip(("full", "quantized"), found, strict=True)
    ] == [True, True]


def test_a_batch_command_for_the_local_cloud_is_taken_there():
    text = changed(
        ("cloud: aws", "cloud: local"),
        ("command: [score]", "command: [score]\n    local_command: [python, -m, score, Ref::input]"),
    )
    assert load_text(text).batch_endpoints["nightly"].local_command == ["python", "-m", "score", "Ref::input"]


def test_batch_gives_out_no_neuron_devices():
    text = changed(
        ("accelerator: nvidia", "accelerator: neuron"),
        ("families: [g6e, g6, g5]", "families: [inf2]"),
        ("sizes: [2xlarge, 4xlarge, 8xlarge, 12xlarge, 16xlarge]", "sizes: [8xlarge]"),
        ("burst_cpu: 128\n", "burst_cpu: 0\n"),
        (ASSISTANT_CAPACITY, "capacity: {floor: 2, max: 20}"),
        ("model: churn\n    input", "model: support-llm\n    input"),
    )
    messages = [problem.message for problem in problems(text)]
    assert [problem.key for problem in problems(text)] == [f"{NIGHTLY}.model"] * 2
    assert any("gives out no neuron devices" in message for message in messages)


@pytest.mark.parametrize(
    ("name", "new", "limit"),
    [
        # Kubernetes: 63 letters of a name that ends in -quantized-green-burst or -floor, 22 of them.
        ("assistant", "a" * 42, 41),
        # IAM: what one endpoint of an environment with a name of four letters may have beside it.
        ("churn-risk", "c" * 47, 46),
        ("nightly", "n" * 34, 33),
    ],
)
def test_a_name_that_makes_too_long_ones_is_refused_with_how_long_it_may_be(name: str, new: str, limit: int):
    text = GOOD.replace(f"  {name}:\n    tier", f"  {new}:\n    tier")
    refused(text, f"endpoints.{new}", f"a name of {limit} letters or fewer", f"shorten '{new}' by 1")
    assert load_text(GOOD.replace(f"  {name}:\n    tier", f"  {new[:limit]}:\n    tier"))


def test_two_endpoints_of_one_name_are_told_with_both_lines():
    text = GOOD.replace("  churn-risk:\n", "  assistant:\n")
    first = GOOD.splitlines().index("  assistant:") + 1
    second = GOOD.splitlines().index("  churn-risk:") + 1
    refused(
        text.replace("standard: standard.example.com", "standard: s.example.com"), ASSISTANT, f"{first} and {second}"
    )


@given(st.integers(1, 2000))
def test_scale_to_zero_is_taken_exactly_when_the_promise_is_longer_than_the_cold_start(rto: int):
    good = load_text(GOOD)
    variant = good.models["support-llm"].variants["full"]
    assert good.capacity is not None
    start = cold_start(variant, good.capacity.pools["gpu"])
    text = changed(
        ("rto: {zone: 2m, region: 15m}", f"rto: {{application: {Duration(rto)}, zone: 2m, region: 15m}}"),
        (ASSISTANT_CAPACITY, "capacity: {floor: 2, max: 20, scale_to_zero: true}"),
    )
    assert bool(problems(text)) == (rto < start.total)
