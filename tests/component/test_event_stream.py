"""Events: where they are written, what the table makes of it, and what a query may read."""

import json
import re
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.alarm import AlarmTopicsArgs
from components.observability.event_stream import ColumnArgs, EventStream, EventStreamArgs
from tests.component.judged import broken_rules
from tests.recorder import ACCOUNT, Recording, provider, record

KEY = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/mrk-local"
ARGS = EventStreamArgs(
    environment="pre-prod",
    account_id=ACCOUNT,
    events="inference",
    columns=[ColumnArgs("event_id", "string"), ColumnArgs("latency_ms", "double")],
    bucket_name="local-raw",
    bucket_arn="arn:aws:s3:::local-raw",
    prefix="events/inference",
    key_arn=KEY,
    results_bucket_name="local-results",
    first_day="2026-01-01",
    keep=True,
    alarm_topics=AlarmTopicsArgs(critical="arn:critical", warning="arn:warning", info="arn:info"),
)


def recorded(**changes: Any) -> Recording:
    args = replace(ARGS, **changes)
    return record(lambda: EventStream("events", args, pulumi.ResourceOptions(provider=provider("us-west-2"))))


def delivery(recording: Recording) -> dict[str, Any]:
    return recording.one("FirehoseDeliveryStream").inputs["extendedS3Configuration"]


def test_events_lie_by_hour_and_failed_ones_somewhere_else() -> None:
    target = delivery(recorded())
    assert target["prefix"] == "events/inference/dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/"
    assert target["errorOutputPrefix"].startswith("events/inference-failed/!{firehose:error-output-type}/")
    assert not target["errorOutputPrefix"].startswith("events/inference/")


def test_they_are_written_within_a_minute_packed_and_encrypted() -> None:
    recording = recorded()
    target = delivery(recording)
    assert (target["bufferingInterval"], target["compressionFormat"], target["kmsKeyArn"]) == (60, "GZIP", KEY)
    stream = recording.one("FirehoseDeliveryStream").inputs
    assert stream["serverSideEncryption"] == {"enabled": True, "keyType": "CUSTOMER_MANAGED_CMK", "keyArn": KEY}
    assert stream["name"] == "pre-prod-inference-events"


def test_the_role_writes_under_its_prefixes_and_nowhere_else() -> None:
    recording = recorded()
    (trust,) = json.loads(recording.one("Role").inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "firehose.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    statements = json.loads(recording.one("RolePolicy").inputs["policy"])["Statement"]
    (write,) = [each for each in statements if "s3:PutObject" in each["Action"]]
    assert write["Resource"] == [
        "arn:aws:s3:::local-raw/events/inference/*",
        "arn:aws:s3:::local-raw/events/inference-failed/*",
    ]
    (key,) = [each for each in statements if "kms:Decrypt" in each["Action"]]
    assert key["Resource"] == KEY
    assert recording.one("RolePolicy").urn in recording.one("FirehoseDeliveryStream").dependencies


def test_the_table_finds_what_the_stream_writes() -> None:
    recording = recorded()
    table = recording.one("CatalogTable").inputs
    parameters = table["parameters"]
    written = re.sub(r"!\{timestamp:yyyy-MM-dd\}", "${dt}", delivery(recording)["prefix"])
    written = re.sub(r"!\{timestamp:HH\}", "${hour}", written)
    assert parameters["storage.location.template"] == f"s3://local-raw/{written}"
    assert table["storageDescriptor"]["location"] == "s3://local-raw/events/inference/"
    projected = {re.sub(r"projection\.(\w+)\.type", r"\1", key) for key in parameters if key.endswith(".type")}
    assert projected == {key["name"] for key in table["partitionKeys"]} == {"dt", "hour"}
    assert parameters["projection.dt.range"] == "2026-01-01,NOW"
    assert (parameters["projection.hour.range"], parameters["projection.hour.digits"]) == ("0,23", "2")


def test_columns_are_those_that_were_said() -> None:
    columns = recorded().one("CatalogTable").inputs["storageDescriptor"]["columns"]
    assert columns == [{"name": "event_id", "type": "string"}, {"name": "latency_ms", "type": "double"}]


def test_names_that_queries_say_have_no_hyphens() -> None:
    recording = recorded(events="late-feedback")
    assert recording.one("CatalogDatabase").inputs["name"] == "pre_prod_events"
    assert recording.one("CatalogTable").inputs["name"] == "late_feedback"


def test_queries_go_where_they_are_meant_to_and_end_at_a_limit() -> None:
    configuration = recorded(largest_query_gib=2).one("Workgroup").inputs["configuration"]
    assert configuration["enforceWorkgroupConfiguration"] is True
    assert configuration["bytesScannedCutoffPerQuery"] == 2 * 1024**3
    result = configuration["resultConfiguration"]
    assert result["outputLocation"] == "s3://local-results/athena/inference/"
    assert result["encryptionConfiguration"] == {"encryptionOption": "SSE_KMS", "kmsKeyArn": KEY}


def test_a_limit_that_athena_does_not_take_is_refused() -> None:
    with pytest.raises(ValueError, match=r"largest_query_gib 0\.001"):
        recorded(largest_query_gib=0.001)


def test_late_events_page_before_they_are_lost() -> None:
    alarms = {r.inputs["metricName"]: r.inputs for r in recorded().all("MetricAlarm")}
    late = alarms["DeliveryToS3.DataFreshness"]
    assert (late["threshold"], late["alarmActions"]) == (900, ["arn:critical"])
    assert alarms["ThrottledRecords"]["alarmActions"] == ["arn:warning"]
    assert {str(alarm["dimensions"]) for alarm in alarms.values()} == {
        "{'DeliveryStreamName': 'pre-prod-inference-events'}"
    }


def test_it_breaks_no_rule() -> None:
    assert broken_rules(recorded()) == []
