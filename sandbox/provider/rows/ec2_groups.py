"""Rows of security groups and their rules."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import AutoName, Example, Need, Problem, Ref, Row
from sandbox.provider.rows.ec2 import TAGS, VPC_NEED, arn, first
from sandbox.provider.rules import conflicts, exactly_one
from sandbox.provider.values import Properties

GROUP = "aws:ec2/securityGroup:SecurityGroup"
GONE = frozenset({"InvalidGroup.NotFound", "InvalidGroupId.Malformed", "InvalidSecurityGroupRuleId.NotFound"})


def _permission(rule: Mapping[str, Any]) -> dict[str, Any]:
    """An inline rule of a group as the API has it."""
    description = {"Description": rule["description"]} if rule.get("description") else {}
    permission: dict[str, Any] = {"IpProtocol": rule["protocol"]}
    if rule["protocol"] != "-1":
        permission |= {"FromPort": rule["fromPort"], "ToPort": rule["toPort"]}
    permission["IpRanges"] = [{"CidrIp": cidr, **description} for cidr in rule.get("cidrBlocks") or []]
    permission["UserIdGroupPairs"] = [{"GroupId": group, **description} for group in rule.get("securityGroups") or []]
    return permission


def _inline(permissions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The API's rules as inline rules."""
    rules = []
    for permission in permissions:
        rule: dict[str, Any] = {
            "protocol": permission["IpProtocol"],
            "fromPort": permission.get("FromPort", 0),
            "toPort": permission.get("ToPort", 0),
        }
        if ranges := permission.get("IpRanges"):
            rule["cidrBlocks"] = [entry["CidrIp"] for entry in ranges]
        if pairs := permission.get("UserIdGroupPairs"):
            rule["securityGroups"] = [pair["GroupId"] for pair in pairs]
        described = [entry for entry in [*(ranges or []), *(pairs or [])] if entry.get("Description")]
        if described:
            rule["description"] = described[0]["Description"]
        rules.append(rule)
    return rules


def _describe(context: Context) -> dict[str, Any] | None:
    return first(context.call("describe_security_groups", GroupIds=[context.id]), "SecurityGroups")


def _set_rules(context: Context, found: Mapping[str, Any], *, ingress: Any, egress: Any) -> None:
    """Makes the group's rules these; None leaves a direction to resources of their own."""
    for wanted, member, direction in (
        (ingress, "IpPermissions", "ingress"),
        (egress, "IpPermissionsEgress", "egress"),
    ):
        if wanted is None:
            continue
        if found.get(member):
            context.call(f"revoke_security_group_{direction}", GroupId=context.id, IpPermissions=found[member])
        if wanted:
            permissions = [_permission(rule) for rule in wanted]
            context.call(f"authorize_security_group_{direction}", GroupId=context.id, IpPermissions=permissions)


def create_group(context: Context) -> Properties:
    """Creates the group; the rule that lets everything out, which the API adds, is taken away as officially."""
    context.id = context.call(
        "create_security_group",
        GroupName=context["name"],
        Description=context["description"],
        VpcId=context["vpcId"],
    )["GroupId"]
    found = _describe(context) or {}
    _set_rules(context, found, ingress=context.inputs.get("ingress") or [], egress=context.inputs.get("egress") or [])
    return {"id": context.id}


