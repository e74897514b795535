import json

import pytest

from sandbox.provider.errors import ProviderError
from sandbox.provider.invokes import invoke
from tests.unit.provider.cloud_stub import StubCloud


def test_who_am_i() -> None:
    cloud = StubCloud({"get_caller_identity": {"Account": "0", "Arn": "a", "UserId": "u"}})
    answer = invoke(cloud, "aws:index/getCallerIdentity:getCallerIdentity", {})
    assert (answer["accountId"], answer["arn"], answer["userId"]) == ("0", "a", "u")


def test_region_and_partition_are_known_without_asking() -> None:
    cloud = StubCloud()
    assert invoke(cloud, "aws:index/getRegion:getRegion", {})["name"] == "us-east-1"
    assert invoke(cloud, "aws:index/getRegion:getRegion", {"region": "us-west-2"})["region"] == "us-west-2"
    assert invoke(cloud, "aws:index/getPartition:getPartition", {})["dnsSuffix"] == "amazonaws.com"
    assert not cloud.calls


def test_zones_are_those_of_the_region_asked_for() -> None:
    zones = [
        {"ZoneName": "us-west-2b", "ZoneId": "2", "State": "available"},
        {"ZoneName": "us-west-2a", "ZoneId": "1", "State": "available"},
        {"ZoneName": "us-west-2c", "ZoneId": "3", "State": "impaired"},
    ]
    cloud = StubCloud({"describe_availability_zones": {"AvailabilityZones": zones}})
    token = "aws:index/getAvailabilityZones:getAvailabilityZones"
    answer = invoke(cloud, token, {"state": "available", "region": "us-west-2", "excludeZoneIds": ["2"]})
    assert answer["names"] == ["us-west-2a"]
    assert cloud.calls[0][0] == "us-west-2"


def test_zones_are_filtered_though_the_emulator_does_not() -> None:
    zones = [
        {"ZoneName": "us-east-1a", "OptInStatus": "opt-in-not-required"},
        {"ZoneName": "us-east-1-bos-1a", "OptInStatus": "opted-in"},
    ]
    cloud = StubCloud({"describe_availability_zones": {"AvailabilityZones": zones}})
    token = "aws:index/getAvailabilityZones:getAvailabilityZones"
    wanted = {"name": "opt-in-status", "values": ["opt-in-not-required"]}
    assert invoke(cloud, token, {"filters": [wanted]})["names"] == ["us-east-1a"]
    with pytest.raises(ProviderError, match="opt-in-status"):
        invoke(cloud, token, {"filters": [{"name": "opt-in", "values": ["x"]}]})


def test_a_policy_document_is_put_together() -> None:
    statement = {
        "sid": "one",
        "actions": ["s3:PutObject", "s3:GetObject"],
        "resources": ["arn:aws:s3:::a"],
        "principals": [{"type": "Service", "identifiers": ["a", "b"]}],
        "conditions": [{"test": "StringEquals", "variable": "aws:SourceAccount", "values": ["0"]}],
    }
    answer = invoke(StubCloud(), "aws:iam/getPolicyDocument:getPolicyDocument", {"statements": [statement]})
    assert json.loads(answer["json"])["Statement"] == [
        {
            "Effect": "Allow",
            "Sid": "one",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": "arn:aws:s3:::a",
            "Principal": {"Service": ["a", "b"]},
            "Condition": {"StringEquals": {"aws:SourceAccount": "0"}},
        }
    ]


def test_a_function_nobody_wrote_is_named() -> None:
    with pytest.raises(ProviderError, match="aws:ec2/getAmi:getAmi"):
        invoke(StubCloud(), "aws:ec2/getAmi:getAmi", {})
