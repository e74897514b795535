"""Add-ons: recorded with their identities; nothing of them runs on the local control plane."""

from collections.abc import Mapping

from sandbox.eks import identities
from sandbox.eks.call import Call, Handler, page
from sandbox.eks.errors import in_use, not_found
from sandbox.eks.records import Document, new_id, now

# Where the service accounts of add-ons live (EKS user guide, AWS add-ons, read 2026-11-23).
NAMESPACES: Mapping[str, str] = {"amazon-cloudwatch-observability": "amazon-cloudwatch"}
DEFAULT_NAMESPACE = "kube-system"


def create(call: Call) -> Document:
    """Install an add-on."""
    record, name = call.record, str(call["addonName"])
    if name in record.add_ons:
        raise in_use(f"Addon already exists: {name}")
    addon: Document = {
        "addonName": name,
        "clusterName": record.cluster["name"],
        "status": "ACTIVE",
        "addonVersion": call["addonVersion"] or "v1.0.0-eksbuild.1",
        "health": {"issues": []},
        "addonArn": call.arn(f"addon/{record.cluster['name']}/{name}/{new_id()}"),
        "createdAt": now(),
        "modifiedAt": now(),
        "tags": call["tags"] or {},
        "owner": "aws",
        "publisher": "eks",
        **call.given("serviceAccountRoleArn", "configurationValues", "namespaceConfig"),
    }
    record.add_ons[name] = addon
    _identify(call, addon)
    return {"addon": addon}


def describe(call: Call) -> Document:
    """One add-on."""
    return {"addon": _found(call)}


def list_all(call: Call) -> Document:
    """The names of the cluster's add-ons."""
    return page(call, "addons", sorted(call.record.add_ons))


def update(call: Call) -> Document:
    """Change version, configuration and identities."""
    addon = _found(call)
    addon |= {**call.given("addonVersion", "serviceAccountRoleArn", "configurationValues"), "modifiedAt": now()}
    _identify(call, addon)
    return call.updated("AddonUpdate", **call.given("addonVersion", "configurationValues"))


def delete(call: Call) -> Document:
    """Remove an add-on with the identities that are its own."""
    addon = _found(call)
    _release(call, addon)
    del call.record.add_ons[addon["addonName"]]
    return {"addon": {**addon, "status": "DELETING"}}


def _identify(call: Call, addon: Document) -> None:
    """Give its service accounts the wanted roles in place of those they have; unsaid, they keep theirs."""
    wanted = call["podIdentityAssociations"]
    if wanted is None:
        return
    _release(call, addon)
    asked = (addon.get("namespaceConfig") or {}).get("namespace")
    namespace = asked or NAMESPACES.get(addon["addonName"], DEFAULT_NAMESPACE)
    made = [identities.associate(call, {"namespace": namespace, **each}, addon["addonArn"]) for each in wanted]
    addon["podIdentityAssociations"] = [each["associationArn"] for each in made]


def _release(call: Call, addon: Document) -> None:
    for arn in addon.pop("podIdentityAssociations", []):
        call.record.associations.pop(arn.rpartition("/")[2], None)


def _found(call: Call) -> Document:
    found = call.record.add_ons.get(str(call["addonName"]))
    if found is None:
        raise not_found(f"addon: {call['addonName']} found in cluster: {call.record.cluster['name']}")
    return found


HANDLERS: dict[str, Handler] = {
    "CreateAddon": create,
    "DescribeAddon": describe,
    "ListAddons": list_all,
    "UpdateAddon": update,
    "DeleteAddon": delete,
}
