from pathlib import Path

from sandbox.settled import Settled, program_of


def checkout(folder: Path) -> Path:
    for name, text in (
        ("__main__.py", "main"), ("components/a.py", "a"), ("stacks/config/Pulumi.local-a.yaml", "c"),
        ("environments/local.yaml", "l"), ("environments/other.yaml", "o"), ("docs/x.md", "d"),
    ):  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_the_program_is_what_declares_the_stacks(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    before = program_of("local", root)
    (root / "docs/x.md").write_text("other")
    (root / "environments/other.yaml").write_text("other")
    (root / "components/__pycache__").mkdir()
    (root / "components/__pycache__/a.cpython-311.pyc").write_text("x")
    assert program_of("local", root) == before
    for name in ("__main__.py", "components/a.py", "stacks/config/Pulumi.local-a.yaml", "environments/local.yaml"):
        text = (root / name).read_text()
        (root / name).write_text(text + "!")
        assert program_of("local", root) != before, name
        (root / name).write_text(text)
    (root / "components/a.py").rename(root / "components/b.py")
    assert program_of("local", root) != before


def test_a_stack_is_settled_by_the_program_that_brought_it_up_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "run" / "settled.json"
    one, other = Settled(file, "1"), Settled(file, "2")
    assert not one.is_settled("a")
    one.end("a")
    one.end("b")
    assert one.is_settled("a")
    assert not other.is_settled("a")
    other.begin("a")
    assert not one.is_settled("a"), "an update that did not end leaves nothing that is known"
    assert one.is_settled("b")
    file.write_text("{")
    assert not one.is_settled("b")
    file.write_text("[]")
    one.end("b")
    assert one.is_settled("b")
