"""Rows of AWS Lambda: functions, layers, who may call them and what calls them."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.provider.archives import zipped
from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Call, Example, Need, Problem, Ref, Row, TagCalls, Wait
from sandbox.provider.rules import between, conflicts, exactly_one, matches, needs, one_of
from sandbox.provider.shapes import object_from, to_request
from sandbox.provider.values import ARCHIVE, ASSET, SIGNATURE, Properties

FUNCTION = "aws:lambda/function:Function"
LAYER = "aws:lambda/layerVersion:LayerVersion"
GONE = frozenset({"ResourceNotFoundException"})
TAGS = TagCalls(add="tag_resource", remove="untag_resource", read="list_tags", target=("Resource", "arn"), pair=None)
NO_RESERVE = -1  # the official provider's word for a function without reserved concurrency
FUNCTION_NAMES = {"name": "FunctionName"}
MAPPING_NAMES = {"arn": "EventSourceMappingArn", "destinationConfig.onFailure.destinationArn": "Destination"}
STREAM_BATCH, QUEUE_BATCH = 100, 10  # records; what Lambda takes when nobody says, from its documentation
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


def _request(context: Context, operation: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    client = context.client()
    method = client.meta.method_to_api_mapping[operation]
    shape: Any = client.meta.service_model.operation_model(method).input_shape
    return to_request(wanted, shape, context.row.names)


def _code(context: Context) -> dict[str, Any]:
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
        "create_function", **_request(context, "create_function", wanted), Code=_code(context), Tags=tags or None
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
        request = _request(context, "update_function_configuration", wanted)
        context.call("update_function_configuration", FunctionName=context.id, **request)
    if context.changed & CODE:
        context.call(
            "update_function_code",
            FunctionName=context.id,
            Architectures=context.inputs.get("architectures"),
            **_code(context),
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


def publish_layer(context: Context) -> Properties:
    """Publishes the next version of the layer."""
    names = {"layerName", "description", "licenseInfo", "compatibleRuntimes", "compatibleArchitectures"}
    wanted = {name: value for name, value in context.inputs.items() if name in names}
    request = _request(context, "publish_layer_version", wanted)
    answer = context.call("publish_layer_version", **request, Content=_code(context))
    return {"id": answer["LayerVersionArn"], "arn": answer["LayerVersionArn"]}


def read_layer(context: Context) -> Properties | None:
    """The version; its code is told by hash only."""
    found = context.call("get_layer_version_by_arn", Arn=context.id)
    return {
        "id": context.id,
        "arn": context.id,
        "layerArn": found["LayerArn"],
        "layerName": found["LayerArn"].rpartition(":")[2],
        "version": str(found["Version"]),
        "description": found.get("Description", ""),
        "licenseInfo": found.get("LicenseInfo", ""),
        "compatibleRuntimes": found.get("CompatibleRuntimes") or [],
        "compatibleArchitectures": found.get("CompatibleArchitectures") or [],
        "createdDate": found["CreatedDate"],
        "codeSha256": found["Content"]["CodeSha256"],
        "sourceCodeSize": found["Content"]["CodeSize"],
    }


def delete_layer(context: Context) -> None:
    """Deletes the version, unless the program wants it left; functions that have it keep it."""
    if context["skipDestroy"] is not True:
        layer, _, version = context.id.rpartition(":")
        context.call("delete_layer_version", LayerName=layer.rpartition(":")[2], VersionNumber=int(version))


def permit(context: Context) -> Properties:
    """Adds the statement to the function's policy."""
    wanted = {name: value for name, value in context.inputs.items() if name not in ("region", "statementIdPrefix")}
    context.call("add_permission", **_request(context, "add_permission", wanted))
    return {"function": context["function"], "statementId": context["statementId"]}


