"""What is shown of an operation: its changes by name and property, its counts, and what went wrong."""

from contextlib import suppress
from io import StringIO
from typing import Any

import pytest
from pulumi.automation.events import EngineEvent
from rich.console import Console

from stanchion.cli.watch import LISTED, Watch


def event(**parts: Any) -> EngineEvent:
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, **parts})


def step(op: str, name: str, kind: str = "aws:s3/bucket:Bucket", **more: Any) -> EngineEvent:
    urn = f"urn:pulumi:s::p::{kind}::{name}"
    metadata = {"op": op, "urn": urn, "type": kind, "provider": "urn:provider::id", **more}
    return event(resourcePreEvent={"metadata": metadata})


def shown(operation: str, *events: EngineEvent) -> str:
    out = StringIO()
    with Watch("prod-links", operation, Console(file=out, width=200)) as watch:
        for each in events:
            watch.see(each)
    return out.getvalue()


def test_a_preview_lists_each_change_with_its_properties():
    text = shown(
        "preview",
        step("create", "new"),
        step("update", "old", diffs=["tags", "policy"]),
        step("same", "quiet"),
        step("replace", "other", diffs=["cidrBlock"]),
    )
    assert "+ Bucket new" in text
    assert "~ Bucket old (policy, tags)" in text
    assert "± Bucket other (cidrBlock)" in text
    assert "quiet" not in text


def test_an_up_lists_what_it_changes_and_not_what_it_creates():
    text = shown("up", step("create", "new"), step("update", "old", diffs=["tags"]))
    assert "new" not in text
    assert "~ Bucket old (tags)" in text


def test_a_component_is_not_listed_beside_its_resources():
    assert "lake" not in shown("preview", step("create", "lake", "stanchion:storage:TieredBucket", provider=""))


def test_a_long_list_ends_with_how_many_are_left():
    text = shown("preview", *(step("create", f"b{n}") for n in range(LISTED + 3)))
    assert "and 3 more; `pulumi preview --stack prod-links` has all" in text


def test_reads_are_no_changes():
    text = shown("preview", event(summaryEvent={"resourceChanges": {"same": 4, "discard": 2, "update": 1}}))
    assert "4 same, 1 update" in text


def test_outputs_of_the_stack_are_kept_whole():
    unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    new = {"type": "pulumi:pulumi:Stack", "urn": "u", "id": "", "parent": "", "provider": ""}
    metadata = {"op": "same", "urn": "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s", "type": "pulumi:pulumi:Stack"}
    with Watch("s", "preview", Console(quiet=True)) as watch:
        watch.see(
            event(
                resOutputsEvent={"metadata": {**metadata, "provider": "", "new": {**new, "outputs": {"a": [unknown]}}}}
            )
        )
    assert watch.outputs == {"a": [unknown]}


@pytest.mark.parametrize(
    ("message", "said"),
    [("<{%fg 1%}>the key is gone<{%reset%}>\n", "old: the key is gone"), ("update failed", "")],
)
def test_errors_are_plain_and_the_closing_remark_gives_way_to_a_better_one(message: str, said: str):
    with Watch("s", "up", Console(quiet=True)) as watch:
        urn = "urn:pulumi:s::p::aws:s3/bucket:Bucket::old"
        diagnostic = {"severity": "error", "color": "raw"}
        watch.see(event(diagnosticEvent={**diagnostic, "message": message, "urn": urn}))
        watch.see(event(diagnosticEvent={**diagnostic, "message": "update failed"}))
    if said:
        assert watch.said() == said
    else:
        assert "update failed" in watch.said()


def violation(level: str, message: str = "no versions") -> EngineEvent:
    return event(
        policyEvent={
            "message": message,
            "color": "never",
            "policyName": "recovery-objectives-met",
            "policyPackName": "stanchion",
            "policyPackVersion": "",
            "policyPackVersionTag": "",
            "enforcementLevel": level,
        }
    )


def test_violations_are_listed_with_their_rule_and_their_level():
    text = shown("preview", violation("mandatory", "bucket [lake] has none"), violation("advisory"))
    assert "✗ recovery-objectives-met: bucket [lake] has none" in text
    assert "! recovery-objectives-met: no versions" in text


def test_a_mandatory_violation_is_why_the_operation_failed():
    with Watch("s", "preview", Console(quiet=True)) as watch:
        watch.see(violation("advisory", "not this"))
        watch.see(violation("mandatory"))
    assert watch.said() == "recovery-objectives-met: no versions"


def test_what_one_rule_says_many_times_is_shown_once_and_counted():
    text = shown("preview", *(violation("advisory", f"bucket {number}") for number in range(14)))
    assert "! recovery-objectives-met: bucket 0" in text
    assert "bucket 1\n" not in text
    assert "13 more of recovery-objectives-met" in text


def test_what_stopped_the_operation_is_said_by_the_error_alone():
    console = Console(record=True, width=200)
    with suppress(RuntimeError), Watch("s", "preview", console) as watch:
        watch.see(violation("mandatory", "no versions"))
        watch.see(violation("advisory", "no owner"))
        raise RuntimeError
    text = console.export_text()
    assert "no owner" in text
    assert "no versions" not in text
