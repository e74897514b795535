from policies.judge import RuleSettings, Ruling, judge, timed
from policies.rule import Level
from tests.unit.policies.programs import breaks, exemption, program, rule


def test_violations_come_in_a_fixed_order_at_the_level_of_their_rule():
    found = judge(program(b=1, a=2, c=90), rules=[rule()])
    assert [(j.violation.message, j.level, j.fails) for j in found] == [
        ("'a' keeps 2 days", Level.MANDATORY, True),
        ("'b' keeps 1 days", Level.MANDATORY, True),
    ]


def test_a_configuration_sets_thresholds_and_levels():
    ruling = Ruling({"storage-short": RuleSettings(Level.ADVISORY, {"minimumDays": 2})})
    (found,) = judge(program(a=2, b=1), ruling, [rule()])
    assert (found.violation.message, found.fails) == ("'b' keeps 1 days", False)


def test_a_disabled_rule_is_not_run():
    assert judge(program(a=1), Ruling({"storage-short": RuleSettings(Level.DISABLED)}), [rule(breaks)]) == ()


def test_an_exemption_lets_pass_what_it_names_and_nothing_else():
    found = judge(program(a1=1, b=1), Ruling(exemptions=(exemption(),)), [rule()])
    assert [(j.violation.message, j.fails) for j in found] == [("'a1' keeps 1 days", False), ("'b' keeps 1 days", True)]
    assert found[0].exempted_by is not None


def test_an_expired_exemption_fails_and_says_whose_it_was():
    found = judge(program(a=1), Ruling(exemptions=(exemption(expires="2020-01-01"),)), [rule(level=Level.ADVISORY)])
    assert [j.fails for j in found] == [False, True]
    assert "expired on 2020-01-01 (owner data, reason: kept for the audit)" in found[1].violation.message


def test_an_exemption_that_covers_nothing_is_said():
    (found,) = judge(program(a=90), Ruling(exemptions=(exemption(),)), [rule()])
    assert (found.level, found.fails) == (Level.ADVISORY, False)
    assert "covers nothing in this program" in found.violation.message


def test_a_rule_that_breaks_fails_by_its_name_and_the_others_go_on():
    found = judge(program(a=1), rules=[rule(breaks, "storage-broken"), rule()])
    assert [j.rule.id for j in found] == ["storage-broken", "storage-short"]
    assert found[0].fails
    assert found[0].violation.unknown
    assert "the rule itself failed (RuntimeError: boom)" in found[0].violation.message


def test_each_rule_can_be_timed():
    assert set(timed(program(a=1), [rule()])) == {"storage-short"}
