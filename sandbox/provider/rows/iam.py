"""Rows of AWS IAM: global, so that no type takes a region."""

import json
from urllib.parse import unquote

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Call, Example, Need, Ref, Row, TagCalls
from sandbox.provider.rules import between, conflicts, matches
from sandbox.provider.values import Properties

ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/policy:Policy"
GONE = frozenset({"NoSuchEntity"})
KEPT_VERSIONS = 5  # of a managed policy, the service's quota
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


NEEDS = {"role": Need(ROLE, {"assumeRolePolicy": TRUST})}


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


def read_role_policy(context: Context) -> Properties | None:
    """One inline policy of a role."""
    role, _, name = context.id.partition(":")
    found = context.call("get_role_policy", RoleName=role, PolicyName=name)
    return {"role": role, "name": name, "policy": document(found["PolicyDocument"])}


def read_policy(context: Context) -> Properties | None:
    """The policy and the document of its default version."""
    found = context.call("get_policy", PolicyArn=context.id)["Policy"]
    version = context.call("get_policy_version", PolicyArn=context.id, VersionId=found["DefaultVersionId"])
    return {
        "arn": found["Arn"],
        "name": found["PolicyName"],
        "path": found.get("Path", "/"),
        "policyId": found["PolicyId"],
        "description": found.get("Description", ""),
        "attachmentCount": found.get("AttachmentCount", 0),
        "policy": document(version["PolicyVersion"]["Document"]),
    }


def new_version(context: Context) -> None:
    """Makes the new document the default version; IAM keeps five, so the oldest makes room."""
    if "policy" not in context.changed:
        return
    versions = _other_versions(context)
    if len(versions) + 1 >= KEPT_VERSIONS:
        context.call("delete_policy_version", PolicyArn=context.id, VersionId=versions[0])
    context.call("create_policy_version", PolicyArn=context.id, PolicyDocument=context["policy"], SetAsDefault=True)


def _other_versions(context: Context) -> list[str]:
    """Versions that are not the default, oldest first."""
    found = context.call("list_policy_versions", PolicyArn=context.id)["Versions"]
    others = [version["VersionId"] for version in found if not version["IsDefaultVersion"]]
    return sorted(others, key=lambda version: int(version.removeprefix("v")))


def delete_policy(context: Context) -> None:
    """Deletes the policy after its other versions."""
    for version in _other_versions(context):
        context.call("delete_policy_version", PolicyArn=context.id, VersionId=version)
    context.call("delete_policy", PolicyArn=context.id)


def read_attachment(context: Context) -> Properties | None:
    """Whether the policy is among the role's."""
    role, _, arn = context.id.partition("/")
    more: dict[str, str] = {}
    while True:
        page = context.call("list_attached_role_policies", RoleName=role, **more)
        if any(policy["PolicyArn"] == arn for policy in page["AttachedPolicies"]):
            return {"role": role, "policyArn": arn}
        if not page.get("IsTruncated"):
            return None
        more = {"Marker": page["Marker"]}


def allow(action: str) -> str:
    """A policy for the examples."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": action, "Resource": ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"]}],
        }
    )


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
        unsupported={"inlinePolicies": "use RolePolicy", "managedPolicyArns": "use RolePolicyAttachment"},
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
    Row(
        type="aws:iam/rolePolicy:RolePolicy",
        service="iam",
        cfn="AWS::IAM::RolePolicy",
        names={"role": "RoleName", "name": "PolicyName", "policy": "PolicyDocument"},
        auto_name=AutoName("name", 128, "namePrefix"),
        create=(Call("put_role_policy", only=("role", "name", "policy")),),
        read=(read_role_policy,),
        update=(Call("put_role_policy", only=("role", "name", "policy")),),
        delete=(Call("delete_role_policy", only=("role", "name")),),
        id=("role", "name"),
        replace=frozenset({"role", "name", "namePrefix"}),
        json=frozenset({"policy"}),
        provider_only=frozenset({"namePrefix"}),
        gone=GONE,
        rules=(conflicts("name", "namePrefix"),),
        example=Example(
            inputs={"role": Ref("role"), "policy": allow("s3:GetObject")},
            update={"policy": allow("s3:PutObject")},
            replace={"name": "another"},
            needs=NEEDS,
        ),
    ),
    Row(
        type=POLICY,
        service="iam",
        cfn="AWS::IAM::ManagedPolicy",
        names={"name": "PolicyName", "policy": "PolicyDocument"},
        cfn_names={"name": "ManagedPolicyName"},
        auto_name=AutoName("name", 128, "namePrefix"),
        create=(Call("create_policy", only=("name", "policy", "description", "path"), result="Policy"),),
        read=(read_policy,),
        update=(new_version,),
        delete=(delete_policy,),
        id=("arn",),
        replace=frozenset({"name", "namePrefix", "path", "description"}),
        json=frozenset({"policy"}),
        provider_only=frozenset({"namePrefix", "delayAfterPolicyCreationInMs"}),
        sticky=frozenset({"delayAfterPolicyCreationInMs"}),
        defaults={"path": "/"},
        gone=GONE,
        taken=frozenset({"EntityAlreadyExists"}),
        taken_id=lambda context: (
            f"arn:{context.cloud.partition}:iam::{context.cloud.account}:policy{context['path']}{context['name']}"
        ),
        tags=TagCalls("tag_policy", "untag_policy", "list_policy_tags", ("PolicyArn", "$id"), at_create="Tags"),
        rules=(conflicts("name", "namePrefix"),),
        example=Example(
            inputs={"policy": allow("s3:GetObject"), "tags": {"team": "a"}},
            update={"policy": allow("s3:PutObject"), "tags": {"team": "b"}},
            replace={"description": "another"},
        ),
    ),
    Row(
        type="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        service="iam",
        names={"role": "RoleName"},
        create=(Call("attach_role_policy", only=("role", "policyArn")),),
        read=(read_attachment,),
        delete=(Call("detach_role_policy", only=("role", "policyArn")),),
        id=("role", "policyArn"),
        id_separator="/",
        replace=frozenset({"role", "policyArn"}),
        gone=GONE,
        rules=(matches("policyArn", r"arn:[\w-]+:iam::(\d{12}|aws):policy/.+", "the ARN of a policy"),),
        example=Example(
            inputs={"role": Ref("role"), "policyArn": Ref("policy", "arn")},
            replace={"policyArn": "arn:aws:iam::000000000000:policy/other"},
            needs={**NEEDS, "policy": Need(POLICY, {"policy": allow("s3:GetObject")})},
        ),
    ),
)
