"""Rows of security group rules that are resources of their own."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import Example, Need, Problem, Ref, Row, Step
from sandbox.provider.rows.ec2 import NO_IPV6, TAGS, VPC_NEED, arn, first, range_between, specified_tags
from sandbox.provider.rows.ec2_groups import GROUP
from sandbox.provider.rules import between, exactly_one
from sandbox.provider.values import Properties

GONE = frozenset({"InvalidGroup.NotFound", "InvalidGroupId.Malformed", "InvalidSecurityGroupRuleId.NotFound"})
# Property to the member of a rule that has an id.
MEMBERS = {"fromPort": "FromPort", "toPort": "ToPort", "cidrIpv4": "CidrIpv4", "description": "Description"}


def _permission(context: Context) -> dict[str, Any]:
    said = {"Description": context["description"]} if context["description"] else {}
    permission: dict[str, Any] = {"IpProtocol": context["ipProtocol"]}
    for name in ("fromPort", "toPort"):
        if context[name] is not None:
            permission[MEMBERS[name]] = context[name]
    if cidr := context["cidrIpv4"]:
        permission["IpRanges"] = [{"CidrIp": cidr, **said}]
    if group := context["referencedSecurityGroupId"]:
        permission["UserIdGroupPairs"] = [{"GroupId": group, **said}]
    return permission


def create(direction: str) -> Step:
    """The step that adds the rule; one that is there already the emulator answers with its id."""

    def step(context: Context) -> Properties:
        answer = context.call(
            f"authorize_security_group_{direction}",
            GroupId=context["securityGroupId"],
            IpPermissions=[_permission(context)],
            TagSpecifications=specified_tags(context, "security-group-rule"),
        )
        return {"id": answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]}

    return step


def read(context: Context) -> Properties | None:
    """The rule as properties."""
    answer = context.call("describe_security_group_rules", SecurityGroupRuleIds=[context.id])
    rule = first(answer, "SecurityGroupRules")
    if rule is None:
        return None
    state: Properties = {
        "id": context.id,
        "securityGroupRuleId": context.id,
        "arn": arn(context, "security-group-rule"),
        "securityGroupId": rule["GroupId"],
        "ipProtocol": rule["IpProtocol"],
        "tags": rule.get("Tags", []),
    }
    for name, member in MEMBERS.items():
        # All protocols have no ports; the API answers -1. For ICMP -1 is a value of its own.
        nothing = (None, "", -1) if rule["IpProtocol"] == "-1" else (None, "")
        if rule.get(member) not in nothing:
            state[name] = rule[member]
    if referenced := rule.get("ReferencedGroupInfo", {}).get("GroupId"):
        state["referencedSecurityGroupId"] = referenced
    return state


def update(context: Context) -> None:
    """Changes the rule in its place."""
    everything = context["ipProtocol"] == "-1"
    rule: dict[str, Any] = {
        "IpProtocol": context["ipProtocol"],
        "FromPort": -1 if everything else context.inputs.get("fromPort"),
        "ToPort": -1 if everything else context.inputs.get("toPort"),
        "CidrIpv4": context.inputs.get("cidrIpv4"),
        "ReferencedGroupId": context.inputs.get("referencedSecurityGroupId"),
        # Left out, the old one would stay.
        "Description": context.inputs.get("description", ""),
    }
    wanted = {member: value for member, value in rule.items() if value is not None}
    context.call(
        "modify_security_group_rules",
        GroupId=context["securityGroupId"],
        SecurityGroupRules=[{"SecurityGroupRuleId": context.id, "SecurityGroupRule": wanted}],
    )


def delete(direction: str) -> Step:
    """The step that takes the rule away."""

    def step(context: Context) -> None:
        context.call(
            f"revoke_security_group_{direction}", GroupId=context["securityGroupId"], SecurityGroupRuleIds=[context.id]
        )

    return step


def ports(inputs: Mapping[str, Any]) -> list[Problem]:
    """All protocols take no ports; the others take both."""
    given = [name for name in ("fromPort", "toPort") if inputs.get(name) is not None]
    if inputs.get("ipProtocol") == "-1":
        return [Problem(name, "the protocol -1 means all protocols, which have no ports") for name in given]
    if inputs.get("ipProtocol") in ("tcp", "udp", "icmp") and len(given) < 2:
        missing = "toPort" if "fromPort" in given else "fromPort"
        return [Problem(missing, f"a rule for {inputs['ipProtocol']} names fromPort and toPort")]
    start, end = inputs.get("fromPort"), inputs.get("toPort")
    if inputs.get("ipProtocol") in ("tcp", "udp") and isinstance(start, int) and isinstance(end, int) and start > end:
        return [Problem("toPort", f"the range of ports ends at {end}, before it begins at {start}")]
    return []


def row(kind: str) -> Row:
    """The row of one direction's rules."""
    direction = kind.lower()
    return Row(
        type=f"aws:vpc/securityGroup{kind}Rule:SecurityGroup{kind}Rule",
        service="ec2",
        create=(create(direction),),
        read=(read,),
        update=(update,),
        delete=(delete(direction),),
        # Officially another group is an update; the emulator passes over it there, so here it is a new rule.
        replace=frozenset({"securityGroupId", "referencedSecurityGroupId"}),
        gone=GONE,
        tags=TAGS,
        unsupported={"cidrIpv6": NO_IPV6, "prefixListId": "the local cloud has no prefix lists; use cidrIpv4"},
        rules=(
            exactly_one("cidrIpv4", "referencedSecurityGroupId"),
            range_between("cidrIpv4", 0, 32),
            between("fromPort", -1, 65535),
            between("toPort", -1, 65535),
            ports,
        ),
        example=Example(
            inputs={
                "securityGroupId": Ref("group"),
                "ipProtocol": "tcp",
                "fromPort": 443,
                "toPort": 443,
                "cidrIpv4": "10.0.0.0/16",
                "description": "https",
                "tags": {"a": "1", "b": "1"},
            },
            update={
                "ipProtocol": "-1",
                "fromPort": None,
                "toPort": None,
                "cidrIpv4": "10.1.0.0/16",
                "description": None,
                "tags": {"a": "2"},
            },
            replace={"referencedSecurityGroupId": Ref("group"), "cidrIpv4": None},
            needs={"vpc": VPC_NEED, "group": Need(GROUP, {"vpcId": Ref("vpc")})},
        ),
    )


ROWS = (row("Ingress"), row("Egress"))
