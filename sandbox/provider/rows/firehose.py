"""Rows of Amazon Data Firehose: delivery to S3. The emulator delivers each record at once, as an object of its own."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Example, Need, Problem, Ref, Row, TagCalls
from sandbox.provider.rules import between, found, matches, one_of
from sandbox.provider.shapes import object_from, to_request
from sandbox.provider.tags import wire
from sandbox.provider.values import UNKNOWN, Properties

STREAM = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
S3 = "extendedS3Configuration"
TAGS = TagCalls(
    add="tag_delivery_stream",
    remove="untag_delivery_stream",
    read="list_tags_for_delivery_stream",
    target=("DeliveryStreamName", "name"),
)
# Properties that lie deeper in the service's form than in the provider's.
APART = frozenset({"bufferingInterval", "bufferingSize", "dynamicPartitioningConfiguration", "kmsKeyArn"})
# What an update says of parts that the program does not have: leaving them out would keep them.
NOTHING: Mapping[str, Any] = {
    "Prefix": "",
    "ErrorOutputPrefix": "",
    "FileExtension": "",
    "CustomTimeZone": "UTC",
    "CloudWatchLoggingOptions": {"Enabled": False},
    "DataFormatConversionConfiguration": {"Enabled": False},
    "ProcessingConfiguration": {"Enabled": False, "Processors": []},
}


def _destination(context: Context, shape: Any) -> dict[str, Any]:
    wanted = context.inputs[S3]
    body = to_request({name: value for name, value in wanted.items() if name not in APART}, shape, {})
    body["BufferingHints"] = {
        "SizeInMBs": int(wanted["bufferingSize"]),
        "IntervalInSeconds": int(wanted["bufferingInterval"]),
    }
    key = wanted.get("kmsKeyArn")
    body["EncryptionConfiguration"] = (
        {"KMSEncryptionConfig": {"AWSKMSKeyARN": key}} if key else {"NoEncryptionConfig": "NoEncryption"}
    )
    if dynamic := wanted.get("dynamicPartitioningConfiguration"):
        partitioning: dict[str, Any] = {"Enabled": bool(dynamic.get("enabled"))}
        if dynamic.get("enabled"):
            partitioning["RetryOptions"] = {"DurationInSeconds": int(dynamic.get("retryDuration", 300))}
        body["DynamicPartitioningConfiguration"] = partitioning
    return body


def _shape(context: Context, operation: str, member: str) -> Any:
    shape: Any = context.client().meta.service_model.operation_model(operation).input_shape
    return shape.members[member]


def _encryption(context: Context) -> dict[str, str] | None:
    wanted = context.inputs.get("serverSideEncryption") or {}
    if not wanted.get("enabled"):
        return None
    key = wanted.get("keyArn")
    return {"KeyType": wanted.get("keyType", "AWS_OWNED_CMK"), **({"KeyARN": key} if key else {})}


def create_stream(context: Context) -> Properties:
    """Creates the stream with its destination."""
    member = "ExtendedS3DestinationConfiguration"
    answer = context.call(
        "create_delivery_stream",
        DeliveryStreamName=context["name"],
        DeliveryStreamType="DirectPut",
        DeliveryStreamEncryptionConfigurationInput=_encryption(context),
        Tags=wire(TAGS, context["tagsAll"] or {}) or None,
        **{member: _destination(context, _shape(context, "CreateDeliveryStream", member))},
    )
    context.tags_sent = True
    return {"arn": answer["DeliveryStreamARN"]}


def _name(context: Context) -> str:
    return context.id.rpartition("/")[2]


def _describe(context: Context) -> dict[str, Any]:
    answer = context.call("describe_delivery_stream", DeliveryStreamName=_name(context))
    return answer["DeliveryStreamDescription"]


def read_stream(context: Context) -> Properties | None:
    """The stream and its destination as properties."""
    stream = _describe(context)
    target = stream["Destinations"][0]
    encryption = stream.get("DeliveryStreamEncryptionConfiguration") or {}
    state: Properties = {
        "arn": stream["DeliveryStreamARN"],
        "name": stream["DeliveryStreamName"],
        "versionId": stream["VersionId"],
        "destinationId": target["DestinationId"],
        "serverSideEncryption": {"enabled": False},
    }
    if encryption.get("Status") in ("ENABLED", "ENABLING"):
        state["serverSideEncryption"] = {"enabled": True, "keyType": encryption["KeyType"]}
        if encryption.get("KeyARN"):
            state["serverSideEncryption"]["keyArn"] = encryption["KeyARN"]
    if "ExtendedS3DestinationDescription" in target:
        state["destination"] = "extended_s3"
        state[S3] = _read_destination(context, target["ExtendedS3DestinationDescription"])
    return state


def _read_destination(context: Context, body: Mapping[str, Any]) -> Properties:
    fields = context.schema.outputs[S3].fields()
    state = object_from(body, {name: field for name, field in fields.items() if name not in APART}, {})
    hints = body.get("BufferingHints") or {}
    state["bufferingSize"] = hints.get("SizeInMBs", 5)
    state["bufferingInterval"] = hints.get("IntervalInSeconds", 300)
    key = ((body.get("EncryptionConfiguration") or {}).get("KMSEncryptionConfig") or {}).get("AWSKMSKeyARN")
    if key:
        state["kmsKeyArn"] = key
    if dynamic := body.get("DynamicPartitioningConfiguration"):
        state["dynamicPartitioningConfiguration"] = {"enabled": dynamic.get("Enabled", False)}
        if retry := dynamic.get("RetryOptions"):
            state["dynamicPartitioningConfiguration"]["retryDuration"] = retry["DurationInSeconds"]
    return state


def update_stream(context: Context) -> None:
    """Sets the destination and the encryption anew, when they changed."""
    name = _name(context)
    if S3 in context.changed:
        stream, member = _describe(context), "ExtendedS3DestinationUpdate"
        body = _destination(context, _shape(context, "UpdateDestination", member))
        context.call(
            "update_destination",
            DeliveryStreamName=name,
            CurrentDeliveryStreamVersionId=stream["VersionId"],
            DestinationId=stream["Destinations"][0]["DestinationId"],
            **{member: {**NOTHING, **body}},
        )
    if "serverSideEncryption" in context.changed:
        if wanted := _encryption(context):
            context.call(
                "start_delivery_stream_encryption",
                DeliveryStreamName=name,
                DeliveryStreamEncryptionConfigurationInput=wanted,
            )
        else:
            context.call("stop_delivery_stream_encryption", DeliveryStreamName=name)


def delete_stream(context: Context) -> None:
    """Deletes the stream."""
    context.call("delete_delivery_stream", DeliveryStreamName=_name(context))


def destined(inputs: Mapping[str, Any]) -> list[Problem]:
    """Records go to S3, described in the settings of that destination."""
    problems = [] if S3 in inputs else [Problem(S3, f"{S3} is required when destination is extended_s3")]
    problems += [
        Problem(where, "the local cloud does not support it here: its streams keep no second copy")
        for where, _ in found(inputs, f"{S3}.s3BackupConfiguration")
    ]
    return problems


def prefixes(inputs: Mapping[str, Any]) -> list[Problem]:
    """A prefix of expressions needs one for what fails as well."""
    body = inputs.get(S3)
    if not isinstance(body, Mapping):
        return []
    prefix, failed = body.get("prefix"), body.get("errorOutputPrefix")
    if isinstance(prefix, str) and "!{" in prefix and failed is None:
        return [Problem(f"{S3}.errorOutputPrefix", "errorOutputPrefix is required when prefix contains expressions")]
    if isinstance(failed, str) and failed is not UNKNOWN and "!{" in failed and "error-output-type" not in failed:
        return [
            Problem(
                f"{S3}.errorOutputPrefix",
                "an errorOutputPrefix with expressions has !{firehose:error-output-type} among them",
            )
        ]
    return []


_CONVERSION = f"{S3}.dataFormatConversionConfiguration"
_ONLY_S3 = "the local cloud delivers to S3 only"
_TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", '
    '"Principal": {"Service": "firehose.amazonaws.com"}}]}'
)
_EXAMPLE = {
    "bucketArn": Ref("bucket", "arn"),
    "roleArn": Ref("role", "arn"),
    "prefix": "events/dt=!{timestamp:yyyy-MM-dd}/hr=!{timestamp:HH}/",
    "errorOutputPrefix": "failed/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/",
    "bufferingInterval": 60,
    "bufferingSize": 64,
    "compressionFormat": "GZIP",
    "kmsKeyArn": "arn:aws:kms:us-east-1:000000000000:key/1",
    "fileExtension": ".json.gz",
    "cloudwatchLoggingOptions": {"enabled": True, "logGroupName": "firehose", "logStreamName": "delivery"},
    "processingConfiguration": {
        "enabled": True,
        "processors": [
            {
                "type": "AppendDelimiterToRecord",
                "parameters": [{"parameterName": "Delimiter", "parameterValue": "\\n"}],
            }
        ],
    },
}

ROWS = (
    Row(
        type=STREAM,
        service="firehose",
        cfn="AWS::KinesisFirehose::DeliveryStream",
        cfn_names={"name": "DeliveryStreamName", S3: "ExtendedS3DestinationConfiguration"},
        create=(create_stream,),
        read=(read_stream,),
        update=(update_stream,),
        delete=(delete_stream,),
        id=("arn",),
        replace=frozenset({"name", "destination"}),
        choices=frozenset(
            {
                f"{_CONVERSION}.inputFormatConfiguration.deserializer",
                f"{_CONVERSION}.outputFormatConfiguration.serializer",
            }
        ),
        nested_filled={
            f"{S3}.bufferingInterval": 300,
            f"{S3}.bufferingSize": 5,
            f"{S3}.compressionFormat": "UNCOMPRESSED",
            f"{S3}.s3BackupMode": "Disabled",
            f"{_CONVERSION}.enabled": True,
            f"{_CONVERSION}.schemaConfiguration.versionId": "LATEST",
            "serverSideEncryption.keyType": "AWS_OWNED_CMK",
        },
        nested_computed=frozenset(
            {f"{_CONVERSION}.schemaConfiguration.catalogId", f"{_CONVERSION}.schemaConfiguration.region"}
        ),
        # The emulator does not tell them again.
        write_only=frozenset({f"{S3}.customTimeZone", f"{S3}.fileExtension"}),
        sticky=frozenset({"arn", "destinationId", "versionId"}),
        gone=frozenset({"ResourceNotFoundException"}),
        taken=frozenset({"ResourceInUseException"}),
        taken_id=lambda context: context.call("describe_delivery_stream", DeliveryStreamName=context["name"])[
            "DeliveryStreamDescription"
        ]["DeliveryStreamARN"],
        auto_name=AutoName("name", 64),
        tags=TAGS,
        unsupported={
            "elasticsearchConfiguration": _ONLY_S3,
            "httpEndpointConfiguration": _ONLY_S3,
            "icebergConfiguration": _ONLY_S3,
            "kinesisSourceConfiguration": "the local cloud's streams are written to directly",
            "mskSourceConfiguration": "the local cloud's streams are written to directly",
            "opensearchConfiguration": _ONLY_S3,
            "opensearchserverlessConfiguration": _ONLY_S3,
            "redshiftConfiguration": _ONLY_S3,
            "snowflakeConfiguration": _ONLY_S3,
            "splunkConfiguration": _ONLY_S3,
        },
        rules=(
            destined,
            prefixes,
            one_of("destination", "extended_s3"),
            matches("name", r"[\w.-]{1,64}", "a name has 1 to 64 letters, digits and ._-"),
            matches(f"{S3}.bucketArn", r"arn:[\w-]+:s3:::.+", "the ARN of a bucket"),
            one_of(f"{S3}.compressionFormat", "UNCOMPRESSED", "GZIP", "ZIP", "Snappy", "HADOOP_SNAPPY"),
            one_of(f"{S3}.s3BackupMode", "Disabled"),
            one_of("serverSideEncryption.keyType", "AWS_OWNED_CMK", "CUSTOMER_MANAGED_CMK"),
            between(f"{S3}.bufferingInterval", 0, 900),
            between(f"{S3}.bufferingSize", 1, 128),
        ),
        example=Example(
            inputs={
                "destination": "extended_s3",
                S3: _EXAMPLE,
                "serverSideEncryption": {"enabled": True},
                "tags": {"a": "1", "b": "1"},
            },
            update={
                S3: {"bucketArn": Ref("bucket", "arn"), "roleArn": Ref("role", "arn")},
                "serverSideEncryption": None,
                "tags": {"a": "2"},
            },
            replace={"name": "another"},
            needs={
                "bucket": Need("aws:s3/bucket:Bucket", {"forceDestroy": True}),
                "role": Need("aws:iam/role:Role", {"assumeRolePolicy": _TRUST}),
            },
        ),
    ),
)
