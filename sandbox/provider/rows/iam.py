"""Rows of AWS IAM: global, so that no type takes a region."""

import json
from urllib.parse import unquote

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Call, Example, Row, TagCalls
from sandbox.provider.rules import between, conflicts
from sandbox.provider.values import Properties

ROLE = "aws:iam/role:Role"
GONE = frozenset({"NoSuchEntity"})
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


def document(value: object) -> str:
    """A policy as text: botocore has read it already, an emulator may still have it URL-encoded."""
    if isinstance(value, str):
        return unquote(value) if value.startswith("%7B") else value
    return json.dumps(value)


def read_role(context: Context) -> Properties | None:
    """The role; its name is its id."""
    found = context.call("get_role", RoleName=context.id)["Role"]
    return {
        "arn": found["Arn"],
        "name": found["RoleName"],
        "path": found.get("Path", "/"),
        "uniqueId": found["RoleId"],
        "createDate": found["CreateDate"].isoformat(),
        "description": found.get("Description", ""),
        "maxSessionDuration": found.get("MaxSessionDuration", 3600),
        "permissionsBoundary": found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""),
        "assumeRolePolicy": document(found["AssumeRolePolicyDocument"]),
        "tags": {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])},
    }


def set_boundary(context: Context) -> None:
    """Puts the permissions boundary, or takes it away."""
    if "permissionsBoundary" not in context.changed:
        return
    boundary = context.inputs.get("permissionsBoundary")
    if boundary:
        context.call("put_role_permissions_boundary", RoleName=context.id, PermissionsBoundary=boundary)
    else:
        context.call("delete_role_permissions_boundary", RoleName=context.id)


def delete_role(context: Context) -> None:
    """Deletes the role, and what still hangs on it when forceDetachPolicies says so."""
    if context["forceDetachPolicies"] is True:
        for policy in context.call("list_attached_role_policies", RoleName=context.id)["AttachedPolicies"]:
            context.call("detach_role_policy", RoleName=context.id, PolicyArn=policy["PolicyArn"])
        for name in context.call("list_role_policies", RoleName=context.id)["PolicyNames"]:
            context.call("delete_role_policy", RoleName=context.id, PolicyName=name)
    context.call("delete_role", RoleName=context.id)


ROWS = (
    Row(
        type=ROLE,
        service="iam",
        cfn="AWS::IAM::Role",
        names={"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"},
        auto_name=AutoName("name", 64, "namePrefix"),
        create=(
            Call(
                "create_role",
                only=("name", "assumeRolePolicy", "description", "maxSessionDuration", "path", "permissionsBoundary"),
                result="Role",
            ),
        ),
        read=(read_role,),
        update=(
            Call(
                "update_assume_role_policy",
                {"RoleName": "$id", "PolicyDocument": "assumeRolePolicy"},
                fill=False,
                only=("assumeRolePolicy",),
            ),
            Call("update_role", {"RoleName": "$id"}, only=("description", "maxSessionDuration")),
            set_boundary,
        ),
        delete=(delete_role,),
        id=("name",),
        replace=frozenset({"name", "namePrefix", "path"}),
        json=frozenset({"assumeRolePolicy"}),
        provider_only=frozenset({"forceDetachPolicies", "namePrefix"}),
        watched=frozenset({"permissionsBoundary"}),
        unset={"description": ""},
        defaults={"forceDetachPolicies": False, "maxSessionDuration": 3600, "path": "/"},
        gone=GONE,
        taken=frozenset({"EntityAlreadyExists"}),
        tags=TagCalls("tag_role", "untag_role", "", ("RoleName", "$id"), at_create="Tags"),
        rules=(conflicts("name", "namePrefix"), between("maxSessionDuration", 3600, 43200)),
        example=Example(
            inputs={"assumeRolePolicy": TRUST, "description": "first", "tags": {"team": "a"}},
            update={"description": None, "maxSessionDuration": 7200, "tags": {"team": "b"}},
            replace={"path": "/other/"},
        ),
    ),
)
