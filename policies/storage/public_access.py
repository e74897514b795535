"""Data is open to nobody it is not meant for."""

from collections.abc import Iterable, Mapping

from policies.reading.examples import bucket, part, single
from policies.reading.statements import POLICY_TYPES, is_public, statements, waits_for_names
from policies.rule import Example, Group, Program, Rule, Severity, Thresholds, Violation
from stanchion.graph import UNKNOWN, GraphBuilder, Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.reading.buckets import BUCKETS, parts
from stanchion.recovery.survival import Condition, all_of, any_of

BLOCK = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
ACCOUNT = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
_PUBLIC_ACLS = frozenset({"public-read", "public-read-write", "authenticated-read"})
_EVERYBODY = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    " http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)
# Their own property, which the service fills in when the program says nothing.
_INLINE = ("aws:sqs/queue:Queue", "aws:sns/topic:Topic")
_ADDRESSED = (
    "aws:rds/instance:Instance",
    "aws:rds/clusterInstance:ClusterInstance",
    "aws:rds/cluster:Cluster",
    "aws:neptune/clusterInstance:ClusterInstance",
    "aws:redshift/cluster:Cluster",
    "aws:redshiftserverless/workgroup:Workgroup",
    "aws:dms/replicationInstance:ReplicationInstance",
)


def check(program: Program, _: Thresholds) -> Iterable[Violation]:
    """Buckets that are not closed as a whole, policies that let everybody in, databases with a public address."""
    account = any_of(*(_complete(block) for block in program.graph.of_type(ACCOUNT)))
    for found in program.of_type(*BUCKETS):
        yield from _bucket(program, found, account)
    for resource in program.of_type(*POLICY_TYPES):
        yield from _policy(program, resource.at("policy"), closed=False)
    for resource in program.of_type(*_INLINE):
        if resource.at("policy").unsettled is None:
            yield from _policy(program, resource.at("policy"), closed=False)
    for database in program.of_type(*_ADDRESSED):
        yield from _address(database)


def _complete(block: Resource) -> Condition:
    return all_of(*(block.at(key).flag(False) for key in BLOCK))


def _bucket(program: Program, found: Resource, account: Condition) -> Iterable[Violation]:
    blocks = parts(program.graph, found, "BucketPublicAccessBlock")
    closed = any_of(account, *(_complete(block) for block in blocks))
    if isinstance(closed, Unsettled):
        yield Violation.unsettled(closed, "the bucket is closed to the public")
    elif not closed and blocks:
        for block in blocks:
            missing = [key for key in BLOCK if block.at(key).flag(False) is False]
            yield Violation.at(
                block, f"The public access block of bucket '{found.name}' leaves out {', '.join(missing)}."
            )
    elif not closed:
        yield Violation.at(
            found,
            f"Bucket '{found.name}' has no public access block in the program: a new bucket is closed by default, but "
            "nobody would notice that it was opened.",
        )
    policies = [p.at("policy") for p in parts(program.graph, found, "BucketPolicy")]
    for policy in (*policies, found.at("policy")):
        yield from _policy(program, policy, closed=closed is True)
    for acl in (found, *parts(program.graph, found, "BucketAcl")):
        yield from _acl(acl, closed=closed is True)


def _policy(program: Program, policy: Setting, *, closed: bool) -> Iterable[Violation]:
    """Statements that let everybody in.

    A closed bucket's policy doesn't matter while it is not known: S3 refuses a public one. One that names what is new
    (its edges say so) is read in the next preview; until then `storage-policies-read` lists it.
    """
    found = statements(policy)
    if isinstance(found, Unsettled):
        if not closed and not waits_for_names(program.graph, policy):
            yield Violation.unsettled(found, "it lets nobody in from outside")
        return
    for number, statement in enumerate(found):
        if is_public(statement):
            name = statement.get("Sid") or f"number {number + 1}"
            yield Violation.at(
                policy,
                f"Statement {name} in the policy of {policy.resource.label} allows everybody in, and no condition "
                "limits it.",
            )


