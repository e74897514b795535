"""Tables of gateways: their keys, what brings them back, and the other region's copy."""

from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.alarm import AlarmTopicsArgs
from components.serving.gateway_tables import GatewayTables, GatewayTablesArgs
from components.storage.table import TableReplicaArgs
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.estimate import estimate
from stanchion.recovery.settings import Settings
from tests.component.judged import broken_rules
from tests.recorder import ACCOUNT, Recording, provider, record

KEY = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/mrk-local"
OTHER_ALIAS = f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/data"
OTHER_KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/mrk-local"
ARGS = GatewayTablesArgs(
    environment="local",
    key_arn=KEY,
    keep=True,
    alarm_topics=AlarmTopicsArgs(critical="arn:critical", warning="arn:warning", info="arn:info"),
    replica=TableReplicaArgs("us-east-1", OTHER_KEY, OTHER_ALIAS),
)


def recorded(**changes: Any) -> Recording:
    args = replace(ARGS, **changes)
    return record(lambda: GatewayTables("local", args, pulumi.ResourceOptions(provider=provider("us-west-2"))))


def tables(recording: Recording) -> dict[str, dict[str, Any]]:
    return {r.inputs["name"]: r.inputs for r in recording.all("aws:dynamodb/table:Table")}


def test_names_and_keys_are_those_that_gateways_ask_for() -> None:
    found = tables(recorded())
    assert {name: (made["hashKey"], made.get("rangeKey")) for name, made in found.items()} == {
        "local-keys": ("id", None),
        "local-quotas": ("counter", "region"),
        "local-tickets": ("id", None),
    }
    for made in found.values():
        assert {each["name"] for each in made["attributes"]} == {made["hashKey"], made.get("rangeKey")} - {None}
        assert {each["type"] for each in made["attributes"]} == {"S"}
        assert made["billingMode"] == "PAY_PER_REQUEST"


def test_counters_and_tickets_go_in_time_and_keys_stay() -> None:
    found = tables(recorded())
    gone = {"attributeName": "remove_at", "enabled": True}
    assert found["local-quotas"]["ttl"] == found["local-tickets"]["ttl"] == gone
    assert "ttl" not in found["local-keys"]


def test_all_are_encrypted_and_can_be_had_back_in_both_regions() -> None:
    for made in tables(recorded()).values():
        assert made["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": KEY}
        assert made["pointInTimeRecovery"] == {"enabled": True}
        assert made["deletionProtectionEnabled"] is True
        assert made["replicas"] == [
            {
                "regionName": "us-east-1",
                "kmsKeyArn": OTHER_KEY,
                "pointInTimeRecovery": True,
                "deletionProtectionEnabled": True,
                "propagateTags": True,
            }
        ]
        assert (made["streamEnabled"], made["streamViewType"]) == (True, "NEW_AND_OLD_IMAGES")


def test_without_another_region_there_is_no_replica_and_nobody_waits_for_one() -> None:
    recording = recorded(replica=None)
    for made in tables(recording).values():
        assert not {"replicas", "streamEnabled", "streamViewType"} & made.keys()
    assert not [r for r in recording.all("MetricAlarm") if r.inputs["metricName"] == "ReplicationLatency"]


def test_disposable_tables_can_be_deleted() -> None:
    recording = recorded(keep=False)
    for made in recording.all("aws:dynamodb/table:Table"):
        assert made.inputs["deletionProtectionEnabled"] is False
        assert made.inputs["replicas"][0]["deletionProtectionEnabled"] is False
        assert not made.protect


@pytest.mark.parametrize("table", ["keys", "quotas", "tickets"])
def test_each_table_tells_when_it_refuses_and_when_its_replica_is_late(table: str) -> None:
    recording = recorded()
    alarms = {r.inputs["metricName"]: r.inputs for r in recording.all("MetricAlarm") if f"-{table}-" in r.name}
    assert set(alarms) == {"ReadThrottleEvents", "WriteThrottleEvents", "ReplicationLatency"}
    assert {alarm["dimensions"]["TableName"] for alarm in alarms.values()} == {f"local-{table}"}
    assert alarms["ReplicationLatency"]["dimensions"]["ReceivingRegion"] == "us-east-1"
    assert alarms["ReplicationLatency"]["threshold"] == 60_000


def test_recovery_knows_both_regions_and_the_way_back_from_a_mistake() -> None:
    found = estimate(recorded().graph(), Settings()).findings
    for store in found.stores:
        covered = {each.disruption for each in found.protections if each.store == store}
        assert {Disruption.APPLICATION, Disruption.REGION} <= covered


def test_it_breaks_no_rule() -> None:
    assert broken_rules(recorded()) == []
