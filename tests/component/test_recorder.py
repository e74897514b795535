"""The recorder itself: what it could hide would be hidden from every test that stands on it."""

import pulumi
import pulumi_aws as aws
import pytest
from pulumi.output import Unknown

from tests.recorder import PROVIDER, provider, record


def refuse(_: object) -> str:
    raise ValueError("refused inside an apply")


def test_a_failure_in_the_program_surfaces() -> None:
    def build() -> None:
        raise ValueError("refused at once")

    with pytest.raises(ValueError, match="refused at once"):
        record(build)


def test_a_failure_inside_an_apply_surfaces() -> None:
    def build() -> None:
        aws.sns.Topic("late", name=aws.sns.Topic("early").arn.apply(refuse))

    with pytest.raises(ValueError, match="refused inside an apply"):
        record(build)


def test_a_failure_inside_an_apply_that_nothing_waits_for_surfaces() -> None:
    with pytest.raises(ValueError, match="refused inside an apply"):
        record(lambda: aws.sns.Topic("only").arn.apply(refuse))


def test_a_failed_recording_leaves_nothing_for_the_next() -> None:
    with pytest.raises(ValueError):
        record(lambda: aws.sns.Topic("failed").arn.apply(refuse))
    assert [r.name for r in record(lambda: aws.sns.Topic("next")).resources] == ["next"]


def test_what_is_registered_inside_an_apply_is_recorded_too() -> None:
    def build() -> None:
        aws.sns.Topic("outer").arn.apply(lambda _: aws.sns.Topic("inner"))

    assert [t.name for t in record(build).all("Topic")] == ["inner", "outer"]


def test_dependencies_are_urns_whether_said_or_following_from_an_input() -> None:
    def build() -> None:
        said, followed = aws.sns.Topic("said"), aws.sns.Topic("followed")
        aws.sns.TopicPolicy("policy", arn=followed.arn, policy="{}", opts=pulumi.ResourceOptions(depends_on=[said]))

    recording = record(build)
    policy = recording.one("TopicPolicy")
    followed, said = (topic.urn for topic in recording.all("Topic"))
    assert set(policy.dependencies) == {said, followed}
    assert policy.property_dependencies["arn"] == (followed,)


def test_the_region_is_the_resources_own_then_its_providers_and_else_unknown() -> None:
    def build() -> None:
        given = pulumi.ResourceOptions(provider=provider("us-west-2"))
        aws.sns.Topic("a-own", region="eu-west-1", opts=given)
        aws.sns.Topic("b-given", opts=given)
        aws.sns.Topic("c-default")

    recording = record(build)
    assert recording.one(PROVIDER).name == "regional-us-west-2"
    assert [recording.region_of(topic) for topic in recording.all("Topic")] == ["eu-west-1", "us-west-2", None]


def test_what_is_protected_retained_and_renamed_is_recorded() -> None:
    opts = pulumi.ResourceOptions(
        protect=True, retain_on_delete=True, aliases=["urn:pulumi:test::stanchion::aws:sns/topic:Topic::was"]
    )
    topic = record(lambda: aws.sns.Topic("kept", opts=opts)).one("Topic")
    assert (topic.protect, topic.retain_on_delete) == (True, True)
    assert topic.aliases == ("urn:pulumi:test::stanchion::aws:sns/topic:Topic::was",)


def test_what_only_the_cloud_knows_is_unknown_in_a_preview_and_what_the_program_says_is_known() -> None:
    seen: list[str] = []

    def build() -> None:
        topic = aws.sns.Topic("one", display_name="said", opts=pulumi.ResourceOptions(provider=provider("us-west-2")))
        for output in (topic.id, topic.arn, topic.display_name):
            output.apply(lambda value: seen.append(str(value)))
        aws.sns.TopicPolicy("policy", arn=topic.arn, policy="{}")

    recording = record(build, preview=True)
    assert seen == ["said"]
    assert isinstance(recording.one("TopicPolicy").inputs["arn"], Unknown)
    assert recording.region_of(recording.one("Topic")) == "us-west-2"
    seen.clear()
    record(build)
    assert sorted(seen) == ["arn:aws:sns:us-west-2:000000000000:topic/one", "one-id", "said"]


def test_an_invoke_without_an_answer_is_an_error() -> None:
    with pytest.raises(Exception, match="no answer to aws:index/getPartition:getPartition"):
        record(lambda: aws.get_partition_output().partition)
