"""Managed node groups; their nodes are fake ones of the cluster's control plane (sandbox/kubernetes/pools.py)."""

from sandbox.eks.call import Call, Handler, page
from sandbox.eks.errors import in_use, invalid, not_found
from sandbox.eks.records import Document, new_id, now


def create_node_group(call: Call) -> Document:
    """Take a node group up."""
    record, name = call.record, str(call["nodegroupName"])
    if name in record.node_groups:
        raise in_use(f"NodeGroup already exists with name {name} and cluster name {record.cluster['name']}")
    template = call["launchTemplate"]
    if template and call["diskSize"]:
        raise invalid("Disk size must be specified within the launch template.")
    scaling = call["scalingConfig"] or {"minSize": 1, "maxSize": 2, "desiredSize": 2}
    _check_scaling(scaling)
    subnets = call.network.subnets(call.region, call["subnets"])
    group: Document = {
        "nodegroupName": name,
        "nodegroupArn": call.arn(f"nodegroup/{record.cluster['name']}/{name}/{new_id()}"),
        "clusterName": record.cluster["name"],
        "version": call["version"] or record.cluster["version"],
        "releaseVersion": call["releaseVersion"] or f"{call['version'] or record.cluster['version']}-local",
        "createdAt": now(),
        "modifiedAt": now(),
        "status": "ACTIVE",
        "capacityType": call["capacityType"] or "ON_DEMAND",
        "scalingConfig": scaling,
        "instanceTypes": call["instanceTypes"] or ["t3.medium"],
        "subnets": call["subnets"],
        "amiType": call["amiType"] or "AL2023_x86_64_STANDARD",
        "nodeRole": call["nodeRole"],
        "labels": call["labels"] or {},
        "taints": call["taints"] or [],
        "health": {"issues": []},
        "resources": {"autoScalingGroups": [{"name": f"eks-{name}-{new_id()[:8]}"}]},
        "updateConfig": call["updateConfig"] or {"maxUnavailable": 1},
        "nodeRepairConfig": call["nodeRepairConfig"] or {"enabled": False},
        "tags": call["tags"] or {},
        **({"launchTemplate": template} if template else {"diskSize": call["diskSize"] or 20}),
        **call.given("remoteAccess", "warmPoolConfig"),
        "zones": [subnet["zone"] for subnet in subnets],
    }
    record.node_groups[name] = group
    return {"nodegroup": _told(group)}


def describe_node_group(call: Call) -> Document:
    """A node group as it is."""
    return {"nodegroup": _told(_found(call))}


def list_node_groups(call: Call) -> Document:
    """The names of the cluster's node groups."""
    return page(call, "nodegroups", sorted(call.record.node_groups))


def delete_node_group(call: Call) -> Document:
    """Forget a node group; its nodes go."""
    group = _found(call)
    del call.record.node_groups[group["nodegroupName"]]
    return {"nodegroup": {**_told(group), "status": "DELETING"}}


def update_node_group_config(call: Call) -> Document:
    """Change how many nodes there are, and what they are labelled and tainted with."""
    group = _found(call)
    labels, taints = call["labels"] or {}, call["taints"] or {}
    if call["scalingConfig"]:
        scaling = {**group["scalingConfig"], **call["scalingConfig"]}
        _check_scaling(scaling)
        group["scalingConfig"] = scaling
    kept = {key: value for key, value in group["labels"].items() if key not in (labels.get("removeLabels") or [])}
    group["labels"] = kept | (labels.get("addOrUpdateLabels") or {})
    gone = taints.get("removeTaints") or []
    changed = taints.get("addOrUpdateTaints") or []
    replaced = [(taint.get("key"), taint.get("effect")) for taint in [*gone, *changed]]
    group["taints"] = [t for t in group["taints"] if (t.get("key"), t.get("effect")) not in replaced] + changed
    group |= call.given("updateConfig", "nodeRepairConfig", "warmPoolConfig")
    group["modifiedAt"] = now()
    return call.updated("ConfigUpdate", **call.given("scalingConfig", "labels", "taints"))


def update_node_group_version(call: Call) -> Document:
    """Change version or launch template."""
    group = _found(call)
    group |= call.given("version", "releaseVersion", "launchTemplate")
    group["modifiedAt"] = now()
    return call.updated("VersionUpdate", **call.given("version", "launchTemplate"))


def _found(call: Call) -> Document:
    found = call.record.node_groups.get(str(call["nodegroupName"]))
    if found is None:
        raise not_found(f"node group found for name: {call['nodegroupName']}")
    return found


def _told(group: Document) -> Document:
    return {name: value for name, value in group.items() if name != "zones"}


def _check_scaling(scaling: Document) -> None:
    least, wanted, most = (scaling.get(key, 0) for key in ("minSize", "desiredSize", "maxSize"))
    if not least <= wanted <= most:
        raise invalid(f"Minimum capacity {least} <= desired capacity {wanted} <= maximum capacity {most} is not so.")


HANDLERS: dict[str, Handler] = {
    "CreateNodegroup": create_node_group,
    "DescribeNodegroup": describe_node_group,
    "ListNodegroups": list_node_groups,
    "DeleteNodegroup": delete_node_group,
    "UpdateNodegroupConfig": update_node_group_config,
    "UpdateNodegroupVersion": update_node_group_version,
}
