"""What Lambda calls: settings from its variables, and an answer in plain values."""

import json
from datetime import timedelta

import pytest

from functions.routing_writer import handler as module
from functions.routing_writer.app_config import AppConfig
from functions.routing_writer.intents_table import IntentsTable
from stanchion.routing.document import RoutingError
from tests.unit.functions.routing_writer.fakes import SETTINGS, FakeAppConfig, FakeTable
from tests.unit.routing.given import NOW, intent


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> FakeTable:
    table = FakeTable()
    app_config = FakeAppConfig()
    monkeypatch.setattr(module, "_clients", lambda settings: (IntentsTable(table), AppConfig(app_config, settings)))
    for name, value in SETTINGS.variables().items():
        monkeypatch.setenv(name, value)
    return table


def test_the_answer_can_be_written_as_json(table: FakeTable):
    until = NOW + timedelta(days=36500)
    table.put(intent(endpoint="gone", expires_at=until))
    first = json.loads(json.dumps(module.handler({"Records": []}, None)))
    assert first["deployed"] is True
    assert first["unknown_endpoints"] == ["gone"]
    assert first["next_change"] == until.isoformat()
    # The schedule's event, and the same content.
    assert module.handler({"source": "aws.scheduler"}, None) == first | {"deployed": False}


def test_a_function_without_its_variables_says_so(table: FakeTable, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("STANCHION_INTENTS_TABLE")
    with pytest.raises(RoutingError, match="has no STANCHION_INTENTS_TABLE"):
        module.handler({}, None)
