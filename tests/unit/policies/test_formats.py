"""The same violations in every format."""

import io
import json
import xml.etree.ElementTree as ET

import pytest
from rich.console import Console

from policies.formats.data import document
from policies.formats.junit import junit
from policies.formats.markdown import markdown
from policies.formats.sarif import sarif
from policies.formats.terminal import print_judged
from policies.formats.wording import counts
from policies.judge import Ruling, judge
from policies.rule import Level
from tests.unit.policies.programs import exemption, logs, program, rule

MANDATORY, ADVISORY = rule(), rule(id="storage-soft", level=Level.ADVISORY)
RULES = [MANDATORY, ADVISORY]


@pytest.fixture
def found():
    return judge(program(a=1, b=2, c=90), Ruling(exemptions=(exemption("a"),)), RULES)


def test_counts(found):
    assert counts(found) == (1, 2, 1)


def test_the_terminal_names_rule_level_and_remedy(found):
    written = io.StringIO()
    print_judged(found, logs(a=1), 2, Console(file=written, width=200, highlight=False))
    text = written.getvalue()
    assert "✗ storage-short mandatory, high" in text
    assert "! storage-soft advisory, high" in text
    assert "'a' keeps 1 days (exempted until 2099-01-01 by data: kept for the audit)" in text
    assert "Keep them longer." in text
    assert "2 rules: 1 mandatory, 2 advisory, 1 exempted violations" in text


def test_json(found):
    written = json.loads(json.dumps(document(found, logs(a=1), 2)))
    assert (written["fails"], written["mandatory"], written["exempted"]) == (True, 1, 1)
    exempted = written["violations"][0]
    assert exempted["exemption"] == {"owner": "data", "reason": "kept for the audit", "expires": "2099-01-01"}
    assert exempted["property"] == "retentionInDays"


def test_sarif_has_what_code_hosts_need(found):
    log = json.loads(json.dumps(sarif(found, RULES, "plan.json")))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [r["id"] for r in rules] == ["storage-short", "storage-soft"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning")
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == "plan.json"
        assert location["logicalLocations"][0]["fullyQualifiedName"].endswith("#retentionInDays")
    assert [bool(result.get("suppressions")) for result in run["results"]] == [True, False, False, False]


def test_junit_has_a_case_per_rule_and_fails_the_mandatory_ones(found):
    root = ET.fromstring(junit(found, RULES, "plan.json"))  # noqa: S314 - written above
    (suite,) = root.findall("testsuite")
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("storage", "2", "1")
    short, soft = suite.findall("testcase")
    failure = short.find("failure")
    assert failure is not None
    assert "'b' keeps 2 days" in (failure.text or "")
    assert "'a' keeps" not in (failure.text or "")
    assert soft.find("failure") is None
    output = soft.find("system-out")
    assert output is not None
    assert "advisory: 'a' keeps 1 days" in (output.text or "")


def test_markdown_has_a_verdict_and_a_row_each(found):
    text = markdown(found, logs(a=1), 2)
    assert text.startswith("## Policies: ❌ broken")
    assert "| ❌ | storage-short | b | 'b' keeps 2 days |" in text
    assert markdown((), logs(a=90), 2).startswith("## Policies: ✅ met")
