"""Runs the engine over the stacks of an environment, producers before consumers, and tells what happens."""

import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol, cast

from pulumi import automation
from rich.console import Console

from stanchion.cli.account import refuse_wrong_account
from stanchion.cli.interrupted import clear_dead_lock, clear_pending_creates, restore_checkpoint
from stanchion.cli.outlook import Outlook
from stanchion.cli.watch import Watch
from stanchion.contracts.planned import PLANNED_OUTPUTS
from stanchion.errors import RunFailedError, StanchionError
from stanchion.layers import LayerError, Stack, stacks_of
from stanchion.recovery.context import CONTEXT, ROOT
from stanchion.spec import Cloud, Environment, load_environment


@dataclass(frozen=True)
class StackResult:
    """What became of one stack.

    `changes` counts resources by the engine's operation (`create`, `update`, `same`, ...); `seconds` is wall time;
    `outputs` are the stack's, planned ones after a preview; `kept` are the URNs a destroy left in the cloud.
    """

    stack: str
    changes: dict[str, int]
    seconds: float
    outputs: dict[str, Any] = field(default_factory=dict[str, Any])
    kept: tuple[str, ...] = ()

    @property
    def changed(self) -> int:
        """How many resources were not left as they were."""
        return sum(count for operation, count in self.changes.items() if operation != "same")


class Settled(Protocol):
    """Knows which stacks were brought up by the program there is now."""

    def is_settled(self, stack: str) -> bool:
        """Whether this one was."""
        ...

    def begin(self, stack: str) -> None:
        """It is about to be brought up."""
        ...

    def end(self, stack: str) -> None:
        """It was, to the end."""
        ...


def preview_environment(
    name: str,
    *,
    root: Path,
    console: Console,
    only: Sequence[str] | None = None,
    refresh: bool = False,
    show_recovery: bool = True,
) -> list[StackResult]:
    """Preview each stack; planned outputs of a producer are handed to its consumers.

    The policy pack of the project, where it has one, judges each stack together with those before it and with those
    that are not previewed, as they are deployed; what recovery will be is shown at the end.

    Args:
        name: the document in environments/.
        root: the folder that holds Pulumi.yaml.
        console: where progress goes.
        only: names of stacks; all when not given.
        refresh: ask the cloud first what changed outside of Pulumi; of stacks whose fields others write it is always
            asked.
        show_recovery: whether what recovery will be is printed; it is judged anyway.

    Raises:
        StanchionError: bad input, before anything runs.
        RunFailedError: a preview failed or broke a rule; its diagnostics are in the message.
    """
    run = _Run.prepare(name, root, only, console)
    pack = policy_pack(run.root)
    results: list[StackResult] = []
    with tempfile.TemporaryDirectory(prefix="stanchion-plan-") as folder:
        planned, programs = Path(folder) / "outputs", Path(folder) / "programs"
        planned.mkdir()
        programs.mkdir()
        run.environment |= {PLANNED_OUTPUTS: str(planned), CONTEXT: str(programs), ROOT: str(run.root)}
        outlook = Outlook(run.spec, programs)
        if pack:
            for stack in run.others:
                outlook.add_deployed(stack.name, run.deployed(stack))
        for stack in run.stacks:
            result = run.each(
                stack,
                "preview",
                lambda engine, on_event, ask=refresh or stack.others_write: engine.preview(
                    refresh=ask, color="never", on_event=on_event, policy_packs=pack
                ),
            )
            (planned / f"{stack.name}.json").write_text(json.dumps(result.outputs), encoding="utf-8")
            results.append(result)
        if pack and show_recovery:
            outlook.show(console)
    return results


