"""Files people mistake for a preview or a state, called by their names."""

import re
from collections.abc import Set

_START = 4000
_VISIBLE = re.compile(r"[^\ufeff\s]")


def foreign_text(text: str) -> str | None:
    """What a text that can't be a preview or a state is, as the end of a sentence; None for a JSON object."""
    first = _VISIBLE.search(text)
    if first is None:
        return "is empty"
    start = text[first.start() : first.start() + _START]
    if start.startswith("{"):
        return None
    if "AWSTemplateFormatVersion" in start:
        return "is a CloudFormation template, which is not read"
    if start.startswith(("Previewing ", "Updating ")):
        return "is what the engine shows to people; with `--json` it writes what can be read"
    if "\x00" in start:
        return "is not text: it holds zero bytes"
    if start.startswith("["):
        return "is a JSON list; a preview and a state are objects"
    line = start.split("\n", 1)[0].strip()
    return f"is not JSON: line {text.count(chr(10), 0, first.start()) + 1} begins with {line[:60]!r}"


def foreign_object(keys: Set[str]) -> str | None:
    """What a JSON object with these keys is, when it is known and neither a preview nor a state."""
    if keys & {"planned_values", "resource_changes", "terraform_version", "format_version"}:
        return "a Terraform plan or state, which is not read"
    if keys & {"AWSTemplateFormatVersion", "Resources"}:
        return "a CloudFormation template, which is not read"
    if "resourcePlans" in keys:
        return "an update plan as `pulumi preview --save-plan` writes it, which holds only what changes"
    if {"sequence", "timestamp"} <= keys:
        return "a stream of engine events; unset PULUMI_ENABLE_STREAMING_JSON_PREVIEW"
    return None
