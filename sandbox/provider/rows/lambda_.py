"""Rows of AWS Lambda's functions: their code and settings, and what becomes of what they fail at."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.provider.archives import zipped
from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Call, Example, Need, Problem, Ref, Row, TagCalls, Wait
from sandbox.provider.rules import between, conflicts, matches, needs, one_of
from sandbox.provider.shapes import object_from, to_request
from sandbox.provider.values import ARCHIVE, ASSET, SIGNATURE, Properties

FUNCTION = "aws:lambda/function:Function"
LAYER = "aws:lambda/layerVersion:LayerVersion"
GONE = frozenset({"ResourceNotFoundException"})
TAGS = TagCalls(add="tag_resource", remove="untag_resource", read="list_tags", target=("Resource", "arn"), pair=None)
NO_RESERVE = -1  # the official provider's word for a function without reserved concurrency
FUNCTION_NAMES = {"name": "FunctionName"}
CODE = frozenset({"code", "s3Bucket", "s3Key", "s3ObjectVersion", "sourceCodeHash", "architectures"})
CONFIGURATION = (
    "deadLetterConfig",
    "description",
    "environment",
    "ephemeralStorage",
    "handler",
    "kmsKeyArn",
    "layers",
    "loggingConfig",
    "memorySize",
    "role",
    "runtime",
    "timeout",
    "tracingConfig",
    "vpcConfig",
)
# What says that a setting is gone: leaving it out of the request would keep it.
NOTHING: Mapping[str, Any] = {
    "deadLetterConfig": {"targetArn": ""},
    "description": "",
    "environment": {"variables": {}},
    "ephemeralStorage": {"size": 512},
    "kmsKeyArn": "",
    "layers": [],
    "vpcConfig": {"subnetIds": [], "securityGroupIds": []},
}


def request_of(context: Context, operation: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The request of an operation, from properties."""
    client = context.client()
    method = client.meta.method_to_api_mapping[operation]
    shape: Any = client.meta.service_model.operation_model(method).input_shape
    return to_request(wanted, shape, context.row.names)


def code_of(context: Context) -> dict[str, Any]:
    """Where the code is, or the code itself."""
    if context.inputs.get("code") is not None:
        return {"ZipFile": zipped(context.inputs["code"])}
    members = {"s3Bucket": "S3Bucket", "s3Key": "S3Key", "s3ObjectVersion": "S3ObjectVersion"}
    return {member: context.inputs[name] for name, member in members.items() if context.inputs.get(name) is not None}


def create_function(context: Context) -> Properties:
    """Creates the function with its code."""
    names = {*CONFIGURATION, "name", "architectures", "packageType", "publish"}
    wanted = {name: value for name, value in context.inputs.items() if name in names}
    tags = {key: str(value) for key, value in (context["tagsAll"] or {}).items()}
    answer = context.call(
        "create_function", **request_of(context, "create_function", wanted), Code=code_of(context), Tags=tags or None
    )
    context.tags_sent = True
    return {"name": answer["FunctionName"], "arn": answer["FunctionArn"]}


def reserve(context: Context) -> None:
    """Sets or lifts the reserved concurrency."""
    wanted = context.inputs["reservedConcurrentExecutions"]
    if wanted != NO_RESERVE and (context.creating or "reservedConcurrentExecutions" in context.changed):
        context.call("put_function_concurrency", FunctionName=context.id, ReservedConcurrentExecutions=int(wanted))
    elif "reservedConcurrentExecutions" in context.changed:
        context.call("delete_function_concurrency", FunctionName=context.id)


def update_function(context: Context) -> None:
    """Sets what changed of the settings, then the code."""
    changed = [name for name in CONFIGURATION if name in context.changed]
    if changed:
        wanted = {name: context.inputs.get(name, NOTHING.get(name)) for name in changed}
        request = request_of(context, "update_function_configuration", wanted)
        context.call("update_function_configuration", FunctionName=context.id, **request)
    if context.changed & CODE:
        context.call(
            "update_function_code",
            FunctionName=context.id,
            Architectures=context.inputs.get("architectures"),
            **code_of(context),
        )
    if context["publish"] and (changed or context.changed & {*CODE, "publish"}):
        context.call("publish_version", FunctionName=context.id)


