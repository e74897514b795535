import re

from gateway.outcomes import BAD, GOOD
from stanchion.views.rendering import FOLDER


def test_good_and_bad_are_those_of_the_views() -> None:
    text = (FOLDER / "requests.sql").read_text(encoding="utf-8")
    found = {
        value: set(re.findall(r"'(\w+)'", names))
        for names, value in re.findall(r"WHEN status IN \(([^)]*)\) THEN (true|false)", text)
    }
    assert found == {"true": set(GOOD), "false": set(BAD)}
