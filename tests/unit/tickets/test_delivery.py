import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from stanchion.tickets.delivery import deliver
from stanchion.tickets.ticket import answer, take
from stanchion.tickets.webhook import Target, signature, signing_key
from tests.unit.tickets.making import OPENED, ticket

ANSWERED = answer(take(ticket(), "ann", OPENED), OPENED + 60, text="seven")
KEY = signing_key("0" * 64)


class Receiver(ThreadingHTTPServer):
    """Says the next of its statuses each time, the last one for ever."""

    def __init__(self, *statuses: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses = list(statuses)
        self.got: list[tuple[str, dict[str, str], bytes]] = []


class _Handler(BaseHTTPRequestHandler):
    server: Receiver  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append((self.path, {name.lower(): each for name, each in self.headers.items()}, body))
        status = self.server.statuses.pop(0) if len(self.server.statuses) > 1 else self.server.statuses[0]
        if not status:
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver(200)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def send(receiver: Receiver, *, local: bool = True, host: str = "127.0.0.1") -> tuple[bool, str, int, list[float]]:
    pauses: list[float] = []
    where = Target("http", host, receiver.server_port, "/hook?a=b")
    sent = deliver(ANSWERED, where, KEY, local=local, sleep=pauses.append, clock=lambda: OPENED + 61)
    return sent.done, sent.said, sent.attempts, pauses


def test_the_answer_arrives_signed(receiver: Receiver) -> None:
    assert send(receiver) == (True, "200", 1, [])
    ((path, headers, body),) = receiver.got
    assert path == "/hook?a=b"
    assert headers["host"] == f"127.0.0.1:{receiver.server_port}"
    assert headers["x-stanchion-signature"] == signature(KEY, body, OPENED + 61)
    said = json.loads(body)
    assert (said["state"], said["answer"], said["request_id"]) == ("answered", "seven", "r1")


def test_a_receiver_in_trouble_is_asked_again_a_few_times(receiver: Receiver) -> None:
    receiver.statuses = [503, 0, 204]
    assert send(receiver) == (True, "204", 3, [1.0, 4.0])
    receiver.got.clear()
    receiver.statuses = [429]
    assert send(receiver) == (False, "429", 3, [1.0, 4.0])
    assert len(receiver.got) == 3


def test_a_receiver_that_does_not_want_it_is_left_alone(receiver: Receiver) -> None:
    receiver.statuses = [410]
    assert send(receiver) == (False, "410", 1, [])


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.statuses = [307]
    assert send(receiver) == (False, "307", 1, [])
    assert len(receiver.got) == 1


def test_addresses_inside_are_not_connected_to(receiver: Receiver) -> None:
    done, said, attempts, _ = send(receiver, local=False)
    assert (done, attempts) == (False, 1)
    assert "leads to an address that answers are not sent to" in said
    # A name is looked at by where it leads.
    done, said, *_ = send(receiver, local=False, host="localhost")
    assert not done
    assert not receiver.got


def test_nobody_there_is_an_answer_too(receiver: Receiver) -> None:
    where = Target("http", "127.0.0.1", 9, "/")
    sent = deliver(ANSWERED, where, KEY, local=True, sleep=lambda _: None)
    assert (sent.done, sent.said, sent.attempts) == (False, "ConnectionRefusedError", 3)
    # What speaks no TLS gets nothing.
    sent = deliver(
        ANSWERED, Target("https", "127.0.0.1", receiver.server_port, "/"), KEY, local=True, sleep=lambda _: None
    )
    assert not sent.done
    assert not receiver.got
