"""Rows of Amazon SNS: a topic's and a subscription's attributes are one map of strings each."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Example, Need, Problem, Ref, Row, TagCalls
from sandbox.provider.rules import between, conflicts, matches, one_of, only_if
from sandbox.provider.values import UNKNOWN, Properties

TOPIC = "aws:sns/topic:Topic"
GONE = frozenset({"NotFound", "NotFoundException"})
FEEDBACK = ("Application", "Firehose", "HTTP", "Lambda", "SQS")
TOPIC_ATTRIBUTES = {
    "archivePolicy": "ArchivePolicy",
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deliveryPolicy": "DeliveryPolicy",
    "displayName": "DisplayName",
    "fifoThroughputScope": "FifoThroughputScope",
    "fifoTopic": "FifoTopic",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "policy": "Policy",
    "signatureVersion": "SignatureVersion",
    "tracingConfig": "TracingConfig",
    **{f"{kind.lower()}FailureFeedbackRoleArn": f"{kind}FailureFeedbackRoleArn" for kind in FEEDBACK},
    **{f"{kind.lower()}SuccessFeedbackRoleArn": f"{kind}SuccessFeedbackRoleArn" for kind in FEEDBACK},
    **{f"{kind.lower()}SuccessFeedbackSampleRate": f"{kind}SuccessFeedbackSampleRate" for kind in FEEDBACK},
}
SUBSCRIPTION_ATTRIBUTES = {
    "deliveryPolicy": "DeliveryPolicy",
    "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope",
    "rawMessageDelivery": "RawMessageDelivery",
    "redrivePolicy": "RedrivePolicy",
    "replayPolicy": "ReplayPolicy",
    "subscriptionRoleArn": "SubscriptionRoleArn",
}
FLAGS = frozenset({"fifoTopic", "contentBasedDeduplication", "rawMessageDelivery"})


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _properties(attributes: Mapping[str, str], table: Mapping[str, str]) -> Properties:
    state: Properties = {}
    for name, member in table.items():
        if attributes.get(member):
            state[name] = attributes[member] == "true" if name in FLAGS else attributes[member]
            if name.endswith("SampleRate") or name == "signatureVersion":
                state[name] = int(attributes[member])
    return state


def create_topic(context: Context) -> Properties:
    """Creates the topic; a standard topic may not say that it is not FIFO."""
    wanted = {
        member: _text(context.inputs[name])
        for name, member in TOPIC_ATTRIBUTES.items()
        if name in context.inputs and not (name in FLAGS and not context[name])
    }
    tags = [{"Key": key, "Value": value} for key, value in (context["tagsAll"] or {}).items()]
    context.tags_sent = True
    answer = context.call("create_topic", Name=context["name"], Attributes=wanted, Tags=tags)
    return {"arn": answer["TopicArn"]}


def read_topic(context: Context) -> Properties | None:
    """The attributes as properties."""
    found = context.call("get_topic_attributes", TopicArn=context.id)["Attributes"]
    return {
        "arn": context.id,
        "name": context.id.rpartition(":")[2],
        "owner": found.get("Owner"),
        "fifoTopic": False,
        "contentBasedDeduplication": False,
        **_properties(found, TOPIC_ATTRIBUTES),
    }


def update_topic(context: Context) -> None:
    """Sets each changed attribute; an empty text takes one away."""
    for name in sorted(context.changed & TOPIC_ATTRIBUTES.keys()):
        context.call(
            "set_topic_attributes",
            TopicArn=context.id,
            AttributeName=TOPIC_ATTRIBUTES[name],
            AttributeValue=_text(context.inputs.get(name, "")),
        )


def delete_topic(context: Context) -> None:
    """Deletes the topic; SNS says yes to one that is gone as well."""
    context.call("delete_topic", TopicArn=context.id)


def put_policy(context: Context) -> None:
    """Sets the policy of the topic."""
    context.call(
        "set_topic_attributes", TopicArn=context["arn"], AttributeName="Policy", AttributeValue=context["policy"]
    )


def read_topic_policy(context: Context) -> Properties | None:
    """The policy of the topic."""
    found = context.call("get_topic_attributes", TopicArn=context.id)["Attributes"]
    if not found.get("Policy"):
        return None
    return {"arn": context.id, "owner": found.get("Owner"), "policy": found["Policy"]}


def default_policy(context: Context) -> None:
    """A topic always has a policy: what is left is the owner's access, as on the day it was made."""
    account = context.id.split(":")[4]
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:Subscribe", "SNS:Publish"],
        "Resource": context.id,
        "Condition": {"StringEquals": {"AWS:SourceOwner": account}},
    }
    document = {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}
    context.call(
        "set_topic_attributes", TopicArn=context.id, AttributeName="Policy", AttributeValue=json.dumps(document)
    )


