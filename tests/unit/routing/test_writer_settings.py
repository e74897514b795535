"""What the writer is told."""

import pytest

from stanchion.routing.document import RoutingError
from stanchion.routing.writer_settings import ENDPOINTS, STRATEGY, WriterSettings

SETTINGS = WriterSettings(
    environment="prod",
    region="us-east-1",
    intents_table="prod-routing-intents",
    endpoints=("chat", "digits"),
    application="abc1234",
    app_config_environment="def1234",
    profile="ghi1234",
    strategy="jkl1234",
)


def test_settings_are_read_back_from_their_variables():
    assert WriterSettings.read(SETTINGS.variables() | {"PATH": "/bin"}) == SETTINGS


def test_a_region_without_endpoints_has_none():
    assert WriterSettings.read(SETTINGS.variables() | {ENDPOINTS: ""}).endpoints == ()


def test_a_variable_that_is_missing_is_named():
    variables = SETTINGS.variables()
    del variables[STRATEGY]
    with pytest.raises(RoutingError, match=f"the routing writer has no {STRATEGY}; the program sets them all"):
        WriterSettings.read(variables)
