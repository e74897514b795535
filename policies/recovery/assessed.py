"""What an estimate does not speak about is said aloud."""

from collections.abc import Iterable

from policies.reading.examples import STANDARD, single, tiered
from policies.rule import Example, Group, Level, Program, Rule, Severity, Thresholds, Violation
from stanchion.graph import GraphBuilder
from stanchion.recovery.estimate import Verdict


def check(program: Program, _: Thresholds) -> Iterable[Violation]:
    """One finding for each objective that could not be assessed, with the reasons."""
    for found in program.estimates.estimates:
        for name, figure in (("RTO", found.rto), ("RPO", found.rpo)):
            if figure.verdict is Verdict.NOT_ASSESSED:
                reasons = "; ".join(figure.missing) or "nothing in the program speaks about it"
                urn = next((part.urn for part in figure.parts if part.note and part.urn), "")
                subject = f"workload '{found.workload}' (tier {found.tier}): {name} {found.disruption.value}"
                yield Violation(
                    f"{subject} is not assessed, which is not the same as met: {reasons}.",
                    urn,
                )


RULE = Rule(
    id="recovery-assessed",
    group=Group.RECOVERY,
    severity=Severity.LOW,
    level=Level.ADVISORY,
    description="Lists the objectives that no resource of the program speaks about, with the reason: what is not "
    "assessed is not met.",
    remediation="Add the stacks that hold the rest as context of the configuration, or say in `elsewhere` where it is.",
    source="decision: known, unknown and not assessed are three answers",
    check=check,
    passing=(Example("no workload, so nothing is promised", lambda: GraphBuilder().graph(), settings=tiered),),
    failing=(
        Example(
            "a bucket alone serves nobody, so its workload's RTO can't be computed",
            lambda: single("aws:sns/topic:Topic", "alarms", {}, STANDARD),
            ("",),
            settings=tiered,
        ),
    ),
)
