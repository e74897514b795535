"""Data sources: what a program may ask the provider without making anything."""
# All of them have the same signature, also those that need only one of its arguments.
# ruff: noqa: ARG001

import json
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.provider.cloud import Cloud
from sandbox.provider.errors import ProviderError
from sandbox.provider.values import Properties


def invoke(cloud: Cloud, token: str, arguments: Properties) -> Properties:
    """The answer of a data source.

    Raises:
        ProviderError: there is none of this name.
    """
    function = INVOKES.get(token)
    if function is None:
        known = ", ".join(sorted(INVOKES))
        raise ProviderError(f"the local cloud does not support the function {token}; it has {known}")
    return function(cloud, arguments)


def _caller_identity(cloud: Cloud, arguments: Properties) -> Properties:
    answer = cloud.call("sts", "get_caller_identity")
    return {"id": answer["Account"], "accountId": answer["Account"], "arn": answer["Arn"], "userId": answer["UserId"]}


def _region(cloud: Cloud, arguments: Properties) -> Properties:
    name = str(arguments.get("region") or arguments.get("name") or cloud.region)
    return {
        "id": name,
        "name": name,
        "region": name,
        "description": name,
        "endpoint": f"ec2.{name}.amazonaws.com",
    }


def _partition(cloud: Cloud, arguments: Properties) -> Properties:
    suffix = "amazonaws.com.cn" if cloud.partition == "aws-cn" else "amazonaws.com"
    reverse = ".".join(reversed(suffix.split(".")))
    return {
        "id": cloud.partition,
        "partition": cloud.partition,
        "dnsSuffix": suffix,
        "reverseDnsPrefix": reverse,
    }


# Filters of DescribeAvailabilityZones, and the member of a zone that each looks at.
ZONE_FILTERS = {
    "group-name": "GroupName",
    "opt-in-status": "OptInStatus",
    "region-name": "RegionName",
    "state": "State",
    "zone-id": "ZoneId",
    "zone-name": "ZoneName",
    "zone-type": "ZoneType",
}


def _availability_zones(cloud: Cloud, arguments: Properties) -> Properties:
    region = str(arguments.get("region") or cloud.region)
    request: dict[str, Any] = {}
    if arguments.get("filters"):
        request["Filters"] = [{"Name": one["name"], "Values": one["values"]} for one in arguments["filters"]]
    if arguments.get("allAvailabilityZones"):
        request["AllAvailabilityZones"] = True
    zones = cloud.call("ec2", "describe_availability_zones", region, **request)["AvailabilityZones"]
    # The emulator passes over filters.
    for name, values in ((one["name"], one["values"]) for one in arguments.get("filters") or []):
        if name not in ZONE_FILTERS:
            known = ", ".join(sorted(ZONE_FILTERS))
            raise ProviderError(f"there is no filter of availability zones named '{name}'; there are {known}")
        zones = [zone for zone in zones if zone.get(ZONE_FILTERS[name]) in values]
    hidden_names, hidden_ids = arguments.get("excludeNames", []), arguments.get("excludeZoneIds", [])
    kept = sorted(
        (zone["ZoneName"], zone.get("ZoneId", ""), zone.get("GroupName", region))
        for zone in zones
        if arguments.get("state") in (None, zone.get("State"))
        and zone["ZoneName"] not in hidden_names
        and zone.get("ZoneId") not in hidden_ids
    )
    return {
        **arguments,
        "id": region,
        "region": region,
        "names": [name for name, _, _ in kept],
        "zoneIds": [identity for _, identity, _ in kept],
        "groupNames": sorted({group for _, _, group in kept}),
    }


def _policy_document(cloud: Cloud, arguments: Properties) -> Properties:
    document: dict[str, Any] = {"Version": arguments.get("version", "2012-10-17")}
    if arguments.get("policyId"):
        document["Id"] = arguments["policyId"]
    document["Statement"] = [_statement(entry) for entry in arguments.get("statements", [])]
    return {
        **arguments,
        "id": "policy",
        "json": json.dumps(document, indent=2),
        "minifiedJson": json.dumps(document, separators=(",", ":")),
    }


def _statement(entry: Mapping[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": entry.get("effect", "Allow")}
    if entry.get("sid"):
        statement["Sid"] = entry["sid"]
    for name in ("actions", "notActions", "resources", "notResources"):
        if entry.get(name):
            member = name[0].upper() + name[1:-1]
            statement[member] = entry[name][0] if len(entry[name]) == 1 else sorted(entry[name])
    for name, member in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        if entry.get(name):
            statement[member] = _principals(entry[name])
    conditions: dict[str, dict[str, Any]] = {}
    for condition in entry.get("conditions", []):
        values = condition["values"]
        conditions.setdefault(condition["test"], {})[condition["variable"]] = values[0] if len(values) == 1 else values
    if conditions:
        statement["Condition"] = conditions
    return statement


def _principals(entries: list[Mapping[str, Any]]) -> Any:
    if any(entry["type"] == "*" for entry in entries):
        return "*"
    found: dict[str, list[str]] = {}
    for entry in entries:
        found.setdefault(entry["type"], []).extend(entry["identifiers"])
    return {kind: names[0] if len(names) == 1 else names for kind, names in found.items()}


INVOKES: dict[str, Callable[[Cloud, Properties], Properties]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _availability_zones,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
}