def read_permission(context: Context) -> Properties | None:
    """The statement as properties."""
    answer = context.call("get_policy", FunctionName=context["function"], Qualifier=context["qualifier"])
    statements = json.loads(answer["Policy"])["Statement"]
    statement = next((one for one in statements if one.get("Sid") == context["statementId"]), None)
    if statement is None:
        return None
    principal = statement["Principal"]
    state: Properties = {
        "function": context["function"],
        "statementId": statement["Sid"],
        "action": statement["Action"],
        "principal": principal if isinstance(principal, str) else next(iter(principal.values())),
    }
    if context["qualifier"]:
        state["qualifier"] = context["qualifier"]
    conditions = {
        key.lower(): value for block in (statement.get("Condition") or {}).values() for key, value in block.items()
    }
    for name, key in {
        "sourceArn": "aws:sourcearn",
        "sourceAccount": "aws:sourceaccount",
        "principalOrgId": "aws:principalorgid",
        "functionUrlAuthType": "lambda:functionurlauthtype",
        "eventSourceToken": "lambda:eventsourcetoken",
    }.items():
        if key in conditions:
            state[name] = conditions[key]
    if "lambda:invokedviafunctionurl" in conditions:
        state["invokedViaFunctionUrl"] = str(conditions["lambda:invokedviafunctionurl"]).lower() == "true"
    return state


def forbid(context: Context) -> None:
    """Takes the statement away."""
    context.call(
        "remove_permission",
        FunctionName=context["function"],
        StatementId=context["statementId"],
        Qualifier=context["qualifier"],
    )


MAPPED = (
    "batchSize",
    "bisectBatchOnFunctionError",
    "destinationConfig",
    "enabled",
    "filterCriteria",
    "functionName",
    "functionResponseTypes",
    "maximumBatchingWindowInSeconds",
    "maximumRecordAgeInSeconds",
    "maximumRetryAttempts",
    "parallelizationFactor",
    "scalingConfig",
)
UNMAPPED: Mapping[str, Any] = {
    "bisectBatchOnFunctionError": False,
    "destinationConfig": {"onFailure": {}},
    "filterCriteria": {},
    "functionResponseTypes": [],
    "maximumBatchingWindowInSeconds": 0,
    "scalingConfig": {},
}


def create_mapping(context: Context) -> Properties:
    """Creates the mapping; the batch that Lambda takes by itself depends on the source."""
    queue = ":sqs:" in context["eventSourceArn"]
    names = {*MAPPED, "eventSourceArn", "startingPosition"}
    wanted = {"batchSize": QUEUE_BATCH if queue else STREAM_BATCH}
    wanted |= {name: value for name, value in context.inputs.items() if name in names}
    tags = {key: str(value) for key, value in (context["tagsAll"] or {}).items()}
    request = _request(context, "create_event_source_mapping", wanted)
    answer = context.call("create_event_source_mapping", **request, Tags=tags or None)
    context.tags_sent = True
    return {"id": answer["UUID"], "uuid": answer["UUID"], "arn": answer["EventSourceMappingArn"]}


def read_mapping(context: Context) -> Properties | None:
    """The mapping; a function is called as the program calls it."""
    found = context.call("get_event_source_mapping", UUID=context.id)
    arn, said = found["FunctionArn"], context["functionName"]
    state = object_from(found, context.schema.outputs, MAPPING_NAMES)
    state |= {
        "id": context.id,
        "functionName": said if said and (said == arn or arn.endswith(f":function:{said}")) else arn,
        "functionArn": arn,
        "enabled": found["State"] in ("Creating", "Enabled", "Enabling", "Updating"),
    }
    # They change by themselves, with every batch.
    for name in ("lastModified", "lastProcessingResult"):
        state.pop(name, None)
    return state


def update_mapping(context: Context) -> None:
    """Sets what changed."""
    changed = [name for name in MAPPED if name in context.changed]
    if changed:
        wanted = {name: context.inputs.get(name, UNMAPPED.get(name)) for name in changed}
        request = _request(context, "update_event_source_mapping", wanted)
        context.call("update_event_source_mapping", UUID=context.id, **request)


