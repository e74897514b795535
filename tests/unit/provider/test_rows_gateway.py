"""What Check refuses of the types that a gateway's platform side is made of."""

from typing import Any

import pytest

from sandbox.provider import rows
from sandbox.provider.check import Surroundings, check

TABLE = "aws:dynamodb/table:Table"
FUNCTION = "aws:lambda/function:Function"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
STREAM = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
SECRET = "aws:secretsmanager/secret:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
WORKGROUP = "aws:athena/workgroup:Workgroup"
CACHE = "aws:elasticache/serverlessCache:ServerlessCache"
USER = "aws:elasticache/user:User"

ON_DEMAND = {"billingMode": "PAY_PER_REQUEST", "hashKey": "id", "attributes": [{"name": "id", "type": "S"}]}
CODE = {"role": "arn:aws:iam::000000000000:role/run", "runtime": "python3.12", "handler": "main.handler"}
DELIVERED = {"bucketArn": "arn:aws:s3:::events", "roleArn": "arn:aws:iam::000000000000:role/write"}
MAPPED = {"functionName": "writer", "eventSourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/a/stream/1"}
PERSON = {"userId": "a", "userName": "a", "engine": "valkey", "accessString": "on ~* +@read"}


def problems(token: str, inputs: dict[str, Any]) -> list[str]:
    row = rows.find(token)
    assert row is not None
    _, found = check(row, {}, inputs, Surroundings(region="us-east-1", logical="a"))
    return [f"{each.property}: {each.reason}" for each in found]


@pytest.mark.parametrize(
    ("token", "inputs", "said"),
    [
        (TABLE, {"billingMode": "PAY_PER_REQUEST"}, "hashKey: Missing required argument"),
        (TABLE, {**ON_DEMAND, "attributes": []}, "attribute id is a key, but has no type"),
        (TABLE, {**ON_DEMAND, "rangeKey": "at"}, "attribute at is a key, but has no type"),
        (
            TABLE,
            {**ON_DEMAND, "attributes": [*ON_DEMAND["attributes"], {"name": "x", "type": "S"}]},
            "all attributes must be indexed: x is no key",
        ),
        (TABLE, {**ON_DEMAND, "readCapacity": 1}, "readCapacity can not be set when billingMode is PAY_PER_REQUEST"),
        (TABLE, {**ON_DEMAND, "billingMode": "PROVISIONED"}, "writeCapacity must be at least 1"),
        (TABLE, {**ON_DEMAND, "ttl": {"enabled": True}}, "attributeName is required when ttl is enabled"),
        (TABLE, {**ON_DEMAND, "streamEnabled": True}, "streamViewType is required when streamEnabled is true"),
        (
            TABLE,
            {
                **ON_DEMAND,
                "streamEnabled": True,
                "streamViewType": "KEYS_ONLY",
                "replicas": [{"regionName": "us-west-2"}],
            },
            "a table with replicas has a stream of NEW_AND_OLD_IMAGES",
        ),
        (TABLE, {**ON_DEMAND, "attributes": [{"name": "id", "type": "X"}]}, "attributes[0].type"),
        (FUNCTION, CODE, "one of code and s3Bucket is required"),
        (FUNCTION, {**CODE, "s3Bucket": "code"}, '"s3Bucket" needs "s3Key"'),
        (FUNCTION, {**CODE, "s3Bucket": "b", "s3Key": "k", "runtime": ""}, "runtime is required"),
        (FUNCTION, {**CODE, "s3Bucket": "b", "s3Key": "k", "timeout": 901}, "timeout"),
        (FUNCTION, {**CODE, "imageUri": "a"}, "the local cloud runs functions of archives"),
        (MAPPING, MAPPED, "startingPosition is required for streams"),
        (
            MAPPING,
            {**MAPPED, "eventSourceArn": "arn:aws:sqs:us-east-1:000000000000:a", "startingPosition": "LATEST"},
            "a queue has no positions",
        ),
        (STREAM, {"destination": "extended_s3"}, "extendedS3Configuration is required"),
        (STREAM, {"destination": "splunk"}, "destination"),
        (
            STREAM,
            {"destination": "extended_s3", "extendedS3Configuration": {**DELIVERED, "prefix": "!{timestamp:yyyy}/"}},
            "errorOutputPrefix is required when prefix contains expressions",
        ),
        (
            STREAM,
            {
                "destination": "extended_s3",
                "extendedS3Configuration": {**DELIVERED, "errorOutputPrefix": "!{timestamp:yyyy}/"},
            },
            "error-output-type",
        ),
        (SECRET, {"recoveryWindowInDays": 3}, "expected recoveryWindowInDays to be 0 or in the range (7 - 30)"),
        (VERSION, {"secretId": "a"}, "exactly one of secretString, secretBinary is required"),
        (
            WORKGROUP,
            {"configuration": {"bytesScannedCutoffPerQuery": 1}},
            "configuration.bytesScannedCutoffPerQuery",
        ),
        (WORKGROUP, {"configuration": {"executionRole": "a"}}, "it would lose it with the next change"),
        (CACHE, {"name": "A", "engine": "valkey"}, "name"),
        (CACHE, {"name": "a", "engine": "memcached"}, "expected one of [valkey, redis]"),
        (USER, {**PERSON, "authenticationMode": {"type": "password"}}, "passwords go with type password"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_made(token: str, inputs: dict[str, Any], said: str) -> None:
    assert any(said in each for each in problems(token, inputs)), problems(token, inputs)


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        (TABLE, ON_DEMAND),
        (FUNCTION, {**CODE, "s3Bucket": "b", "s3Key": "k"}),
        (MAPPING, {**MAPPED, "startingPosition": "LATEST"}),
        (STREAM, {"destination": "extended_s3", "extendedS3Configuration": DELIVERED}),
        (SECRET, {"recoveryWindowInDays": 0}),
        (VERSION, {"secretId": "a", "secretString": "b"}),
        (WORKGROUP, {}),
        (CACHE, {"name": "a", "engine": "valkey"}),
        (USER, {**PERSON, "authenticationMode": {"type": "iam"}}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_least_that_has_to_be_said_is_enough(token: str, inputs: dict[str, Any]) -> None:
    assert problems(token, inputs) == []


def test_the_value_of_a_secret_is_not_said_when_it_is_refused() -> None:
    value = "do-not-say"
    found = problems(VERSION, {"secretId": "a", "secretString": value, "secretBinary": value})
    assert found
    assert not any(value in each for each in found)
