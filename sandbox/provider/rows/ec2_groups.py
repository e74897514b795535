"""Rows of security groups and of a VPC's default one."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.errors import ProviderError
from sandbox.provider.row import AutoName, Example, Problem, Ref, Row, Step
from sandbox.provider.rows.ec2 import NO_IPV6, TAGS, VPC_NEED, arn, filters, first, specified_tags
from sandbox.provider.rules import conflicts, found, matches
from sandbox.provider.values import Properties

GROUP = "aws:ec2/securityGroup:SecurityGroup"
GONE = frozenset({"InvalidGroup.NotFound", "InvalidGroupId.Malformed"})
# Property to the members that hold its rules.
DIRECTIONS = {"ingress": "IpPermissions", "egress": "IpPermissionsEgress"}


def _permission(context: Context, rule: Mapping[str, Any]) -> dict[str, Any]:
    """An inline rule of a group as the API has it."""
    description = {"Description": rule["description"]} if rule.get("description") else {}
    permission: dict[str, Any] = {"IpProtocol": rule["protocol"]}
    if rule["protocol"] != "-1":
        permission |= {"FromPort": rule["fromPort"], "ToPort": rule["toPort"]}
    groups = [*(rule.get("securityGroups") or []), *([context.id] if rule.get("self") else [])]
    permission["IpRanges"] = [{"CidrIp": cidr, **description} for cidr in rule.get("cidrBlocks") or []]
    permission["UserIdGroupPairs"] = [{"GroupId": group, **description} for group in groups]
    return permission


def _inline(context: Context, permissions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The API's rules as inline rules."""
    rules: list[dict[str, Any]] = []
    for permission in permissions:
        rule: dict[str, Any] = {
            "protocol": permission["IpProtocol"],
            "fromPort": permission.get("FromPort", 0),
            "toPort": permission.get("ToPort", 0),
        }
        ranges, pairs = permission.get("IpRanges") or [], permission.get("UserIdGroupPairs") or []
        groups = [pair["GroupId"] for pair in pairs]
        if ranges:
            rule["cidrBlocks"] = [entry["CidrIp"] for entry in ranges]
        if others := [group for group in groups if group != context.id]:
            rule["securityGroups"] = others
        if context.id in groups:
            rule["self"] = True
        if said := next((entry["Description"] for entry in [*ranges, *pairs] if entry.get("Description")), ""):
            rule["description"] = said
        rules.append(rule)
    return rules


def _describe(context: Context) -> dict[str, Any] | None:
    return first(context.call("describe_security_groups", GroupIds=[context.id]), "SecurityGroups")


def _set(context: Context, direction: str, wanted: list[dict[str, Any]]) -> None:
    """Makes these the group's rules of a direction; those it has are taken away by their ids."""
    listed = context.call("describe_security_group_rules", Filters=filters(group_id=context.id))["SecurityGroupRules"]
    old = {rule["SecurityGroupRuleId"] for rule in listed if rule["IsEgress"] == (direction == "egress")}
    if old:
        context.call(f"revoke_security_group_{direction}", GroupId=context.id, SecurityGroupRuleIds=sorted(old))
    if wanted:
        permissions = [_permission(context, rule) for rule in wanted]
        context.call(f"authorize_security_group_{direction}", GroupId=context.id, IpPermissions=permissions)


def set_rules(context: Context) -> None:
    """Sets inline rules anew: after the create all of them, in an update those of a changed direction.

    The rule that the API gives every new group, which lets everything out, is taken away, as the official provider
    does.
    """
    for direction in DIRECTIONS:
        if context.creating or direction in context.changed:
            _set(context, direction, context.inputs.get(direction) or [])


def create_group(context: Context) -> Properties:
    """Creates the group; the emulator does not look whether the VPC exists."""
    if context["vpcId"]:
        context.call("describe_vpcs", VpcIds=[context["vpcId"]])
    answer = context.call(
        "create_security_group",
        GroupName=context["name"],
        Description=context["description"],
        VpcId=context["vpcId"],
        TagSpecifications=specified_tags(context, "security-group"),
    )
    return {"id": answer["GroupId"]}


def group_of_name(context: Context) -> str:
    """The id of the VPC's group that has the wanted name."""
    wanted = filters(group_name=context["name"], vpc_id=context["vpcId"])
    group = first(context.call("describe_security_groups", Filters=wanted), "SecurityGroups")
    return group["GroupId"] if group else ""


def _state(context: Context, group: Mapping[str, Any]) -> Properties:
    return {
        "id": context.id,
        "arn": arn(context, "security-group"),
        "name": group["GroupName"],
        "description": group["Description"],
        "vpcId": group["VpcId"],
        "ownerId": group.get("OwnerId"),
        "tags": group.get("Tags", []),
    }


def read_group(context: Context) -> Properties | None:
    """The group; rules are inputs only when the program wrote them inline."""
    group = _describe(context)
    if group is None:
        return None
    rules = {name: _inline(context, group.get(member, [])) for name, member in DIRECTIONS.items()}
    return _state(context, group) | {name: value for name, value in rules.items() if name in context.inputs}


def delete_group(context: Context) -> None:
    """Deletes the group."""
    if context["revokeRulesOnDelete"] is True:
        for direction in DIRECTIONS:
            _set(context, direction, [])
    context.call("delete_security_group", GroupId=context.id)


