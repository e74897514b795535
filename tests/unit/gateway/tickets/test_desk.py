import asyncio
import json
import threading
from typing import Any

import boto3
import pytest
from moto import mock_aws

from gateway.keys.caller import Caller
from gateway.refusals import RefusedError
from gateway.tickets.desk import LARGEST_ASKED_BYTES, Desk
from stanchion.serving.gateway_configuration import HumanRules
from stanchion.tickets import ticket_item
from stanchion.tickets.ticket import Ticket, answer, take
from tests.unit.gateway.running import place

NOW = 1_780_000_000
CALLER = Caller("k1", "forms", "reading")
DIGITS = place(
    ("full", "human"), {"full": {"blue": "127.0.0.1:9"}}, use_case="reading",
    human=HumanRules(answer_seconds=600, keep_seconds=86400, webhook_hosts=("answers.example",)),
)  # fmt: skip


class Cloud:
    """A table and a queue."""

    def __init__(self) -> None:
        named = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}
        self.dynamodb: Any = boto3.client("dynamodb", **named)
        self.sqs: Any = boto3.client("sqs", **named)
        self.dynamodb.create_table(
            TableName="test-tickets", BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )  # fmt: skip
        self.queue = self.sqs.create_queue(QueueName="test-tickets")["QueueUrl"]

    def desk(self, **more: Any) -> Desk:
        said = {"dynamodb": self.dynamodb, "table": "test-tickets", "sqs": self.sqs, "queue": self.queue}
        return Desk(**{**said, "region": "us-east-1", "clock": lambda: NOW, **more})

    def tickets(self) -> list[Ticket]:
        return [ticket_item.read(each) for each in self.dynamodb.scan(TableName="test-tickets")["Items"]]

    def messages(self) -> list[Any]:
        found = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(each["Body"]) for each in found]


@pytest.fixture
def cloud():
    with mock_aws():
        yield Cloud()


def opened(desk: Desk, asked: bytes = b'{"inputs": []}', webhook: str = "") -> Ticket:
    return asyncio.run(desk.open("digits", DIGITS, CALLER, "r1", asked, webhook))


def test_a_ticket_is_in_the_table_and_its_id_in_the_queue(cloud: Cloud) -> None:
    ticket = opened(cloud.desk(), webhook="https://answers.example/hook")
    assert cloud.tickets() == [ticket]
    assert (ticket.asked, ticket.team, ticket.key_id, ticket.request_id) == ('{"inputs": []}', "forms", "k1", "r1")
    assert (ticket.answer_by, ticket.expires_at) == (NOW + 600, NOW + 86400)
    # People outside may see the queue; what was asked is not in it.
    assert cloud.messages() == [{"ticket": ticket.id}]


class Broken:
    """A client whose calls fail, or hang."""

    exceptions = type("exceptions", (), {"ConditionalCheckFailedException": KeyError})

    def __init__(self, hold: threading.Event | None = None) -> None:
        self.hold = hold

    def __getattr__(self, name: str) -> Any:
        def call(**said: Any) -> None:
            if self.hold is not None:
                self.hold.wait(5)
            raise ConnectionError(str(said))

        return call


def test_without_the_queue_the_ticket_is_there_all_the_same(cloud: Cloud) -> None:
    desk = cloud.desk(sqs=Broken())
    ticket = opened(desk)
    assert cloud.tickets() == [ticket]
    assert not cloud.messages()
    assert desk.unannounced == 1


def test_without_the_table_nothing_is_promised(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(RefusedError, match="people can't be asked either") as error:
        opened(cloud.desk(dynamodb=Broken()), asked=b"my number is 12345")
    assert (error.value.status, error.value.code) == (503, "ticket_store")
    assert not cloud.messages()
    assert "12345" not in caplog.text
    hold = threading.Event()
    with pytest.raises(RefusedError):
        opened(cloud.desk(dynamodb=Broken(hold), patience_seconds=0.05))
    hold.set()


def test_what_people_can_not_be_asked_about_is_refused_at_once(cloud: Cloud) -> None:
    with pytest.raises(RefusedError, match="up to 307200 bytes") as error:
        opened(cloud.desk(), asked=b"x" * (LARGEST_ASKED_BYTES + 1))
    assert error.value.status == 413
    with pytest.raises(
        RefusedError, match=r"another host than the endpoint allows; allowed: answers\.example"
    ) as error:
        opened(cloud.desk(), webhook="https://169.254.169.254/latest")
    assert error.value.status == 400
    assert not cloud.tickets()
    assert opened(cloud.desk(), asked=b"x" * LARGEST_ASKED_BYTES)


def test_the_team_may_poll_and_nobody_else_learns_of_it(cloud: Cloud) -> None:
    async def scenario() -> None:
        desk = cloud.desk()
        ticket = await desk.open("digits", DIGITS, CALLER, "r1", b"{}")
        found = await desk.other("GET", f"/v1/tickets/{ticket.id}", CALLER, b"")
        assert found is not None
        assert json.loads(found[1])["state"] == "open"
        cloud.dynamodb.put_item(**ticket_item.put("test-tickets", take(ticket, "ann", NOW)))
        cloud.dynamodb.put_item(
            **ticket_item.put("test-tickets", answer(take(ticket, "ann", NOW), NOW, document='{"digit": 7}'))
        )
        status, body = await desk.read(ticket.id, Caller("k2", "forms", "reading"))
        assert (status, json.loads(body)["answer"]) == (200, {"digit": 7})
        said = set[str]()
        for path, caller in (
            (f"/v1/tickets/{ticket.id}", Caller("k3", "others", "reading")), ("/v1/tickets/" + "0" * 32, CALLER),
            ("/v1/tickets/", CALLER), ("/v1/tickets/../keys", CALLER), ("/v1/tickets/" + "x" * 5000, CALLER),
        ):  # fmt: skip
            with pytest.raises(RefusedError) as error:
                await desk.other("GET", path, caller, b"")
            assert error.value.status == 404
            said.add(error.value.message)
        assert len(said) == 1
        with pytest.raises(RefusedError) as error:
            await desk.other("DELETE", f"/v1/tickets/{ticket.id}", CALLER, b"")
        assert error.value.status == 405
        assert await desk.other("GET", "/v1/feedback/r1", CALLER, b"") is None

    asyncio.run(scenario())


def test_a_table_that_can_not_be_read_is_not_a_ticket_that_is_not_there(cloud: Cloud) -> None:
    with pytest.raises(RefusedError) as error:
        asyncio.run(cloud.desk(dynamodb=Broken()).read("0" * 32, CALLER))
    assert error.value.status == 503


def test_a_kept_time_that_is_over_is_over_whether_or_not_it_was_removed(cloud: Cloud) -> None:
    ticket = opened(cloud.desk())
    with pytest.raises(RefusedError) as error:
        asyncio.run(cloud.desk(clock=lambda: ticket.remove_at).read(ticket.id, CALLER))
    assert error.value.status == 404
