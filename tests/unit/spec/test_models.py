"""Models: images by digest, files with a checksum, and figures that were measured."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.spec import Variant, load_text
from tests.unit.spec.serving_document import FULL, GOOD, SUMS, changed, refused

CHURN = "models.churn.variants.full"
CHURN_WEIGHTS = f"weights: {{prefix: churn/full, size: 300MiB, sha256: {SUMS}}}"
CHURN_IMAGE = f"image: models@sha256:{FULL}\n        {CHURN_WEIGHTS}"


def image(reference: str) -> str:
    return changed((CHURN_IMAGE, f"image: {reference}\n        {CHURN_WEIGHTS}"))


def test_what_is_not_said_is_little():
    variant = load_text(GOOD).models["churn"].variants["full"]
    assert variant.resources.accelerators == 0
    assert variant.arguments == []
    assert variant.local_command is None


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("models:1.4.2", ("'models:1.4.2' has no digest", "a node that starts tomorrow may run something else")),
        ("models", ("'models' has no digest", "@sha256: and 64 digits")),
        ("registry.example.com/models:latest", ("has no digest",)),
        (f"models@sha256:{FULL[:-1]}", ("is not of the form",)),
        (f"models@sha256:{FULL.upper()}", ("is not of the form",)),
        (f"models@md5:{FULL}", ("is not of the form",)),
        (f"models:1.4.2@sha256:{FULL}", ("is not of the form",)),
        (f"Models@sha256:{FULL}", ("is not of the form",)),
    ],
)
def test_an_image_without_a_digest_is_refused(reference: str, words: tuple[str, ...]):
    refused(image(reference), f"{CHURN}.image", *words)


@given(
    st.from_regex(r"[a-z][a-z0-9]{0,8}(/[a-z][a-z0-9]{0,8})?", fullmatch=True),
    st.sampled_from(["", "registry.example.com/", "registry.example.com:5000/", "localhost:5000/"]),
)
def test_a_repository_is_ours_unless_a_registry_stands_before_it(name: str, registry: str):
    known = load_text(GOOD).models["churn"].variants["full"]
    variant = Variant.model_validate(known.model_dump() | {"image": f"{registry}{name}@sha256:{FULL}"})
    assert variant.repository == (None if registry else name)
    assert variant.digest == f"sha256:{FULL}"


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ("size: 300MiB", "size: 0MiB", f"{CHURN}.weights.size", ("'0MiB' is not a size: nothing has no size",)),
        ("size: 300MiB", "size: 300", f"{CHURN}.weights.size", ("it has no unit", "write 300GiB")),
        ("prefix: churn/full", "prefix: churn/full/", f"{CHURN}.weights.prefix", ("without a slash at its ends",)),
        ("prefix: churn/full", "prefix: churn/../other", f"{CHURN}.weights.prefix", ("is not of the form",)),
        ("start: 12s", "start: 0s", f"{CHURN}.start", ("'0s' claims that it answers in no time",)),
        ("start: 12s", "start: 12", f"{CHURN}.start", ("it has no unit",)),
        ("start: 12s", "start: 12s\n        local_command: []", f"{CHURN}.local_command", ("it has no word",)),
        ("concurrency: 8", "concurrency: 0", f"{CHURN}.concurrency", ("'0' is too few", "1 to 10000 requests")),
        ('cpu: "1"', "cpu: 1", f"{CHURN}.resources.cpu", ("1 without quotes is a number", 'write "1"')),
        ('cpu: "1"', "cpu: 0.5", f"{CHURN}.resources.cpu", ('write "500m"',)),
        ("memory: 3GiB", "memory: 3Gi", f"{CHURN}.resources.memory", ("'Gi' is not a unit", "write 3GiB")),
        (
            "  churn:\n    variants:\n      full:",
            "  churn:\n    variants:\n      quantized:",
            "models.churn.variants",
            ("it has no variant `full`", "add `full:`"),
        ),
        (
            "  churn:\n    variants:\n      full:",
            "  churn:\n    variants:\n      int8:",
            "models.churn.variants.int8",
            ("'int8' is not one of its values", "full, quantized"),
        ),
        ("  churn:\n    variants", "  Churn:\n    variants", "models.Churn", ("'Churn' is not of the form",)),
    ],
)
def test_bad_models(old: str, new: str, key: str, words: tuple[str, ...]):
    refused(changed((old, new)), key, *words)


def test_a_checksum_of_digits_only_is_told_to_be_quoted():
    text = changed((CHURN_WEIGHTS, CHURN_WEIGHTS.replace(SUMS, "1" * 64)))
    refused(text, f"{CHURN}.weights.sha256", "without quotes is a number")