def subscribe(context: Context) -> Properties:
    """Subscribes; what has to be confirmed by its owner is pending until then."""
    wanted = {
        member: _text(context.inputs[name])
        for name, member in SUBSCRIPTION_ATTRIBUTES.items()
        if name in context.inputs and context.inputs[name] is not False
    }
    answer = context.call(
        "subscribe",
        TopicArn=context["topic"],
        Protocol=context["protocol"],
        Endpoint=context["endpoint"],
        Attributes=wanted,
        ReturnSubscriptionArn=True,
    )
    return {"arn": answer["SubscriptionArn"]}


def read_subscription(context: Context) -> Properties | None:
    """The attributes as properties."""
    found = context.call("get_subscription_attributes", SubscriptionArn=context.id)["Attributes"]
    return {
        "arn": context.id,
        "topic": found["TopicArn"],
        "protocol": found["Protocol"],
        "endpoint": found["Endpoint"],
        "ownerId": found.get("Owner"),
        "pendingConfirmation": found.get("PendingConfirmation") == "true",
        "confirmationWasAuthenticated": found.get("ConfirmationWasAuthenticated") == "true",
        "rawMessageDelivery": False,
        **_properties(found, SUBSCRIPTION_ATTRIBUTES),
    }


def update_subscription(context: Context) -> None:
    """Sets each changed attribute; an empty text takes one away."""
    for name in sorted(context.changed & SUBSCRIPTION_ATTRIBUTES.keys()):
        context.call(
            "set_subscription_attributes",
            SubscriptionArn=context.id,
            AttributeName=SUBSCRIPTION_ATTRIBUTES[name],
            AttributeValue=_text(context.inputs.get(name, "")),
        )


def unsubscribe(context: Context) -> None:
    """Takes the subscription away."""
    context.call("unsubscribe", SubscriptionArn=context.id)


def suffix(inputs: Mapping[str, Any]) -> str:
    """What the name of a FIFO topic ends with."""
    return ".fifo" if inputs.get("fifoTopic") is True else ""


def fifo_name(inputs: Mapping[str, Any]) -> list[Problem]:
    """A FIFO topic's name ends in .fifo, and no other name does."""
    name, fifo = inputs.get("name"), inputs.get("fifoTopic", False)
    if not isinstance(name, str) or fifo is UNKNOWN or name.endswith(".fifo") == bool(fifo):
        return []
    return [Problem("name", f"invalid topic name: {name}; a FIFO topic's name ends with .fifo, another's does not")]


def firehose_role(inputs: Mapping[str, Any]) -> list[Problem]:
    """A delivery stream is written to with a role of ours."""
    if inputs.get("protocol") == "firehose" and "subscriptionRoleArn" not in inputs:
        return [Problem("subscriptionRoleArn", "protocol firehose needs subscriptionRoleArn")]
    return []