def up_environment(
    name: str,
    *,
    root: Path,
    console: Console,
    only: Sequence[str] | None = None,
    refresh: bool = False,
    settled: Settled | None = None,
) -> list[StackResult]:
    """Bring each stack up; stops at the first that fails, and a later call goes on from there.

    In a project with a policy pack all stacks are previewed first: the engine judges a whole program only at the end,
    and in an update that would be when everything is deployed. What recovery the environment has now is shown at the
    end.

    Args:
        settled: of a cloud that nobody else deploys to: a stack that this program brought up, and whose preview has
            nothing to do, is not updated as well.

    Other Args and Raises: as `preview_environment`.
    """
    planned: dict[str, StackResult] = {}
    if policy_pack(root):
        previews = preview_environment(
            name, root=root, console=console, only=only, refresh=refresh, show_recovery=False
        )
        planned = {result.stack: result for result in previews}
    run = _Run.prepare(name, root, only, console)
    results: list[StackResult] = []
    for stack in run.stacks:
        preview = planned.get(stack.name)
        idle = preview is not None and bool(preview.changes) and not preview.changed
        # What a refresh finds is to be written down, even where nothing follows from it.
        if preview is not None and idle and settled is not None and not refresh and settled.is_settled(stack.name):
            console.print(f"[green]✓[/] up [bold]{stack.name}[/]: nothing to do")
            results.append(preview)
            continue
        if settled is not None:
            settled.begin(stack.name)
        results.append(
            run.each(
                stack,
                "up",
                lambda engine, on_event, ask=refresh or stack.others_write: engine.up(
                    refresh=ask, color="never", on_event=on_event, show_secrets=False, suppress_outputs=True
                ),
            )
        )
        if settled is not None:
            settled.end(stack.name)
    with tempfile.TemporaryDirectory(prefix="stanchion-programs-") as folder:
        outlook = Outlook(run.spec, Path(folder))
        for stack in (*run.stacks, *run.others):
            outlook.add_deployed(stack.name, run.deployed(stack))
        outlook.show(console)
    return results


def destroy_environment(
    name: str, *, root: Path, console: Console, only: Sequence[str] | None = None
) -> list[StackResult]:
    """Destroy each stack, consumers before producers.

    What an environment with `retention: keep` protects is released from the engine's protection and from its state,
    and stays in the cloud; the result names it.

    Args and Raises: as `preview_environment`.
    """
    run = _Run.prepare(name, root, only, console)
    results: list[StackResult] = []
    for stack in reversed(run.stacks):
        engine = run.select(stack)
        kept = _release(engine)
        result = run.each(
            stack,
            "destroy",
            lambda engine, on_event: engine.destroy(color="never", on_event=on_event, show_secrets=False),
        )
        for urn in kept:
            console.print(f"  kept in the cloud: {urn}")
        results.append(StackResult(result.stack, result.changes, result.seconds, kept=kept))
    return results


def environment_of_cloud(spec: Environment) -> dict[str, str]:
    """The environment variables that lead to the cloud of an environment; none for AWS.

    Raises:
        StanchionError: the environment is for the local cloud, and that is not installed or not running.
    """
    if spec.cloud is Cloud.AWS or os.environ.get("AWS_ENDPOINT_URL"):
        return {}
    for cloud in entry_points(group="stanchion.clouds", name=spec.cloud.value):
        return cast("Callable[[], dict[str, str]]", cloud.load())()
    raise StanchionError(
        f"environment '{spec.name}' is for the local cloud, which is not installed here; "
        "run `make up`, or install requirements/local.txt."
    )


def policy_pack(root: Path) -> list[str] | None:
    """The project's policy pack as the engine's option wants it; None when the project has none."""
    folder = root / "policies"
    return [str(folder)] if (folder / "PulumiPolicy.yaml").is_file() else None


