import asyncio
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from sandbox.eks.server import build_app
from sandbox.front_door.faults import Effect, Fault
from tests.unit.sandbox.eks.service import Eks

SCOPE = "Credential=test/20260101/us-west-2/eks/aws4_request"
SIGNED = {"Authorization": f"AWS4-HMAC-SHA256 {SCOPE}, SignedHeaders=host, Signature=0"}


def asked(method: str, path: str, **more: Any) -> tuple[int, Any, list[Fault]]:
    """One request to the server; with it the faults that it was told."""
    told: list[Fault] = []

    async def ask() -> tuple[int, Any]:
        app = build_app(Eks().service, told.extend)
        async with TestClient(TestServer(app)) as client, client.request(method, path, **more) as answer:
            return answer.status, {**await answer.json(), "type": answer.headers.get("x-amzn-errortype")}

    return *asyncio.run(ask()), told


def test_the_region_is_the_one_that_a_request_is_signed_for():
    body = {"name": "main", "roleArn": "arn", "resourcesVpcConfig": {"subnetIds": ["subnet-a", "subnet-b"]}}
    status, answer, _ = asked("POST", "/clusters", json=body, headers=SIGNED)
    assert (status, answer["cluster"]["arn"]) == (200, "arn:aws:eks:us-west-2:000000000000:cluster/main")
    status, answer, _ = asked("GET", "/clusters")
    assert (status, answer["type"]) == (403, "MissingAuthenticationTokenException")


def test_errors_have_the_form_that_clients_read():
    status, answer, _ = asked("GET", "/clusters/none", headers=SIGNED)
    assert (status, answer["type"], answer["__type"]) == (404, *["ResourceNotFoundException"] * 2)
    assert answer["message"] == "No cluster found for name: none."


def test_an_operation_that_nobody_wrote_says_so():
    status, answer, _ = asked("GET", "/clusters/none/fargate-profiles", headers=SIGNED)
    assert (status, answer["message"]) == (501, "EKS of the local cloud has no ListFargateProfiles.")


def test_faults_are_told_by_the_front_door():
    fault = Fault(Effect.DROP, "us-east-1")
    status, _, told = asked("PUT", "/_stanchion/faults", json=[fault.as_json()])
    assert (status, told) == (200, [fault])
    assert asked("GET", "/_stanchion/status")[0] == 200
