"""The entry leads to each tier that serves, with certificates that load balancers there can use."""

import pytest

from stanchion.spec import load_text
from tests.unit.spec.serving_document import GOOD, changed, refused

HOSTNAMES = "hostnames: {critical: critical.example.com, standard: standard.example.com}"


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        (
            HOSTNAMES,
            "hostnames: {critical: critical.example.com}",
            "entry.hostnames",
            ("tier standard has none, so nobody reaches endpoint 'churn-risk'", "each of critical, standard"),
        ),
        (
            "standard: standard.example.com",
            "standard: standard.example.com, standrd: s.example.com",
            "entry.hostnames.standrd",
            ("'standrd' is not a tier", "did you mean standard?"),
        ),
        (
            "standard: standard.example.com",
            "standard: critical.example.com",
            "entry.hostnames.standard",
            ("'critical.example.com' is that of tier critical too", "write standard.critical.example.com"),
        ),
        (
            "acm:us-west-2:",
            "acm:us-east-1:",
            "entry.certificates.standby",
            ("it lies in 'us-east-1'", "a certificate in us-west-2"),
        ),
        (
            "acm:us-east-1:111122223333",
            "acm:us-east-1:444455556666",
            "entry.certificates.primary",
            ("it is of account 444455556666", "a certificate of 111122223333"),
        ),
        (
            "rto: {zone: 2m, region: 15m}",
            "rto: {zone: 12s, region: 15m}",
            "entry.hostnames.critical",
            (
                "tier critical can't be served: an RTO of 12 s is not possible",
                "a longer rto.infrastructure and rto.zone",
            ),
        ),
    ],
)
def test_what_leads_nowhere_is_refused(old: str, new: str, key: str, words: tuple[str, ...]):
    refused(changed((old, new)), key, *words)


def test_the_local_cloud_takes_a_certificate_of_any_account():
    text = changed(("cloud: aws", "cloud: local"), ("acm:us-east-1:111122223333", "acm:us-east-1:444455556666"))
    assert load_text(text).entry is not None


def test_an_entry_without_anything_behind_it_is_refused():
    start, end = GOOD.index("  assistant:"), GOOD.index("  nightly:")
    refused(GOOD[:start] + GOOD[end:], "entry", "nothing answers behind it", "remove entry, or add an endpoint")


def test_an_environment_without_an_entry_is_one():
    assert load_text(GOOD[: GOOD.index("entry:\n")]).entry is None


@pytest.mark.parametrize(
    ("old", "new", "remarks"),
    [
        ("[198.51.100.0/24]", "[0.0.0.0/0]", ["entry.allowed_cidrs has 0.0.0.0/0: anybody on the internet"]),
        ("[198.51.100.0/24]", '["::/0"]', ["entry.allowed_cidrs has ::/0: anybody on the internet"]),
        ("[198.51.100.0/24]", "[0.0.0.0/0]\n  internal: true", []),
        (
            "standard: standard.example.com}",
            "standard: standard.example.com, batch: batch.example.com}",
            ["entry.hostnames has batch, a tier that no endpoint of kind llm or predictor is of."],
        ),
    ],
)
def test_what_is_allowed_and_still_worth_knowing_is_remarked(old: str, new: str, remarks: list[str]):
    found = list(load_text(changed((old, new))).remarks())
    assert len(found) == len(remarks)
    for said, begins in zip(found, remarks, strict=True):
        assert said.startswith(begins)
