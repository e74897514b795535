"""Rows of Amazon EKS: managed node groups."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Call, Example, Problem, Ref, Row, Wait
from sandbox.provider.rows.eks import CLUSTER_NEEDS, GONE, ROLE, TAKEN, tag_calls
from sandbox.provider.rules import between, conflicts, matches, one_of
from sandbox.provider.shapes import object_from, to_request
from sandbox.provider.values import Properties


def create_node_group(context: Context) -> Properties:
    """Make the group; the version of a launch template is one text."""
    members = context.cloud.model("eks").operation_model("CreateNodegroup").input_shape.members
    sent = {**context.inputs, "tags": context["tagsAll"] or None}
    context.tags_sent = True
    request: dict[str, Any] = {}
    for name in _GROUP_INPUTS:
        member = context.row.names.get(name, name)
        if sent.get(name) is not None:
            request[member] = to_request(sent[name], members[member], context.row.names, name)
    context.call("create_nodegroup", **request)
    return {"clusterName": context["clusterName"], "nodeGroupName": context["nodeGroupName"]}


_GROUP_INPUTS = (
    *("clusterName", "nodeGroupName", "nodeRoleArn", "scalingConfig", "subnetIds", "amiType", "capacityType"),
    *("diskSize", "instanceTypes", "labels", "launchTemplate", "nodeRepairConfig", "releaseVersion", "remoteAccess"),
    *("tags", "taints", "updateConfig", "version", "warmPoolConfig"),
)


def read_node_group(context: Context) -> Properties | None:
    """The group; of a launch template the name comes with the id."""
    cluster, _, name = context.id.partition(":")
    found = context.call("describe_nodegroup", clusterName=cluster, nodegroupName=name)["nodegroup"]
    state = object_from(found, context.schema.outputs, context.row.names)
    groups = [{"name": each["name"]} for each in found.get("resources", {}).get("autoScalingGroups", [])]
    state["resources"] = [{"autoscalingGroups": groups, "remoteAccessSecurityGroupId": ""}]
    return state


def update_node_group(context: Context) -> None:
    """Versions first, then the rest; labels and taints go as what to set and what to take away."""
    cluster, _, name = context.id.partition(":")
    of = {"clusterName": cluster, "nodegroupName": name}
    versions = context.changed & {"version", "releaseVersion", "launchTemplate"}
    if versions:
        template = context.inputs.get("launchTemplate")
        told = {key: context.inputs.get(key) for key in ("version", "releaseVersion") if key in versions}
        context.call(
            "update_nodegroup_version",
            **of,
            **told,
            launchTemplate=dict(template) if template and "launchTemplate" in versions else None,
            force=context["forceUpdateVersion"] or None,
        )
    members = context.cloud.model("eks").operation_model("UpdateNodegroupConfig").input_shape.members
    simple = context.changed & {"scalingConfig", "updateConfig", "nodeRepairConfig", "warmPoolConfig"}
    request = {
        each: to_request(context.inputs[each], members[each], context.row.names)
        for each in simple
        if context.inputs.get(each)
    }
    if "labels" in context.changed:
        wanted = context.inputs.get("labels") or {}
        gone = [key for key in context.old.get("labels") or {} if key not in wanted]
        request["labels"] = {"addOrUpdateLabels": dict(wanted), "removeLabels": gone}
    if "taints" in context.changed:
        wanted = [dict(taint) for taint in context.inputs.get("taints") or []]
        kept = {(taint["key"], taint["effect"]) for taint in wanted}
        before = [dict(taint) for taint in context.old.get("taints") or []]
        gone = [taint for taint in before if (taint["key"], taint["effect"]) not in kept]
        request["taints"] = {"addOrUpdateTaints": wanted, "removeTaints": gone}
    if request:
        context.call("update_nodegroup_config", **of, **request)


def sizes_in_order(inputs: Mapping[str, Any]) -> list[Problem]:
    """Sizes that the official provider refuses: no node at most, or fewer than none."""
    scaling = inputs.get("scalingConfig")
    if not isinstance(scaling, Mapping):
        return []
    least = {"maxSize": 1, "minSize": 0, "desiredSize": 0}
    return [
        Problem(f"scalingConfig.{name}", f"expected at least {least[name]}, got {value}")
        for name, value in scaling.items()
        if name in least and isinstance(value, int | float) and value < least[name]
    ]


def one_limit(inputs: Mapping[str, Any]) -> list[Problem]:
    """An update's limit is a number or a share."""
    config = inputs.get("updateConfig")
    if not isinstance(config, Mapping) or len({"maxUnavailable", "maxUnavailablePercentage"} & config.keys()) == 1:
        return []
    return [Problem("updateConfig", "exactly one of maxUnavailable, maxUnavailablePercentage is required")]


