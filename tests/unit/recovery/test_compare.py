from stanchion.recovery.compare import compare
from tests.unit.recovery.conftest import program


def test_the_settings_that_made_the_difference_are_named(judge):
    found = compare(judge(program()), judge(program(480, 10080)))
    (change,) = found.changes
    assert change.worse
    assert change.sentence == (
        "RPO region 5 h -> 177 h, because `startWindow`/`completionWindow` of rule `hourly` in plan `lake` "
        "went from 60/180 to 480/10080"
    )


def test_the_way_back_is_better(judge):
    (change,) = compare(judge(program(480, 10080)), judge(program())).changes
    assert not change.worse


def test_a_value_that_can_not_be_told_any_more_is_worse(judge, unknown):
    (change,) = compare(judge(program()), judge(program(unknown))).changes
    assert change.worse
    assert change.sentence.endswith("`startWindow` of rule `hourly` in plan `lake` went from 60 to unknown")


def test_a_setting_that_was_not_set_is_called_so(judge):
    (change,) = compare(judge(program(None)), judge(program(90))).changes
    assert "went from not set to 90" in change.sentence


def test_a_resource_that_is_gone_without_a_term_of_its_own(judge):
    (change,) = compare(judge(program()), judge(program(replica=False))).changes
    assert (change.figure, change.worse) == ("RTO", True)
    assert "shift went from 1 min to unbounded" in change.sentence


def test_nothing_changes(judge):
    found = compare(judge(program()), judge(program()))
    assert (found.changes, found.added, found.removed) == ((), (), ())
