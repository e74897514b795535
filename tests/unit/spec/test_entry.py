"""How clients come in: certificates, hostnames, and from where."""

import pytest

from stanchion.spec import load_text
from tests.unit.spec.serving_document import GOOD, changed, refused


def test_defaults_are_safe():
    entry = load_text(GOOD).entry
    assert entry is not None
    assert not entry.internal
    assert entry.requests_per_address == 2000
    # Nobody may come in from everywhere without having said so.
    assert entry.allowed_cidrs == ["198.51.100.0/24"]


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        (
            "arn:aws:acm:us-east-1:111122223333:certificate/one",
            "arn:aws:iam::111122223333:server-certificate/one",
            "entry.certificates.primary",
            ("not of the form", "the ARN of a certificate of ACM"),
        ),
        (
            "    standby: arn:aws:acm:us-west-2:111122223333:certificate/two\n",
            "",
            "entry.certificates.standby",
            ("the key is missing", "primary, standby must all be there"),
        ),
        (
            "critical.example.com",
            "https://critical.example.com",
            "entry.hostnames.critical",
            ("not of the form", "leave out https://"),
        ),
        ("critical.example.com", "localhost", "entry.hostnames.critical", ("not of the form",)),
        ("[198.51.100.0/24]", "[]", "entry.allowed_cidrs", ("it names no range", "[0.0.0.0/0] for anybody")),
        (
            "[198.51.100.0/24]",
            "[198.51.100.0/24]\n  requests_per_address: 5",
            "entry.requests_per_address",
            ("'5' is too few", "10 to 2000000000 requests"),
        ),
        (
            "[198.51.100.0/24]",
            "[198.51.100.0/24]\n  internal: sometimes",
            "entry.internal",
            ("neither true nor false",),
        ),
    ],
)
def test_bad_entries(old: str, new: str, key: str, words: tuple[str, ...]):
    refused(changed((old, new)), key, *words)


def test_a_wildcard_is_a_hostname():
    text = changed(("critical.example.com", '"*.critical.example.com"'))
    assert load_text(text).entry is not None
