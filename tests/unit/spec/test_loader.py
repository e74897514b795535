import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanchion.spec import Problem, SpecError, environment_names, load_environment, load_text
from stanchion.spec.loader import LARGEST_FILE
from tests.unit.spec.documents import FILE, GOOD, changed, only_problem, problems, says

CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "environments").mkdir()
    (tmp_path / FILE).write_text(GOOD, encoding="utf-8")
    (tmp_path / "environments" / "notes.txt").write_text("not an environment", encoding="utf-8")
    return tmp_path


def refused(root: Path, name: str = "prod") -> Problem:
    with pytest.raises(SpecError) as caught:
        load_environment(name, root)
    assert len(caught.value.problems) == 1
    assert caught.value.exit_code == 2
    return caught.value.problems[0]


def test_an_environment_is_found_by_its_name(root: Path):
    assert environment_names(root) == ("prod",)
    assert load_environment("prod", root) == load_text(GOOD)


def test_the_checkout_is_found_from_below(root: Path, monkeypatch: pytest.MonkeyPatch):
    (root / "stacks" / "config").mkdir(parents=True)
    monkeypatch.chdir(root / "stacks" / "config")
    assert environment_names() == ("prod",)
    assert load_environment("prod").name == "prod"


@pytest.mark.parametrize(("name", "words"), [("prd", "did you mean prod?"), ("x", "take one"), ("../prod", "prod")])
def test_an_environment_that_does_not_exist_lists_those_that_do(root: Path, name: str, words: str):
    problem = refused(root, name)
    assert (problem.line, problem.key) == (None, "")
    assert f"environment '{name}' does not exist; allowed: prod; fix: " in problem.message
    assert words in problem.message


def test_a_folder_without_environments_is_named(tmp_path: Path):
    assert environment_names(tmp_path) == ()
    assert f"none yet in {tmp_path / 'environments'}" in refused(tmp_path).message


def test_the_name_is_the_files(root: Path):
    (root / FILE).write_text("# first line\n" + changed("name: prod", "name: staging"), encoding="utf-8")
    says(refused(root), line=2, key="name", words=("'staging' is not the name of the file", "prod", "staging.yaml"))


def test_another_name_is_told_together_with_everything_else(root: Path):
    (root / FILE).write_text(GOOD.replace("prod", "staging").replace("nat:", "nats:"), encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        load_environment("prod", root)
    assert [problem.key for problem in caught.value.problems] == ["name", "network.nats"]


def test_a_file_that_is_not_utf_8(root: Path):
    (root / FILE).write_bytes(GOOD.replace("ml-platform", "ml-plattförm").encode("latin-1"))
    says(refused(root), line=2, key="", words=("byte 0xF6 is not UTF-8", "save the file as UTF-8"))


def test_a_byte_order_mark_is_no_part_of_the_document(root: Path):
    (root / FILE).write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load_environment("prod", root).name == "prod"


def test_a_huge_file(root: Path):
    with (root / FILE).open("ab") as file:
        file.truncate(10 * LARGEST_FILE)
    says(refused(root), line=None, key="", words=("10485760 bytes", "1 MiB"))


def test_a_file_just_small_enough_is_read(root: Path):
    comment = "#" * (LARGEST_FILE - len(GOOD))
    (root / FILE).write_text(GOOD + comment, encoding="utf-8")
    assert load_environment("prod", root).name == "prod"


def test_a_folder_in_place_of_the_file(root: Path):
    (root / FILE).unlink()
    (root / FILE).mkdir()
    says(refused(root), line=None, key="", words=("can't be read", "directory"))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", None, ("empty",)),
        ("# nothing\n", None, ("empty",)),
        ("\n- a\n- b\n", 2, ("a list, not a mapping", "`name:`")),
        ("just text\n", 1, ("one value, not a mapping", "`name:`")),
        ("name: [\n", 2, ("not YAML at column 1", "end>")),
        ("x: " + "[" * 60, 1, ("deeper than 50",)),
        ("x" * (LARGEST_FILE + 1), None, ("1048577 bytes", "1 MiB")),
    ],
)
def test_a_text_that_is_no_document(text: str, line: int | None, words: tuple[str, ...]):
    says(only_problem(text), line=line, key="", words=words)


def test_a_name_written_twice_is_told_with_both_lines():
    text = changed("network:\n", "  critical: {rto: 1h, rpo: 1h}\nnetwork:\n")
    says(only_problem(text), line=16, key="tiers.critical", words=("'critical' is written twice", "lines 12 and 16"))


def test_names_written_twice_are_told_together_with_everything_else():
    text = changed("cloud: aws", "cloud: aws\ncloud: azure").replace("nat:", "nats:")
    assert [(problem.line, problem.key) for problem in problems(text)] == [(5, "cloud"), (21, "network.nats")]


def test_a_sentence_stays_on_its_line_whatever_the_value_is():
    found = problems(changed("cloud: aws", 'cloud: "a\\n\\e[31m' + "x" * 500 + '"\n"k\\nk": 1'))
    assert [problem.key for problem in found] == ["cloud", "k k"]
    assert all("\n" not in str(problem) and "\x1b" not in str(problem) and len(str(problem)) < 400 for problem in found)


@given(st.integers(0, len(GOOD)), st.text(max_size=5), st.integers(0, 10))
def test_whatever_is_typed_into_a_document_it_loads_or_is_refused_with_sentences(at: int, typed: str, gone: int):
    try:
        load_text(GOOD[:at] + typed + GOOD[at + gone :], FILE)
    except SpecError as error:
        for problem in error.problems:
            assert problem.file == FILE
            assert "; allowed: " in problem.message
            assert "; fix: " in problem.message


def test_import_and_load_take_less_than_their_libraries():
    program = (
        "import time; begin = time.process_time();"
        "import yaml; from pydantic import BaseModel; type('Warm', (BaseModel,), {})();"
        "start = time.process_time();"
        "from stanchion.spec import load_environment; load_environment('example');"
        "print((time.process_time() - start) / (start - begin))"
    )
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}

    def ratio() -> float:
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True
        )
        return float(done.stdout)

    # The best of five, and both in one process: a busy machine is not the document's fault. In milliseconds it is in
    # `make bench`.
    assert min(ratio() for _ in range(5)) < 1
