"""Rows of Amazon EKS: clusters (what runs in them: eks_node_groups.py, eks_add_ons.py; who gets in: eks_access.py)."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Call, Example, Need, Problem, Ref, Row, TagCalls, Wait
from sandbox.provider.rows.ec2 import SUBNET, VPC_NEED
from sandbox.provider.rules import matches, one_of
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
)
