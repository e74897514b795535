import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from typer.testing import Result

from stanchion.cli import tickets
from stanchion.cli.keys import app as keys
from stanchion.keys import api_key
from stanchion.tickets import ticket_item
from stanchion.tickets.delivery import Delivered
from stanchion.tickets.ticket import Ticket, TicketError
from stanchion.tickets.webhook import Target, signing_key
from tests.unit.cli.managed import NAME, REGIONS, create_table, prepare, runner
from tests.unit.tickets.making import ticket

Run = Callable[..., Result]
TABLE = f"{NAME}-tickets"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    prepare(tmp_path, monkeypatch)
    with mock_aws():
        yield runner(tickets.app, tmp_path)


@pytest.fixture
def table(run: Run) -> Any:
    for region in REGIONS:
        boto3.client("sqs", region_name=region).create_queue(QueueName=TABLE)
    return create_table(TABLE)


def opened(table: Any, number: int, *, queued: str | None = None, **more: Any) -> Ticket:
    now = int(time.time())
    said = {"id": str(number) * 32, "opened_at": now, "answer_by": now + 600 + number, "expires_at": now + 86400}
    made = ticket(**{**said, **more})
    table.put_item(**ticket_item.put(TABLE, made))
    if queued:
        sqs = boto3.client("sqs", region_name=queued)
        url = sqs.get_queue_url(QueueName=TABLE)["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"ticket": made.id}))
    return made


def stored(table: Any, made: Ticket) -> Ticket:
    return ticket_item.read(table.get_item(TableName=TABLE, Key={"id": {"S": made.id}})["Item"])


def test_a_ticket_is_taken_and_answered(run: Run, table: Any, tmp_path: Path) -> None:
    one, other = opened(table, 1, asked='{"inputs": [1]}'), opened(table, 2)
    taken = run("take", NAME, one.id, "--by", "ann")
    assert taken.stdout == '{"inputs": [1]}\n'
    assert "is yours" in taken.stderr
    assert run("answer", NAME, one.id, "--text", "seven").stdout == f"ticket {one.id} is answered.\n"
    assert stored(table, one).answer == "seven"
    run("take", NAME, other.id, "--by", "ann")
    (tmp_path / "answer.json").write_text('{"digit": 7}', encoding="utf-8")
    run("answer", NAME, other.id, "--json", str(tmp_path / "answer.json"))
    assert stored(table, other).answer == {"digit": 7}


def test_of_two_people_one_gets_it_and_the_other_a_sentence(run: Run, table: Any) -> None:
    one = opened(table, 1)
    run("take", NAME, one.id, "--by", "ann")
    with pytest.raises(TicketError, match="was taken by ann; take another one"):
        run("take", NAME, one.id, "--by", "bob")
    assert stored(table, one).taken_by == "ann"


def test_two_who_look_at_the_same_moment_do_not_both_get_it(run: Run, table: Any) -> None:
    one = opened(table, 1)

    class Between:
        """Lets the other one write between this one's look and its write."""

        def __init__(self) -> None:
            self.looked = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(table, name)

        def get_item(self, **said: Any) -> Any:
            answer = table.get_item(**said)
            self.looked += 1
            if self.looked == 1:
                tickets.take_ticket(table, TABLE, one.id, "ann", time.time())
            return answer

    between = Between()
    with pytest.raises(TicketError, match="was taken by ann"):
        tickets.take_ticket(between, TABLE, one.id, "bob", time.time())
    assert between.looked == 2
    assert stored(table, one).taken_by == "ann"


def test_the_next_one_comes_from_the_queues_and_then_from_the_table(run: Run, table: Any) -> None:
    lost, west, east = opened(table, 1), opened(table, 2, queued=REGIONS[1]), opened(table, 3, queued=REGIONS[0])
    over = opened(table, 4, queued=REGIONS[0], expires_at=int(time.time()) - 1)
    found = [run("take", NAME, "--by", "ann").stderr.split()[1] for _ in range(3)]
    assert set(found[:2]) == {west.id, east.id}
    # No message says that it is there: it is found all the same.
    assert found[2] == lost.id
    assert run("take", NAME, "--by", "bob").stdout == f"no ticket of environment '{NAME}' is open.\n"
    assert not stored(table, over).taken_by


def test_a_queue_that_is_not_there_or_says_nonsense_hides_no_ticket(run: Run) -> None:
    table = create_table(TABLE)
    sqs = boto3.client("sqs", region_name=REGIONS[1])
    url = sqs.create_queue(QueueName=TABLE)["QueueUrl"]
    for text in ("nonsense", "[]", '{"ticket": 7}', json.dumps({"ticket": "gone"})):
        sqs.send_message(QueueUrl=url, MessageBody=text)
    one = opened(table, 1)
    assert one.id in run("take", NAME, "--by", "ann").stderr


def test_they_are_listed_by_when_they_have_to_be_answered(run: Run, table: Any) -> None:
    later, sooner = opened(table, 1, answer_by=int(time.time()) + 900), opened(table, 2)
    run("take", NAME, later.id, "--by", "ann")
    listed = run("list", NAME).stdout
    assert listed.index(sooner.id) < listed.index(later.id)
    assert "ann" in listed
    assert later.id not in run("list", NAME, "--state", "open").stdout
    assert run("list", NAME, "--state", "open").stdout.count(sooner.id) == 1
    assert run("list", NAME, "--state", "lost").exit_code == 2


def test_what_a_client_asked_does_not_steer_the_terminal() -> None:
    assert tickets.shown_on_terminal("ü\n\t\x1b[2J\x9b1m\u202e") == "ü\n\t\ufffd[2J\ufffd1m\ufffd"


def test_what_is_not_there_is_said(run: Run, table: Any, tmp_path: Path) -> None:
    with pytest.raises(TicketError, match="there is no ticket 'x' in example-tickets"):
        run("take", NAME, "x", "--by", "ann")
    with pytest.raises(TicketError, match="take it first"):
        run("answer", NAME, opened(table, 1).id, "--text", "seven")
    with pytest.raises(tickets.StanchionError, match="can't be read: No such file"):
        run("answer", NAME, "x", "--json", str(tmp_path / "none.json"))
    with pytest.raises(TicketError, match="one of both"):
        run("answer", NAME, opened(table, 2).id)


@pytest.mark.parametrize(
    ("delivered", "said"),
    [(Delivered(True, "200", 1), "sent"), (Delivered(False, "503", 3), "not sent, after 3 attempts: 503")],
)
def test_an_answer_goes_to_its_webhook_signed_with_the_clients_key(
    run: Run, table: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, delivered: Delivered, said: str
) -> None:
    create_table(f"{NAME}-keys")
    key = api_key.read(
        runner(keys, tmp_path)("create", NAME, "--team", "forms", "--use-case", "retention").stdout.strip()
    )
    assert key is not None
    calls: list[tuple[Any, ...]] = []

    def deliver(*arguments: Any, local: bool) -> Delivered:
        calls.append((*arguments, local))
        return delivered

    monkeypatch.setattr("stanchion.tickets.delivery.deliver", deliver)
    one = opened(table, 1, webhook="https://answers.example/hook", key_id=key.id)
    run("take", NAME, one.id, "--by", "ann")
    assert f"webhook: {said};" in run("answer", NAME, one.id, "--text", "seven").stdout
    ((sent, where, signing, local),) = calls
    assert sent.answer == "seven"
    assert where == Target("https", "answers.example", 443, "/hook")
    assert signing == signing_key(key.digest)
    assert not local
    assert stored(table, one).delivered == said
    # Answered with a token: there is no key to sign with, and the answer is there all the same.
    other = opened(table, 2, webhook="https://answers.example/hook", key_id="oidc-forms")
    run("take", NAME, other.id, "--by", "ann")
    assert "not asked with a key" in run("answer", NAME, other.id, "--text", "eight").stdout
    assert stored(table, other).answer == "eight"