def read_function(context: Context) -> Properties | None:
    """The function's settings; its code is told by hash only."""
    found = context.call("get_function", FunctionName=context.id)
    settings = found["Configuration"]
    arn, version = settings["FunctionArn"], settings["Version"]
    state: Properties = object_from(settings, context.schema.outputs, context.row.names)
    state |= {
        "id": context.id,
        "arn": arn,
        "layers": [layer["Arn"] for layer in settings.get("Layers") or []],
        "reservedConcurrentExecutions": (found.get("Concurrency") or {}).get(
            "ReservedConcurrentExecutions", NO_RESERVE
        ),
        "invokeArn": _invocations(context, arn),
        "publish": bool(context["publish"]),
        "sourceCodeSize": settings.get("CodeSize", 0),
        "settled": settings.get("LastUpdateStatus"),
    }
    if context["publish"]:
        versions = context.call("list_versions_by_function", FunctionName=context.id)["Versions"]
        version = versions[-1]["Version"]
    state |= {
        "version": version,
        "qualifiedArn": f"{arn}:{version}",
        "qualifiedInvokeArn": _invocations(context, f"{arn}:{version}"),
    }
    for name in ("deadLetterConfig", "environment", "vpcConfig"):
        inside = state.get(name)
        if isinstance(inside, Mapping) and not any(inside.values()):
            del state[name]
    return state


def _invocations(context: Context, arn: str) -> str:
    region, partition = context.region, context.cloud.partition
    return f"arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"


def delete_function(context: Context) -> None:
    """Deletes the function, unless the program wants it left."""
    if context["skipDestroy"] is not True:
        context.call("delete_function", FunctionName=context.id)


def packaged(inputs: Mapping[str, Any]) -> list[Problem]:
    """Code comes as an archive or from a bucket, and says what runs it."""
    if "code" not in inputs and "s3Bucket" not in inputs:
        return [Problem("code", "one of code and s3Bucket is required")]
    return [
        Problem(name, f"{name} is required for functions of archives")
        for name in ("handler", "runtime")
        if not inputs.get(name)
    ]


def archive_of(text: str) -> dict[str, Any]:
    """An archive of one text, for the examples."""
    asset = {SIGNATURE: ASSET, "hash": text, "text": text}
    return {SIGNATURE: ARCHIVE, "hash": text, "assets": {"main.py": asset}}


_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
_ROLE = Need("aws:iam/role:Role", {"assumeRolePolicy": _TRUST})
_SMALL = {
    "role": Ref("role", "arn"),
    "runtime": "python3.12",
    "handler": "main.handler",
    "code": archive_of("def handler(event, context):\n    return event\n"),
}
CALLED = {"role": _ROLE, "function": Need(FUNCTION, _SMALL)}
_NO_ALIASES = "the local cloud has no aliases of functions"

