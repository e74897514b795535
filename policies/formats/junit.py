"""Violations as JUnit XML, which CI servers read: each rule is a test case."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from policies.formats.wording import sentence
from policies.judge import Judged
from policies.rule import Rule


def junit(found: Sequence[Judged], rules: Sequence[Rule], source: str) -> str:
    """A suite per group and a case per rule; mandatory violations are failures, others are its output.

    Args:
        found: the violations.
        rules: that were run.
        source: the file that was read, as it was named.
    """
    root = ET.Element("testsuites", name="stanchion check")
    for group in dict.fromkeys(rule.group for rule in rules):
        mine = [rule for rule in rules if rule.group == group]
        failed = {judged.rule.id for judged in found if judged.fails and judged.rule.group == group}
        suite = ET.SubElement(
            root,
            "testsuite",
            name=group.value,
            tests=str(len(mine)),
            failures=str(len(failed)),
            errors="0",
            skipped="0",
        )
        for rule in mine:
            case = ET.SubElement(suite, "testcase", classname=f"stanchion.{group.value}", name=rule.id, file=source)
            failing = [judged for judged in found if judged.rule.id == rule.id and judged.fails]
            others = [judged for judged in found if judged.rule.id == rule.id and not judged.fails]
            if failing:
                text = "\n".join(_plain(f"{judged.violation.urn}: {sentence(judged)}") for judged in failing)
                count = f"{len(failing)} violation{'s' if len(failing) > 1 else ''}"
                failure = ET.SubElement(
                    case, "failure", type=rule.severity.value, message=f"{count}; {rule.remediation}"
                )
                failure.text = text
            if others:
                output = ET.SubElement(case, "system-out")
                output.text = "\n".join(_plain(f"{judged.level.value}: {sentence(judged)}") for judged in others)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _plain(text: str) -> str:
    """Without control characters, which XML can't hold."""
    return "".join(letter for letter in text if letter >= " " or letter in "\n\t")
