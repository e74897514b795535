"""Where answers may be sent, and how the receiver knows that they are ours.

The signing key comes from the digest of the client's API key, which the client can compute and nobody else has: no
further secret has to be handed over. The receiver computes the same::

    signing_key = HMAC-SHA256(key=SHA256(secret of the API key) in hexadecimal, message="stanchion-webhook")
    x-stanchion-signature: t=<seconds since 1970>,v1=<HMAC-SHA256(signing_key, "<t>." + body) in hexadecimal>
"""

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from stanchion.tickets.ticket import TicketError

SIGNATURE_HEADER = "x-stanchion-signature"
LONGEST_URL = 2048
_PURPOSE = b"stanchion-webhook"


@dataclass(frozen=True, slots=True)
class Target:
    """An address that answers may be sent to.

    Args:
        scheme: `https`, or `http` on the loopback.
        host: in small letters.
        port: of it.
        path: with its query.
    """

    scheme: str
    host: str
    port: int
    path: str


def target(url: str, hosts: Collection[str], *, local: bool) -> Target:
    """Read where a client wants its answer.

    Args:
        url: as the client gave it.
        hosts: that are allowed, by name.
        local: whether this is the local cloud, where http to the loopback is allowed too.

    Raises:
        TicketError: it is no such address, or of another host.
    """
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise TicketError(f"the webhook is no address of up to {LONGEST_URL} plain letters.")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise TicketError("the webhook is no address; write one such as https://answers.example/stanchion.") from None
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise TicketError("the webhook has a user, a password or a fragment in it; leave them out.")
    if host not in {each.lower().rstrip(".") for each in hosts}:
        allowed = ", ".join(sorted(hosts)) or "none"
        raise TicketError(f"the webhook is at another host than the endpoint allows; allowed: {allowed}.")
    if parts.scheme != "https" and not (parts.scheme == "http" and local and host in ("127.0.0.1", "localhost", "::1")):
        raise TicketError("the webhook is not https; an answer is not sent in plain text.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path)


def reachable(address: str, *, local: bool) -> bool:
    """Whether an address that a host's name leads to may be connected to: one of the internet, not one of ours.

    A name that is allowed may be made to lead to an address inside, such as that of the metadata of this machine.

    Args:
        address: of IP, version 4 or 6.
        local: whether this is the local cloud, where the loopback is allowed too.
    """
    ip = ip_address(address.split("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    ip = mapped or ip
    return (ip.is_global and not ip.is_multicast) or (local and ip.is_loopback)


def signing_key(digest: str) -> bytes:
    """The key that answers to a client are signed with.

    Args:
        digest: of its API key, as it is kept.
    """
    return hmac.digest(digest.encode(), _PURPOSE, hashlib.sha256)


def signature(key: bytes, body: bytes, now: int) -> str:
    """The header that says that a body is ours, and when it was sent.

    Args:
        key: from `signing_key`.
        body: that is sent.
        now: seconds since 1970; receivers refuse what is minutes old, so that it can't be sent again by others.
    """
    signed = hmac.new(key, f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={now},v1={signed}"