def read_group(context: Context) -> Properties | None:
    """The group; rules are inputs only when the program wrote them inline."""
    found = _describe(context)
    if found is None:
        return None
    state: Properties = {
        "id": context.id,
        "arn": arn(context, "security-group"),
        "name": found["GroupName"],
        "description": found["Description"],
        "vpcId": found["VpcId"],
        "ownerId": found.get("OwnerId"),
        "revokeRulesOnDelete": bool(context["revokeRulesOnDelete"]),
        "tags": found.get("Tags", []),
    }
    for name, member in (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")):
        if name in context.state or name in context.inputs:
            state[name] = _inline(found.get(member, []))
    return state


def update_group(context: Context) -> None:
    """Sets inline rules anew."""
    found = _describe(context) or {}
    _set_rules(
        context,
        found,
        ingress=(context.inputs.get("ingress") or []) if "ingress" in context.changed else None,
        egress=(context.inputs.get("egress") or []) if "egress" in context.changed else None,
    )


def delete_group(context: Context) -> None:
    """Deletes the group."""
    context.call("delete_security_group", GroupId=context.id)


def adopt_default(context: Context) -> Properties:
    """Takes over the VPC's default group and makes its rules the program's."""
    filters = [{"Name": "vpc-id", "Values": [context["vpcId"]]}, {"Name": "group-name", "Values": ["default"]}]
    found = first(context.call("describe_security_groups", Filters=filters), "SecurityGroups")
    context.id = found["GroupId"] if found else ""
    _set_rules(
        context,
        found or {},
        ingress=context.inputs.get("ingress") or [],
        egress=context.inputs.get("egress") or [],
    )
    return {"id": context.id}


def read_default(context: Context) -> Properties | None:
    """The default group, with its rules always: one that appears there is drift."""
    found = _describe(context)
    if found is None:
        return None
    return {
        "id": context.id,
        "arn": arn(context, "security-group"),
        "name": found["GroupName"],
        "description": found["Description"],
        "vpcId": found["VpcId"],
        "ownerId": found.get("OwnerId"),
        "ingress": _inline(found.get("IpPermissions", [])),
        "egress": _inline(found.get("IpPermissionsEgress", [])),
        "revokeRulesOnDelete": bool(context["revokeRulesOnDelete"]),
        "tags": found.get("Tags", []),
    }


def leave_default(_: Context) -> None:
    """Leaves the group as it is: it goes with its VPC, and can't be deleted."""


def _rule_permission(context: Context) -> dict[str, Any]:
    said = {"Description": context["description"]} if context["description"] else {}
    permission: dict[str, Any] = {"IpProtocol": context["ipProtocol"]}
    if context["fromPort"] is not None:
        permission["FromPort"] = context["fromPort"]
    if context["toPort"] is not None:
        permission["ToPort"] = context["toPort"]
    if cidr := context["cidrIpv4"]:
        permission["IpRanges"] = [{"CidrIp": cidr, **said}]
    if group := context["referencedSecurityGroupId"]:
        permission["UserIdGroupPairs"] = [{"GroupId": group, **said}]
    return permission


def _rule_steps(direction: str) -> dict[str, Any]:
    """The steps of a rule that is a resource of its own."""

    def create(context: Context) -> Properties:
        answer = context.call(
            f"authorize_security_group_{direction}",
            GroupId=context["securityGroupId"],
            IpPermissions=[_rule_permission(context)],
        )
        context.id = answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        return {"id": context.id}

    def read(context: Context) -> Properties | None:
        answer = context.call("describe_security_group_rules", SecurityGroupRuleIds=[context.id])
        found = first(answer, "SecurityGroupRules")
        if found is None:
            return None
        state: Properties = {
            "id": context.id,
            "securityGroupRuleId": context.id,
            "arn": arn(context, "security-group-rule"),
            "securityGroupId": found["GroupId"],
            "ipProtocol": found["IpProtocol"],
            "tags": found.get("Tags") or context["tags"] or {},
        }
        for name, member in {
            "fromPort": "FromPort",
            "toPort": "ToPort",
            "cidrIpv4": "CidrIpv4",
            "description": "Description",
        }.items():
            # All protocols have no ports; the API answers -1.
            if found.get(member) not in (None, "", -1):
                state[name] = found[member]
        if referenced := found.get("ReferencedGroupInfo", {}).get("GroupId"):
            state["referencedSecurityGroupId"] = referenced
        return state

    def update(context: Context) -> None:
        rule: dict[str, Any] = {"IpProtocol": context["ipProtocol"]}
        for name, member in {
            "fromPort": "FromPort",
            "toPort": "ToPort",
            "cidrIpv4": "CidrIpv4",
            "description": "Description",
            "referencedSecurityGroupId": "ReferencedGroupId",
        }.items():
            if context.inputs.get(name) is not None:
                rule[member] = context.inputs[name]
        context.call(
            "modify_security_group_rules",
            GroupId=context["securityGroupId"],
            SecurityGroupRules=[{"SecurityGroupRuleId": context.id, "SecurityGroupRule": rule}],
        )

    def delete(context: Context) -> None:
        context.call(
            f"revoke_security_group_{direction}",
            GroupId=context["securityGroupId"],
            SecurityGroupRuleIds=[context.id],
        )

    return {"create": (create,), "read": (read,), "update": (update,), "delete": (delete,)}


def ports(inputs: Mapping[str, Any]) -> list[Problem]:
    """All protocols take no ports; the others take both."""
    given = [name for name in ("fromPort", "toPort") if inputs.get(name) is not None]
    if inputs.get("ipProtocol") == "-1":
        return [Problem(name, "the protocol -1 means all protocols, which have no ports") for name in given]
    if inputs.get("ipProtocol") in ("tcp", "udp") and len(given) < 2:
        missing = "toPort" if "fromPort" in given else "fromPort"
        return [Problem(missing, f"a rule for {inputs['ipProtocol']} names fromPort and toPort")]
    return []


NO_IPV6 = "the local cloud has IPv4 networks only"


def _rule_row(kind: str, direction: str) -> Row:
    return Row(
        type=f"aws:vpc/securityGroup{kind}Rule:SecurityGroup{kind}Rule",
        service="ec2",
        **_rule_steps(direction),
        replace=frozenset({"securityGroupId"}),
        gone=GONE,
        tags=TAGS,
        unsupported={"cidrIpv6": NO_IPV6, "prefixListId": "use cidrIpv4"},
        rules=(exactly_one("cidrIpv4", "referencedSecurityGroupId"), ports),
        example=Example(
            inputs={
                "securityGroupId": Ref("group"),
                "ipProtocol": "tcp",
                "fromPort": 443,
                "toPort": 443,
                "cidrIpv4": "10.0.0.0/16",
                "description": "https",
            },
            update={"description": "web"},
            replace={"securityGroupId": "sg-0123456789abcdef0"},
            needs={"vpc": VPC_NEED, "group": Need(GROUP, {"vpcId": Ref("vpc")})},
        ),
    )


ROWS = (
    Row(
        type=GROUP,
        service="ec2",
        create=(create_group,),
        read=(read_group,),
        update=(update_group,),
        delete=(delete_group,),
        replace=frozenset({"name", "description", "vpcId"}),
        sets=frozenset({"ingress", "egress"}),
        defaults={"description": "Managed by Pulumi", "revokeRulesOnDelete": False},
        sticky=frozenset({"vpcId", "ingress", "egress"}),
        provider_only=frozenset({"revokeRulesOnDelete"}),
        gone=GONE,
        auto_name=AutoName("name", 255),
        tags=TAGS,
        rules=(conflicts("name", "namePrefix"),),
        example=Example(
            inputs={"vpcId": Ref("vpc"), "description": "first", "tags": {"a": "1"}},
            update={"tags": {"a": "2"}},
            replace={"description": "second"},
            needs={"vpc": VPC_NEED},
        ),
    ),
    Row(
        type="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        service="ec2",
        create=(adopt_default,),
        read=(read_default,),
        update=(update_group,),
        delete=(leave_default,),
        replace=frozenset({"vpcId"}),
        sets=frozenset({"ingress", "egress"}),
        sticky=frozenset({"vpcId"}),
        watched=frozenset({"ingress", "egress"}),
        provider_only=frozenset({"revokeRulesOnDelete"}),
        gone=GONE,
        tags=TAGS,
        example=Example(
            inputs={"vpcId": Ref("vpc"), "tags": {"a": "1"}},
            update={
                "ingress": [{"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": ["10.0.0.0/16"]}],
                "tags": {"a": "2"},
            },
            replace={"vpcId": "vpc-0123456789abcdef0"},
            needs={"vpc": VPC_NEED},
            lasting="a VPC's default group can't be deleted; it is left as it is and goes with the VPC",
        ),
    ),
    _rule_row("Ingress", "ingress"),
    _rule_row("Egress", "egress"),
)
