"""Rows of Amazon EKS: clusters, node groups and add-ons (who gets in: rows/eks_access.py)."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Call, Example, Need, Problem, Ref, Row, TagCalls, Wait
from sandbox.provider.rows.ec2 import SUBNET, VPC_NEED
from sandbox.provider.rules import between, conflicts, matches, one_of
from sandbox.provider.shapes import object_from, to_request
from sandbox.provider.values import Properties

CLUSTER = "aws:eks/cluster:Cluster"
GONE = frozenset({"ResourceNotFoundException"})
TAKEN = frozenset({"ResourceInUseException"})
ROLE_ARN = "arn:aws:iam::000000000000:role/cluster"
# The one kind of ARN whose roles the official provider takes here.
ROLE = r"arn:[\w-]+:iam::\d{12}:role/.+"
LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
# The plane of a local cluster may have to be built first.
CREATE_SECONDS = 30 * 60


def tag_calls(target: str = "arn") -> TagCalls:
    """How EKS tags: by ARN, as a map."""
    return TagCalls(
        "tag_resource",
        "untag_resource",
        "",
        ("resourceArn", target),
        "tags",
        "tagKeys",
        None,
        ("tags",),
        at_create="tags",
    )


SUBNETS = {
    "vpc": VPC_NEED,
    "first": Need(SUBNET, {"vpcId": Ref("vpc"), "cidrBlock": "10.0.1.0/24", "availabilityZone": "us-east-1a"}),
    "second": Need(SUBNET, {"vpcId": Ref("vpc"), "cidrBlock": "10.0.2.0/24", "availabilityZone": "us-east-1b"}),
}
CLUSTER_NEEDS = {
    **SUBNETS,
    "cluster": Need(
        CLUSTER,
        {
            "roleArn": ROLE_ARN,
            "vpcConfig": {"subnetIds": [Ref("first"), Ref("second")]},
            "accessConfig": {"authenticationMode": "API"},
        },
    ),
}


# --- cluster

# By property what one call of update_cluster_config changes; EKS takes one kind of change at a time.
_AUTO_MODE = ("computeConfig", "kubernetesNetworkConfig", "storageConfig")
_SINGLE = (
    "accessConfig",
    "upgradePolicy",
    "zonalShiftConfig",
    "deletionProtection",
    "remoteNetworkConfig",
    "controlPlaneScalingConfig",
)
# Fixed when the cluster is made, so no update sends them.
_FIXED = {
    "accessConfig": ("bootstrapClusterCreatorAdminPermissions",),
    "kubernetesNetworkConfig": ("ipFamily", "serviceIpv4Cidr"),
}


def _logging(context: Context) -> dict[str, Any]:
    """Which logs are on and which are off."""
    wanted = context.inputs.get("enabledClusterLogTypes") or []
    states = (
        (True, [kind for kind in LOG_TYPES if kind in wanted]),
        (False, [k for k in LOG_TYPES if k not in wanted]),
    )
    return {"clusterLogging": [{"types": types, "enabled": state} for state, types in states if types]}


def read_cluster(context: Context) -> Properties | None:
    """The cluster; its log types are a list."""
    found = context.call("describe_cluster", name=context.id)["cluster"]
    state = object_from(found, context.schema.outputs, context.row.names)
    on = {kind for setup in found["logging"]["clusterLogging"] if setup["enabled"] for kind in setup["types"]}
    state["enabledClusterLogTypes"] = [kind for kind in LOG_TYPES if kind in on]
    issuer = found["identity"]["oidc"]["issuer"]
    state["identities"] = [{"oidcs": [{"issuer": issuer}]}]
    return state


def failure(context: Context) -> str:
    """What EKS says of a cluster that failed."""
    issues = context.call("describe_cluster", name=context.id)["cluster"].get("health", {}).get("issues", [])
    return "; ".join(str(issue.get("message")) for issue in issues)


def update_cluster(context: Context) -> None:
    """Bring what changed into the cluster, one kind of change a call."""
    members = context.cloud.model("eks").operation_model("UpdateClusterConfig").input_shape.members

    def change(**values: Any) -> None:
        request = {name: to_request(value, members[name], context.row.names) for name, value in values.items()}
        context.call("update_cluster_config", name=context.id, **request)

    def wanted(name: str) -> Any:
        value = context.inputs.get(name)
        if not isinstance(value, Mapping):
            return value
        return {key: item for key, item in value.items() if key not in _FIXED.get(name, ())}

    if "version" in context.changed and context.inputs.get("version"):
        context.call("update_cluster_version", name=context.id, version=context["version"])
    if "vpcConfig" in context.changed:
        change(resourcesVpcConfig=context["vpcConfig"])
    if "enabledClusterLogTypes" in context.changed:
        change(logging=_logging(context))
    if context.changed.intersection(_AUTO_MODE):
        change(**{name: value for name in _AUTO_MODE if (value := wanted(name))})
    for name in _SINGLE:
        if name in context.changed and wanted(name) is not None:
            change(**{name: wanted(name)})
    if "encryptionConfig" in context.changed and not context.old.get("encryptionConfig"):
        config = to_request(context["encryptionConfig"], _encryption_shape(context), context.row.names)
        context.call("associate_encryption_config", clusterName=context.id, encryptionConfig=config)


def _encryption_shape(context: Context) -> Any:
    shape: Any = context.cloud.model("eks").operation_model("AssociateEncryptionConfig").input_shape
    return shape.members["encryptionConfig"]


def delete_cluster(context: Context) -> None:
    """Delete the cluster; its control plane ends."""
    context.call("delete_cluster", name=context.id)


def auto_mode_whole(inputs: Mapping[str, Any]) -> list[Problem]:
    """The three parts of Auto Mode are on together or off together, as the official provider has it."""

    def enabled(*path: str) -> Any:
        value: Any = inputs
        for part in path:
            value = value.get(part) if isinstance(value, Mapping) else None
        return value if isinstance(value, bool) else None

    given = {
        "computeConfig": enabled("computeConfig", "enabled"),
        "kubernetesNetworkConfig": enabled("kubernetesNetworkConfig", "elasticLoadBalancing", "enabled"),
        "storageConfig": enabled("storageConfig", "blockStorage", "enabled"),
    }
    if len({bool(value) for value in given.values()}) < 2:
        return []
    off = next(name for name, value in given.items() if not value)
    return [
        Problem(off, f"{', '.join(given)} have to be all enabled, for Auto Mode, or all disabled; {off} is not enabled")
    ]


# --- node group


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


# --- add-on


def read_add_on(context: Context) -> Properties | None:
    """The add-on; its identities are told by the associations it made."""
    cluster, _, name = context.id.partition(":")
    addon = context.call("describe_addon", clusterName=cluster, addonName=name)["addon"]
    state = object_from(addon, context.schema.outputs, context.row.names)
    state.pop("podIdentityAssociations", None)
    identities = []
    for arn in addon.get("podIdentityAssociations", []):
        of = {"clusterName": cluster, "associationId": arn.rpartition("/")[2]}
        association = context.call("describe_pod_identity_association", **of)["association"]
        identities.append({"roleArn": association["roleArn"], "serviceAccount": association["serviceAccount"]})
    if identities:
        state["podIdentityAssociations"] = identities
    return state


def create_add_on(context: Context) -> Properties:
    """Install the add-on."""
    _add_on_call(context, "create_addon", "resolveConflictsOnCreate", tags=context["tagsAll"] or None)
    context.tags_sent = True
    return {"clusterName": context["clusterName"], "addonName": context["addonName"]}


def update_add_on(context: Context) -> None:
    """Change it; without identities in the program it has none."""
    if context.changed - {"tags", "tagsAll", "preserve", "resolveConflictsOnCreate", "resolveConflictsOnUpdate"}:
        none = [] if "podIdentityAssociations" in context.changed else None
        _add_on_call(context, "update_addon", "resolveConflictsOnUpdate", podIdentityAssociations=none)


def _add_on_call(context: Context, operation: str, conflicts_input: str, **more: Any) -> None:
    names = ("addonVersion", "configurationValues", "serviceAccountRoleArn", "namespaceConfig")
    if operation == "update_addon":
        names = names[:3]
    given = {name: context.inputs[name] for name in names if context.inputs.get(name) is not None}
    identities = context.inputs.get("podIdentityAssociations")
    if identities:
        more["podIdentityAssociations"] = [dict(each) for each in identities]
    context.call(
        operation,
        clusterName=context["clusterName"],
        addonName=context["addonName"],
        resolveConflicts=context.inputs.get(conflicts_input),
        **{**given, **more},
    )


def delete_add_on(context: Context) -> None:
    """Remove it; preserve leaves its software in the cluster."""
    cluster, _, name = context.id.partition(":")
    context.call("delete_addon", clusterName=cluster, addonName=name, preserve=context["preserve"] or None)


def valid_cidrs(inputs: Mapping[str, Any]) -> list[Problem]:
    """Public ranges make sense only with a public endpoint."""
    config = inputs.get("vpcConfig")
    if not isinstance(config, Mapping) or config.get("endpointPublicAccess") is not False:
        return []
    if config.get("publicAccessCidrs"):
        return [Problem("vpcConfig.publicAccessCidrs", "the endpoint is not public, so no range can reach it")]
    return []


ROWS = (
    Row(
        type=CLUSTER,
        service="eks",
        names={"vpcConfig": "resourcesVpcConfig", "status": "status"},
        auto_name=AutoName("name", 100),
        create=(
            Call(
                "create_cluster",
                {"logging": _logging},
                only=(
                    *("name", "version", "roleArn", "vpcConfig", "accessConfig", "bootstrapSelfManagedAddons"),
                    *("kubernetesNetworkConfig", "encryptionConfig", *_AUTO_MODE[::2], *_SINGLE[1:], "outpostConfig"),
                ),
                result="cluster",
            ),
        ),
        read=(read_cluster,),
        update=(update_cluster,),
        delete=(delete_cluster,),
        id=("name",),
        replace=frozenset(
            {
                "name",
                "roleArn",
                "bootstrapSelfManagedAddons",
                "outpostConfig",
                "accessConfig.bootstrapClusterCreatorAdminPermissions",
                "kubernetesNetworkConfig.ipFamily",
                "kubernetesNetworkConfig.serviceIpv4Cidr",
            }
        ),
        sets=frozenset(
            {
                "enabledClusterLogTypes",
                "vpcConfig.subnetIds",
                "vpcConfig.securityGroupIds",
                "vpcConfig.publicAccessCidrs",
                "encryptionConfig.resources",
                "computeConfig.nodePools",
            }
        ),
        defaults={"bootstrapSelfManagedAddons": True},
        nested_computed=frozenset(
            {
                "vpcConfig.clusterSecurityGroupId",
                "vpcConfig.vpcId",
                "vpcConfig.endpointPrivateAccess",
                "vpcConfig.endpointPublicAccess",
                "vpcConfig.publicAccessCidrs",
                "vpcConfig.securityGroupIds",
                "kubernetesNetworkConfig.ipFamily",
                "kubernetesNetworkConfig.serviceIpv4Cidr",
                "kubernetesNetworkConfig.elasticLoadBalancing",
                "accessConfig.authenticationMode",
                "accessConfig.bootstrapClusterCreatorAdminPermissions",
            }
        ),
        sticky=frozenset(
            {
                *("version", "accessConfig", "computeConfig", "kubernetesNetworkConfig", "storageConfig"),
                *("upgradePolicy", "zonalShiftConfig", "deletionProtection"),
            }
        ),
        # EKS tells nobody whether the cluster began with them.
        write_only=frozenset({"bootstrapSelfManagedAddons", "computeConfig.nodePools"}),
        provider_only=frozenset({"forceUpdateVersion"}),
        unset={"enabledClusterLogTypes": []},
        unsupported={
            "defaultAddonsToRemoves": "set bootstrapSelfManagedAddons to false",
            **dict.fromkeys(
                ("kubeApiServerConfig", "kubeSchedulerConfig", "kubeControllerManagerConfig"),
                "flags of the local control plane are its own",
            ),
            "outpostConfig": "the local cloud has no Outposts",
        },
        gone=GONE,
        taken=TAKEN,
        tags=tag_calls(),
        wait=Wait("status", ("ACTIVE",), ("FAILED",), CREATE_SECONDS, failure),
        wait_gone=True,
        rules=(
            matches("name", r"[0-9A-Za-z][A-Za-z0-9_-]{0,99}", "letters, digits, - and _, a letter or digit first"),
            matches("roleArn", ROLE, "the ARN of a role"),
            one_of("accessConfig.authenticationMode", "API", "API_AND_CONFIG_MAP", "CONFIG_MAP"),
            one_of("enabledClusterLogTypes", *LOG_TYPES),
            one_of("upgradePolicy.supportType", "STANDARD", "EXTENDED"),
            one_of("encryptionConfig.resources", "secrets"),
            one_of("computeConfig.nodePools", "general-purpose", "system"),
            auto_mode_whole,
            valid_cidrs,
        ),
        example=Example(
            inputs={
                "name": "table",
                "version": "1.34",
                "roleArn": ROLE_ARN,
                "vpcConfig": {
                    "subnetIds": [Ref("first"), Ref("second")],
                    "endpointPrivateAccess": True,
                    "endpointPublicAccess": False,
                },
                "accessConfig": {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
                "bootstrapSelfManagedAddons": False,
                "encryptionConfig": {
                    "resources": ["secrets"],
                    "provider": {"keyArn": "arn:aws:kms:us-east-1:000000000000:key/a"},
                },
                "enabledClusterLogTypes": ["audit", "api"],
                "upgradePolicy": {"supportType": "STANDARD"},
                "zonalShiftConfig": {"enabled": True},
                "computeConfig": {"enabled": True, "nodePools": []},
                "kubernetesNetworkConfig": {"elasticLoadBalancing": {"enabled": True}},
                "storageConfig": {"blockStorage": {"enabled": True}},
                "deletionProtection": True,
                "tags": {"team": "a"},
            },
            update={
                "version": "1.35",
                "vpcConfig": {
                    "subnetIds": [Ref("first"), Ref("second")],
                    "endpointPrivateAccess": True,
                    "endpointPublicAccess": True,
                    "publicAccessCidrs": ["198.51.100.0/24"],
                },
                "enabledClusterLogTypes": ["scheduler"],
                "upgradePolicy": {"supportType": "EXTENDED"},
                "zonalShiftConfig": {"enabled": False},
                "computeConfig": {"enabled": False},
                "kubernetesNetworkConfig": {"elasticLoadBalancing": {"enabled": False}},
                "storageConfig": {"blockStorage": {"enabled": False}},
                "deletionProtection": False,
                "tags": {"team": "b"},
            },
            replace={"roleArn": "arn:aws:iam::000000000000:role/another"},
            needs=SUBNETS,
        ),
    ),
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
    Row(
        type="aws:eks/addon:Addon",
        service="eks",
        names={"arn": "addonArn"},
        create=(create_add_on,),
        read=(read_add_on,),
        update=(update_add_on,),
        delete=(delete_add_on,),
        id=("clusterName", "addonName"),
        replace=frozenset({"clusterName", "addonName", "namespaceConfig"}),
        sets=frozenset({"podIdentityAssociations"}),
        json=frozenset({"configurationValues"}),
        sticky=frozenset({"addonVersion", "configurationValues", "namespaceConfig"}),
        # They are said with each call and kept nowhere.
        write_only=frozenset({"resolveConflictsOnCreate", "resolveConflictsOnUpdate", "preserve"}),
        gone=GONE,
        taken=TAKEN,
        tags=tag_calls(),
        rules=(
            one_of("resolveConflictsOnCreate", "NONE", "OVERWRITE"),
            one_of("resolveConflictsOnUpdate", "NONE", "OVERWRITE", "PRESERVE"),
            matches("podIdentityAssociations.roleArn", ROLE, "the ARN of a role"),
        ),
        example=Example(
            inputs={
                "clusterName": Ref("cluster"),
                "addonName": "metrics-server",
                "addonVersion": "v0.8.0-eksbuild.1",
                "configurationValues": '{"replicas": 2}',
                "podIdentityAssociations": [
                    {"roleArn": "arn:aws:iam::000000000000:role/metrics", "serviceAccount": "metrics"}
                ],
                "resolveConflictsOnCreate": "OVERWRITE",
                "tags": {"team": "a"},
            },
            update={
                "addonVersion": "v0.8.0-eksbuild.2",
                "configurationValues": '{"replicas": 3}',
                "podIdentityAssociations": [
                    {"roleArn": "arn:aws:iam::000000000000:role/other", "serviceAccount": "metrics"}
                ],
                "tags": {"team": "b"},
            },
            replace={"addonName": "coredns"},
            needs=CLUSTER_NEEDS,
        ),
    ),
)
