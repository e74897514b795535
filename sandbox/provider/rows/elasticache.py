"""Rows of Amazon ElastiCache: serverless caches, and who may use them.

Without containers the emulator keeps what a cache is and runs none; its endpoint is then one of the machine's own.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Example, Need, Problem, Ref, Row, TagCalls, Wait
from sandbox.provider.rules import between, conflicts, matches, one_of
from sandbox.provider.shapes import object_from, to_request
from sandbox.provider.values import UNKNOWN, Properties

USER = "aws:elasticache/user:User"
TAGS = TagCalls(
    add="add_tags_to_resource",
    remove="remove_tags_from_resource",
    read="list_tags_for_resource",
    target=("ResourceName", "arn"),
    at_create="Tags",
)
CACHE_NAMES = {
    "name": "ServerlessCacheName",
    "cacheUsageLimits.ecpuPerSeconds": "ECPUPerSecond",
    "snapshotArnsToRestores": "SnapshotArnsToRestore",
}
MODIFIED = (
    "cacheUsageLimits",
    "dailySnapshotTime",
    "description",
    "majorEngineVersion",
    "securityGroupIds",
    "snapshotRetentionLimit",
    "userGroupId",
)
NO_LIMITS: Mapping[str, Any] = {"DataStorage": {"Maximum": 0, "Unit": "GB"}, "ECPUPerSecond": {"Maximum": 0}}


def _request(context: Context, operation: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    client = context.client()
    method = client.meta.method_to_api_mapping[operation]
    shape: Any = client.meta.service_model.operation_model(method).input_shape
    request = to_request(wanted, shape, CACHE_NAMES)
    limits = (wanted.get("cacheUsageLimits") or {}).get("ecpuPerSeconds")
    if limits:
        # The provider has a list of one where the service has one.
        members = shape.members["CacheUsageLimits"].members["ECPUPerSecond"]
        request["CacheUsageLimits"]["ECPUPerSecond"] = to_request(limits[0], members, {})
    return request


def create_cache(context: Context) -> Properties:
    """Creates the cache."""
    names = {*MODIFIED, "engine", "kmsKeyId", "name", "networkType", "subnetIds"}
    wanted = {name: value for name, value in context.inputs.items() if name in names}
    tags = [{"Key": key, "Value": str(value)} for key, value in (context["tagsAll"] or {}).items()]
    request = _request(context, "create_serverless_cache", wanted)
    answer = context.call("create_serverless_cache", **request, Tags=tags or None)
    context.tags_sent = True
    return {"name": answer["ServerlessCache"]["ServerlessCacheName"], "arn": answer["ServerlessCache"]["ARN"]}


def read_cache(context: Context) -> Properties | None:
    """The cache as properties."""
    caches = context.call("describe_serverless_caches", ServerlessCacheName=context.id)["ServerlessCaches"]
    if not caches:
        return None
    cache = caches[0]
    apart = {"cacheUsageLimits", "endpoints", "readerEndpoints"}
    fields = {name: field for name, field in context.schema.outputs.items() if name not in apart}
    state = object_from(cache, fields, CACHE_NAMES)
    for name, member in (("endpoints", "Endpoint"), ("readerEndpoints", "ReaderEndpoint")):
        if cache.get(member):
            state[name] = [{"address": cache[member]["Address"], "port": cache[member]["Port"]}]
    if limits := _read_limits(cache.get("CacheUsageLimits") or {}):
        state["cacheUsageLimits"] = limits
    return state


def _read_limits(limits: Mapping[str, Any]) -> Properties:
    state: Properties = {}
    names = {"maximum": "Maximum", "minimum": "Minimum", "unit": "Unit"}
    if storage := limits.get("DataStorage"):
        state["dataStorage"] = {name: storage[member] for name, member in names.items() if member in storage}
    if processing := limits.get("ECPUPerSecond"):
        state["ecpuPerSeconds"] = [{name: processing[member] for name, member in names.items() if member in processing}]
    return state


def update_cache(context: Context) -> None:
    """Sets what changed."""
    wanted = {name: context.inputs[name] for name in MODIFIED if name in context.changed and name in context.inputs}
    request = _request(context, "modify_serverless_cache", wanted)
    if "cacheUsageLimits" in context.changed and "cacheUsageLimits" not in wanted:
        request["CacheUsageLimits"] = NO_LIMITS
    if "userGroupId" in context.changed and "userGroupId" not in wanted:
        request["RemoveUserGroup"] = True
    if "snapshotRetentionLimit" in context.changed and "snapshotRetentionLimit" not in wanted:
        request["SnapshotRetentionLimit"] = 0
    if request:
        context.call("modify_serverless_cache", ServerlessCacheName=context.id, **request)


def delete_cache(context: Context) -> None:
    """Deletes the cache and what is in it."""
    context.call("delete_serverless_cache", ServerlessCacheName=context.id)


def create_user(context: Context) -> Properties:
    """Creates the user."""
    hidden = {"region", "tags", "tagsAll", "__defaults"}
    wanted = {name: value for name, value in context.inputs.items() if name not in hidden}
    tags = [{"Key": key, "Value": str(value)} for key, value in (context["tagsAll"] or {}).items()]
    request = _request(context, "create_user", wanted)
    if mode := request.get("AuthenticationMode"):
        mode["Type"] = mode["Type"].lower()
    answer = context.call("create_user", **request, Tags=tags or None)
    context.tags_sent = True
    return {"userId": answer["UserId"], "arn": answer["ARN"]}


def read_user(context: Context) -> Properties | None:
    """The user; nothing tells a password."""
    users = context.call("describe_users", UserId=context.id)["Users"]
    hidden = {"authenticationMode", "passwords", "noPasswordRequired"}
    fields = {name: field for name, field in context.schema.outputs.items() if name not in hidden}
    return object_from(users[0], fields, {}) if users else None


def update_user(context: Context) -> None:
    """Sets what changed; a user has one way to prove who it is."""
    names = {"accessString", "authenticationMode", "noPasswordRequired", "passwords"} & context.changed
    wanted = {name: context.inputs[name] for name in names if name in context.inputs}
    if wanted:
        context.call("modify_user", UserId=context.id, **_request(context, "modify_user", wanted))


def delete_user(context: Context) -> None:
    """Deletes the user."""
    context.call("delete_user", UserId=context.id)


def create_group(context: Context) -> Properties:
    """Creates the group with its users."""
    tags = [{"Key": key, "Value": str(value)} for key, value in (context["tagsAll"] or {}).items()]
    answer = context.call(
        "create_user_group",
        UserGroupId=context["userGroupId"],
        Engine=context["engine"],
        UserIds=context["userIds"],
        Tags=tags or None,
    )
    context.tags_sent = True
    return {"userGroupId": answer["UserGroupId"], "arn": answer["ARN"]}


def read_group(context: Context) -> Properties | None:
    """The group as properties."""
    groups = context.call("describe_user_groups", UserGroupId=context.id)["UserGroups"]
    return object_from(groups[0], context.schema.outputs, {}) if groups else None


def update_group(context: Context) -> None:
    """Takes users in and out."""
    if "userIds" in context.changed:
        before, wanted = set(context.old.get("userIds") or []), set(context.inputs.get("userIds") or [])
        context.call(
            "modify_user_group",
            UserGroupId=context.id,
            UserIdsToAdd=sorted(wanted - before) or None,
            UserIdsToRemove=sorted(before - wanted) or None,
        )


def delete_group(context: Context) -> None:
    """Deletes the group; its users stay."""
    context.call("delete_user_group", UserGroupId=context.id)


def proven(inputs: Mapping[str, Any]) -> list[Problem]:
    """A user proves who it is in one way, and with a password only where one is asked for."""
    mode = inputs.get("authenticationMode")
    if not isinstance(mode, Mapping) or mode.get("type") is UNKNOWN:
        return []
    if (mode.get("type") == "password") != bool(mode.get("passwords")):
        return [Problem("authenticationMode.passwords", "passwords go with type password, and that with passwords")]
    return []


IDS = (r"[a-z][a-z0-9-]{0,39}", "it starts with a letter and has up to 40 lower case letters, digits and hyphens")

ROWS = (
    Row(
        type="aws:elasticache/serverlessCache:ServerlessCache",
        service="elasticache",
        create=(create_cache,),
        read=(read_cache,),
        update=(update_cache,),
        delete=(delete_cache,),
        id=("name",),
        replace=frozenset({"name", "engine", "kmsKeyId", "networkType", "subnetIds"}),
        sets=frozenset({"securityGroupIds", "subnetIds"}),
        sticky=frozenset(
            {
                "dailySnapshotTime",
                "description",
                "majorEngineVersion",
                "networkType",
                "securityGroupIds",
                "subnetIds",
            }
        ),
        watched=frozenset({"userGroupId"}),
        gone=frozenset({"ServerlessCacheNotFoundFault"}),
        taken=frozenset({"ServerlessCacheAlreadyExistsFault"}),
        tags=TAGS,
        auto_name=AutoName("name", 40, lower=True),
        wait=Wait("status", ("available",), ("create-failed",)),
        wait_gone=True,
        unsupported={
            "snapshotArnsToRestores": "the local cloud's caches have no snapshots",
            "timeouts": "the local cloud is done at once",
        },
        rules=(
            matches("name", *IDS),
            one_of("engine", "valkey", "redis"),
            one_of("networkType", "ipv4", "ipv6", "dual_stack"),
            between("snapshotRetentionLimit", 0, 35),
            one_of("cacheUsageLimits.dataStorage.unit", "GB"),
            between("cacheUsageLimits.ecpuPerSeconds.maximum", 1000, 15_000_000),
        ),
        example=Example(
            inputs={
                "name": "answers",
                "engine": "valkey",
                "majorEngineVersion": "8",
                "description": "answers",
                "kmsKeyId": Ref("key", "arn"),
                "securityGroupIds": ["sg-1"],
                "subnetIds": ["subnet-1", "subnet-2"],
                "userGroupId": Ref("group"),
                "cacheUsageLimits": {
                    "dataStorage": {"maximum": 5, "unit": "GB"},
                    "ecpuPerSeconds": [{"maximum": 5000}],
                },
                "tags": {"a": "1", "b": "1"},
            },
            update={"cacheUsageLimits": None, "securityGroupIds": ["sg-2"], "userGroupId": None, "tags": {"a": "2"}},
            replace={"name": "another"},
            needs={
                "key": Need("aws:kms/key:Key", {"deletionWindowInDays": 7}),
                "group": Need("aws:elasticache/userGroup:UserGroup", {"engine": "valkey", "userGroupId": "readers"}),
            },
        ),
    ),
    Row(
        type=USER,
        service="elasticache",
        create=(create_user,),
        read=(read_user,),
        update=(update_user,),
        delete=(delete_user,),
        id=("userId",),
        replace=frozenset({"engine", "userId", "userName"}),
        # Nothing tells a password, and the emulator does not tell other ways to prove who one is either.
        write_only=frozenset({"authenticationMode", "noPasswordRequired", "passwords"}),
        defaults={"noPasswordRequired": False},
        sticky=frozenset({"authenticationMode"}),
        gone=frozenset({"UserNotFound", "UserNotFoundFault"}),
        taken=frozenset({"UserAlreadyExists"}),
        tags=TAGS,
        unsupported={
            "passwordsWo": "use passwords, which are encrypted in the state",
            "passwordsWoVersion": "use passwords, which are encrypted in the state",
        },
        rules=(
            conflicts("authenticationMode", "passwords"),
            proven,
            matches("userId", *IDS),
            one_of("engine", "valkey", "redis"),
            one_of("authenticationMode.type", "iam", "no-password-required", "password"),
        ),
        example=Example(
            inputs={
                "userId": "reader",
                "userName": "reader",
                "engine": "valkey",
                "accessString": "on ~answers:* -@all +get",
                "authenticationMode": {"type": "iam"},
                "tags": {"a": "1", "b": "1"},
            },
            update={"accessString": "on ~answers:* -@all +get +set", "tags": {"a": "2"}},
            replace={"userName": "another"},
        ),
    ),
    Row(
        type="aws:elasticache/userGroup:UserGroup",
        service="elasticache",
        create=(create_group,),
        read=(read_group,),
        update=(update_group,),
        delete=(delete_group,),
        id=("userGroupId",),
        replace=frozenset({"engine", "userGroupId"}),
        sets=frozenset({"userIds"}),
        watched=frozenset({"userIds"}),
        gone=frozenset({"UserGroupNotFound", "UserGroupNotFoundFault"}),
        taken=frozenset({"UserGroupAlreadyExists"}),
        tags=TAGS,
        rules=(matches("userGroupId", *IDS), one_of("engine", "valkey", "redis")),
        example=Example(
            inputs={
                "engine": "valkey",
                "userGroupId": "gateways",
                "userIds": [Ref("writer")],
                "tags": {"a": "1", "b": "1"},
            },
            update={"userIds": None, "tags": {"a": "2"}},
            replace={"userGroupId": "another"},
            needs={
                "writer": Need(
                    USER,
                    {
                        "userId": "writer",
                        "userName": "writer",
                        "engine": "valkey",
                        "accessString": "on ~* +@all",
                        "authenticationMode": {"type": "iam"},
                    },
                )
            },
        ),
    ),
)
