"""Shows an operation of the engine as it goes, and keeps what it said: changes, errors, outputs."""

import re
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from pulumi.automation.events import EngineEvent, StepEventMetadata
from rich.console import Console
from rich.markup import escape
from rich.status import Status

_COLOUR = re.compile(r"<\{%[^%]*%\}>|\x1b\[[0-9;]*m")
# A StackReference is read and let go again: nothing of the cloud changes.
_READS = ("read", "read-discard", "discard", "read-replacement", "refresh")
_STACK_TYPE = "pulumi:pulumi:Stack"


# How many changed resources are listed; the engine's own `pulumi preview --diff` shows all of them, whole.
LISTED = 40
# A rule that has more to say than this is shown once, with a count.
LISTED_OF_A_RULE = 3
_SIGNS = {
    "create": "[green]+[/]",
    "update": "[yellow]~[/]",
    "replace": "[magenta]±[/]",
    "delete": "[red]-[/]",
    "import": "[cyan]=[/]",
}


@dataclass(frozen=True)
class Change:
    """What the engine does to one resource; `properties` are those that differ."""

    operation: str
    type: str
    name: str
    properties: tuple[str, ...]

    def __str__(self) -> str:
        why = f" [dim]({', '.join(self.properties)})[/]" if self.properties else ""
        return f"  {_SIGNS[self.operation]} {self.type.split(':')[-1]} {self.name}{why}"


@dataclass(frozen=True)
class Violation:
    """What a rule of a policy pack found; a mandatory one stops the operation."""

    rule: str
    mandatory: bool
    message: str

    def __str__(self) -> str:
        mark = "[red]✗[/]" if self.mandatory else "[yellow]![/]"
        return f"  {mark} {self.rule}: {escape(self.message)}"


class Watch:
    """A line that follows the operation, replaced by a summary when it ends."""

    def __init__(self, stack: str, operation: str, console: Console) -> None:
        self.changes: dict[str, int] = {}
        self.outputs: dict[str, Any] | None = None
        self._listed: list[Change] = []
        self._errors: list[str] = []
        self._violations: list[Violation] = []
        self._stack = stack
        self._operation = operation
        self._console = console
        self._done = 0
        self._begun = time.monotonic()
        self._status = Status(f"{stack}: {operation}", console=console)

    def __enter__(self) -> Self:
        self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._status.stop()
        seconds = time.monotonic() - self._begun
        mark = "[green]✓[/]" if error is None else "[red]✗[/]"
        what = ", ".join(f"{count} {name}" for name, count in sorted(self.changes.items())) or "no resources"
        self._console.print(f"{mark} {self._operation} [bold]{self._stack}[/]: {what} [dim]({seconds:.1f} s)[/]")
        for change in self._listed[:LISTED]:
            self._console.print(str(change), soft_wrap=True)
        if len(self._listed) > LISTED:
            self._console.print(
                f"  and {len(self._listed) - LISTED} more; `pulumi preview --stack {self._stack}` has all"
            )
        for line in self._told(failed=error is not None):
            self._console.print(line, soft_wrap=True)

    def _told(self, *, failed: bool) -> Iterator[str]:
        """What rules found, except for what stopped the operation: that is the error itself."""
        by_rule: dict[str, list[Violation]] = defaultdict(list)
        for violation in self._violations:
            if not (failed and violation.mandatory):
                by_rule[violation.rule].append(violation)
        for rule, found in by_rule.items():
            shown = found if len(found) <= LISTED_OF_A_RULE else found[:1]
            yield from map(str, shown)
            if rest := len(found) - len(shown):
                yield f"  [dim]  {rest} more of {rule}; `stanchion check` lists them all[/]"

    def see(self, event: EngineEvent) -> None:
        """Take in one event of the engine."""
        if event.diagnostic_event and event.diagnostic_event.severity == "error":
            where = (event.diagnostic_event.urn or "").split("::")[-1]
            message = _COLOUR.sub("", event.diagnostic_event.message).strip()
            sentence = f"{where}: {message}" if where and where != f"stanchion-{self._stack}" else message
            if sentence not in self._errors:
                self._errors.append(sentence)
        elif event.policy_event:
            found = event.policy_event
            message = _COLOUR.sub("", found.message).strip()
            self._violations.append(Violation(found.policy_name, found.enforcement_level == "mandatory", message))
        elif event.summary_event:
            self.changes = {
                name: n
                for op, n in event.summary_event.resource_changes.items()
                if (name := str(getattr(op, "value", op))) not in _READS
            }
        elif event.resource_pre_event:
            self._note(event.resource_pre_event.metadata)
        elif event.res_outputs_event:
            metadata = event.res_outputs_event.metadata
            self._done += 1
            name = metadata.urn.split("::")[-1]
            self._status.update(f"{self._stack}: {self._operation}, {self._done} resources, {name}")
            if metadata.type == _STACK_TYPE and metadata.new and metadata.new.outputs:
                self.outputs = dict(metadata.new.outputs)

    def _note(self, metadata: StepEventMetadata) -> None:
        operation = str(getattr(metadata.op, "value", metadata.op))
        # Components follow their resources, and a first `up` has hundreds of creates that its preview has listed.
        shown = operation in _SIGNS and (operation != "create" or self._operation == "preview")
        if shown and self._operation != "destroy" and metadata.provider:
            name = metadata.urn.split("::")[-1]
            self._listed.append(Change(operation, metadata.type, name, tuple(sorted(metadata.diffs or ()))))

    def said(self) -> str:
        """The errors, one a line; the engine's own closing remark is left out when there is a better one."""
        better = [error for error in self._errors if not error.endswith(("failed", "preview failed"))]
        broken = [f"{found.rule}: {found.message}" for found in self._violations if found.mandatory]
        return "\n".join([*broken, *better] or self._errors)
