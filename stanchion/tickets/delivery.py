"""Sends an answer to where its client wants it: a few times, and nowhere else, whatever the receiver says."""

import contextlib
import http.client
import json
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass

from stanchion.tickets.ticket import Ticket
from stanchion.tickets.told import told
from stanchion.tickets.webhook import SIGNATURE_HEADER, Target, reachable, signature

ATTEMPTS = 3
_PAUSE_SECONDS = 1.0
_PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of it.

    Args:
        done: whether the receiver took it.
        said: in a few words: `200`, or what went wrong.
        attempts: how often it was tried.
    """

    done: bool
    said: str
    attempts: int


def deliver(
    ticket: Ticket,
    where: Target,
    key: bytes,
    *,
    local: bool,
    attempts: int = ATTEMPTS,
    context: ssl.SSLContext | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.time,
) -> Delivered:
    """Send the answer of a ticket; blocks.

    It is tried again when the receiver can't be reached, is slow, or says 429 or 5xx. Redirects are not followed: they
    would lead to where nobody allowed it.

    Args:
        ticket: answered.
        where: from `stanchion.tickets.webhook.target`.
        key: from `stanchion.tickets.webhook.signing_key`.
        local: whether this is the local cloud, where the loopback may be reached.
        attempts: at most.
        context: of TLS; the machine's own when None.
        sleep: waits between two attempts.
        clock: seconds since 1970.
    """
    body = json.dumps(told(ticket, clock()), separators=(",", ":")).encode()
    said = ""
    for attempt in range(1, attempts + 1):
        headers = {
            "content-type": "application/json",
            "user-agent": "stanchion",
            SIGNATURE_HEADER: signature(key, body, int(clock())),
        }
        try:
            status = _post(where, body, headers, local, context)
        except _NotReachableError as error:
            return Delivered(False, str(error), attempt)
        except (OSError, http.client.HTTPException) as error:
            said = type(error).__name__
        else:
            if 200 <= status < 300:
                return Delivered(True, str(status), attempt)
            said = str(status)
            if status != 429 and status < 500:
                return Delivered(False, said, attempt)
        if attempt < attempts:
            sleep(_PAUSE_SECONDS * 4 ** (attempt - 1))
    return Delivered(False, said, attempts)


class _NotReachableError(Exception):
    """The host's name leads to where answers are not sent."""


def _post(where: Target, body: bytes, headers: dict[str, str], local: bool, context: ssl.SSLContext | None) -> int:
    connection = http.client.HTTPConnection(where.host, where.port, timeout=_PATIENCE_SECONDS)
    with contextlib.closing(connection):
        # Connected here, to the address that was looked at: who is asked twice may give another one.
        plain = socket.create_connection((_address(where, local), where.port), _PATIENCE_SECONDS)
        connection.sock = plain
        if where.scheme == "https":
            connection.sock = (context or ssl.create_default_context()).wrap_socket(plain, server_hostname=where.host)
        connection.request("POST", where.path, body, headers)
        answer = connection.getresponse()
        return answer.status


def _address(where: Target, local: bool) -> str:
    found = [str(each[4][0]) for each in socket.getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)]
    if not found or not all(reachable(each, local=local) for each in found):
        raise _NotReachableError(f"{where.host} leads to an address that answers are not sent to")
    return found[0]
