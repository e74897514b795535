from pathlib import Path

import pytest

from stanchion.generated import MarksError, cell, marked, run

BEGIN, END = "<!-- written by `python -m tables`: begin -->", "<!-- written by `python -m tables`: end -->"
DOCUMENT = f"before\n{BEGIN}\nold\n{END}\nafter\n"


def test_only_what_stands_between_the_marks_is_written():
    assert marked(DOCUMENT, "new\n", "tables") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    assert marked(marked(DOCUMENT, "new", "tables"), "new", "tables") == marked(DOCUMENT, "new", "tables")


@pytest.mark.parametrize("text", ["", f"{BEGIN}", f"{END}\n{BEGIN}", f"{DOCUMENT}{DOCUMENT}"])
def test_a_document_without_its_marks_is_refused(text: str):
    with pytest.raises(MarksError, match="mark"):
        marked(text, "new", "tables")


def test_a_cell_keeps_its_table_whole():
    assert cell("a | b\n<tier>") == "a \\| b &lt;tier>"


def test_a_stale_document_is_said_and_written_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "document.md"

    def go(*arguments: str) -> int:
        return run(list(arguments), file, "docs/document.md", lambda: "new", "tables")

    assert go() == 2
    assert "docs/document.md can't be read" in capsys.readouterr().err
    file.write_text(DOCUMENT, encoding="utf-8")
    assert go("--check") == 1
    assert "docs/document.md is stale; fix: run `python -m tables`" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == DOCUMENT
    assert go() == 0
    assert go("--check") == 0
    assert go("--chek") == 2
    file.write_text("no marks", encoding="utf-8")
    assert go() == 2
    assert "put it back" in capsys.readouterr().err
