"""A ticket on the local cloud: opened by a gateway, taken and answered by commands, polled for, told to a webhook."""

import asyncio
import hashlib
import hmac
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from gateway.keys.caller import Caller
from gateway.refusals import RefusedError
from gateway.tickets.desk import Desk
from sandbox import cloud
from sandbox.front_door.faults import Effect, Fault
from stanchion.keys.names import key_table
from stanchion.tickets import ticket_item
from stanchion.tickets.feedback import feedback_of
from stanchion.tickets.names import ticket_queue, ticket_table
from tests.engine.project import Answer, Project
from tests.engine.test_keys_and_quotas import PRIMARY, client, create_table, endpoint

PLACE = endpoint(ladder=("full", "human"), human={"answer_seconds": 600, "webhook_hosts": ["127.0.0.1"]})


class _Receiver(BaseHTTPRequestHandler):
    got: list[tuple[str, bytes]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.got.append((self.headers["x-stanchion-signature"], body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture
def receiver() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Receiver)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/answers"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.engine
def test_a_ticket_is_opened_taken_answered_polled_and_told(project: Project, receiver: str) -> None:
    name = project.environment
    create_table(project, key_table(name), "id")
    create_table(project, ticket_table(name), "id")
    queue = client(project, "sqs", PRIMARY).create_queue(QueueName=ticket_queue(name))["QueueUrl"]

    def stanchion(*arguments: str) -> Answer:
        return project.run(sys.executable, "-m", "stanchion.cli.main", *arguments)

    made = stanchion("keys", "create", name, "--team", "forms", "--use-case", "reading-forms").ok().out.splitlines()[-1]
    _, _, key_id, secret = made.split("-")
    caller = Caller(key_id, "forms", "reading-forms")

    def desk() -> Desk:
        return Desk(
            client(project, "dynamodb", PRIMARY), ticket_table(name), client(project, "sqs", PRIMARY), queue,
            region=PRIMARY, local=True,
        )  # fmt: skip

    def polled(ticket_id: str) -> Any:
        status, body = asyncio.run(desk().read(ticket_id, caller))
        assert status == 200
        return json.loads(body)

    asked = b'{"inputs": [{"name": "x", "data": [7]}]}'
    first = asyncio.run(desk().open("digits", PLACE, caller, "r1", asked, receiver))
    control = cloud.control(Path(project.variables["STANCHION_SANDBOX_DIR"]))
    control.add(Fault(Effect.UNAVAILABLE, service="sqs"))
    try:
        second = asyncio.run(desk().open("digits", PLACE, caller, "r2", asked))
    finally:
        control.heal(service="sqs")
    control.add(Fault(Effect.UNAVAILABLE, service="dynamodb"))
    try:
        with pytest.raises(RefusedError):
            asyncio.run(desk().open("digits", PLACE, caller, "r3", asked))
    finally:
        control.heal(service="dynamodb")
    assert polled(first.id)["state"] == "open"

    # The one that the queue has, and then the one that only the table has.
    for ticket in (first, second):
        said = stanchion("tickets", "take", name, "--by", "ann").ok().out
        assert ticket.id in said
        assert asked.decode() in said
    refused = stanchion("tickets", "take", name, first.id, "--by", "bob")
    assert refused.code == 2
    assert f"ticket {first.id} was taken by ann" in refused.out
    assert "Traceback" not in refused.out
    assert "no ticket" in stanchion("tickets", "take", name, "--by", "bob").ok().out
    assert polled(first.id)["state"] == "taken"

    (project.folder / "answer.json").write_text('{"digit": 7}', encoding="utf-8")
    said = stanchion("tickets", "answer", name, first.id, "--json", str(project.folder / "answer.json")).ok().out
    assert "webhook: sent" in said
    assert polled(first.id)["answer"] == {"digit": 7}
    assert stanchion("tickets", "answer", name, first.id, "--text", "eight").code == 2
    with pytest.raises(RefusedError):
        asyncio.run(desk().read(first.id, Caller("k2", "others", "reading-forms")))
    listed = stanchion("tickets", "list", name, "--state", "taken").ok().out
    assert second.id in listed
    assert first.id not in listed

    # The receiver can tell whose answer it is from its own key.
    ((signed, body),) = _Receiver.got
    assert json.loads(body)["answer"] == {"digit": 7}
    signing = hmac.new(hashlib.sha256(secret.encode()).hexdigest().encode(), b"stanchion-webhook", "sha256").digest()
    at = signed.split(",")[0].removeprefix("t=")
    assert signed == f"t={at},v1={hmac.new(signing, at.encode() + b'.' + body, 'sha256').hexdigest()}"

    item = client(project, "dynamodb", PRIMARY).get_item(
        TableName=ticket_table(name), Key={"id": {"S": first.id}}, ConsistentRead=True
    )["Item"]  # fmt: skip
    event = feedback_of(ticket_item.read(item), env=name, account="000000000000")
    assert (event.source, event.request_id, event.label) == ("ticket", "r1", '{"digit": 7}')
