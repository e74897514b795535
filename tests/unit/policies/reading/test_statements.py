import json
from typing import Any

import pytest

from policies.reading.statements import is_public, refuses_plain_http, statements, waits_for_names
from stanchion.graph import SECRET, UNKNOWN, GraphBuilder, Unsettled

ALLOW = {"Effect": "Allow", "Action": "sqs:*"}
DENY = {"Effect": "Deny", "Principal": "*", "Action": "s3:*"}


@pytest.mark.parametrize(
    "statement",
    [
        {"Principal": "*"},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"AWS": ["arn:aws:iam::111122223333:root", "*"]}},
        {"NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}},
        {"Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}},
        {"Principal": "*", "Condition": {"StringLike": {"aws:PrincipalOrgID": "*"}}},
    ],
)
def test_everybody(statement: dict[str, Any]) -> None:
    assert is_public(ALLOW | statement)


@pytest.mark.parametrize(
    "statement",
    [
        {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}},
        {"Principal": {"Service": "logging.s3.amazonaws.com"}},
        {"Principal": "*", "Condition": {"StringEquals": {"AWS:SourceAccount": "111122223333"}}},
        {"Principal": "*", "Effect": "Deny"},
        {"Principal": UNKNOWN},
        {},
    ],
)
def test_not_everybody(statement: dict[str, Any]) -> None:
    assert not is_public(ALLOW | statement)


@pytest.mark.parametrize(
    ("statement", "refuses"),
    [
        ({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, True),
        ({"Condition": {"BoolIfExists": {"aws:securetransport": [False]}}}, True),
        ({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, False),
        ({"Condition": {"Bool": {"aws:SecureTransport": "false"}}, "Action": "s3:PutObject"}, False),
        ({"Condition": {"Bool": {"aws:SecureTransport": "false"}}, "Principal": {"AWS": "someone"}}, False),
        ({}, False),
    ],
)
def test_plain_http(statement: dict[str, Any], refuses: bool) -> None:
    assert refuses_plain_http(DENY | statement) is refuses


def policy(value: object) -> Any:
    builder = GraphBuilder()
    builder.add("aws:sqs/queuePolicy:QueuePolicy", "jobs", {"policy": value})
    return statements(builder.graph().of_type("aws:sqs/queuePolicy:QueuePolicy")[0].at("policy"))


def test_a_document_is_json_or_a_mapping_with_one_statement_or_several() -> None:
    assert policy(json.dumps({"Statement": DENY})) == (DENY,)
    assert policy({"Statement": [DENY, ALLOW]}) == (DENY, ALLOW)
    assert policy("") == ()


@pytest.mark.parametrize("value", [UNKNOWN, SECRET, "not json", "[]", 1, {"Statement": UNKNOWN}])
def test_what_is_no_document_can_not_be_told(value: object) -> None:
    assert isinstance(policy(value), Unsettled)


def test_a_document_waits_for_names_only_where_an_edge_says_so() -> None:
    builder = GraphBuilder()
    queue = builder.add("aws:sqs/queue:Queue", "jobs", {})
    builder.add("aws:sqs/queuePolicy:QueuePolicy", "named", {"policy": queue.ref("arn")})
    builder.add("aws:sqs/queuePolicy:QueuePolicy", "unnamed", {"policy": UNKNOWN})
    graph = builder.graph()
    found = {r.name: waits_for_names(graph, r.at("policy")) for r in graph.of_type("aws:sqs/queuePolicy:QueuePolicy")}
    assert found == {"named": True, "unnamed": False}
