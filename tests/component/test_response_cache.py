"""The cache of answers: encrypted, bounded, and nothing that a recovery waits for."""

from dataclasses import replace
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.alarm import AlarmTopicsArgs
from components.serving import response_cache
from components.serving.response_cache import ResponseCache, ResponseCacheArgs
from stanchion.recovery.estimate import estimate
from stanchion.recovery.settings import Settings
from tests.component.judged import broken_rules
from tests.recorder import ACCOUNT, Recording, provider, record

KEY = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/mrk-local"
ARGS = ResponseCacheArgs(
    environment="local",
    subnet_ids=["subnet-a", "subnet-b"],
    security_group_ids=["sg-1"],
    key_arn=KEY,
    alarm_topics=AlarmTopicsArgs(critical="arn:critical", warning="arn:warning", info="arn:info"),
)


def recorded(**changes: Any) -> Recording:
    args = replace(ARGS, **changes)
    return record(lambda: ResponseCache("cache", args, pulumi.ResourceOptions(provider=provider("us-west-2"))))


def test_it_is_valkey_with_the_regions_key_behind_the_security_groups() -> None:
    cache = recorded(user_group_id="gateways").one("ServerlessCache").inputs
    assert (cache["engine"], cache["name"], cache["kmsKeyId"]) == ("valkey", "local-responses", KEY)
    assert (cache["securityGroupIds"], cache["subnetIds"]) == (["sg-1"], ["subnet-a", "subnet-b"])
    assert cache["userGroupId"] == "gateways"


def test_what_it_may_cost_is_bounded() -> None:
    limits = recorded(largest_gib=3, largest_ecpu=5000).one("ServerlessCache").inputs["cacheUsageLimits"]
    assert limits == {"dataStorage": {"maximum": 3, "unit": "GB"}, "ecpuPerSeconds": [{"maximum": 5000}]}


@pytest.mark.parametrize("change", [{"largest_gib": 0}, {"largest_ecpu": 999}], ids=str)
def test_limits_that_elasticache_does_not_take_are_refused(change: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="allowed: 1 or more, and 1000 or more"):
        recorded(**change)


def test_its_address_has_name_and_port() -> None:
    endpoint = aws.elasticache.outputs.ServerlessCacheEndpoint(address="cache.example", port=6379)
    assert response_cache._address([endpoint]) == "cache.example:6379"
    assert response_cache._address([]) == ""


def test_nothing_is_kept_of_it_and_no_recovery_waits_for_it() -> None:
    recording = recorded()
    assert recording.one("ServerlessCache").inputs["snapshotRetentionLimit"] == 0
    parts = [part for each in estimate(recording.graph(), Settings()).estimates for part in each.rpo.parts]
    assert {part.note for part in parts} == {"declared disposable by its tag stanchion:data"}


def test_it_tells_before_it_is_full_and_when_it_refuses() -> None:
    alarms = {r.inputs["metricName"]: r.inputs for r in recorded(largest_gib=10).all("MetricAlarm")}
    assert alarms["BytesUsedForCache"]["threshold"] == 9 * 1024**3
    assert alarms["ThrottledCmds"]["threshold"] == 0
    assert {str(alarm["dimensions"]) for alarm in alarms.values()} == {"{'clusterId': 'local-responses'}"}


def test_it_breaks_no_rule() -> None:
    assert broken_rules(recorded()) == []
