"""Clusters: what is kept of one, and what its control plane says of itself."""

import re
import secrets
from typing import Any

from sandbox.eks.call import Call, ControlPlanes, Handler, page
from sandbox.eks.errors import EksError, in_use, invalid
from sandbox.eks.network import Network
from sandbox.eks.records import ClusterRecord, Document, Records, now

# EKS API reference, CreateCluster (read 2026-11-23).
_NAME = re.compile(r"[0-9A-Za-z][A-Za-z0-9_-]{0,99}")
LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
DEFAULT_VERSION = "1.34"
# What an update may change one at a time, and what the API calls such a change.
_CHANGES = {
    "resourcesVpcConfig": "VpcConfigUpdate",
    "logging": "LoggingUpdate",
    "accessConfig": "AccessConfigUpdate",
    "upgradePolicy": "UpgradePolicyUpdate",
    "zonalShiftConfig": "ZonalShiftConfigUpdate",
    "computeConfig": "AutoModeUpdate",
    "kubernetesNetworkConfig": "AutoModeUpdate",
    "storageConfig": "AutoModeUpdate",
    "remoteNetworkConfig": "RemoteNetworkConfigUpdate",
    "deletionProtection": "DeletionProtectionUpdate",
    "controlPlaneScalingConfig": "ControlPlaneScalingConfigUpdate",
}


def create_cluster(call: Call) -> Document:
    """Take a cluster up and have its control plane started; it is CREATING until that is ready."""
    name = str(call["name"])
    if not _NAME.fullmatch(name):
        raise invalid(
            f"Cluster name '{name}' has to be letters, digits, - and _, a letter or digit first, 100 at most."
        )
    if name in call.records.regions.get(call.region, {}):
        raise in_use(f"Cluster already exists with name: {name}")
    _check_auto_mode(call, {})
    asked = call["resourcesVpcConfig"]
    subnets = call.network.subnets(call.region, asked.get("subnetIds") or [])
    if len({subnet["zone"] for subnet in subnets}) < 2:
        raise invalid("A cluster needs subnets in at least two zones.")
    identity = secrets.token_hex(16).upper()
    cluster: Document = {
        "name": name,
        "arn": call.arn(f"cluster/{name}"),
        "createdAt": now(),
        "version": call["version"] or DEFAULT_VERSION,
        "roleArn": call["roleArn"],
        "resourcesVpcConfig": {
            "subnetIds": asked["subnetIds"],
            "securityGroupIds": asked.get("securityGroupIds") or [],
            "clusterSecurityGroupId": call.network.create_group(
                call.region, subnets[0]["vpc"], name, secrets.token_hex(4)
            ),
            "vpcId": subnets[0]["vpc"],
            "endpointPublicAccess": asked.get("endpointPublicAccess", True),
            "endpointPrivateAccess": asked.get("endpointPrivateAccess", False),
            "publicAccessCidrs": asked.get("publicAccessCidrs") or ["0.0.0.0/0"],
        },
        "kubernetesNetworkConfig": {
            "serviceIpv4Cidr": "10.96.0.0/16",
            "ipFamily": "ipv4",
            "elasticLoadBalancing": {"enabled": False},
            **(call["kubernetesNetworkConfig"] or {}),
        },
        "logging": _logging({}, call["logging"] or {}),
        "identity": {"oidc": {"issuer": f"https://oidc.eks.{call.region}.amazonaws.com/id/{identity}"}},
        "status": "CREATING",
        "platformVersion": "eks.1",
        "tags": call["tags"] or {},
        "encryptionConfig": call["encryptionConfig"] or [],
        "accessConfig": {
            "bootstrapClusterCreatorAdminPermissions": True,
            "authenticationMode": "CONFIG_MAP",
            **(call["accessConfig"] or {}),
        },
        "upgradePolicy": call["upgradePolicy"] or {"supportType": "EXTENDED"},
        "zonalShiftConfig": call["zonalShiftConfig"] or {"enabled": False},
        "computeConfig": call["computeConfig"] or {"enabled": False},
        "storageConfig": call["storageConfig"] or {"blockStorage": {"enabled": False}},
        "deletionProtection": bool(call["deletionProtection"]),
        **call.given("remoteNetworkConfig", "controlPlaneScalingConfig", "outpostConfig"),
    }
    call.records.regions.setdefault(call.region, {})[name] = ClusterRecord(cluster)
    call.planes.start(call.region, name)
    return {"cluster": cluster}


def describe_cluster(call: Call) -> Document:
    """A cluster as it is now, with the address of its control plane."""
    return {"cluster": _seen(call)}


def list_clusters(call: Call) -> Document:
    """The names of the region's clusters."""
    return page(call, "clusters", sorted(call.records.regions.get(call.region, {})))


def delete_cluster(call: Call) -> Document:
    """End the control plane and forget the cluster; it is DELETING meanwhile."""
    record = call.record
    cluster = record.cluster
    if cluster["deletionProtection"]:
        raise EksError("InvalidRequestException", f"Cluster {cluster['name']} has deletion protection enabled.")
    if record.node_groups:
        raise in_use(f"Cluster has nodegroups attached: {', '.join(sorted(record.node_groups))}")
    answer = {**_seen(call), "status": "DELETING"}
    cluster["status"] = "DELETING"
    finish_deletion(call.records, call.network, call.planes, call.region, cluster["name"])
    return {"cluster": answer}


