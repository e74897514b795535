"""Files people mistake for a preview or a state, called by their names."""

from collections.abc import Set

_START = 4000


def foreign_text(text: str) -> str | None:
    """What a text that can't be a preview or a state is, as the end of a sentence; None for a JSON object."""
    start = text[:_START].lstrip("\ufeff \t\r\n")
    if start.startswith("{"):
        return None
    if not start:
        return "is empty"
    if "AWSTemplateFormatVersion" in start:
        return "is a CloudFormation template, which is not read"
    if start.startswith(("Previewing ", "Updating ")):
        return "is what the engine shows to people; with `--json` it writes what can be read"
    if "\x00" in start:
        return "is not text: it holds zero bytes"
    if start.startswith("["):
        return "is a JSON list; a preview and a state are objects"
    line = start.splitlines()[0]
    number = text[:_START].split(line, 1)[0].count("\n") + 1
    return f"is not JSON: line {number} begins with {line[:60]!r}"


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
