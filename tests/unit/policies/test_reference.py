from policies.reference import FILE, body, main
from policies.registry import all_rules


def test_the_committed_table_is_current():
    assert FILE.parts[-2:] == ("docs", "policies.md")
    assert main(["--check"]) == 0, "run `make schemas` and commit docs/policies.md"


def test_every_rule_stands_in_it_with_its_thresholds():
    text = body()
    for rule in all_rules():
        assert f"| `{rule.id}` | {rule.level.value} | {rule.severity.value} |" in text
        for threshold in rule.thresholds:
            assert f"`{rule.id}`: `{threshold.name}`" in text


def test_tables_are_tables():
    for line in body().splitlines():
        if line.startswith("|"):
            assert line.replace("\\|", "").count("|") in (5, 6), line