def finish_deletion(records: Records, network: Network, planes: ControlPlanes, region: str, name: str) -> None:
    """Have what is left of a cluster removed in the background, the record last."""
    group = records.cluster(region, name).cluster["resourcesVpcConfig"]["clusterSecurityGroupId"]

    def done() -> None:
        network.delete_group(region, group)
        with records.lock:
            records.regions[region].pop(name, None)
            records.save()

    planes.remove(region, name, done)


def update_cluster_config(call: Call) -> Document:
    """Change what can be changed, one thing in a call, as the API wants it."""
    cluster = call.record.cluster
    wanted = {name: value for name in _CHANGES if (value := call[name]) is not None}
    kinds = {_CHANGES[name] for name in wanted}
    if len(kinds) != 1:
        what = "nothing" if not kinds else " and ".join(sorted(wanted))
        raise invalid(f"One type of update is allowed in a call, and this one asks for {what}.")
    if kinds == {"AutoModeUpdate"}:
        _check_auto_mode(call, cluster)
    for name, value in wanted.items():
        if name == "logging":
            cluster[name] = _logging(cluster[name], value)
        elif isinstance(value, dict):
            cluster[name] = {**cluster.get(name, {}), **value}
        else:
            cluster[name] = value
    return call.updated(kinds.pop(), **wanted)


def update_cluster_version(call: Call) -> Document:
    """Note another version; the local control plane is of one version whatever the cluster's is."""
    cluster, version = call.record.cluster, str(call["version"])
    if version == cluster["version"]:
        raise invalid(f"The cluster {cluster['name']} is at version {version} already.")
    cluster["version"] = version
    return call.updated("VersionUpdate", Version=version)


def associate_encryption_config(call: Call) -> Document:
    """Encrypt secrets with a key from now on; it can't be taken back."""
    cluster = call.record.cluster
    if cluster["encryptionConfig"]:
        raise EksError("InvalidRequestException", f"Cluster {cluster['name']} has an encryption configuration already.")
    cluster["encryptionConfig"] = call["encryptionConfig"]
    return call.updated("AssociateEncryptionConfig")


def describe_update(call: Call) -> Document:
    """What became of an update."""
    found = call.record.updates.get(str(call["updateId"]))
    if found is None:
        raise EksError("ResourceNotFoundException", f"No update found for ID: {call['updateId']}", 404)
    return {"update": found}


def _seen(call: Call) -> Document:
    """The cluster with what its control plane says of itself; a first start that failed stays one until it works."""
    cluster = call.record.cluster
    if cluster["status"] == "DELETING":
        return cluster
    plane = call.planes.state(call.region, cluster["name"])
    issues: list[dict[str, Any]] = []
    before = cluster["status"]
    if plane.ready:
        cluster["status"] = "ACTIVE"
    elif plane.failure:
        issues = [{"code": "InternalFailure", "message": plane.failure, "resourceIds": []}]
        if before == "CREATING":
            cluster["status"] = "FAILED"
    if cluster["status"] != before:
        # Kept: after a start the cluster is ACTIVE and has its address while its plane comes up.
        call.records.save()
    # As on AWS, a cluster has no address before it is there.
    shown = {"endpoint": plane.endpoint, "certificateAuthority": {"data": plane.authority}}
    known = shown if cluster["status"] == "ACTIVE" and plane.endpoint else {}
    return {**cluster, **known, "health": {"issues": issues}}


def _check_auto_mode(call: Call, before: Document) -> None:
    """The three parts of Auto Mode go together (EKS API reference, CreateCluster, computeConfig)."""
    compute = (call["computeConfig"] or before.get("computeConfig") or {}).get("enabled", False)
    balancing = ((call["kubernetesNetworkConfig"] or {}).get("elasticLoadBalancing") or {}).get("enabled", False)
    storage = ((call["storageConfig"] or {}).get("blockStorage") or {}).get("enabled", False)
    if len({compute, balancing, storage}) != 1:
        raise invalid(
            "computeConfig, elasticLoadBalancing of kubernetesNetworkConfig and blockStorage of storageConfig are "
            "either all enabled, for Auto Mode, or all disabled."
        )


def _logging(before: Document, wanted: Document) -> Document:
    """Which logs are on: those that were, changed by what is wanted."""
    on = {kind for setup in before.get("clusterLogging", []) if setup["enabled"] for kind in setup["types"]}
    for setup in wanted.get("clusterLogging") or []:
        on = on | set(setup["types"]) if setup["enabled"] else on - set(setup["types"])
    states = ((True, [kind for kind in LOG_TYPES if kind in on]), (False, [k for k in LOG_TYPES if k not in on]))
    return {"clusterLogging": [{"types": types, "enabled": state} for state, types in states if types]}


HANDLERS: dict[str, Handler] = {
    "CreateCluster": create_cluster,
    "DescribeCluster": describe_cluster,
    "ListClusters": list_clusters,
    "DeleteCluster": delete_cluster,
    "UpdateClusterConfig": update_cluster_config,
    "UpdateClusterVersion": update_cluster_version,
    "AssociateEncryptionConfig": associate_encryption_config,
    "DescribeUpdate": describe_update,
}
