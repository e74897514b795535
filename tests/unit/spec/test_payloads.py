"""Payloads: nothing is kept unless somebody says so, and a field that may identify somebody has one fate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.events.encoding import LARGEST_BYTES
from stanchion.spec import Payloads, load_text
from stanchion.spec.payloads import LARGEST
from tests.unit.spec.serving_document import changed, refused

SLO = "slo: {availability: 99.9, p95: 1500ms}"
KEY = "endpoints.assistant.payloads"


def with_payloads(said: str) -> str:
    return changed((SLO, f"{SLO}\n    payloads: {said}"))


def test_nothing_is_kept_unless_said():
    kept = load_text(changed()).online_endpoints["assistant"].payloads
    assert (kept.sample, kept.largest.bytes, kept.drop, kept.hash) == (0.0, 8192, [], [])


@pytest.mark.parametrize(("said", "sample"), [("0", 0.0), ("5", 5.0), ("0.1", 0.1), ("100", 100.0)])
def test_a_sample_is_a_percentage(said: str, sample: float):
    text = with_payloads(f"{{sample: {said}, drop: [email], hash: [customer id, Straße]}}")
    kept = load_text(text).online_endpoints["assistant"].payloads
    assert (kept.sample, kept.drop, kept.hash) == (sample, ["email"], ["customer id", "Straße"])


@pytest.mark.parametrize(
    ("said", "key", "words"),
    [
        ("{sample: 101}", f"{KEY}.sample", ("'101' is not a percentage of requests", "0 to 100")),
        ("{sample: -1}", f"{KEY}.sample", ("'-1' is not a percentage",)),
        ("{sample: true}", f"{KEY}.sample", ("'True' is not a percentage",)),
        ('{sample: "5"}', f"{KEY}.sample", ("'5' is not a percentage",)),
        ("{sample: .nan}", f"{KEY}.sample", ("is not a percentage",)),
        ("{largest: 1MiB}", f"{KEY}.largest", ("'1MiB' is more than fits into an event", "up to 240KiB")),
        ("{drop: [email, email]}", f"{KEY}.drop", ("field 'email' is listed twice",)),
        ('{drop: [""]}', f"{KEY}.drop[0]", ("'' is not of the form", "write the name alone")),
        ('{hash: [" email"]}', f"{KEY}.hash[0]", ("' email' is not of the form",)),
        (
            "{drop: [name, Email], hash: [phone, email]}",
            f"{KEY}.hash[1]",
            ("'email' is dropped already", "remove it from one of them"),
        ),
    ],
)
def test_what_can_not_be_meant_is_refused(said: str, key: str, words: tuple[str, ...]):
    refused(with_payloads(said), key, *words)


@given(st.floats(0, 100))
def test_every_share_of_requests_can_be_said(percent: float):
    assert Payloads.model_validate({"sample": percent}).sample == percent


def test_two_payloads_fit_into_a_record_even_when_escaping_doubles_them():
    assert 4 * LARGEST.bytes < LARGEST_BYTES
