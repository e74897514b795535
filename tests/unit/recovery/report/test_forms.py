"""The same estimate in every form: terminal, Markdown, JSON, page."""

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from rich.console import Console

from stanchion.recovery.compare import compare
from stanchion.recovery.estimate import Estimate, Verdict
from stanchion.recovery.report.document import document
from stanchion.recovery.report.markdown import markdown
from stanchion.recovery.report.page import page
from stanchion.recovery.report.rows import rows
from stanchion.recovery.report.sentence import figure_sentence
from stanchion.recovery.report.terminal import print_comparison, print_table, print_why
from tests.unit.recovery.conftest import program


def terminal() -> tuple[Console, io.StringIO]:
    written = io.StringIO()
    return Console(file=written, width=300, highlight=False), written


def test_the_table_has_a_row_for_every_objective(judge):
    _, estimates = judge(program())
    found = list(rows(estimates))
    assert len(found) == 8
    region = {row.figure: row for row in found if row.disruption == "region"}
    assert (region["RTO"].estimate, region["RTO"].grade, region["RTO"].verdict) == ("150 s", "typical", "met")
    assert (region["RPO"].estimate, region["RPO"].objective, region["RPO"].verdict) == ("5 h", "6 h", "met")
    assert region["RPO"].decided_by == "completion window of rule 'hourly' of Plan 'lake' (3 h)"


def test_the_terminal_shows_the_table_and_why(judge):
    graph, estimates = judge(program())
    console, written = terminal()
    print_table(estimates, console)
    print_why(graph, estimates, console)
    text = written.getvalue()
    assert re.search(r"region +RTO +15 min +150 s +typical +met", text)
    assert "note: a note | with <signs>" in text
    assert (
        "completion window of rule 'hourly': 3 h (bound) aws:example/plan:Plan 'lake' rules[0].completionWindow" in text
    )
    assert "derived from the settings: its settings" in text


def test_the_comparison_on_the_terminal(judge):
    console, written = terminal()
    print_comparison(compare(judge(program()), judge(program(480))), console)
    print_comparison(compare(judge(program()), judge(program())), console)
    assert "search <b>: RPO region 5 h -> 12 h" in written.getvalue()
    assert "recovery does not change" in written.getvalue()


def test_markdown_keeps_cells_apart(judge):
    text = markdown(judge(program())[1], compare(judge(program()), judge(program(480))))
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1
    assert "- ⚠️ search &lt;b>: RPO region 5 h -> 12 h" in text
    assert "✅ met" in text


def test_json_holds_every_term_with_its_source(judge, unknown):
    graph, estimates = judge(program(unknown))
    found = json.loads(json.dumps(document(graph, estimates)))
    assert found["fails"] is True
    region = next(e for e in found["estimates"] if e["disruption"] == "region")
    assert region["rpo"]["verdict"] == "unknown"
    assert region["rpo"]["estimate"]["state"] == "unknown"
    assert "`rules[0].startWindow` of aws:example/plan:Plan 'lake'" in region["rpo"]["estimate"]["why"]
    terms = region["rpo"]["parts"][0]["terms"]
    assert [term["property"] for term in terms] == [
        "rules[0].schedule", "rules[0].startWindow", "rules[0].completionWindow"
    ]  # fmt: skip
    assert all(term["source"]["document"] for term in terms)


class Checker(HTMLParser):
    """Counts elements that are left open, and remembers what is drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_whole_needs_nothing_else_and_draws_every_counting_term(judge):
    graph, estimates = judge(program(replica=False))
    text = page(graph, estimates, None, "Recovery of <us>")
    checker = Checker()
    checker.feed(text)
    assert checker.open == []
    assert "<b>" not in text
    assert "<us>" not in text
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
    assert "<script" not in text
    # Region: detect, decide, shift and the three terms of the rule; and of each other disruption that nothing protects.
    assert checker.tags.count("rect") == 3 + 3 + 3
    assert "unbounded" in text


def test_a_sum_with_a_missing_part_is_at_least_that_everywhere(judge):
    graph, estimates = judge(program())
    partial = replace(estimates, estimates=tuple(_partial(each) for each in estimates.estimates))
    (row, *_) = [row for row in rows(partial) if (row.disruption, row.figure) == ("region", "RTO")]
    assert row.estimate == "at least 150 s"
    text = page(graph, partial, None, "Recovery")
    # In the table and above its drawing, with what is missing beside it.
    assert text.count("at least 150 s") == 2
    assert '<p class="why">detection: <code>nothing</code> notices it</p>' in text
    assert "at least 150 s" in markdown(partial)


def _partial(found: Estimate) -> Estimate:
    missing = replace(found.rto, verdict=Verdict.NOT_ASSESSED, missing=("detection: `nothing` notices it",))
    return replace(found, rto=missing)


def test_the_page_says_why_a_figure_is_broken(judge):
    graph, estimates = judge(program(480, 10080))
    text = page(graph, estimates, None, "Recovery")
    assert (
        '<p class="why">decided by: completion window of rule &#x27;hourly&#x27; of Plan &#x27;lake&#x27; (168 h)'
        in text
    )


@pytest.mark.parametrize("width", [80, 90, 100, 140, 200])
def test_no_width_cuts_a_verdict_or_an_amount(judge, width):
    _, estimates = judge(program(480, 10080))
    written = io.StringIO()
    print_table(estimates, Console(file=written, width=width, highlight=False))
    text = written.getvalue()
    for row in rows(estimates):
        assert re.search(rf"{row.figure} +{row.objective} +{row.estimate} +{row.grade} +{row.verdict.value}", text), row
    assert "search <b>" in text


def test_a_sentence_for_policies(judge, unknown):
    _, estimates = judge(program(480, 10080))
    region = next(e for e in estimates.estimates if e.disruption == "region")
    assert figure_sentence(region, "RPO", region.rpo) == (
        "workload 'search <b>' (tier standard): RPO region is 177 h (bound), the objective is 6 h; "
        "what decides it: completion window of rule 'hourly', 168 h."
    )
    _, estimates = judge(program(unknown))
    region = next(e for e in estimates.estimates if e.disruption == "region")
    assert "can't be computed, since `rules[0].startWindow`" in figure_sentence(region, "RPO", region.rpo)
