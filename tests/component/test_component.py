"""The base component: its token, what a rename leaves behind, the options of children, and what an alarm says."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.alarm import AlarmTopicsArgs, Comparison, Metric, MissingData, Severity, Signal
from components.component import Component
from tests.recorder import Recorded, Recording, provider, record


def topics(region: str) -> AlarmTopicsArgs:
    return AlarmTopicsArgs(
        critical=f"arn:{region}:critical", warning=f"arn:{region}:warning", info=f"arn:{region}:info"
    )


@dataclass
class SampleArgs:
    alarm_topics: AlarmTopicsArgs | None = None


class Sample(Component):
    """Holds a topic that is kept and one that is not."""

    def __init__(self, name: str, args: SampleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.plain = aws.sns.Topic(f"{name}-plain", opts=self.child())
        self.precious = aws.sns.Topic(f"{name}-precious", opts=self.kept(True, depends_on=[self.plain]))
        self.register_outputs({})


class Renamed(Sample):
    """Was called otherwise, twice."""

    PREVIOUS_TOKENS = ("stanchion:storage:Sample", "stanchion:continuity:Sample")


def recorded(component: type[Sample], opts: pulumi.ResourceOptions | None = None) -> Recording:
    return record(lambda: component("local", SampleArgs(), opts))


def alarmed(**changes: Any) -> Recorded:
    """The alarm that a component declares when told so."""
    said: dict[str, Any] = {
        "signal": Signal.LATENCY,
        "severity": Severity.WARNING,
        "metric": Metric("AWS/SQS", "ApproximateAgeOfOldestMessage", {"QueueName": "work"}),
        "threshold": 300,
        "comparison": Comparison.ABOVE,
        "missing_data": MissingData.BREACHING,
        "runbook": "queue-late",
        "description": "A queue is late.",
    }

    def build() -> None:
        sample = Sample("local", SampleArgs(topics("own")), pulumi.ResourceOptions(provider=provider("us-west-2")))
        alarm = sample.alarm("late", **{**said, **changes})
        assert sample.alarms == {"late": alarm}

    return record(build).one("MetricAlarm", "local-late")


def test_the_token_is_the_folder_and_the_class() -> None:
    assert Sample.token() == "stanchion:component:Sample"
    assert recorded(Sample).one(Sample.token()).name == "local"


def test_previous_tokens_are_aliases_so_that_a_rename_replaces_nothing() -> None:
    recording = recorded(Renamed)
    assert recording.one(Renamed.token()).aliases == Renamed.PREVIOUS_TOKENS
    assert recorded(Sample).one(Sample.token()).aliases == ()


def test_aliases_of_the_caller_are_added_to_the_previous_tokens() -> None:
    opts = pulumi.ResourceOptions(aliases=[pulumi.Alias(type_="other:place:Sample")])
    assert recorded(Renamed, opts).one(Renamed.token()).aliases == (*Renamed.PREVIOUS_TOKENS, "other:place:Sample")


def test_children_have_the_component_as_parent_and_none_of_its_aliases() -> None:
    recording = recorded(Renamed)
    own = recording.one(Renamed.token())
    children = recording.children_of(own.urn)
    assert [child.name for child in children] == ["local-plain", "local-precious"]
    assert not {alias for child in children for alias in child.aliases} & set(Renamed.PREVIOUS_TOKENS)


def test_children_are_made_by_the_provider_of_the_component() -> None:
    recording = record(lambda: Sample("local", SampleArgs(), pulumi.ResourceOptions(provider=provider("us-west-2"))))
    assert {recording.region_of(topic) for topic in recording.all("Topic")} == {"us-west-2"}


def test_what_is_kept_is_protected_and_retained_and_takes_other_options_too() -> None:
    recording = recorded(Sample)
    precious, plain = recording.one("Topic", "local-precious"), recording.one("Topic", "local-plain")
    assert (precious.protect, precious.retain_on_delete) == (True, True)
    assert (plain.protect, plain.retain_on_delete) == (False, False)
    assert plain.urn in precious.dependencies


@pytest.mark.parametrize("severity", Severity)
def test_an_alarm_tells_the_topic_of_its_severity_on_the_way_in_and_out(severity: Severity) -> None:
    alarm = alarmed(severity=severity).inputs
    assert alarm["alarmActions"] == alarm["okActions"] == [f"arn:own:{severity.value}"]
    assert alarm["tags"]["stanchion:severity"] == severity.value


def test_topics_that_are_named_go_before_those_of_the_args() -> None:
    assert alarmed(topics=topics("other")).inputs["alarmActions"] == ["arn:other:warning"]


def test_an_alarm_without_topics_is_refused_with_the_name_of_component_and_alarm() -> None:
    metric = Metric("AWS/SQS", "ApproximateAgeOfOldestMessage")

    def build() -> None:
        Sample("local", SampleArgs()).alarm(
            "late",
            signal=Signal.LATENCY,
            severity=Severity.WARNING,
            metric=metric,
            threshold=300,
            comparison=Comparison.ABOVE,
            missing_data=MissingData.BREACHING,
            runbook="queue-late",
            description="A queue is late.",
        )

    with pytest.raises(ValueError, match="Sample 'local' declares alarm 'late' but its args have no alarm_topics"):
        record(build)


@pytest.mark.parametrize("statistic", ["Sum", "Average", "Maximum", "Minimum", "SampleCount"])
def test_a_plain_statistic_is_one(statistic: str) -> None:
    alarm = alarmed(metric=Metric("AWS/SQS", "Age", statistic=statistic)).inputs
    assert alarm["statistic"] == statistic
    assert "extendedStatistic" not in alarm


@pytest.mark.parametrize("statistic", ["p50", "p95", "p99.9"])
def test_a_percentile_goes_into_the_property_for_percentiles(statistic: str) -> None:
    alarm = alarmed(metric=Metric("AWS/SQS", "Age", statistic=statistic)).inputs
    assert alarm["extendedStatistic"] == statistic
    assert "statistic" not in alarm


def test_the_metric_and_what_it_is_held_against_are_passed_on() -> None:
    metric = Metric("AWS/SQS", "Age", {"QueueName": "work"}, statistic="Maximum", period=60)
    alarm = alarmed(metric=metric, comparison=Comparison.AT_MOST, threshold=0.5, periods=4).inputs
    assert (alarm["namespace"], alarm["metricName"], alarm["dimensions"]) == ("AWS/SQS", "Age", {"QueueName": "work"})
    assert (alarm["period"], alarm["evaluationPeriods"], alarm["threshold"]) == (60, 4, 0.5)
    assert alarm["comparisonOperator"] == "LessThanOrEqualToThreshold"


@pytest.mark.parametrize("missing_data", MissingData)
def test_what_silence_means_is_said(missing_data: MissingData) -> None:
    assert alarmed(missing_data=missing_data).inputs["treatMissingData"] == missing_data.value


def test_the_description_ends_with_where_to_read_on() -> None:
    description = alarmed(signal=Signal.HEARTBEAT, runbook="queue-late").inputs["alarmDescription"]
    assert description == "A queue is late. Signal: heartbeat. Runbook: docs/runbooks/queue-late.md"


def test_an_alarm_names_a_region_only_when_told_to() -> None:
    assert "region" not in alarmed().inputs
    assert alarmed(region="eu-west-1").inputs["region"] == "eu-west-1"


def test_an_alarm_is_shared_and_says_what_it_is_about() -> None:
    assert alarmed(signal=Signal.COST).inputs["tags"] == {
        "stanchion:shared": "true",
        "stanchion:signal": "cost",
        "stanchion:severity": "warning",
    }


def test_what_one_workload_owns_carries_its_name_and_tier() -> None:
    found: dict[str, str] = {}
    record(lambda: found.update(Sample("local", SampleArgs()).owned_by("support-assistant", "critical")))
    assert found == {"stanchion:workload": "support-assistant", "stanchion:tier": "critical"}
