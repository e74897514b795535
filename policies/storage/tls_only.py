"""Objects travel encrypted."""

from collections.abc import Iterable

from policies.reading.examples import bucket, part
from policies.reading.statements import refuses_plain_http, statements
from policies.rule import Example, Group, Level, Program, Rule, Severity, Thresholds, Violation
from stanchion.graph import GraphBuilder, ResourceGraph, Unsettled
from stanchion.recovery.reading.buckets import BUCKETS, parts
from stanchion.recovery.survival import Condition, any_of


def check(program: Program, _: Thresholds) -> Iterable[Violation]:
    """Buckets whose policy doesn't refuse plain HTTP."""
    for found in program.of_type(*BUCKETS):
        policies = [p.at("policy") for p in parts(program.graph, found, "BucketPolicy")]
        answers: list[Condition] = []
        for policy in (*policies, found.at("policy")):
            listed = statements(policy)
            if isinstance(listed, Unsettled):
                answers.append(listed)
            else:
                answers += [refuses_plain_http(statement) for statement in listed]
        answer = any_of(*answers)
        if isinstance(answer, Unsettled):
            yield Violation.unsettled(answer, "the bucket refuses plain HTTP")
        elif not answer:
            yield Violation.at(
                found, f"No policy of bucket '{found.name}' refuses requests without TLS (aws:SecureTransport false)."
            )


def _program(policy: str | None) -> ResourceGraph:
    builder = GraphBuilder()
    lake = bucket(builder, "lake")
    if policy is not None:
        part(builder, "BucketPolicy", lake, "lake", {"policy": policy})
    return builder.graph()


_DENY = (
    '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", '
    '"Condition": {"Bool": {"aws:SecureTransport": "false"}}}}'
)

RULE = Rule(
    id="storage-tls-only",
    group=Group.STORAGE,
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    description="Each bucket's policy refuses requests over plain HTTP, which S3 serves otherwise. Advisory, since a "
    "policy that names a new bucket's ARN is known only after the first deployment.",
    remediation="Add a statement to the bucket's policy that denies s3:* to everybody where aws:SecureTransport is "
    "false.",
    source="S3 user guide: security best practices, enforce encryption of data in transit",
    check=check,
    passing=(Example("plain HTTP is refused", lambda: _program(_DENY)),),
    failing=(
        Example("no policy", lambda: _program(None), ("lake",)),
        Example("a policy about something else", lambda: _program(_DENY.replace('"false"', '"true"')), ("lake",)),
    ),
)
