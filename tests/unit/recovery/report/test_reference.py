import sys

import pytest

from stanchion.recovery.mechanism import all_mechanisms
from stanchion.recovery.mechanisms import efs, s3
from stanchion.recovery.report.reference import FILE, body, first_sentence, main, table
from stanchion.recovery.sources import Source


@pytest.fixture(scope="module")
def written() -> str:
    return body()


def test_the_committed_tables_are_current():
    assert FILE.parts[-2:] == ("docs", "recovery.md")
    assert main(["--check"]) == 0, "run `make schemas` and commit docs/recovery.md"


def test_every_mechanism_has_its_part_and_says_what_it_is(written: str):
    for mechanism in all_mechanisms():
        module = sys.modules[mechanism.find.__module__]
        assert f"\n### {mechanism.name}\n\n{first_sentence(module)}\n" in written
        assert first_sentence(module).endswith(".")


def test_no_source_that_a_mechanism_names_is_left_out(written: str):
    text = written.replace("\\|", "|").replace("&lt;", "<")
    for mechanism in all_mechanisms():
        for name, value in vars(sys.modules[mechanism.find.__module__]).items():
            if isinstance(value, Source) and name != "DECLARED":
                assert value.part in text, f"{mechanism.name}: {name}"


def test_a_figure_stands_beside_its_grade_and_source():
    rows = table(s3)
    (timed,) = (row for row in rows if row.startswith("| replication with time control "))
    assert "| 15 min | sla |" in timed
    assert s3.TIME_CONTROL.part in timed
    (untimed,) = (row for row in rows if row.startswith("| replication without time control "))
    assert "| unbounded | none |" in untimed
    # A constant that is a product of others, and one that the team declares.
    assert any(row.startswith("| start window of the default plan | 8 h | typical |") for row in table(efs))
    assert any("| declared, else unknown | declared |" in row for row in table(efs))


def test_figures_have_their_units(written: str):
    assert "Figures: boot 130 s." in written
    assert "Figures: disk 125 MiB/s, pull 101 s." in written


def test_tables_are_tables(written: str):
    for line in written.splitlines():
        if line.startswith("|"):
            assert line.replace("\\|", "").count("|") == 5, line