def packaged(inputs: Mapping[str, Any]) -> list[Problem]:
    """Code comes as an archive or from a bucket, and says what runs it."""
    if "code" not in inputs and "s3Bucket" not in inputs:
        return [Problem("code", "one of code and s3Bucket is required")]
    return [
        Problem(name, f"{name} is required for functions of archives")
        for name in ("handler", "runtime")
        if not inputs.get(name)
    ]


def started(inputs: Mapping[str, Any]) -> list[Problem]:
    """A stream is read from somewhere; a queue has no positions."""
    source, position = inputs.get("eventSourceArn"), inputs.get("startingPosition")
    if not isinstance(source, str):
        return []
    if ":sqs:" in source:
        return [Problem("startingPosition", "a queue has no positions")] if position else []
    return [] if position else [Problem("startingPosition", "startingPosition is required for streams")]


def _archive(text: str) -> dict[str, Any]:
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
    "code": _archive("def handler(event, context):\n    return event\n"),
}
_CALLED = {"role": _ROLE, "function": Need(FUNCTION, _SMALL)}
_NO_ALIASES = "the local cloud has no aliases of functions"
_ONE_SOURCE = "the local cloud maps queues and the streams of tables and of Kinesis"

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
                "code": _archive("def handler(event, context):\n    return {}\n"),
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
                "layer": Need(LAYER, {"layerName": "of-table", "code": _archive("a = 1")}),
            },
        ),
    ),
    Row(
        type=LAYER,
        service="lambda",
        cfn="AWS::Lambda::LayerVersion",
        create=(publish_layer,),
        read=(read_layer,),
        delete=(delete_layer,),
        replace=frozenset(
            {
                "code",
                "compatibleArchitectures",
                "compatibleRuntimes",
                "description",
                "layerName",
                "licenseInfo",
                "s3Bucket",
                "s3Key",
                "s3ObjectVersion",
                "sourceCodeHash",
            }
        ),
        sets=frozenset({"compatibleRuntimes", "compatibleArchitectures"}),
        defaults={"skipDestroy": False},
        write_only=frozenset({"code", "s3Bucket", "s3Key", "s3ObjectVersion", "sourceCodeHash"}),
        provider_only=frozenset({"skipDestroy"}),
        sticky=frozenset({"sourceCodeHash"}),
        gone=GONE,
        uncheck=frozenset({"code"}),
        rules=(exactly_one("code", "s3Bucket"), needs("s3Bucket", "s3Key")),
        example=Example(
            inputs={
                "layerName": "dependencies",
                "code": _archive("x = 1"),
                "compatibleRuntimes": ["python3.11", "python3.12"],
                "compatibleArchitectures": ["arm64"],
                "description": "shared",
            },
            replace={"code": _archive("x = 2")},
        ),
    ),
    Row(
        type="aws:lambda/permission:Permission",
        service="lambda",
        names={"function": "FunctionName"},
        create=(permit,),
        read=(read_permission,),
        delete=(forbid,),
        # The official provider's id is the statement's alone, and its imports say the function too: here both do.
        id=("function", "statementId"),
        id_separator="/",
        replace=frozenset(
            {
                "action",
                "eventSourceToken",
                "function",
                "functionUrlAuthType",
                "invokedViaFunctionUrl",
                "principal",
                "principalOrgId",
                "qualifier",
                "sourceAccount",
                "sourceArn",
                "statementId",
                "statementIdPrefix",
            }
        ),
        provider_only=frozenset({"statementIdPrefix"}),
        gone=GONE,
        auto_name=AutoName("statementId", 100, "statementIdPrefix"),
        taken=frozenset({"ResourceConflictException"}),
        rules=(
            conflicts("statementId", "statementIdPrefix"),
            matches("action", r"lambda:[A-Za-z*]+|\*", "an action of Lambda, such as lambda:InvokeFunction"),
        ),
        example=Example(
            inputs={
                "function": Ref("function", "name"),
                "action": "lambda:InvokeFunction",
                "principal": "events.amazonaws.com",
                "sourceArn": "arn:aws:events:us-east-1:000000000000:rule/hourly",
                "sourceAccount": "000000000000",
            },
            replace={"principal": "sns.amazonaws.com"},
            needs=_CALLED,
        ),
    ),
    Row(
        type="aws:lambda/eventSourceMapping:EventSourceMapping",
        service="lambda",
        names=MAPPING_NAMES,
        create=(create_mapping,),
        read=(read_mapping,),
        update=(update_mapping,),
        delete=(Call("delete_event_source_mapping", params={"UUID": "$id"}, fill=False),),
        replace=frozenset({"eventSourceArn", "startingPosition"}),
        sets=frozenset({"functionResponseTypes", "filterCriteria.filters"}),
        defaults={"enabled": True},
        sticky=frozenset({"batchSize", "maximumRecordAgeInSeconds", "maximumRetryAttempts", "parallelizationFactor"}),
        gone=GONE,
        tags=TAGS,
        unsupported={
            "amazonManagedKafkaEventSourceConfig": _ONE_SOURCE,
            "documentDbEventSourceConfig": _ONE_SOURCE,
            "kmsKeyArn": "the local cloud keeps filters unencrypted",
            "metricsConfig": "the local cloud's mappings have no metrics",
            "provisionedPollerConfig": _ONE_SOURCE,
            "queues": _ONE_SOURCE,
            "selfManagedEventSource": _ONE_SOURCE,
            "selfManagedKafkaEventSourceConfig": _ONE_SOURCE,
            "sourceAccessConfigurations": _ONE_SOURCE,
            "startingPositionTimestamp": "use TRIM_HORIZON or LATEST",
            "topics": _ONE_SOURCE,
            "tumblingWindowInSeconds": "the local cloud's functions keep nothing between batches",
            "useResourceTimeoutForPropagation": "nothing has to spread in the local cloud",
        },
        rules=(
            started,
            one_of("startingPosition", "TRIM_HORIZON", "LATEST"),
            one_of("functionResponseTypes", "ReportBatchItemFailures"),
            between("batchSize", 1, 10000),
            between("maximumBatchingWindowInSeconds", 0, 300),
            between("maximumRecordAgeInSeconds", -1, 604800),
            between("maximumRetryAttempts", -1, 10000),
            between("parallelizationFactor", 1, 10),
            between("scalingConfig.maximumConcurrency", 2, 1000),
        ),
        example=Example(
            inputs={
                "functionName": Ref("function", "arn"),
                "eventSourceArn": Ref("table", "streamArn"),
                "startingPosition": "TRIM_HORIZON",
                "bisectBatchOnFunctionError": True,
                "maximumRetryAttempts": 5,
                "maximumRecordAgeInSeconds": 3600,
                "functionResponseTypes": ["ReportBatchItemFailures"],
                "filterCriteria": {"filters": [{"pattern": '{"eventName": ["INSERT"]}'}]},
                "destinationConfig": {"onFailure": {"destinationArn": Ref("dead", "arn")}},
                "tags": {"a": "1", "b": "1", "c": "1"},
            },
            update={
                "enabled": False,
                "batchSize": 10,
                "filterCriteria": None,
                "destinationConfig": None,
                "functionResponseTypes": None,
                "tags": {"a": "2"},
            },
            replace={"startingPosition": "LATEST"},
            needs={
                **_CALLED,
                "dead": Need("aws:sqs/queue:Queue"),
                "table": Need(
                    "aws:dynamodb/table:Table",
                    {
                        "billingMode": "PAY_PER_REQUEST",
                        "hashKey": "id",
                        "attributes": [{"name": "id", "type": "S"}],
                        "streamEnabled": True,
                        "streamViewType": "NEW_IMAGE",
                    },
                ),
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
            needs={**_CALLED, "dead": Need("aws:sqs/queue:Queue")},
        ),
    ),
)
