"""What Lambda calls: settings from its variables, an answer in plain values, and Athena waited for as time allows."""

import json
from typing import Any

import pytest

from functions.minute_aggregate import handler as module
from functions.minute_aggregate.athena import Athena
from functions.minute_aggregate.minute_table import MinuteTable
from stanchion.errors import RunFailedError
from stanchion.minutes.row import MinuteError
from tests.unit.functions.minute_aggregate.fakes import Clock, FakeAthena, FakeDynamo
from tests.unit.minutes.given import SETTINGS, record, row


class Context:
    """A run that Lambda ends in two minutes."""

    def get_remaining_time_in_millis(self) -> int:
        return 120_000


@pytest.fixture
def athena(monkeypatch: pytest.MonkeyPatch) -> FakeAthena:
    client, clock = FakeAthena([record(row())]), Clock()
    parts = (Athena(client, "group", "lake", clock=clock, sleep=clock.sleep), MinuteTable(FakeDynamo(), "prod-minutes"))
    monkeypatch.setattr(module, "_clients", lambda settings: parts)
    for name, value in SETTINGS.variables().items():
        monkeypatch.setenv(name, value)
    return client


@pytest.mark.parametrize("context", [None, Context()])
def test_the_answer_can_be_written_as_json(athena: FakeAthena, context: Any):
    said = json.loads(json.dumps(module.handler({"source": "clock"}, context)))
    assert (said["rows"], said["query_id"], said["scanned_bytes"]) == (1, "q0", 12345)


def test_athena_is_given_up_while_there_is_time_to_say_so(athena: FakeAthena):
    athena.polls = 10**6
    with pytest.raises(RunFailedError, match="took over 90 seconds and was stopped"):
        module.handler({}, Context())
    assert athena.stopped == ["q0"]


def test_a_function_without_its_variables_says_so(athena: FakeAthena, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("STANCHION_WORKGROUP")
    with pytest.raises(MinuteError, match="has no STANCHION_WORKGROUP"):
        module.handler({}, None)
