"""`stanchion recovery` as its users meet it: what it says, what it leaves behind, and how it ends."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stanchion.cli import main as module
from tests.unit.graph import samples

ROOT = Path(__file__).resolve().parents[3]
HEAD = "urn:pulumi:prod::shop::"
BUCKET, VERSIONS = "aws:s3/bucket:Bucket", "aws:s3/bucketVersioning:BucketVersioning"
# Only what a bucket alone can promise, so that the program can meet it.
CONFIGURATION = """
tiers: {gold: {rto: {application: 4h}, rpo: {application: 1h}}}
resources: [{match: "*", workload: orders, tier: gold, restore: 10m}]
"""


@dataclass
class Answer:
    code: int
    out: str
    err: str


Run = Callable[..., Answer]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def command(*arguments: str | Path, stdin: bytes = b"") -> Answer:
        monkeypatch.setattr(sys, "argv", ["stanchion", "recovery", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        # Whatever is no SystemExit would be a trace for the user, and fails the test.
        with pytest.raises(SystemExit) as left:
            module.main()
        captured = capsys.readouterr()
        code = left.value.code
        return Answer(code if isinstance(code, int) else int(code is not None), captured.out, captured.err)

    return command


def resource(type_: str, name: str, inputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"urn": f"{HEAD}{type_}::{name}", "type": type_, "custom": True, "inputs": inputs, **more}


def program(versions: object = "Enabled", name: str = "lake") -> list[dict[str, Any]]:
    edge = {"bucket": [f"{HEAD}{BUCKET}::{name}"]}
    return [
        resource(BUCKET, name, {"bucket": name}),
        resource(
            VERSIONS,
            name,
            {"bucket": name, "versioningConfiguration": {"status": versions}},
            propertyDependencies=edge,
        ),
    ]


def export(resources: list[dict[str, Any]]) -> str:
    return json.dumps({"version": 3, "deployment": {"resources": resources}})


def preview(resources: list[dict[str, Any]], **more: Any) -> str:
    steps = [{"op": "create", "urn": each["urn"], "newState": each} for each in resources]
    return json.dumps({"steps": steps, "changeSummary": {"create": len(steps)}, **more})


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return write(tmp_path, "good.json", export(program()))


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    return write(tmp_path, "bad.json", export(program("Suspended")))


@pytest.fixture
def config(tmp_path: Path) -> list[str]:
    return ["--config", str(write(tmp_path, "recovery.yaml", CONFIGURATION))]


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class TestVerdictAndExitCode:
    def test_met_is_0(self, run: Run, good: Path, config: list[str]):
        answer = run(good, *config)
        assert answer.code == 0
        assert re.search(r"orders \(gold\) +application +RTO +4 h +at least 10 min", answer.out)
        assert re.search(r"RPO +1 h +0 s +bound +met", answer.out)
        assert answer.err == ""

    def test_broken_is_1_and_what_decides_is_named(self, run: Run, bad: Path, config: list[str]):
        answer = run(bad, *config)
        assert answer.code == 1
        assert re.search(r"RPO +1 h +unbounded +none +broken +nothing protects S3 bucket 'lake'", answer.out)

    def test_unknown_is_1_and_the_value_is_named(self, run: Run, tmp_path: Path, config: list[str]):
        answer = run(write(tmp_path, "plan.json", preview(program(UNKNOWN))), *config)
        assert answer.code == 1
        assert "`versioningConfiguration.status` of aws:s3/bucketVersioning:BucketVersioning 'lake'" in answer.out
        assert re.search(r"RPO +1 h +unknown", answer.out)

    def test_without_objectives_nothing_is_well_and_it_is_said_why(self, run: Run, good: Path):
        answer = run(good)
        assert answer.code == 1
        assert "no objectives are known; give them with --environment or --config" in answer.err
        assert "no tier is defined, so there is nothing to judge by" in answer.out
        assert run(good, "--json").code == 1

    def test_a_tier_that_nobody_defined_is_named_with_those_that_are(self, run: Run, tmp_path: Path, config: list[str]):
        write(tmp_path, "recovery.yaml", CONFIGURATION.replace("tier: gold", "tier: glod"))
        reports = [run(write(tmp_path, "e.json", export(program())), *config, *form) for form in ([], ["--markdown"])]
        reports += [run(tmp_path / "e.json", *config, form) for form in ("--json", "--html")]
        for answer in reports:
            assert answer.code == 1
            assert "has tier 'glod', which is not defined; defined are: gold" in answer.out.replace("&#x27;", "'")

    def test_a_program_that_holds_and_serves_nothing(self, run: Run, tmp_path: Path, config: list[str]):
        path = write(tmp_path, "role.json", export([resource("aws:iam/role:Role", "role", {})]))
        write(tmp_path, "recovery.yaml", CONFIGURATION.replace('"*"', "lake"))
        for form in ([], ["--markdown"], ["--html"]):
            answer = run(path, *config, *form)
            assert answer.code == 0
            assert "othing in this program holds state or serves a workload" in answer.out

    def test_an_exit_code_does_not_depend_on_the_form(self, run: Run, good: Path, bad: Path, config: list[str]):
        for path, code in ((good, 0), (bad, 1)):
            for form in ([], ["--why"], ["--json"], ["--markdown"], ["--markdown", "--why"], ["--html"]):
                assert run(path, *config, *form).code == code

    def test_the_process_itself(self, good: Path, bad: Path, config: list[str]):
        for arguments, code in (([good, *config], 0), ([bad, *config], 1), (["no.json"], 2)):
            done = subprocess.run(
                [sys.executable, "-m", "stanchion.cli.main", "recovery", *map(str, arguments)],
                capture_output=True,
                text=True,
                check=False,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
            assert (done.returncode, "Traceback" in done.stderr) == (code, False)


class TestForms:
    def test_why_shows_terms_with_setting_and_source(self, run: Run, good: Path, config: list[str]):
        answer = run(good, *config, "--why")
        assert f"{VERSIONS} 'lake' versioningConfiguration.status" in answer.out
        assert "stanchion:restore" in answer.out

    def test_why_in_markdown_folds_the_terms_away(self, run: Run, good: Path, config: list[str]):
        plain, why = run(good, *config, "--markdown").out, run(good, *config, "--markdown", "--why").out
        assert why.startswith(plain)
        assert why.count("<details>") == why.count("</details>") > 0
        assert "versioningConfiguration.status" in why

    def test_json_is_json_and_nothing_else(self, run: Run, bad: Path, config: list[str]):
        found = json.loads(run(bad, *config, "--json").out)
        assert (found["version"], found["fails"]) == (1, True)
        assert {e["workload"] for e in found["estimates"]} == {"orders"}

    def test_json_stays_json_when_there_is_something_to_say_beside_it(self, run: Run, good: Path):
        answer = run(good, "--json")
        assert json.loads(answer.out)["fails"] is True
        assert "no objectives" in answer.err

    @pytest.mark.parametrize("form", ["--json", "--markdown", "--html"])
    def test_a_file_gets_what_the_standard_output_would(
        self, run: Run, good: Path, config: list[str], tmp_path: Path, form: str
    ):
        shown = run(good, *config, form)
        written = run(good, *config, form, "--output", tmp_path / "report")
        assert (written.code, written.out) == (0, "")
        assert (tmp_path / "report").read_text(encoding="utf-8") == shown.out
        assert sorted(path.name for path in tmp_path.iterdir()) == ["good.json", "recovery.yaml", "report"]

    def test_a_file_is_replaced_keeps_its_permissions_and_is_written_through_a_link(
        self, run: Run, good: Path, config: list[str], tmp_path: Path
    ):
        target = write(tmp_path, "report.json", "old")
        target.chmod(0o640)
        link = tmp_path / "link.json"
        link.symlink_to(target)
        assert run(good, *config, "--json", "-o", link).code == 0
        assert link.is_symlink()
        assert json.loads(target.read_text(encoding="utf-8"))["version"] == 1
        assert target.stat().st_mode & 0o777 == 0o640

    def test_a_device_is_written_to_and_not_replaced(self, run: Run, good: Path, config: list[str]):
        assert run(good, *config, "--json", "-o", "/dev/null").code == 0
        assert Path("/dev/null").is_char_device()

    def test_a_narrow_terminal_keeps_words_whole(
        self, run: Run, bad: Path, config: list[str], monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setenv("COLUMNS", "80")
        answer = run(bad, *config)
        assert "infrastructure" in answer.out
        assert "orders RPO application: nothing protects S3 bucket 'lake' (unbounded)" in answer.out
        assert all(len(line) <= 80 for line in answer.out.split("\n\n")[0].splitlines())

    @pytest.mark.parametrize("form", [[], ["--why"], ["--json"], ["--markdown", "--why"], ["--html"]])
    @pytest.mark.parametrize(
        "name", ["[/bold]", "[red]", "a\\", "\x1b[2Jlake", "half \ud83d", "a|b\n\n## all is met", "<script>x</script>"]
    )
    def test_names_are_only_names(self, run: Run, config: list[str], tmp_path: Path, form: list[str], name: str):
        path = write(tmp_path, "odd.json", export(program("Suspended", name)))
        write(tmp_path, "recovery.yaml", CONFIGURATION.replace("orders", json.dumps(name.replace("\ud83d", "?"))))
        answer = run(path, *config, *form)
        assert answer.code == 1
        assert "\x1b" not in answer.out or form == ["--html"] or "--markdown" in form
        assert "\n## all" not in answer.out or form == ["--html"]
        assert "<script" not in answer.out or not {"--html", "--markdown"} & set(form)

    def test_a_standard_output_that_knows_few_characters(
        self, run: Run, bad: Path, config: list[str], monkeypatch: pytest.MonkeyPatch
    ):
        few = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        monkeypatch.setattr(sys, "stdout", few)
        assert run(bad, *config, "--markdown").code == 1
        few.flush()
        assert b"broken" in few.buffer.getvalue()  # pyright: ignore[reportAttributeAccessIssue]


class TestSourcesOfAProgram:
    def test_the_standard_input(self, run: Run, config: list[str]):
        assert run("-", *config, stdin=export(program()).encode()).code == 0

    def test_several_files_are_one_program(self, run: Run, config: list[str], tmp_path: Path):
        bucket, versions = program()
        one = write(tmp_path, "one.json", export([bucket]))
        other = write(tmp_path, "other.json", export([versions]))
        assert run(one, *config).code == 1
        assert run(one, other, *config).code == 0

    def test_what_the_configuration_says_belongs_to_it_is_read_from_the_root(
        self, run: Run, config: list[str], tmp_path: Path
    ):
        bucket, versions = program()
        (tmp_path / "project").mkdir()
        write(tmp_path / "project", "other.json", export([versions]))
        write(tmp_path, "recovery.yaml", CONFIGURATION + "context: [other.json]\n")
        one = write(tmp_path, "one.json", export([bucket]))
        assert run(one, *config, "--root", tmp_path / "project").code == 0
        assert run(one, *config).code == 2

    def test_previews_and_exports_of_the_engine_itself(self, run: Run, config: list[str]):
        # The one that a policy refused is whole, and holds nothing that could be lost.
        wanted = {"export": 1, "preview_first": 1, "preview_changed": 1, "preview_refused_by_a_policy": 0}
        for name, code in wanted.items():
            answer = run(samples.path(name), *config, "--json")
            assert answer.code == code, name
            assert json.loads(answer.out)["resources"] > 0

    @pytest.mark.parametrize("together", [False, True])
    def test_a_deployed_stack(
        self, run: Run, config: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: Path, together: bool
    ):
        write(tmp_path, "export.json", export(program()))
        asked = pulumi(tmp_path, monkeypatch, f'echo "$@" > {tmp_path}/asked; cat {tmp_path}/export.json')
        # A file comes before a stack, so that a plan is judged as what the stack will be.
        answer = run(*([bad] if together else []), "--stack", "prod", *config, "--root", "project")
        assert answer.code == (1 if together else 0)
        assert asked.read_text().split() == [
            *("stack", "export", "--stack", "prod", "--cwd", "project", "--non-interactive")
        ]

    def test_several_stacks(self, run: Run, config: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        bucket, versions = program()
        write(tmp_path, "one", export([bucket]))
        write(tmp_path, "two", export([versions]))
        pulumi(tmp_path, monkeypatch, f'cat {tmp_path}/"$4"')
        assert run("--stack", "one", *config).code == 1
        assert run("--stack", "one", "-s", "two", *config).code == 0

    @pytest.mark.parametrize(
        ("script", "says"),
        [
            ("echo 'error: no stack named prod found' >&2; exit 255", "can't be exported: error: no stack named prod"),
            ("exit 3", "it left with exit code 3"),
            ("true", "the export of stack 'prod' is empty"),
            ("echo 'Logging in ...'", "the export of stack 'prod' is not JSON"),
            ("printf '\\377\\376broken'", "the export of stack 'prod' is not JSON"),
            ('cat; echo "{}"', "the export of stack 'prod' is an empty object"),
        ],
    )
    def test_a_stack_that_can_t_be_exported(
        self, run: Run, config: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, says: str
    ):
        pulumi(tmp_path, monkeypatch, script)
        refused(run("--stack", "prod", *config), says)

    def test_no_engine(self, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
        monkeypatch.setenv("PATH", str(tmp_path))
        refused(run("--stack", "prod"), "the Pulumi engine is not on PATH")
        write(tmp_path, "pulumi", "").chmod(0o644)
        refused(run("--stack", "prod"), "the Pulumi engine can't be run: Permission denied")

    def test_the_environment_the_program_names(self, run: Run, good: Path, tmp_path: Path):
        tagged = program()
        tagged[0]["inputs"]["tags"] = {"stanchion:environment": "example"}
        path = write(tmp_path, "tagged.json", export(tagged))
        answer = run(path, "--root", ROOT)
        assert "strictest of batch, critical, standard" in answer.out
        assert "no objectives" not in answer.err
        # What a tag says may be about documents that lie elsewhere; then it is said that there are none.
        assert "no objectives" in run(path).err
        assert run(good, "--environment", "example", "--root", ROOT).err == ""

    def test_a_document_that_is_there_and_wrong_is_never_passed_over(self, run: Run, tmp_path: Path):
        (tmp_path / "environments").mkdir()
        write(tmp_path / "environments", "prod.yaml", "name: prod\ntires: {}\n")
        tagged = program()
        tagged[0]["inputs"]["tags"] = {"stanchion:environment": "prod"}
        refused(run(write(tmp_path, "tagged.json", export(tagged))), "environments/prod.yaml", "tires")


def pulumi(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """A program of that name on PATH; returns the file into which it may write what it was asked."""
    write(folder, "pulumi", f"#!/bin/sh\n{script}\n").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder / "asked"


class TestCompare:
    def test_it_says_what_changes_and_why(self, run: Run, good: Path, bad: Path, config: list[str]):
        answer = run(bad, *config, "--compare", good)
        assert answer.code == 1
        assert "orders: RPO application 0 s -> unbounded" in answer.out
        better = run(good, *config, "--compare", bad)
        assert better.code == 0
        assert "orders: RPO application unbounded -> 0 s" in better.out

    def test_in_every_form(self, run: Run, good: Path, bad: Path, config: list[str]):
        for form in ("--json", "--markdown", "--html"):
            assert "RPO application 0 s -&gt; unbounded" in run(bad, *config, "--compare", good, form).out.replace(
                "->", "-&gt;"
            )

    def test_the_same_program_does_not_change(self, run: Run, good: Path, config: list[str]):
        assert "recovery does not change" in run(good, *config, "--compare", good).out
        assert json.loads(run(good, *config, "--compare", good, "--json").out)["comparison"]["changes"] == []

    def test_several_files_were_one_program_too(self, run: Run, good: Path, config: list[str], tmp_path: Path):
        bucket, versions = program()
        one = write(tmp_path, "one.json", export([bucket]))
        other = write(tmp_path, "other.json", export([versions]))
        answer = run(good, *config, "--compare", one, "--compare", other)
        assert "recovery does not change" in answer.out
        assert "unbounded -> 0 s" in run(good, *config, "--compare", one).out

    def test_a_workload_that_went_is_said(self, run: Run, good: Path, config: list[str], tmp_path: Path):
        write(
            tmp_path,
            "recovery.yaml",
            "tiers: {gold: {rto: {application: 4h}, rpo: {application: 1h}}}\n"
            "resources:\n  - {match: lake, workload: orders, tier: gold}\n  - {match: pond, workload: pond}\n",
        )
        both = write(tmp_path, "both.json", export([*program(), *program(name="pond")]))
        assert "workload gone: pond" in run(good, *config, "--compare", both).out
        assert "new workload: pond" in run(both, *config, "--compare", good).out

    def test_the_old_program_has_to_be_readable(self, run: Run, good: Path, config: list[str], tmp_path: Path):
        refused(run(good, *config, "--compare", tmp_path / "no.json"), "there is no file", "no.json")


def refused(answer: Answer, *says: str) -> None:
    assert answer.code == 2, answer
    assert answer.out == ""
    for text in says:
        assert text in answer.err, answer.err
    assert "Traceback" not in answer.err


TERRAFORM = json.dumps({"format_version": "1.2", "terraform_version": "1.9.8", "planned_values": {}})


class TestWhatCanNotBeRead:
    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("", "is empty"),
            ("  \n", "is empty"),
            (export(program())[:120], "it is cut short"),
            (export(program()) + "\nwarning: a new version is there", "goes on after the end of the document"),
            ("Previewing update (prod)", "what the engine shows to people"),
            ("{'version': 3}", "is not JSON"),
            ("[]", "is a JSON list"),
            ("{}", "an empty object, as of a preview that failed"),
            ('{"a": 1}', "neither a preview nor a state of Pulumi"),
            (TERRAFORM, "a Terraform plan or state"),
            ('{"version": 99, "deployment": {"resources": []}}', "a Pulumi state of version 99"),
            ('{"version": 3, "deployment": {"resources": [7]}}', "is not an object"),
            ('{"version": 3, "deployment": {"resources": [{"type": "x"}]}}', "has no `urn`"),
            ('{"version": 3, "deployment": {"resources": [{"urn": "u", "inputs": []}]}}', "`inputs` of resource 1"),
            ('{"steps": ' + "[" * 100_000, "nested too deeply"),
            ("\x00\x01\x02", "is not text"),
            (preview(program(), diagnostics=[{"severity": "error", "message": "no region"}]), "no region"),
            (json.dumps({"steps": [], "changeSummary": {"same": 4}}), "--show-sames"),
        ],
    )
    @pytest.mark.parametrize("form", [[], ["--json", "--output", "report.json"]])
    def test_other_things_are_called_by_their_name(
        self, run: Run, config: list[str], tmp_path: Path, text: str, says: str, form: list[str]
    ):
        path = write(tmp_path, "input.json", text)
        refused(run(path, *config, *form), says, "input.json")
        refused(run("-", *config, *form, stdin=text.encode()), says, "the standard input")
        assert not (tmp_path / "report.json").exists()

    def test_every_cut_of_a_preview_and_of_an_export_is_refused(self, run: Run, config: list[str]):
        for whole in (export(program()), preview(program())):
            for end in range(1, len(whole), 7):
                refused(run("-", *config, stdin=whole[:end].encode()))

    def test_previews_that_do_not_hold_the_whole_program(self, run: Run, config: list[str]):
        refused(run(samples.path("preview_failed"), *config), "is of a preview that failed")
        refused(run(samples.path("preview_without_unchanged"), *config), "--show-sames")
        refused(run(samples.path("saved_plan"), *config), "an update plan")

    def test_no_file_a_folder_and_bytes(self, run: Run, config: list[str], tmp_path: Path):
        refused(run("no.json", *config), "there is no file no.json")
        refused(run(tmp_path, *config), "it is a folder")
        (tmp_path / "packed.json").write_bytes(b"\x1f\x8b\x08\x00")
        refused(run("packed.json", *config), "packed with gzip")

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            ([], "nothing to read"),
            (["good.json", "--json", "--html"], "--json and --html exclude each other"),
            (["good.json", "--markdown", "--json"], "exclude each other"),
            (["good.json", "--output", "report"], "--output needs one of --json, --markdown, --html"),
            (["-", "-"], "the standard input (`-`) can be read once only"),
            (["-", "--compare", "-"], "the standard input (`-`) can be read once only"),
            (["good.json", "--tables"], "No such option"),
            (["good.json", "--config"], "requires an argument"),
            (["good.json", "--config", "no.yaml"], "no.yaml"),
            (["good.json", "--config", "."], "it can't be read"),
            (["good.json", "--environment", "prod"], "environment 'prod' does not exist"),
            (["good.json", "--environment", "../good"], "does not exist"),
        ],
    )
    def test_options_that_do_not_fit(self, run: Run, good: Path, tmp_path: Path, arguments: list[str], says: str):
        assert good.exists()
        refused(run(*arguments), says)
        assert [path.name for path in tmp_path.iterdir()] == ["good.json"]

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("tires: {}", "did you mean tiers"),
            ("tiers: {gold: {rto: soon}}", "'soon'"),
            ("tiers: [", "line"),
            ("- a", "a list, not a mapping"),
            ("", "the file is empty"),
            ("tiers: {gold: {rto: 1h, rpo: 1h}}\nevidence: nowhere", "nowhere"),
            ("tiers: {gold: {rto: 1h, rpo: 1h}}\ncontext: [no.json]", "there is no file no.json"),
            ("environment: nowhere", "environment 'nowhere' does not exist"),
        ],
    )
    def test_a_configuration_with_errors(self, run: Run, good: Path, tmp_path: Path, text: str, says: str):
        write(tmp_path, "recovery.yaml", text)
        refused(run(good, "--config", "recovery.yaml", "--json", "-o", "report.json"), says)
        assert not (tmp_path / "report.json").exists()

    def test_an_output_that_can_t_be_written(self, run: Run, good: Path, config: list[str], tmp_path: Path):
        refused(run(good, *config, "--json", "-o", "no/report.json"), "no/report.json can't be written", "--output")
        refused(run(good, *config, "--json", "-o", tmp_path), "it is a folder")
        refused(run(good, *config, "--json", "-o", "/dev/full"), "/dev/full can't be written", "No space left")
        refused(run(good, *config, "--json", "-o", f"{'n' * 300}.json"), "can't be written: File name too long")
        refused(run(good, *config, "--json", "-o", good / "report.json"), "can't be written")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["good.json", "recovery.yaml"]

    def test_what_was_there_before_stays_when_the_disk_is_full(
        self, run: Run, good: Path, config: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        report = write(tmp_path, "report.json", "the last one")

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.fdopen", full)
        refused(run(good, *config, "--json", "-o", report), "No space left on device")
        assert report.read_text(encoding="utf-8") == "the last one"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["good.json", "recovery.yaml", "report.json"]
