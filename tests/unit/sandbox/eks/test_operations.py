import pytest

from sandbox.eks.errors import EksError
from sandbox.eks.operations import Operations

OPERATIONS = Operations()
PRINCIPAL = "arn:aws:iam::000000000000:role/path/deploy"


@pytest.mark.parametrize("path", [PRINCIPAL, PRINCIPAL.replace("/", "%2F").replace(":", "%3A")])
def test_an_arn_in_a_path_is_one_parameter_however_it_is_encoded(path: str):
    found = OPERATIONS.read("GET", f"/clusters/main/access-entries/{path}", {}, b"")
    assert (found.name, found.parameters) == (
        "DescribeAccessEntry",
        {"clusterName": "main", "principalArn": PRINCIPAL},
    )
    policies = OPERATIONS.read("GET", f"/clusters/main/access-entries/{path}/access-policies", {}, b"")
    assert (policies.name, policies.parameters["principalArn"]) == ("ListAssociatedAccessPolicies", PRINCIPAL)


def test_path_query_and_body_are_put_together():
    query = {"maxResults": ["5"], "nextToken": ["9"]}
    found = OPERATIONS.read("GET", "/clusters/main/node-groups", query, b"")
    assert found.parameters == {"clusterName": "main", "maxResults": 5, "nextToken": "9"}
    found = OPERATIONS.read("DELETE", "/tags/arn%3Ax", {"tagKeys": ["a", "b"]}, b"")
    assert found.parameters == {"resourceArn": "arn:x", "tagKeys": ["a", "b"]}
    found = OPERATIONS.read("POST", "/clusters/main/updates", {}, b'{"version": "1.35"}')
    assert (found.name, found.parameters["version"]) == ("UpdateClusterVersion", "1.35")


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("PATCH", "/clusters/main", b"", "ResourceNotFoundException"),
        ("GET", "/nothing", b"", "ResourceNotFoundException"),
        ("POST", "/clusters", b"{", "InvalidRequestException"),
        ("POST", "/clusters", b"[]", "InvalidRequestException"),
        ("POST", "/clusters", b'{"name": "main"}', "InvalidParameterException"),
        ("POST", "/clusters", b'{"name": 5, "roleArn": "r", "resourcesVpcConfig": {}}', "InvalidParameterException"),
    ],
)
def test_what_is_no_operation_or_misses_a_parameter_is_refused(method: str, path: str, body: bytes, code: str):
    with pytest.raises(EksError) as caught:
        OPERATIONS.read(method, path, {}, body)
    assert caught.value.code == code
