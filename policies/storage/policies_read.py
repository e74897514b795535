"""Policies that could not be read yet are said aloud."""

from collections.abc import Iterable

from policies.reading.examples import single
from policies.reading.statements import POLICY_TYPES, waits_for_names
from policies.rule import Example, Group, Level, Program, Rule, Severity, Thresholds, Violation
from stanchion.graph import GraphBuilder, ResourceGraph


def check(program: Program, _: Thresholds) -> Iterable[Violation]:
    """Policies that are known only after the deployment, since they name what it makes."""
    for resource in program.of_type(*POLICY_TYPES):
        policy = resource.at("policy")
        if waits_for_names(program.graph, policy):
            yield Violation.at(
                policy,
                f"The policy of {resource.label} names what the deployment makes, so it can't be read before; whether "
                "it lets everybody in is judged from the next preview on.",
            )


def _policy(known: str | None) -> ResourceGraph:
    builder = GraphBuilder()
    queue = builder.add("aws:sqs/queue:Queue", "jobs", {})
    builder.add(POLICY_TYPES[0], "jobs", {"queueUrl": queue.ref("url"), "policy": known or queue.ref("arn")})
    return builder.graph()


RULE = Rule(
    id="storage-policies-read",
    group=Group.STORAGE,
    severity=Severity.LOW,
    level=Level.ADVISORY,
    description="Lists policies of queues, topics and repositories that can't be judged before the first deployment, "
    "since they name what it makes.",
    remediation="Nothing, where the list is what you expect; preview again after the deployment.",
    source="decision: an unknown identity is resolved by edges, and what was not read is said",
    check=check,
    passing=(
        Example("the policy is known", lambda: _policy('{"Statement": []}')),
        Example("no policy at all", lambda: single("aws:sqs/queue:Queue", "jobs", {})),
    ),
    failing=(Example("the policy names a new queue", lambda: _policy(None), ("jobs",)),),
)