ROWS = (
    Row(
        type=FUNCTION,
        service="lambda",
        cfn="AWS::Lambda::Function",
        names=FUNCTION_NAMES,
        create=(create_function, reserve),
        read=(read_function,),
        update=(update_function, reserve),
        delete=(delete_function,),
        id=("name",),
        replace=frozenset({"name", "packageType"}),
        sets=frozenset({"architectures", "vpcConfig.subnetIds", "vpcConfig.securityGroupIds"}),
        defaults={
            "memorySize": 128,
            "timeout": 3,
            "packageType": "Zip",
            "publish": False,
            "reservedConcurrentExecutions": NO_RESERVE,
            "skipDestroy": False,
        },
        nested_computed=frozenset({"loggingConfig.logGroup", "vpcConfig.vpcId"}),
        # What the code came from is not told again.
        write_only=frozenset({"code", "s3Bucket", "s3Key", "s3ObjectVersion", "sourceCodeHash"}),
        provider_only=frozenset({"publish", "skipDestroy"}),
        sticky=frozenset(
            {"architectures", "codeSha256", "ephemeralStorage", "loggingConfig", "sourceCodeHash", "tracingConfig"}
        ),
        watched=frozenset({"deadLetterConfig", "environment", "layers"}),
        gone=GONE,
        taken=frozenset({"ResourceConflictException"}),
        auto_name=AutoName("name", 64),
        tags=TAGS,
        wait=Wait("settled", ("Successful", None), ("Failed",)),
        # The packaged schema does not know the word for no reserve.
        uncheck=frozenset({"code", "layers", "reservedConcurrentExecutions"}),
        unsupported={
            "capacityProviderConfig": "the local cloud runs functions as processes of its own",
            "codeSha256": "the cloud tells it; use sourceCodeHash",
            "codeSigningConfigArn": "the local cloud checks no signatures",
            "durableConfig": "the local cloud's functions run once",
            "fileSystemConfig": "the local cloud's functions have no mounts",
            "imageConfig": "the local cloud runs functions of archives",
            "imageUri": "the local cloud runs functions of archives",
            "publishTo": "use publish",
            "replaceSecurityGroupsOnDestroy": "the local cloud's functions leave no network interfaces",
            "replacementSecurityGroupIds": "the local cloud's functions leave no network interfaces",
            "snapStart": "the local cloud takes no snapshots",
            "sourceKmsKeyArn": "the local cloud keeps code unencrypted",
            "tenancyConfig": "the local cloud's functions have one tenant",
            "useResourceTimeoutForPropagation": "nothing has to spread in the local cloud",
        },
        rules=(
            conflicts("code", "s3Bucket"),
            needs("s3Bucket", "s3Key"),
            packaged,
            matches("name", r"[A-Za-z0-9_-]{1,64}", "a name has 1 to 64 letters, digits, - and _"),
            one_of("packageType", "Zip"),
            one_of("tracingConfig.mode", "Active", "PassThrough"),
            one_of("loggingConfig.logFormat", "JSON", "Text"),
            between("memorySize", 128, 10240),
            between("timeout", 1, 900),
            between("ephemeralStorage.size", 512, 10240),
            between("reservedConcurrentExecutions", NO_RESERVE, 1_000_000),
        ),
        example=Example(
            inputs={
                **_SMALL,
                "layers": [Ref("layer", "arn")],
                "environment": {"variables": {"TABLE": "intents"}},
                "deadLetterConfig": {"targetArn": Ref("dead", "arn")},
                "tracingConfig": {"mode": "Active"},
                "loggingConfig": {"logFormat": "JSON", "logGroup": "/stanchion/function"},
                "reservedConcurrentExecutions": 1,
                "memorySize": 256,
                "tags": {"a": "1", "b": "1", "c": "1"},
            },
            update={
                "code": archive_of("def handler(event, context):\n    return {}\n"),
                "layers": None,
                "environment": None,
                "deadLetterConfig": None,
                "reservedConcurrentExecutions": None,
                "description": "second",
                "timeout": 60,
                "tags": {"a": "2"},
            },
            replace={"name": "another"},
            needs={
                "role": _ROLE,
                "dead": Need("aws:sqs/queue:Queue"),
                "layer": Need(LAYER, {"layerName": "of-table", "code": archive_of("a = 1")}),
            },
        ),
    ),
    Row(
        type="aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        service="lambda",
        create=(Call("put_function_event_invoke_config"),),
        read=(
            Call("get_function_event_invoke_config", params={"FunctionName": "$id"}, fill=False),
            lambda context: {"functionName": context.id},
        ),
        update=(Call("put_function_event_invoke_config"),),
        delete=(Call("delete_function_event_invoke_config", params={"FunctionName": "$id"}, fill=False),),
        id=("functionName",),
        replace=frozenset({"functionName"}),
        defaults={"maximumRetryAttempts": 2},
        gone=GONE,
        unsupported={"qualifier": _NO_ALIASES},
        rules=(between("maximumRetryAttempts", 0, 2), between("maximumEventAgeInSeconds", 60, 21600)),
        example=Example(
            inputs={
                "functionName": Ref("function", "name"),
                "maximumRetryAttempts": 0,
                "maximumEventAgeInSeconds": 600,
                "destinationConfig": {"onFailure": {"destination": Ref("dead", "arn")}},
            },
            update={"maximumRetryAttempts": 1, "destinationConfig": None},
            replace={"functionName": "another"},
            needs={**CALLED, "dead": Need("aws:sqs/queue:Queue")},
        ),
    ),
)
