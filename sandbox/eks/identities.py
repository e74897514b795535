"""Pod identity associations: which role the pods of a service account get."""

from sandbox.eks.call import Call, Handler
from sandbox.eks.errors import in_use, not_found
from sandbox.eks.records import Document, new_id, now


def create(call: Call) -> Document:
    """Associate a service account with a role."""
    return {"association": associate(call, dict(call.parameters))}


def associate(call: Call, asked: Document, owner: str = "") -> Document:
    """Make an association.

    Args:
        asked: namespace, serviceAccount, roleArn, ...
        owner: the ARN of the add-on it belongs to.

    Raises:
        EksError: the service account has one already.
    """
    record = call.record
    pair = (asked["namespace"], asked["serviceAccount"])
    if any((each["namespace"], each["serviceAccount"]) == pair for each in record.associations.values()):
        raise in_use(f"Association already exists: service account {pair[1]} in namespace {pair[0]}")
    identity = f"a-{new_id().replace('-', '')[:17]}"
    made: Document = {
        "clusterName": record.cluster["name"],
        "namespace": pair[0],
        "serviceAccount": pair[1],
        "roleArn": asked["roleArn"],
        "associationArn": call.arn(f"podidentityassociation/{record.cluster['name']}/{identity}"),
        "associationId": identity,
        "tags": asked.get("tags") or {},
        "createdAt": now(),
        "modifiedAt": now(),
        "disableSessionTags": bool(asked.get("disableSessionTags")),
    }
    made |= {name: asked[name] for name in ("targetRoleArn", "policy") if asked.get(name)}
    if owner:
        made["ownerArn"] = owner
    if asked.get("targetRoleArn"):
        made["externalId"] = new_id()
    record.associations[identity] = made
    return made


def describe(call: Call) -> Document:
    """One association."""
    return {"association": _found(call)}


def list_all(call: Call) -> Document:
    """The associations of a cluster, a namespace, a service account."""
    wanted = call.given("namespace", "serviceAccount")
    found = [
        {name: value for name, value in each.items() if name in _SUMMARY}
        for each in call.record.associations.values()
        if all(each[name] == value for name, value in wanted.items())
    ]
    return {"associations": found}


def update(call: Call) -> Document:
    """Change the role and what goes with it."""
    found = _found(call)
    found |= {**call.given("roleArn", "disableSessionTags", "targetRoleArn", "policy"), "modifiedAt": now()}
    return {"association": found}


def delete(call: Call) -> Document:
    """End an association."""
    found = _found(call)
    del call.record.associations[found["associationId"]]
    return {"association": found}


def _found(call: Call) -> Document:
    found = call.record.associations.get(str(call["associationId"]))
    if found is None:
        raise not_found(f"pod identity association found for ID: {call['associationId']}")
    return found


_SUMMARY = ("clusterName", "namespace", "serviceAccount", "associationArn", "associationId", "ownerArn")

HANDLERS: dict[str, Handler] = {
    "CreatePodIdentityAssociation": create,
    "DescribePodIdentityAssociation": describe,
    "ListPodIdentityAssociations": list_all,
    "UpdatePodIdentityAssociation": update,
    "DeletePodIdentityAssociation": delete,
}
