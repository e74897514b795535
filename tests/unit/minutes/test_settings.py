"""What the function is told comes through its environment variables."""

import pytest

from stanchion.minutes.row import MinuteError
from stanchion.minutes.settings import MinuteSettings
from tests.unit.minutes.given import SETTINGS


def test_variables_are_read_as_they_were_written():
    variables = SETTINGS.variables()
    assert variables["STANCHION_EVENTS_DATABASE"] == "prod_events"
    assert MinuteSettings.read({**variables, "PATH": "/bin"}) == SETTINGS


@pytest.mark.parametrize("name", sorted(SETTINGS.variables()))
def test_one_that_is_missing_or_empty_is_named(name: str):
    for variables in ({**SETTINGS.variables(), name: ""}, {k: v for k, v in SETTINGS.variables().items() if k != name}):
        with pytest.raises(MinuteError, match=f"has no {name}; the program sets them all"):
            MinuteSettings.read(variables)
