"""Rows of instance profiles, by which instances get a role."""

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Example, Need, Ref, Row, TagCalls
from sandbox.provider.rows.iam import GONE, ROLE, TRUST
from sandbox.provider.rules import conflicts, matches
from sandbox.provider.values import Properties


def create(context: Context) -> Properties:
    """Creates the profile; its role is put in by a call of its own."""
    tags = [{"Key": key, "Value": str(value)} for key, value in (context["tagsAll"] or {}).items()]
    context.tags_sent = True
    name = context["name"]
    context.call("create_instance_profile", InstanceProfileName=name, Path=context["path"], Tags=tags or None)
    return {"id": name}


def set_role(context: Context) -> None:
    """Makes the role the profile's only one."""
    if not context.creating and "role" not in context.changed:
        return
    _remove_roles(context)
    if context.inputs.get("role"):
        context.call("add_role_to_instance_profile", InstanceProfileName=context.id, RoleName=context["role"])


def _remove_roles(context: Context) -> None:
    found = context.call("get_instance_profile", InstanceProfileName=context.id)["InstanceProfile"]
    for role in found["Roles"]:
        context.call("remove_role_from_instance_profile", InstanceProfileName=context.id, RoleName=role["RoleName"])


def read(context: Context) -> Properties | None:
    """The profile; its name is its id."""
    found = context.call("get_instance_profile", InstanceProfileName=context.id)["InstanceProfile"]
    state: Properties = {
        "arn": found["Arn"],
        "name": found["InstanceProfileName"],
        "path": found.get("Path", "/"),
        "uniqueId": found["InstanceProfileId"],
        "createDate": found["CreateDate"].isoformat(),
        "tags": {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])},
    }
    return state | ({"role": found["Roles"][0]["RoleName"]} if found["Roles"] else {})


def delete(context: Context) -> None:
    """Deletes the profile, which has to be empty."""
    _remove_roles(context)
    context.call("delete_instance_profile", InstanceProfileName=context.id)


ROWS = (
    Row(
        type="aws:iam/instanceProfile:InstanceProfile",
        service="iam",
        create=(create, set_role),
        read=(read,),
        update=(set_role,),
        delete=(delete,),
        id=("name",),
        replace=frozenset({"name", "namePrefix", "path"}),
        defaults={"path": "/"},
        provider_only=frozenset({"namePrefix"}),
        gone=GONE,
        taken=frozenset({"EntityAlreadyExists"}),
        auto_name=AutoName("name", 128, "namePrefix"),
        tags=TagCalls(
            add="tag_instance_profile", remove="untag_instance_profile", target=("InstanceProfileName", "$id")
        ),
        rules=(
            conflicts("name", "namePrefix"),
            matches("name", r"[\w+=,.@-]{1,128}", "up to 128 letters, digits and +=,.@-_"),
        ),
        example=Example(
            inputs={"role": Ref("role", "name"), "tags": {"a": "1", "b": "1"}},
            update={"role": Ref("other", "name"), "tags": {"a": "2"}},
            replace={"path": "/batch/"},
            needs={
                "role": Need(ROLE, {"assumeRolePolicy": TRUST}),
                "other": Need(ROLE, {"assumeRolePolicy": TRUST, "name": "instance-profile-other"}),
            },
        ),
    ),
)
