import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.keys import api_key
from stanchion.tickets.ticket import TicketError
from stanchion.tickets.webhook import Target, reachable, signature, signing_key, target

HOSTS = ("answers.example", "Other.Example")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://answers.example", Target("https", "answers.example", 443, "/")),
        ("https://ANSWERS.example./a?b=c", Target("https", "answers.example", 443, "/a?b=c")),
        ("https://other.example:8443/a", Target("https", "other.example", 8443, "/a")),
    ],
)
def test_addresses_at_allowed_hosts_are_taken(url: str, expected: Target) -> None:
    assert target(url, HOSTS, local=False) == expected


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://elsewhere.example/", "another host"),
        ("https://answers.example.evil/", "another host"),
        ("https://evil/answers.example", "another host"),
        ("https://answers.example@evil/", "a user, a password"),
        ("https://me:secret@answers.example/", "a user, a password"),
        ("https://answers.example/#x", "a fragment"),
        ("http://answers.example/", "not https"),
        ("ftp://answers.example/", "not https"),
        ("//answers.example/", "not https"),
        ("https://answers.example:99999/", "no address"),
        ("https://[answers.example/", "no address"),
        ("https://answers.example/a b", "plain letters"),
        ("https://answers.example/\r\nx: y", "plain letters"),
        ("https://ânswers.example/", "plain letters"),
        ("https://answers.example/" + "x" * 3000, "up to 2048"),
        ("", "another host"),
    ],
)
def test_others_are_refused(url: str, said: str) -> None:
    with pytest.raises(TicketError, match=said) as error:
        target(url, HOSTS, local=True)
    assert "secret" not in str(error.value)


@given(st.text(max_size=60))
def test_whatever_is_given_only_allowed_hosts_come_out(url: str) -> None:
    try:
        found = target(url, HOSTS, local=False)
    except TicketError:
        return
    assert found.host in ("answers.example", "other.example")
    assert found.scheme == "https"


def test_the_loopback_is_for_the_local_cloud() -> None:
    assert target("http://127.0.0.1:8000/a", ("127.0.0.1",), local=True).port == 8000
    with pytest.raises(TicketError, match="not https"):
        target("http://127.0.0.1:8000/a", ("127.0.0.1",), local=False)


@pytest.mark.parametrize(
    ("address", "anywhere", "local"),
    [
        ("93.184.215.14", True, True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("::ffff:127.0.0.1", False, True),
        *((each, False, False) for each in ("10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "0.0.0.1")),
        *(
            (each, False, False)
            for each in ("::ffff:10.0.0.1", "fe80::1%eth0", "fd00:ec2::254", "100.64.0.1", "224.0.0.1")
        ),
    ],
)
def test_answers_do_not_go_to_addresses_inside(address: str, anywhere: bool, local: bool) -> None:
    assert reachable(address, local=False) is anywhere
    assert reachable(address, local=True) is local


def test_the_client_can_compute_the_signature_from_its_key() -> None:
    key, body, now = api_key.make(), b'{"state":"answered"}', 1_780_000_000
    digest = hashlib.sha256(key.secret.encode()).hexdigest()
    own = hmac.new(digest.encode(), b"stanchion-webhook", hashlib.sha256).digest()
    expected = hmac.new(own, b"1780000000." + body, hashlib.sha256).hexdigest()
    assert signature(signing_key(key.digest), body, now) == f"t={now},v1={expected}"
    assert signature(signing_key(key.digest), body, now + 1) != signature(signing_key(key.digest), body, now)
    assert signature(signing_key(api_key.make().digest), body, now) != f"t={now},v1={expected}"
