"""Access entries and their policies: recorded, since every client of the local control plane is its administrator."""

from sandbox.eks.call import Call, Handler, page
from sandbox.eks.errors import EksError, in_use, invalid, not_found
from sandbox.eks.records import Document, new_id, now

# EKS API reference, CreateAccessEntry (read 2026-11-23).
TYPES = ("STANDARD", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "EC2", "HYBRID_LINUX", "HYPERPOD_LINUX")
# Types that take a policy: people's, and the nodes of Auto Mode.
WITH_POLICIES = ("STANDARD", "EC2")


def create_entry(call: Call) -> Document:
    """Let a principal in."""
    record, principal, kind = call.record, str(call["principalArn"]), call["type"] or "STANDARD"
    if record.cluster["accessConfig"]["authenticationMode"] == "CONFIG_MAP":
        raise EksError(
            "InvalidRequestException",
            "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP].",
        )
    if kind not in TYPES:
        raise invalid(f"There is no access entry of type {kind}; allowed: {', '.join(TYPES)}.")
    if principal in record.entries:
        raise in_use(f"The specified access entry resource is already in use on this cluster: {principal}")
    entry: Document = {
        "clusterName": record.cluster["name"],
        "principalArn": principal,
        "kubernetesGroups": call["kubernetesGroups"] or [],
        "accessEntryArn": call.arn(f"access-entry/{record.cluster['name']}/{principal.rpartition('/')[2]}/{new_id()}"),
        "createdAt": now(),
        "modifiedAt": now(),
        "tags": call["tags"] or {},
        "username": call["username"] or _default_name(principal, kind),
        "type": kind,
    }
    record.entries[principal] = entry
    return {"accessEntry": entry}


def describe_entry(call: Call) -> Document:
    """One access entry."""
    return {"accessEntry": _found(call)}


def list_entries(call: Call) -> Document:
    """The principals that have an entry, all or those with a policy."""
    record, policy = call.record, call["associatedPolicyArn"]
    names = [name for name in sorted(record.entries) if not policy or policy in record.policies.get(name, {})]
    return page(call, "accessEntries", names)


def update_entry(call: Call) -> Document:
    """Change groups and name."""
    entry = _found(call)
    entry |= {**call.given("kubernetesGroups", "username"), "modifiedAt": now()}
    return {"accessEntry": entry}


def delete_entry(call: Call) -> Document:
    """Let a principal in no longer; its policies go with the entry."""
    principal = _found(call)["principalArn"]
    del call.record.entries[principal]
    call.record.policies.pop(principal, None)
    return {}


def associate_policy(call: Call) -> Document:
    """Give an entry a policy, in the whole cluster or in namespaces."""
    entry, scope = _found(call), call["accessScope"]
    if entry["type"] not in WITH_POLICIES:
        raise EksError("InvalidRequestException", f"An entry of type {entry['type']} takes no access policy.")
    if scope.get("type") == "namespace" and not scope.get("namespaces"):
        raise invalid("A scope of type namespace names at least one.")
    policies = call.record.policies.setdefault(entry["principalArn"], {})
    before = policies.get(str(call["policyArn"]), {})
    policy: Document = {
        "policyArn": call["policyArn"],
        "accessScope": {"type": scope.get("type"), "namespaces": scope.get("namespaces") or []},
        "associatedAt": before.get("associatedAt", now()),
        "modifiedAt": now(),
    }
    policies[policy["policyArn"]] = policy
    return {**_of(entry), "associatedAccessPolicy": policy}


def disassociate_policy(call: Call) -> Document:
    """Take a policy from an entry."""
    entry, policy = _found(call), str(call["policyArn"])
    if call.record.policies.get(entry["principalArn"], {}).pop(policy, None) is None:
        raise not_found(f"policy {policy} associated with {entry['principalArn']}")
    return {}


def list_policies(call: Call) -> Document:
    """The policies of an entry."""
    entry = _found(call)
    found = call.record.policies.get(entry["principalArn"], {})
    return {**_of(entry), "associatedAccessPolicies": list(found.values())}


def _found(call: Call) -> Document:
    found = call.record.entries.get(str(call["principalArn"]))
    if found is None:
        raise not_found(f"access entry found for principal: {call['principalArn']}")
    return found


def _of(entry: Document) -> Document:
    return {"clusterName": entry["clusterName"], "principalArn": entry["principalArn"]}


def _default_name(principal: str, kind: str) -> str:
    """Who the principal is inside (EKS user guide, create access entries)."""
    if kind != "STANDARD":
        return "system:node:{{EC2PrivateDNSName}}"
    if ":role/" in principal:
        assumed = principal.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")
        return f"{assumed}/{{{{SessionName}}}}"
    return principal


HANDLERS: dict[str, Handler] = {
    "CreateAccessEntry": create_entry,
    "DescribeAccessEntry": describe_entry,
    "ListAccessEntries": list_entries,
    "UpdateAccessEntry": update_entry,
    "DeleteAccessEntry": delete_entry,
    "AssociateAccessPolicy": associate_policy,
    "DisassociateAccessPolicy": disassociate_policy,
    "ListAssociatedAccessPolicies": list_policies,
}
