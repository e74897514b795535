import pytest

from policies.engine_ruling import PackConfigError, with_engine
from policies.judge import RuleSettings, Ruling
from policies.rule import Level

CONFIGURED = Ruling({"storage-log-retention": RuleSettings(Level.ADVISORY, {"minimumDays": 3})})


def test_what_the_engine_says_stands_on_top_of_the_configuration():
    merged = with_engine(CONFIGURED, {"storage-log-retention": (Level.DISABLED, {"maximumDays": 9.0})})
    assert merged.rules == {
        "storage-log-retention": RuleSettings(Level.DISABLED, {"minimumDays": 3, "maximumDays": 9.0})
    }


def test_the_engines_word_for_all_rules_is_no_rule():
    assert with_engine(CONFIGURED, {"all": (Level.ADVISORY, {})}) == CONFIGURED


@pytest.mark.parametrize(
    ("name", "properties", "said"),
    [
        ("storage-log-retentoin", {}, "did you mean storage-log-retention"),
        ("storage-log-retention", {"minimumDay": 3.0}, "storage-log-retention.minimumDay: .*did you mean minimumDays"),
        ("storage-log-retention", {"minimumDays": -1.0}, "-1 is out of bounds"),
        ("storage-log-retention", {"level": "advisory"}, "write enforcementLevel"),
    ],
)
def test_what_there_is_not_is_refused_with_a_sentence(name: str, properties: dict[str, object], said: str):
    with pytest.raises(PackConfigError, match=said):
        with_engine(CONFIGURED, {name: (Level.MANDATORY, properties)})
