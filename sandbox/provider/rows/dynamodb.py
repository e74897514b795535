"""Rows of Amazon DynamoDB: a table with its indexes, stream, expiry, point in time recovery and replicas."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.errors import ProviderError
from sandbox.provider.row import AutoName, Example, Need, Problem, Ref, Row, TagCalls
from sandbox.provider.rules import between, found, matches, needs, one_of
from sandbox.provider.tags import wire
from sandbox.provider.values import UNKNOWN, Properties

TABLE = "aws:dynamodb/table:Table"
PROVISIONED = "PROVISIONED"
# Both regions' streams feed a global table's replication, so that they carry whole items.
REPLICATED_VIEW = "NEW_AND_OLD_IMAGES"
TAGS = TagCalls(add="tag_resource", remove="untag_resource", read="list_tags_of_resource")
KEYS = (("HASH", "hashKey"), ("RANGE", "rangeKey"))


def _key_schema(properties: Mapping[str, Any]) -> list[dict[str, str]]:
    if properties.get("keySchemas"):
        return [{"AttributeName": key["attributeName"], "KeyType": key["keyType"]} for key in properties["keySchemas"]]
    return [
        {"AttributeName": properties[name], "KeyType": kind} for kind, name in KEYS if properties.get(name) is not None
    ]


def _keys(schema: list[dict[str, str]]) -> Properties:
    names = dict(KEYS)
    return {names[key["KeyType"]]: key["AttributeName"] for key in schema}


def _throughput(properties: Mapping[str, Any]) -> dict[str, int]:
    return {
        "ReadCapacityUnits": int(properties.get("readCapacity", 0)),
        "WriteCapacityUnits": int(properties.get("writeCapacity", 0)),
    }


def _on_demand(properties: Mapping[str, Any] | None) -> dict[str, int]:
    limits = properties or {}
    return {
        "MaxReadRequestUnits": int(limits.get("maxReadRequestUnits", -1)),
        "MaxWriteRequestUnits": int(limits.get("maxWriteRequestUnits", -1)),
    }


def _projection(index: Mapping[str, Any]) -> dict[str, Any]:
    projection: dict[str, Any] = {"ProjectionType": index["projectionType"]}
    if index.get("nonKeyAttributes"):
        projection["NonKeyAttributes"] = list(index["nonKeyAttributes"])
    return projection


def _index(index: Mapping[str, Any], billing: str) -> dict[str, Any]:
    body = {"IndexName": index["name"], "KeySchema": _key_schema(index), "Projection": _projection(index)}
    return {**body, "ProvisionedThroughput": _throughput(index)} if billing == PROVISIONED else body


def _attributes(context: Context) -> list[dict[str, str]] | None:
    wanted = context.inputs.get("attributes") or []
    return [{"AttributeName": one["name"], "AttributeType": one["type"]} for one in wanted] or None


def _encryption(context: Context) -> dict[str, Any]:
    wanted = context.inputs.get("serverSideEncryption") or {}
    if not wanted.get("enabled"):
        return {"Enabled": False}
    key = wanted.get("kmsKeyArn")
    return {"Enabled": True, "SSEType": "KMS", **({"KMSMasterKeyId": key} if key else {})}


def _stream(inputs: Mapping[str, Any]) -> dict[str, Any]:
    if not inputs.get("streamEnabled"):
        return {"StreamEnabled": False}
    return {"StreamEnabled": True, "StreamViewType": inputs.get("streamViewType")}


def create_table(context: Context) -> Properties:
    """Creates the table with everything that its create call takes."""
    inputs, billing = context.inputs, context["billingMode"]
    local = [
        {
            "IndexName": index["name"],
            "KeySchema": _key_schema({"hashKey": inputs["hashKey"], "rangeKey": index["rangeKey"]}),
            "Projection": _projection(index),
        }
        for index in inputs.get("localSecondaryIndexes") or []
    ]
    answer = context.call(
        "create_table",
        TableName=inputs["name"],
        AttributeDefinitions=_attributes(context),
        KeySchema=_key_schema(inputs),
        BillingMode=billing,
        ProvisionedThroughput=_throughput(inputs) if billing == PROVISIONED else None,
        OnDemandThroughput=_on_demand(inputs["onDemandThroughput"]) if inputs.get("onDemandThroughput") else None,
        GlobalSecondaryIndexes=[_index(one, billing) for one in inputs.get("globalSecondaryIndexes") or []] or None,
        LocalSecondaryIndexes=local or None,
        SSESpecification=_encryption(context) if inputs.get("serverSideEncryption") else None,
        StreamSpecification=_stream(inputs) if inputs.get("streamEnabled") else None,
        TableClass=inputs.get("tableClass"),
        DeletionProtectionEnabled=inputs.get("deletionProtectionEnabled"),
        Tags=wire(TAGS, context["tagsAll"] or {}) or None,
    )
    context.tags_sent = True
    return {"id": inputs["name"], "arn": answer["TableDescription"]["TableArn"]}


def put_expiry(context: Context) -> None:
    """Sets the attribute by which items expire, which the create call does not take."""
    wanted, before = context.inputs.get("ttl") or {}, context.old.get("ttl") or {}
    attribute = wanted.get("attributeName") or before.get("attributeName")
    enabled = bool(wanted.get("enabled"))
    # A table that never had it cannot be told to stop.
    if attribute and (enabled if context.creating else "ttl" in context.changed):
        context.call(
            "update_time_to_live",
            TableName=context.id,
            TimeToLiveSpecification={"AttributeName": attribute, "Enabled": enabled},
        )


def put_recovery(context: Context) -> None:
    """Turns point in time recovery on or off, which the create call does not take."""
    wanted = context.inputs.get("pointInTimeRecovery") or {}
    if not (wanted.get("enabled") if context.creating else "pointInTimeRecovery" in context.changed):
        return
    specification: dict[str, Any] = {"PointInTimeRecoveryEnabled": bool(wanted.get("enabled"))}
    if wanted.get("enabled") and wanted.get("recoveryPeriodInDays"):
        specification["RecoveryPeriodInDays"] = int(wanted["recoveryPeriodInDays"])
    context.call("update_continuous_backups", TableName=context.id, PointInTimeRecoverySpecification=specification)


def _replicas(inputs: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {one["regionName"]: one for one in inputs.get("replicas") or []}


def drop_replicas(context: Context) -> None:
    """Takes the replicas away that the program no longer has, before the stream that feeds them may go."""
    for region in sorted(_replicas(context.old).keys() - _replicas(context.inputs).keys()):
        context.call("update_table", TableName=context.id, ReplicaUpdates=[{"Delete": {"RegionName": region}}])


def put_replicas(context: Context) -> None:
    """Makes the replicas that are new, and sets those that changed: one request each, as the service wants it."""
    wanted, before = _replicas(context.inputs), _replicas(context.old)
    retagged = "tagsAll" in context.changed
    if not context.creating and "replicas" not in context.changed and not retagged:
        return
    for region, replica in wanted.items():
        if region not in before:
            key = replica.get("kmsKeyArn")
            body = {"RegionName": region, **({"KMSMasterKeyId": key} if key else {})}
            context.call("update_table", TableName=context.id, ReplicaUpdates=[{"Create": body}])
        _settle_replica(context, region, replica, before.get(region, {}), retagged)


def _settle_replica(
    context: Context, region: str, wanted: Mapping[str, Any], before: Mapping[str, Any], retagged: bool
) -> None:
    """What a replica has for itself is set in its own region."""
    cloud, name = context.cloud, context.id
    protected = bool(wanted.get("deletionProtectionEnabled"))
    if protected != bool(before.get("deletionProtectionEnabled")):
        cloud.call("dynamodb", "update_table", region, TableName=name, DeletionProtectionEnabled=protected)
    recovery = bool(wanted.get("pointInTimeRecovery"))
    if recovery != bool(before.get("pointInTimeRecovery")):
        cloud.call(
            "dynamodb",
            "update_continuous_backups",
            region,
            TableName=name,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": recovery},
        )
    if wanted.get("propagateTags") and (retagged or not before.get("propagateTags")):
        arn = cloud.call("dynamodb", "describe_table", region, TableName=name)["Table"]["TableArn"]
        tags = context["tagsAll"] or {}
        lost = sorted((context.old.get("tagsAll") or {}).keys() - tags.keys())
        if lost:
            cloud.call("dynamodb", "untag_resource", region, ResourceArn=arn, TagKeys=lost)
        if tags:
            cloud.call("dynamodb", "tag_resource", region, ResourceArn=arn, Tags=wire(TAGS, tags))


def update_table(context: Context) -> None:
    """Sets what changed of the table itself."""
    request: dict[str, Any] = {}
    inputs, changed = context.inputs, context.changed
    if changed & {"billingMode", "readCapacity", "writeCapacity"}:
        if "billingMode" in changed:
            request["BillingMode"] = inputs["billingMode"]
        if inputs["billingMode"] == PROVISIONED:
            request["ProvisionedThroughput"] = _throughput(inputs)
    if "onDemandThroughput" in changed:
        request["OnDemandThroughput"] = _on_demand(inputs.get("onDemandThroughput"))
    if "tableClass" in changed:
        request["TableClass"] = inputs["tableClass"]
    if "deletionProtectionEnabled" in changed:
        request["DeletionProtectionEnabled"] = bool(inputs.get("deletionProtectionEnabled"))
    if request:
        context.call("update_table", TableName=context.id, **request)
    if "serverSideEncryption" in changed:
        context.call("update_table", TableName=context.id, SSESpecification=_encryption(context))
    if changed & {"streamEnabled", "streamViewType"}:
        _change_stream(context)


def _change_stream(context: Context) -> None:
    before, wanted = _stream(context.old), _stream(context.inputs)
    # A stream keeps its view for life: another one takes another stream.
    if before["StreamEnabled"] and (not wanted["StreamEnabled"] or before != wanted):
        context.call("update_table", TableName=context.id, StreamSpecification={"StreamEnabled": False})
    if wanted["StreamEnabled"]:
        context.call("update_table", TableName=context.id, StreamSpecification=wanted)


def update_indexes(context: Context) -> None:
    """Takes indexes away and makes new ones, one request each, as the service wants it."""
    billing = context.inputs["billingMode"]
    before = {one["name"]: one for one in context.old.get("globalSecondaryIndexes") or []}
    wanted = {one["name"]: one for one in context.inputs.get("globalSecondaryIndexes") or []}

    def shape(index: Mapping[str, Any]) -> dict[str, Any]:
        projection = {**_projection(index), "NonKeyAttributes": sorted(index.get("nonKeyAttributes") or [])}
        return {"keys": _key_schema(index), "projection": projection}

    remade = {name for name in before.keys() & wanted.keys() if shape(before[name]) != shape(wanted[name])}
    for name in sorted((before.keys() - wanted.keys()) | remade):
        _change_index(context, {"Delete": {"IndexName": name}})
    for name in sorted((wanted.keys() - before.keys()) | remade):
        _change_index(context, {"Create": _index(wanted[name], billing)})
    if billing == PROVISIONED:
        for name in sorted((wanted.keys() & before.keys()) - remade):
            if _throughput(before[name]) != _throughput(wanted[name]):
                _change_index(
                    context, {"Update": {"IndexName": name, "ProvisionedThroughput": _throughput(wanted[name])}}
                )


def _change_index(context: Context, change: dict[str, Any]) -> None:
    attributes = _attributes(context) if "Create" in change else None
    context.call(
        "update_table",
        TableName=context.id,
        AttributeDefinitions=attributes,
        GlobalSecondaryIndexUpdates=[change],
    )


def read_table(context: Context) -> Properties | None:
    """The table, its expiry, its recovery and its replicas as properties."""
    table = context.call("describe_table", TableName=context.id)["Table"]
    stream, capacity = table.get("StreamSpecification") or {}, table.get("ProvisionedThroughput") or {}
    state: Properties = {
        "id": context.id,
        "name": table["TableName"],
        "arn": table["TableArn"],
        **_keys(table["KeySchema"]),
        "attributes": [
            {"name": one["AttributeName"], "type": one["AttributeType"]} for one in table["AttributeDefinitions"]
        ],
        "billingMode": (table.get("BillingModeSummary") or {}).get("BillingMode", PROVISIONED),
        "readCapacity": capacity.get("ReadCapacityUnits", 0),
        "writeCapacity": capacity.get("WriteCapacityUnits", 0),
        "tableClass": (table.get("TableClassSummary") or {}).get("TableClass", "STANDARD"),
        "deletionProtectionEnabled": table.get("DeletionProtectionEnabled", False),
        "streamEnabled": stream.get("StreamEnabled", False),
        "globalSecondaryIndexes": [_read_index(context, one) for one in table.get("GlobalSecondaryIndexes") or []],
        "localSecondaryIndexes": [
            {"name": one["IndexName"], "rangeKey": _keys(one["KeySchema"]).get("rangeKey"), **_read_projection(one)}
            for one in table.get("LocalSecondaryIndexes") or []
        ],
        "serverSideEncryption": _read_encryption(table.get("SSEDescription") or {}),
        "ttl": _read_expiry(context),
        "pointInTimeRecovery": {
            "enabled": _recovers(context.call("describe_continuous_backups", TableName=context.id))
        },
        "replicas": [_read_replica(context, one["RegionName"]) for one in table.get("Replicas") or []],
    }
    if limits := table.get("OnDemandThroughput"):
        state["onDemandThroughput"] = {
            "maxReadRequestUnits": limits["MaxReadRequestUnits"],
            "maxWriteRequestUnits": limits["MaxWriteRequestUnits"],
        }
    if state["streamEnabled"]:
        state["streamViewType"] = stream.get("StreamViewType")
        state["streamArn"] = table["LatestStreamArn"]
        state["streamLabel"] = table["LatestStreamLabel"]
    return state


def _read_index(context: Context, index: Mapping[str, Any]) -> Properties:
    known = next(
        (one for one in context.inputs.get("globalSecondaryIndexes") or [] if one.get("name") == index["IndexName"]), {}
    )
    # The keys can be said in two ways: the program's own is kept.
    keys: Properties = (
        {
            "keySchemas": [
                {"attributeName": one["AttributeName"], "keyType": one["KeyType"]} for one in index["KeySchema"]
            ]
        }
        if "keySchemas" in known
        else _keys(index["KeySchema"])
    )
    capacity = index.get("ProvisionedThroughput") or {}
    return {
        "name": index["IndexName"],
        **keys,
        **_read_projection(index),
        "readCapacity": capacity.get("ReadCapacityUnits", 0),
        "writeCapacity": capacity.get("WriteCapacityUnits", 0),
    }


def _read_projection(index: Mapping[str, Any]) -> Properties:
    projection = index.get("Projection") or {}
    state: Properties = {"projectionType": projection.get("ProjectionType", "ALL")}
    if projection.get("NonKeyAttributes"):
        state["nonKeyAttributes"] = list(projection["NonKeyAttributes"])
    return state


def _read_encryption(description: Mapping[str, Any]) -> Properties:
    if description.get("Status") != "ENABLED":
        return {"enabled": False}
    return {"enabled": True, "kmsKeyArn": description.get("KMSMasterKeyArn")}


def _read_expiry(context: Context) -> Properties:
    setting = context.call("describe_time_to_live", TableName=context.id)["TimeToLiveDescription"]
    enabled = setting.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
    # The cloud remembers the attribute of a table that no longer expires anything.
    return {"attributeName": setting["AttributeName"], "enabled": True} if enabled else {"enabled": False}


def _recovers(answer: Mapping[str, Any]) -> bool:
    recovery = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    return recovery["PointInTimeRecoveryStatus"] == "ENABLED"


def _read_replica(context: Context, region: str) -> Properties:
    cloud, name = context.cloud, context.id
    table = cloud.call("dynamodb", "describe_table", region, TableName=name)["Table"]
    return {
        "regionName": region,
        "arn": table["TableArn"],
        "streamArn": table.get("LatestStreamArn"),
        "streamLabel": table.get("LatestStreamLabel"),
        "consistencyMode": "EVENTUAL",
        "deletionProtectionEnabled": table.get("DeletionProtectionEnabled", False),
        "pointInTimeRecovery": _recovers(cloud.call("dynamodb", "describe_continuous_backups", region, TableName=name)),
    }


def delete_table(context: Context) -> None:
    """Deletes the replicas and then the table; the service refuses while it is protected."""
    table = context.call("describe_table", TableName=context.id)["Table"]
    if table.get("DeletionProtectionEnabled"):
        raise ProviderError(
            f"table {context.id} is protected against deletion: set deletionProtectionEnabled to false and run up "
            "before it is taken out of the program"
        )
    for replica in table.get("Replicas") or []:
        body = {"Delete": {"RegionName": replica["RegionName"]}}
        context.call("update_table", TableName=context.id, ReplicaUpdates=[body])
    context.call("delete_table", TableName=context.id)


def keyed(inputs: Mapping[str, Any]) -> list[Problem]:
    """A table has a key, and all key attributes, and no others, have a type."""
    if "hashKey" not in inputs:
        return [Problem("hashKey", 'Missing required argument: the property "hashKey" is required')]
    paths = (
        "hashKey",
        "rangeKey",
        *(f"{kind}.{name}" for kind in ("globalSecondaryIndexes", "localSecondaryIndexes") for _, name in KEYS),
        "globalSecondaryIndexes.keySchemas.attributeName",
    )
    used = {value for path in paths for _, value in found(inputs, path)}
    typed = {value for _, value in found(inputs, "attributes.name")}
    if UNKNOWN in used | typed or inputs.get("attributes") is UNKNOWN:
        return []
    return [
        *(
            Problem("attributes", f"attribute {name} is a key, but has no type in attributes")
            for name in sorted(used - typed)
        ),
        *(
            Problem("attributes", f"all attributes must be indexed: {name} is no key of the table or of an index")
            for name in sorted(typed - used)
        ),
    ]


def capacity(inputs: Mapping[str, Any]) -> list[Problem]:
    """Provisioned tables say their capacity; the others cannot have one."""
    provisioned = inputs.get("billingMode") == PROVISIONED
    if inputs.get("billingMode") is UNKNOWN:
        return []
    names = ("readCapacity", "writeCapacity")
    if provisioned:
        return [
            Problem(name, f"{name} must be at least 1 when billingMode is PROVISIONED")
            for name in names
            if inputs.get(name) is not UNKNOWN and int(inputs.get(name) or 0) < 1
        ]
    return [
        Problem(name, f"{name} can not be set when billingMode is PAY_PER_REQUEST") for name in names if name in inputs
    ]


def index_settings(inputs: Mapping[str, Any]) -> list[Problem]:
    """Indexes have no limits of their own here; those of the table count for the emulator too."""
    return [
        Problem(where, "the local cloud does not support it here: an index has the table's limits")
        for name in ("onDemandThroughput", "warmThroughput")
        for where, _ in found(inputs, f"globalSecondaryIndexes.{name}")
    ]


def expiry(inputs: Mapping[str, Any]) -> list[Problem]:
    """Items expire by an attribute."""
    wanted = inputs.get("ttl")
    if isinstance(wanted, Mapping) and wanted.get("enabled") is True and not wanted.get("attributeName"):
        return [Problem("ttl.attributeName", "attributeName is required when ttl is enabled")]
    return []


def viewed(inputs: Mapping[str, Any]) -> list[Problem]:
    """A stream says what it shows, and with replicas that is whole items."""
    if inputs.get("streamEnabled") is not True:
        return []
    view = inputs.get("streamViewType")
    if view is None:
        return [Problem("streamViewType", "streamViewType is required when streamEnabled is true")]
    if inputs.get("replicas") and view not in (REPLICATED_VIEW, UNKNOWN):
        return [Problem("streamViewType", f"a table with replicas has a stream of {REPLICATED_VIEW}")]
    return []


_FROM = "the local cloud's tables start empty; restore with the API"

ROWS = (
    Row(
        type=TABLE,
        service="dynamodb",
        cfn="AWS::DynamoDB::Table",
        cfn_names={"name": "TableName", "globalSecondaryIndexes.name": "IndexName"},
        create=(create_table, put_expiry, put_recovery, put_replicas),
        read=(read_table,),
        update=(drop_replicas, update_table, update_indexes, put_expiry, put_recovery, put_replicas),
        delete=(delete_table,),
        id=("name",),
        replace=frozenset({"name", "hashKey", "rangeKey", "localSecondaryIndexes"}),
        sets=frozenset(
            {
                "attributes",
                "globalSecondaryIndexes",
                "globalSecondaryIndexes.nonKeyAttributes",
                "localSecondaryIndexes",
                "localSecondaryIndexes.nonKeyAttributes",
                "replicas",
            }
        ),
        defaults={"billingMode": PROVISIONED, "tableClass": "STANDARD"},
        nested_filled={"ttl.enabled": False},
        nested_computed=frozenset(
            {
                "serverSideEncryption.kmsKeyArn",
                "replicas.arn",
                "replicas.streamArn",
                "replicas.streamLabel",
                "replicas.consistencyMode",
            }
        ),
        # The emulator has no length of recovery, and its replicas no keys of their own; that tags are copied is no
        # property of a replica.
        write_only=frozenset(
            {"pointInTimeRecovery.recoveryPeriodInDays", "replicas.kmsKeyArn", "replicas.propagateTags"}
        ),
        sticky=frozenset({"readCapacity", "writeCapacity", "streamViewType", "onDemandThroughput"}),
        watched=frozenset({"replicas", "globalSecondaryIndexes"}),
        gone=frozenset({"ResourceNotFoundException"}),
        taken=frozenset({"ResourceInUseException"}),
        auto_name=AutoName("name", 255),
        tags=TAGS,
        unsupported={
            "globalTableWitness": "the local cloud replicates eventually, without a witness",
            "importTable": _FROM,
            "restoreBackupArn": _FROM,
            "restoreDateTime": _FROM,
            "restoreSourceName": _FROM,
            "restoreSourceTableArn": _FROM,
            "restoreToLatestTime": _FROM,
            "warmThroughput": "the local cloud is always warm",
        },
        rules=(
            matches("name", r"[\w.-]{3,255}", "a name has 3 to 255 letters, digits and ._-"),
            keyed,
            capacity,
            index_settings,
            expiry,
            viewed,
            needs("streamViewType", "streamEnabled"),
            one_of("attributes.type", "S", "N", "B"),
            one_of("billingMode", PROVISIONED, "PAY_PER_REQUEST"),
            one_of("globalSecondaryIndexes.projectionType", "ALL", "INCLUDE", "KEYS_ONLY"),
            one_of("globalSecondaryIndexes.keySchemas.keyType", "HASH", "RANGE"),
            one_of("localSecondaryIndexes.projectionType", "ALL", "INCLUDE", "KEYS_ONLY"),
            one_of("replicas.consistencyMode", "EVENTUAL"),
            one_of("streamViewType", "", "NEW_IMAGE", "OLD_IMAGE", REPLICATED_VIEW, "KEYS_ONLY"),
            one_of("tableClass", "STANDARD", "STANDARD_INFREQUENT_ACCESS"),
            between("pointInTimeRecovery.recoveryPeriodInDays", 1, 35),
        ),
        example=Example(
            inputs={
                "billingMode": "PAY_PER_REQUEST",
                "hashKey": "id",
                "rangeKey": "window",
                "attributes": [
                    {"name": "id", "type": "S"},
                    {"name": "window", "type": "S"},
                    {"name": "state", "type": "S"},
                    {"name": "opened_at", "type": "N"},
                ],
                "globalSecondaryIndexes": [
                    {
                        "name": "by-state",
                        "hashKey": "state",
                        "rangeKey": "opened_at",
                        "projectionType": "INCLUDE",
                        "nonKeyAttributes": ["endpoint", "rung"],
                    }
                ],
                "streamEnabled": True,
                "streamViewType": REPLICATED_VIEW,
                "ttl": {"attributeName": "expires_at", "enabled": True},
                "pointInTimeRecovery": {"enabled": True, "recoveryPeriodInDays": 7},
                "serverSideEncryption": {"enabled": True, "kmsKeyArn": Ref("key", "arn")},
                "deletionProtectionEnabled": True,
                "replicas": [
                    {
                        "regionName": "us-west-2",
                        "kmsKeyArn": "arn:aws:kms:us-west-2:000000000000:key/1",
                        "pointInTimeRecovery": True,
                        "propagateTags": True,
                    }
                ],
                "tags": {"a": "1", "b": "1"},
            },
            update={
                "attributes": [
                    {"name": "id", "type": "S"},
                    {"name": "window", "type": "S"},
                    {"name": "endpoint", "type": "S"},
                ],
                "globalSecondaryIndexes": [
                    {
                        "name": "by-endpoint",
                        "keySchemas": [{"attributeName": "endpoint", "keyType": "HASH"}],
                        "projectionType": "ALL",
                    }
                ],
                "ttl": None,
                "pointInTimeRecovery": {"enabled": False},
                "serverSideEncryption": None,
                "deletionProtectionEnabled": None,
                "replicas": None,
                "streamEnabled": None,
                "streamViewType": None,
                "tags": {"a": "2"},
            },
            replace={"rangeKey": None, "attributes": [{"name": "id", "type": "S"}, {"name": "endpoint", "type": "S"}]},
            needs={"key": Need("aws:kms/key:Key", {"deletionWindowInDays": 7})},
        ),
    ),
)
