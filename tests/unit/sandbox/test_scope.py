import boto3
import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from multidict import CIMultiDict

from sandbox.front_door.scope import Scope, scope_of

KEYS = Credentials("test", "test")


def signed(service: str, region: str, signer: type = SigV4Auth) -> AWSRequest:
    request = AWSRequest("GET", "http://127.0.0.1:4566/bucket/key")
    signer(KEYS, service, region).add_auth(request)
    return request


@pytest.mark.parametrize(("service", "region"), [("s3", "us-west-2"), ("application-autoscaling", "eu-central-1")])
def test_header_that_botocore_signs(service: str, region: str):
    request = signed(service, region)
    assert scope_of(CIMultiDict(request.headers.items()), "") == Scope(service, region)


def test_header_name_in_any_case():
    header = signed("iam", "us-east-1").headers["Authorization"]
    assert scope_of(CIMultiDict({"authorization": header}), "").service == "iam"


def test_presigned_query():
    url = boto3.client(
        "s3", region_name="us-west-2", aws_access_key_id="a", aws_secret_access_key="b",
        endpoint_url="http://127.0.0.1:1", config=Config(signature_version="s3v4"),
    ).generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "a/b c"})  # fmt: skip
    assert url is not None
    assert scope_of(CIMultiDict(), url.split("?", 1)[1]) == Scope("s3", "us-west-2")


def test_query_signed_like_a_presigned_request():
    url = signed("sns", "us-east-2", SigV4QueryAuth).url
    assert url is not None
    assert scope_of(CIMultiDict(), url.split("?", 1)[1]) == Scope("sns", "us-east-2")


def test_asymmetric_signature_names_its_regions_beside_the_scope():
    headers = CIMultiDict(
        {
            "Authorization": "AWS4-ECDSA-P256-SHA256 Credential=AK/20260101/s3/aws4_request, SignedHeaders=host",
            "X-Amz-Region-Set": "us-west-2,us-east-1",
        }
    )
    assert scope_of(headers, "") == Scope("s3", "us-west-2")


@pytest.mark.parametrize(
    ("header", "query"),
    [
        ("", ""),
        ("Bearer abc", "x=1"),
        ("AWS AKID:signature", ""),
        ("AWS4-HMAC-SHA256 Credential=broken, SignedHeaders=host", ""),
        ("AWS4-HMAC-SHA256 Credential=AK/2026/us-east-1/s3/aws4_request, SignedHeaders=host", ""),
        ("", "X-Amz-Credential="),
    ],
)
def test_what_is_not_signed_has_no_scope(header: str, query: str):
    assert scope_of(CIMultiDict({"Authorization": header} if header else {}), query) == Scope()
