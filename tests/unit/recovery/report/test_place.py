import pytest

from stanchion.graph import UNKNOWN, GraphBuilder, Resource
from stanchion.recovery.report.place import place, setting_at

INPUTS = {
    "rules": [{"ruleName": "hourly", "startWindow": 60, "copyActions": [{"to": "west"}]}, {"startWindow": 90}],
    "size": 3,
    "policies": UNKNOWN,
}


def plan() -> Resource:
    builder = GraphBuilder()
    builder.add("aws:backup/plan:Plan", "lake", INPUTS)
    return builder.graph().of_type("aws:backup/plan:Plan")[0]


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("size", 3, ("size", "plan `lake`")),
        ("rules[0].startWindow", 60, ("startWindow", "rule `hourly` in plan `lake`")),
        ("rules[1].startWindow", 90, ("startWindow", "rule `1` in plan `lake`")),
        ("rules[0].copyActions[0].to", "west", ("to", "copyAction `0` in plan `lake`")),
        ("policies[0].name", UNKNOWN, ("name", "policy `0` in plan `lake`")),
        ("nowhere.at.all", None, ("all", "plan `lake`")),
        ("", None, ("", "plan `lake`")),
        ("[0]", None, ("", "plan `lake`")),
    ],
)
def test_a_setting_is_found_and_called_by_name(path: str, value: object, words: tuple[str, str]):
    assert setting_at(plan(), path).value == value
    assert place(plan(), path) == words