ROWS = (
    Row(
        type="aws:eks/nodeGroup:NodeGroup",
        service="eks",
        names={
            "nodeGroupName": "nodegroupName",
            "nodeRoleArn": "nodeRole",
            "subnetIds": "subnets",
            "arn": "nodegroupArn",
        },
        auto_name=AutoName("nodeGroupName", 63, "nodeGroupNamePrefix"),
        create=(create_node_group,),
        read=(read_node_group,),
        update=(update_node_group,),
        delete=(Call("delete_nodegroup", {"nodegroupName": "nodeGroupName"}, only=("clusterName",)),),
        id=("clusterName", "nodeGroupName"),
        replace=frozenset(
            {
                *("clusterName", "nodeGroupName", "nodeGroupNamePrefix", "nodeRoleArn", "subnetIds", "amiType"),
                *(
                    "capacityType",
                    "diskSize",
                    "instanceTypes",
                    "remoteAccess",
                    "launchTemplate.id",
                    "launchTemplate.name",
                ),
            }
        ),
        sets=frozenset({"subnetIds", "taints"}),
        sticky=frozenset(
            {
                *("amiType", "capacityType", "diskSize", "instanceTypes", "version", "releaseVersion"),
                *("updateConfig", "nodeRepairConfig"),
            }
        ),
        nested_computed=frozenset({"launchTemplate.id", "launchTemplate.name"}),
        provider_only=frozenset({"forceUpdateVersion", "nodeGroupNamePrefix"}),
        gone=GONE,
        taken=TAKEN,
        tags=tag_calls(),
        wait=Wait("status", ("ACTIVE",), ("CREATE_FAILED", "DEGRADED")),
        wait_gone=True,
        rules=(
            conflicts("nodeGroupName", "nodeGroupNamePrefix"),
            matches("nodeRoleArn", ROLE, "the ARN of a role"),
            one_of("capacityType", "ON_DEMAND", "SPOT", "CAPACITY_BLOCK"),
            one_of("taints.effect", "NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"),
            between("updateConfig.maxUnavailable", 1, 100),
            between("updateConfig.maxUnavailablePercentage", 1, 100),
            sizes_in_order,
            one_limit,
        ),
        example=Example(
            inputs={
                "clusterName": Ref("cluster"),
                "nodeRoleArn": "arn:aws:iam::000000000000:role/node",
                "subnetIds": [Ref("first"), Ref("second")],
                "capacityType": "SPOT",
                "instanceTypes": ["m7i.large", "m6i.large"],
                "amiType": "AL2023_x86_64_STANDARD",
                "diskSize": 40,
                "scalingConfig": {"minSize": 0, "desiredSize": 0, "maxSize": 3},
                "updateConfig": {"maxUnavailable": 1},
                "nodeRepairConfig": {"enabled": True},
                "labels": {"pool": "general", "old": "yes"},
                "taints": [{"key": "spot", "value": "true", "effect": "NO_SCHEDULE"}],
                "version": "1.34",
                "tags": {"team": "a"},
            },
            update={
                "scalingConfig": {"minSize": 1, "desiredSize": 1, "maxSize": 5},
                "updateConfig": {"maxUnavailablePercentage": 33},
                "labels": {"pool": "other"},
                "taints": [{"key": "spot", "value": "yes", "effect": "NO_EXECUTE"}],
                "version": "1.35",
                "tags": {"team": "b"},
            },
            replace={"capacityType": "ON_DEMAND"},
            needs=CLUSTER_NEEDS,
        ),
    ),
)
