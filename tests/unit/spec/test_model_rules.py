"""Models name pools, repositories and files that are there, and ask for no more than a node has."""

import pytest

from stanchion.spec import load_text
from tests.unit.spec.serving_document import FULL, GOOD, changed, refused

FULL_IMAGE = f"image: models@sha256:{FULL}\n        weights: {{prefix: support-llm/full"
FULL_VARIANT = "models.support-llm.variants.full"
CHURN = "models.churn.variants.full"


def test_the_good_document_has_nothing_to_refuse_or_remark():
    spec = load_text(GOOD)
    assert list(spec.models) == ["support-llm", "churn"]
    assert list(spec.remarks()) == []


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        (
            FULL_IMAGE,
            FULL_IMAGE.replace("models@", "modls@"),
            f"{FULL_VARIANT}.image",
            ("'modls' is not a repository", "allowed: gateway, models", "did you mean models?"),
        ),
        (
            "support-llm/full",
            "shared/full",
            f"{FULL_VARIANT}.weights.prefix",
            ("'shared/full' lies outside support-llm/", "the model's pods read nothing else", "write support-llm/full"),
        ),
        (
            'cpu: "6", memory: 24GiB, accelerators: 1}\n        pool: gpu',
            'cpu: "6", memory: 24GiB, accelerators: 1}\n        pool: gpus',
            f"{FULL_VARIANT}.pool",
            ("'gpus' is not a pool", "allowed: general, gpu", "did you mean gpu?"),
        ),
        (
            'cpu: "1", memory: 3GiB',
            'cpu: "1", memory: 3GiB, accelerators: 1',
            f"{CHURN}.resources.accelerators",
            ("'1' are asked for, and pool 'general' has none", "a pool with accelerator: nvidia or neuron"),
        ),
        (
            'cpu: "6", memory: 24GiB, accelerators: 1',
            'cpu: "6", memory: 24GiB, accelerators: 8',
            f"{FULL_VARIANT}.resources.accelerators",
            ("'8' are asked for, and the largest node of pool 'gpu' has 4", "1 to 4", "add a larger size"),
        ),
        (
            'cpu: "6", memory: 24GiB, accelerators: 1',
            'cpu: "6", memory: 24GiB',
            f"{FULL_VARIANT}.resources.accelerators",
            ("'0' are asked for, and the nodes of pool 'gpu' are kept", "1 to 4"),
        ),
        # An instance has 16 vCPUs, of which Kubernetes keeps 110 thousandths.
        (
            'cpu: "1", memory: 3GiB',
            'cpu: "16", memory: 3GiB',
            f"{CHURN}.resources.cpu",
            ("'16' is more than any type of pool 'general' has for pods", "up to 15890m", 'write "15"'),
        ),
        (
            'cpu: "1", memory: 3GiB',
            'cpu: "1", memory: 60GiB',
            f"{CHURN}.resources.memory",
            ("'60GiB' is more than any type of pool 'general' has for pods", "up to 59055MiB", "write 57GiB"),
        ),
        (
            "size: 16GiB",
            "size: 170GiB",
            f"{FULL_VARIANT}.weights.size",
            (
                "'170GiB' and an image of 8GiB do not fit on a node of pool 'gpu'",
                "up to 170GiB for both",
                "write disk: 210GiB or more",
            ),
        ),
        (
            "start: 12s",
            "start: 12s\n        local_command: [python, -m, server]",
            f"{CHURN}.local_command",
            ("it is for the local cloud", "only with cloud: local", "remove it"),
        ),
    ],
)
def test_what_does_not_fit_is_refused(old: str, new: str, key: str, words: tuple[str, ...]):
    refused(changed((old, new)), key, *words)


def test_a_pod_that_needs_the_memory_of_one_type_and_the_vcpus_of_another_has_no_node():
    # c5.9xlarge has 36 vCPUs and 72 GiB, r7i.4xlarge 16 and 128; r7i has no 9xlarge.
    text = changed(
        ("families: [m7i, m7a, m6i, m6a, c7i]", "families: [c5, r7i]"),
        ("sizes: [xlarge, 2xlarge, 4xlarge]", "sizes: [4xlarge, 9xlarge]"),
        ("floor_per_zone: 1\n      burst_cpu: 64", "floor_per_zone: 1"),
        ('cpu: "1", memory: 3GiB', 'cpu: "20", memory: 100GiB'),
        ("model: churn\n    input", "model: support-llm\n    input"),
    )
    refused(text, "models.churn.variants.full.resources", "no type of pool 'general' has 20 vCPUs and 100GiB")


def test_a_command_for_the_local_cloud_is_taken_there():
    local = changed(
        ("cloud: aws", "cloud: local"), ("start: 12s", "start: 12s\n        local_command: [python, -m, server]")
    )
    assert load_text(local).models["churn"].variants["full"].local_command == ["python", "-m", "server"]


def test_models_need_capacity_and_endpoints_are_told_first():
    start, end = GOOD.index("capacity:\n  admin"), GOOD.index("models:\n  support-llm")
    without = GOOD[:start] + GOOD[end:]
    refused(without, "endpoints", "no capacity for them to run on", "endpoints only with capacity")
    models_alone = without[: without.index("endpoints:")]
    refused(models_alone, "models", "no capacity for them to run on", "models only with capacity")


def test_a_reference_with_a_registry_is_not_looked_up_in_the_repositories():
    text = changed((FULL_IMAGE, FULL_IMAGE.replace("models@", "registry.example.com/team/server@")))
    assert load_text(text).models["support-llm"].variants["full"].repository is None
