"""The table of minutes: how long rows stay, who is told when none is written, and what the function may do."""

import json
from typing import Any

import pulumi

from components.alarm import AlarmTopicsArgs
from components.functions.schedule import every_seconds
from components.observability.minute_aggregate import (
    FUNCTION,
    SCHEDULE,
    MinuteAggregate,
    MinuteAggregateArgs,
    MinuteSourcesArgs,
    minute_statements,
    minute_variables,
)
from stanchion.minutes.settings import MinuteSettings
from stanchion.packaging.archive import function_names
from tests.component.judged import broken_rules
from tests.engine.project import CHECKOUT
from tests.recorder import ACCOUNT, Recording, provider, record

KEY = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/mrk-local"
ARGS = MinuteAggregateArgs(
    environment="local",
    key_arn=KEY,
    keep=True,
    alarm_topics=AlarmTopicsArgs(critical="arn:critical", warning="arn:warning", info="arn:info"),
)
SOURCES = MinuteSourcesArgs(
    workgroup_arn="arn:workgroup",
    catalog_arn="arn:catalog",
    database_arn="arn:database",
    table_arn="arn:table",
    bucket_arn="arn:aws:s3:::local-raw",
    prefix="events/inference",
    results_bucket_arn="arn:aws:s3:::local-results",
    results_prefix="athena/inference",
    key_arn=KEY,
)


def recorded() -> Recording:
    return record(lambda: MinuteAggregate("minutes", ARGS, pulumi.ResourceOptions(provider=provider("us-west-2"))))


def statements() -> dict[str, dict[str, Any]]:
    policies: list[str] = []

    def program() -> None:
        aggregate = MinuteAggregate("minutes", ARGS, pulumi.ResourceOptions(provider=provider("us-west-2")))
        pulumi.Output.json_dumps(minute_statements(aggregate.table.arn, SOURCES)).apply(policies.append)

    record(program)
    return {each["Sid"]: each for each in json.loads(policies[0])}


def test_the_table_has_the_name_and_the_keys_that_writers_and_readers_go_by() -> None:
    table = recorded().one("aws:dynamodb/table:Table").inputs
    assert table["name"] == "local-minutes"
    assert (table["hashKey"], table["rangeKey"]) == ("series", "minute")
    assert table["ttl"] == {"attributeName": "remove_at", "enabled": True}
    assert table["deletionProtectionEnabled"] is True
    assert table["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": KEY}


def test_ten_minutes_without_a_write_page_somebody() -> None:
    alarm = recorded().one("MetricAlarm").inputs
    assert (alarm["namespace"], alarm["metricName"], alarm["statistic"]) == (
        "AWS/DynamoDB", "ConsumedWriteCapacityUnits", "Sum",
    )  # fmt: skip
    assert alarm["dimensions"] == {"TableName": "local-minutes"}
    assert (alarm["period"], alarm["evaluationPeriods"], alarm["threshold"]) == (300, 2, 1)
    assert (alarm["comparisonOperator"], alarm["treatMissingData"]) == ("LessThanThreshold", "breaching")
    assert alarm["alarmActions"] == ["arn:critical"]
    assert alarm["alarmDescription"].endswith("docs/runbooks/minutes-late.md")


def test_the_function_asks_one_workgroup_and_writes_one_table() -> None:
    found = statements()
    assert found["Ask"]["Resource"] == "arn:workgroup"
    assert found["KnowTheTable"]["Resource"] == ["arn:catalog", "arn:database", "arn:table"]
    assert found["WriteMinutes"]["Resource"].endswith("table/minutes-minutes")
    assert not any("*" in str(each["Action"]) for each in found.values())
    assert all(each["Resource"] != "*" for each in found.values())


def test_it_reads_events_and_never_writes_them() -> None:
    found = statements()
    writing = [name for name, each in found.items() if "s3:PutObject" in each["Action"]]
    assert writing == ["KeepResults"]
    assert found["KeepResults"]["Resource"] == "arn:aws:s3:::local-results/athena/inference/*"
    assert found["ReadEvents"]["Resource"] == "arn:aws:s3:::local-raw/events/inference/*"
    assert found["ReadAndWriteEncrypted"]["Condition"] == {"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}}


def test_the_function_is_told_all_that_it_asks_for() -> None:
    told = minute_variables(
        "local", "us-west-2", "local-minutes", "local_events", "inference", "local-inference-events"
    )
    found = MinuteSettings.read({name: str(value) for name, value in told.items()})
    assert found.variables() == told
    assert (found.minute_table, found.database, found.workgroup) == (
        "local-minutes", "local_events", "local-inference-events",
    )  # fmt: skip


def test_the_function_is_there_and_runs_each_minute() -> None:
    assert FUNCTION in function_names(CHECKOUT)
    assert every_seconds(SCHEDULE) == 60


def test_it_breaks_no_rule() -> None:
    assert broken_rules(recorded()) == []