def allow(action: str) -> str:
    """A topic policy for the examples."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": action,
        "Resource": "${topic.arn}",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


PROTOCOLS = ("application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs")

ROWS = (
    Row(
        type=TOPIC,
        service="sns",
        cfn="AWS::SNS::Topic",
        cfn_names={"name": "TopicName"},
        auto_name=AutoName(
            "name", 256, "namePrefix", lambda inputs: ".fifo" if inputs.get("fifoTopic") is True else ""
        ),
        create=(create_topic,),
        read=(read_topic,),
        update=(update_topic,),
        delete=(delete_topic,),
        id=("arn",),
        replace=frozenset({"name", "namePrefix", "fifoTopic"}),
        json=frozenset({"policy", "deliveryPolicy", "archivePolicy"}),
        sticky=frozenset({"policy", "signatureVersion", "tracingConfig", "fifoThroughputScope"}),
        provider_only=frozenset({"namePrefix"}),
        watched=frozenset({"kmsMasterKeyId"}),
        defaults={"contentBasedDeduplication": False, "fifoTopic": False},
        gone=GONE,
        tags=TagCalls("tag_resource", "untag_resource", "list_tags_for_resource", ("ResourceArn", "$id")),
        rules=(
            conflicts("name", "namePrefix"),
            only_if("contentBasedDeduplication", "fifoTopic"),
            only_if("archivePolicy", "fifoTopic"),
            fifo_name,
            matches("name", r"[A-Za-z0-9_-]{1,256}|[A-Za-z0-9_-]{1,251}\.fifo", "letters, digits, - and _"),
            between("signatureVersion", 1, 2),
            one_of("tracingConfig", "Active", "PassThrough"),
            *(between(f"{kind.lower()}SuccessFeedbackSampleRate", 0, 100) for kind in FEEDBACK),
        ),
        example=Example(
            inputs={"displayName": "first", "tags": {"team": "a"}},
            update={"displayName": "second", "kmsMasterKeyId": "alias/aws/sns", "tags": {"team": "b"}},
            replace={"name": "other"},
        ),
    ),
    Row(
        type="aws:sns/topicPolicy:TopicPolicy",
        service="sns",
        create=(put_policy,),
        read=(read_topic_policy,),
        update=(put_policy,),
        delete=(default_policy,),
        id=("arn",),
        replace=frozenset({"arn"}),
        json=frozenset({"policy"}),
        gone=GONE,
        example=Example(
            inputs={"arn": Ref("topic", "arn"), "policy": allow("sns:Publish")},
            update={"policy": allow("sns:Subscribe")},
            replace={"arn": "arn:aws:sns:us-east-1:000000000000:other"},
            needs={"topic": Need(TOPIC)},
            lasting="a topic always has a policy; what is left is the owner's",
        ),
    ),
    Row(
        type="aws:sns/topicSubscription:TopicSubscription",
        service="sns",
        create=(subscribe,),
        read=(read_subscription,),
        update=(update_subscription,),
        delete=(unsubscribe,),
        id=("arn",),
        replace=frozenset({"topic", "protocol", "endpoint"}),
        json=frozenset({"deliveryPolicy", "filterPolicy", "redrivePolicy", "replayPolicy"}),
        sticky=frozenset({"filterPolicyScope"}),
        # How long to wait for somebody to confirm: of this program, not of the subscription.
        provider_only=frozenset({"confirmationTimeoutInMinutes", "endpointAutoConfirms"}),
        defaults={"confirmationTimeoutInMinutes": 1, "endpointAutoConfirms": False, "rawMessageDelivery": False},
        gone=GONE,
        rules=(
            one_of("protocol", *PROTOCOLS),
            one_of("filterPolicyScope", "MessageAttributes", "MessageBody"),
            firehose_role,
        ),
        example=Example(
            inputs={
                "topic": Ref("topic", "arn"),
                "protocol": "sqs",
                "endpoint": Ref("queue", "arn"),
                "redrivePolicy": '{"deadLetterTargetArn": "${dead.arn}"}',
            },
            update={"rawMessageDelivery": True, "filterPolicy": '{"severity": ["page"]}'},
            replace={"protocol": "https", "endpoint": "https://example.com/hook"},
            needs={"topic": Need(TOPIC), "queue": Need("aws:sqs/queue:Queue"), "dead": Need("aws:sqs/queue:Queue")},
        ),
    ),
)