def _acl(resource: Resource, *, closed: bool) -> Iterable[Violation]:
    canned = resource.at("acl")
    text = canned.text()
    if isinstance(text, str) and text in _PUBLIC_ACLS:
        yield Violation.at(canned, f"{resource.label} has the access control list {canned.value}, which is public.")
    elif canned.unsettled and not closed and resource.type not in BUCKETS:
        yield Violation.unsettled(canned.unsettled, "the access control list is public")
    grants = resource.at("accessControlPolicy")["grants"].each()
    for grant in () if isinstance(grants, Unsettled) else grants:
        uri = grant["grantee"]["uri"]
        if uri.value in _EVERYBODY:
            yield Violation.at(uri, f"{resource.label} grants access to everybody.")


def _address(database: Resource) -> Iterable[Violation]:
    public = database.at("publiclyAccessible").flag(False)
    if isinstance(public, Unsettled):
        yield Violation.unsettled(public, "the database has no public address")
    elif public:
        yield Violation.at(
            database.at("publiclyAccessible"),
            f"{database.label} has a public address: only its security group is left.",
        )


def _program(*, block: Mapping[str, object] | None, policy: object = None) -> ResourceGraph:
    builder = GraphBuilder()
    lake = bucket(builder, "lake")
    if block is not None:
        part(builder, "BucketPublicAccessBlock", lake, "block", block)
    if policy is not None:
        part(builder, "BucketPolicy", lake, "policy", {"policy": policy})
    return builder.graph()


def _named_later() -> ResourceGraph:
    builder = GraphBuilder()
    queue = builder.add("aws:sqs/queue:Queue", "jobs", {})
    builder.add(_QUEUE_POLICY, "jobs", {"queueUrl": queue.ref("url"), "policy": queue.ref("arn")})
    return builder.graph()


_ALL: Mapping[str, object] = dict.fromkeys(BLOCK, True)
_OPEN = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}'
_LIMITED = (
    '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sqs:SendMessage", "Resource": "*", '
    '"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:111122223333:*"}}}]}'
)
_QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"

RULE = Rule(
    id="storage-public-access",
    group=Group.STORAGE,
    severity=Severity.CRITICAL,
    description="Buckets have a whole public access block, no policy or access control list lets everybody in, and no "
    "database has a public address.",
    remediation="Add an aws.s3.BucketPublicAccessBlock with all four settings true; name principals or add a "
    "condition; set publiclyAccessible to false.",
    source="S3 user guide: blocking public access to your Amazon S3 storage, the meaning of public; Amazon RDS API: "
    "CreateDBInstance, PubliclyAccessible",
    check=check,
    passing=(
        Example("the bucket is closed", lambda: _program(block=_ALL)),
        Example(
            "a policy that is not known yet can't open a closed bucket", lambda: _program(block=_ALL, policy=UNKNOWN)
        ),
        Example("a policy that names what is new is read next time", _named_later),
        Example("a condition limits who may send", lambda: single(_QUEUE_POLICY, "jobs", {"policy": _LIMITED})),
    ),
    failing=(
        Example("no block", lambda: _program(block=None), ("lake",)),
        Example("half a block", lambda: _program(block={**_ALL, "blockPublicPolicy": False}), ("block",)),
        Example("a policy for everybody", lambda: _program(block=_ALL, policy=_OPEN), ("policy",)),
        Example(
            "a database with a public address",
            lambda: single("aws:rds/instance:Instance", "orders", {"publiclyAccessible": True}),
            ("orders",),
        ),
        Example(
            "a queue for everybody",
            lambda: single(_QUEUE_POLICY, "jobs", {"policy": _OPEN.replace("s3:GetObject", "*")}),
            ("jobs",),
        ),
        Example(
            "a policy of which nothing is known", lambda: single(_QUEUE_POLICY, "jobs", {"policy": UNKNOWN}), ("jobs",)
        ),
    ),
)
