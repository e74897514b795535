"""Which stacks an `up` updates after its previews."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from stanchion.cli import run as running
from stanchion.cli.run import StackResult, up_environment
from stanchion.layers import Stack

STACKS = tuple(Stack(f"local-{layer}", "local", (layer,), "us-east-1") for layer in ("state", "foundation"))


@dataclass
class Known:
    """The stacks that were brought up by this program."""

    settled: set[str]
    said: list[str] = field(default_factory=list)

    def is_settled(self, stack: str) -> bool:
        return stack in self.settled

    def begin(self, stack: str) -> None:
        self.said.append(f"begin {stack}")

    def end(self, stack: str) -> None:
        self.said.append(f"end {stack}")


@pytest.fixture
def previews(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, int]]:
    """What the previews find, by stack; the updates are followed and not done."""
    found: dict[str, dict[str, int]] = {stack.name: {"same": 3} for stack in STACKS}

    class Run:
        stacks, others, spec = STACKS, (), None

        @classmethod
        def prepare(cls, *_: Any) -> "Run":
            return cls()

        def each(self, stack: Stack, operation: str, act: Any) -> StackResult:
            if found[stack.name].get("fails"):
                raise RuntimeError
            return StackResult(stack.name, {operation: 1}, 1.0)

        def deployed(self, stack: Stack) -> dict[str, Any]:
            return {}

    monkeypatch.setattr(running, "_Run", Run)
    monkeypatch.setattr(running, "policy_pack", lambda root: ["policies"])
    monkeypatch.setattr(
        running,
        "preview_environment",
        lambda *_, **__: [StackResult(each.name, found[each.name], 2.0) for each in STACKS],
    )
    monkeypatch.setattr(running.Outlook, "show", lambda *_: None)
    return found


def updated(known: Known | None, **more: Any) -> set[str]:
    results = up_environment("local", root=Path(), console=Console(quiet=True), settled=known, **more)
    assert [each.stack for each in results] == [stack.name for stack in STACKS]
    return {each.stack for each in results if "up" in each.changes}


def test_a_settled_stack_with_nothing_to_do_is_left(previews: dict[str, dict[str, int]]) -> None:
    known = Known({"local-foundation"})
    assert updated(known) == {"local-state"}
    assert known.said == ["begin local-state", "end local-state"]
    previews["local-foundation"] = {"same": 2, "update": 1}
    assert updated(known) == {"local-state", "local-foundation"}


def test_what_nothing_is_known_of_is_updated(previews: dict[str, dict[str, int]]) -> None:
    everything = {stack.name for stack in STACKS}
    assert updated(None) == everything
    assert updated(Known(everything), refresh=True) == everything
    # A preview that says nothing of any resource is no preview.
    previews["local-state"] = {}
    assert updated(Known(everything)) == {"local-state"}


def test_an_update_that_fails_has_begun_and_not_ended(previews: dict[str, dict[str, int]]) -> None:
    known = Known(set())
    previews["local-foundation"] = {"fails": 1}
    with pytest.raises(RuntimeError):
        updated(known)
    assert known.said == ["begin local-state", "end local-state", "begin local-foundation"]