@dataclass
class _Run:
    spec: Environment
    root: Path
    stacks: tuple[Stack, ...]
    others: tuple[Stack, ...]
    environment: dict[str, str]
    console: Console

    @classmethod
    def prepare(cls, name: str, root: Path, only: Sequence[str] | None, console: Console) -> "_Run":
        """Everything that can be refused is refused here, before the engine starts."""
        root = root.resolve()
        if not (root / "Pulumi.yaml").is_file():
            raise StanchionError(f"no Pulumi.yaml in {root}; run this in the project's folder, or give it with --root.")
        spec = load_environment(name, root)
        stacks = stacks_of(spec, root)
        unknown = sorted(set(only or ()) - {stack.name for stack in stacks})
        if unknown:
            raise LayerError(
                f"environment '{name}' has no stack '{unknown[0]}'; "
                f"allowed: {', '.join(stack.name for stack in stacks)}."
            )
        environment = environment_of_cloud(spec)
        # The engine itself is looked up on PATH, so the local cloud's has to be ours as well.
        os.environ.update(environment)
        refuse_wrong_account(spec, root)
        chosen = tuple(stack for stack in stacks if not only or stack.name in only)
        others = tuple(stack for stack in stacks if stack not in chosen)
        return cls(spec, root, chosen, others, dict(environment), console)

    def select(self, stack: Stack) -> automation.Stack:
        """The engine's stack, made when it does not exist yet."""
        try:
            workspace = self._workspace()
            project = workspace.project_settings().name
            restore_checkpoint(os.environ.get("PULUMI_BACKEND_URL", ""), project, stack.name, self.console)
            return automation.Stack.create_or_select(stack.name, workspace)
        except FileNotFoundError:
            raise StanchionError(
                "the Pulumi engine is not on PATH; install it (for the local cloud `make up` does), "
                'or run `eval "$(stanchion sandbox env)"`.'
            ) from None
        except automation.CommandError as error:
            raise RunFailedError(f"stack '{stack.name}' can't be selected: {_said(error)}") from None

    def deployed(self, stack: Stack) -> Mapping[str, Any]:
        """The engine's export of a stack, empty for one that does not exist."""
        try:
            return self._workspace().export_stack(stack.name).deployment or {}
        except automation.StackNotFoundError:
            return {}

    def _workspace(self) -> automation.LocalWorkspace:
        return automation.LocalWorkspace(
            work_dir=str(self.root), env_vars=self.environment, pulumi_command=_command(os.environ.get("PATH", ""))
        )

    def each(self, stack: Stack, operation: str, act: Callable[[automation.Stack, Any], Any]) -> StackResult:
        """One operation on one stack, shown as it goes; a lock that a dead process left is cleared once."""
        engine = self.select(stack)
        begun = time.monotonic()
        with Watch(stack.name, operation, self.console) as watch:
            try:
                try:
                    act(engine, watch.see)
                except automation.ConcurrentUpdateError:
                    clear_dead_lock(engine, os.environ.get("PULUMI_BACKEND_URL", ""), self.console)
                    clear_pending_creates(engine, self.console)
                    act(engine, watch.see)
            except automation.CommandError as error:
                raise RunFailedError(
                    f"stack '{stack.name}': {operation} failed.\n{watch.said() or _said(error)}"
                ) from None
        outputs = watch.outputs
        if outputs is None:
            outputs = {} if operation == "destroy" else {key: value.value for key, value in engine.outputs().items()}
        return StackResult(stack.name, watch.changes, time.monotonic() - begun, outputs)


@cache
def _command(_path: str) -> automation.PulumiCommand:
    """The engine, which is asked for its version once for each PATH it is looked up on."""
    return automation.PulumiCommand()


def _release(engine: automation.Stack) -> tuple[str, ...]:
    """Take the engine's protection off what stays in the cloud, so that the rest can go."""
    resources: list[dict[str, Any]] = (engine.export_stack().deployment or {}).get("resources", [])
    kept = tuple(str(r["urn"]) for r in resources if r.get("retainOnDelete") and r.get("custom"))
    if any(r.get("protect") for r in resources):
        workspace = engine.workspace
        workspace.pulumi_command.run(
            ["state", "unprotect", "--all", "--yes", "--stack", engine.name],
            workspace.work_dir,
            dict(workspace.env_vars),
        )
    return kept


def _said(error: Exception) -> str:
    """What the engine wrote to stderr."""
    text = str(error)
    return text.split("stderr:", 1)[-1].strip() or text