def adopt_default(context: Context) -> Properties:
    """Takes over the VPC's default group; without a VPC, that of the region's default VPC."""
    vpc = context["vpcId"]
    if not vpc:
        default = first(context.call("describe_vpcs", Filters=filters(**{"is-default": "true"})), "Vpcs")
        vpc = default["VpcId"] if default else ""
    wanted = filters(vpc_id=vpc, group_name="default")
    group = first(context.call("describe_security_groups", Filters=wanted), "SecurityGroups") if vpc else None
    if group is None:
        raise ProviderError(f"there is no default security group in {vpc or 'the region, which has no default VPC'}")
    return {"id": group["GroupId"], "vpcId": group["VpcId"]}


def read_default(context: Context) -> Properties | None:
    """The default group, with its rules always: one that appears there is drift."""
    group = _describe(context)
    if group is None:
        return None
    return _state(context, group) | {
        name: _inline(context, group.get(member, [])) for name, member in DIRECTIONS.items()
    }


def leave_default(_: Context) -> None:
    """Leaves the group with the rules it has, as the official provider does: it goes with its VPC."""


def inline_rules(inputs: Mapping[str, Any]) -> list[Problem]:
    """What inline rules may say: ports that match the protocol, and sources that the local cloud has."""
    problems: list[Problem] = []
    for direction in DIRECTIONS:
        for where, rule in found(inputs, direction):
            if not isinstance(rule, Mapping):
                continue
            problems += [Problem(f"{where}.ipv6CidrBlocks", NO_IPV6)] if rule.get("ipv6CidrBlocks") else []
            if rule.get("prefixListIds"):
                problems.append(
                    Problem(f"{where}.prefixListIds", "the local cloud has no prefix lists; use cidrBlocks")
                )
            ports = {rule.get("fromPort"), rule.get("toPort")}
            if rule.get("protocol") == "-1" and all(isinstance(port, int) for port in ports) and ports != {0}:
                problems.append(
                    Problem(
                        where, "the protocol -1 means all protocols, which have no ports: fromPort and toPort are 0"
                    )
                )
            if not any(
                rule.get(name) for name in ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "securityGroups", "self")
            ):
                problems.append(Problem(where, "a rule needs cidrBlocks, securityGroups or self"))
    return problems


RULE_LISTS = frozenset(
    {*DIRECTIONS, *(f"{name}.{part}" for name in DIRECTIONS for part in ("cidrBlocks", "securityGroups"))}
)
STEPS: tuple[Step, ...] = (set_rules,)
SSH = {
    "protocol": "tcp",
    "fromPort": 22,
    "toPort": 22,
    "cidrBlocks": ["10.0.0.0/16", "10.1.0.0/16"],
    "description": "in",
}
AMONG_THEMSELVES = {"protocol": "-1", "fromPort": 0, "toPort": 0, "self": True}

ROWS = (
    Row(
        type=GROUP,
        service="ec2",
        create=(create_group, *STEPS),
        read=(read_group,),
        update=STEPS,
        delete=(delete_group,),
        replace=frozenset({"name", "namePrefix", "description", "vpcId"}),
        sets=RULE_LISTS,
        defaults={"description": "Managed by Pulumi", "revokeRulesOnDelete": False},
        sticky=frozenset({"vpcId", "ingress", "egress"}),
        provider_only=frozenset({"namePrefix", "revokeRulesOnDelete"}),
        gone=GONE,
        taken=frozenset({"InvalidGroup.Duplicate"}),
        taken_id=group_of_name,
        auto_name=AutoName("name", 255, "namePrefix"),
        tags=TAGS,
        rules=(
            conflicts("name", "namePrefix"),
            matches("name", r"(?!sg-)[\s\S]{1,255}", "it has up to 255 characters and does not begin with sg-"),
            matches(
                "description",
                r"[0-9A-Za-z_ .:/()#,@\[\]+=&;{}!$*-]{1,255}",
                "it has up to 255 letters of the alphabet, digits, spaces and ._-:/()#,@[]+=&;{}!$*",
            ),
            inline_rules,
        ),
        example=Example(
            inputs={"vpcId": Ref("vpc"), "description": "first", "ingress": [SSH], "tags": {"a": "1"}},
            update={"ingress": [AMONG_THEMSELVES, SSH], "egress": [AMONG_THEMSELVES], "tags": {"a": "2"}},
            replace={"description": "second"},
            needs={"vpc": VPC_NEED},
        ),
    ),
    Row(
        type="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        service="ec2",
        create=(adopt_default, *STEPS),
        read=(read_default,),
        update=STEPS,
        delete=(leave_default,),
        replace=frozenset({"vpcId"}),
        sets=RULE_LISTS,
        sticky=frozenset({"vpcId"}),
        watched=frozenset(DIRECTIONS),
        provider_only=frozenset({"revokeRulesOnDelete"}),
        gone=GONE,
        tags=TAGS,
        rules=(inline_rules,),
        example=Example(
            inputs={"vpcId": Ref("vpc"), "tags": {"a": "1"}},
            update={"ingress": [SSH], "egress": [AMONG_THEMSELVES], "tags": {"a": "2"}},
            replace={"vpcId": "vpc-0123456789abcdef0"},
            needs={"vpc": VPC_NEED},
            lasting="a VPC's default group can't be deleted; it is left as it is and goes with the VPC",
        ),
    ),
)
