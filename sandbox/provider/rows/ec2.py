"""Rows of Amazon VPC: networks and subnets, and what all rows of EC2 share."""

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Any

from sandbox.provider.context import CallError, Context
from sandbox.provider.errors import ProviderError
from sandbox.provider.row import Example, Need, Problem, Ref, Row, Rule, TagCalls
from sandbox.provider.rules import at_least_one, conflicts, one_of
from sandbox.provider.values import Properties

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
VPC_NEED = Need(VPC, {"cidrBlock": "10.0.0.0/16"})
SUBNET_NEED = Need(SUBNET, {"vpcId": Ref("vpc"), "cidrBlock": "10.0.1.0/24"})
NO_IPV6 = "the local cloud has IPv4 networks only"
NO_IPAM = "the local cloud has no address pools; use cidrBlock"

# Tags lie in each resource's own answer, as `Tags`; the calls take a list of ids.
TAGS = TagCalls(add="create_tags", remove="delete_tags", target=("Resources", "$id"), keys="Tags")
GONE = frozenset({"InvalidVpcID.NotFound", "InvalidSubnetID.NotFound"})
SUBNET_TAKEN = "InvalidSubnet.Conflict"


def arn(context: Context, kind: str) -> str:
    """The ARN of an EC2 resource, which most answers leave out."""
    return f"arn:aws:ec2:{context.region}:{context.cloud.account}:{kind}/{context.id}"


def first(answer: Mapping[str, Any], member: str) -> dict[str, Any] | None:
    """The only entry of a described list, or None."""
    return next(iter(answer.get(member) or []), None)


def filters(**wanted: str | None) -> list[dict[str, Any]]:
    """Filters of a describing call; `vpc_id` is the filter `vpc-id`."""
    return [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in wanted.items() if value]


def specified_tags(context: Context, kind: str) -> list[dict[str, Any]] | None:
    """The tags for the call that creates, so that what an interrupted create leaves behind can be told as ours."""
    wanted = context["tagsAll"]
    context.tags_sent = True
    if not wanted:
        return None
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": str(value)} for key, value in wanted.items()]}]


def range_between(name: str, widest: int, narrowest: int) -> Rule:
    """An IPv4 range without bits behind its prefix, as wide as the service takes."""

    def rule(inputs: Mapping[str, Any]) -> list[Problem]:
        value = inputs.get(name)
        if not isinstance(value, str):
            return []
        try:
            length = IPv4Network(value).prefixlen
        except ValueError as error:
            return [Problem(name, f'"{value}" is not a valid IPv4 range: {error}')]
        if not widest <= length <= narrowest:
            return [Problem(name, f"expected a range from /{widest} to /{narrowest}, got /{length}")]
        return []

    return rule


# --- VPC

# Property to the attribute's member, and the value it has at first.
VPC_ATTRIBUTES = {"enableDnsSupport": ("EnableDnsSupport", True), "enableDnsHostnames": ("EnableDnsHostnames", False)}


def create_vpc(context: Context) -> Properties:
    """Creates the VPC."""
    answer = context.call(
        "create_vpc",
        CidrBlock=context["cidrBlock"],
        InstanceTenancy=context["instanceTenancy"],
        TagSpecifications=specified_tags(context, "vpc"),
    )
    return {"id": answer["Vpc"]["VpcId"]}


def set_vpc_attributes(context: Context) -> None:
    """Sets the changed attributes, or after the create those that differ from what every VPC begins with."""
    for name, (member, at_first) in VPC_ATTRIBUTES.items():
        wanted = bool(context[name])
        if name in context.changed or (context.creating and wanted != at_first):
            context.call("modify_vpc_attribute", VpcId=context.id, **{member: {"Value": wanted}})


def read_vpc(context: Context) -> Properties | None:
    """The VPC, its attributes, and what it comes with."""
    found = first(context.call("describe_vpcs", VpcIds=[context.id]), "Vpcs")
    if found is None:
        return None
    of_vpc = filters(vpc_id=context.id)
    groups = context.call("describe_security_groups", Filters=of_vpc + filters(group_name="default"))
    tables = context.call("describe_route_tables", Filters=of_vpc + filters(**{"association.main": "true"}))
    acls = context.call("describe_network_acls", Filters=of_vpc + filters(default="true"))
    state: Properties = {
        "id": context.id,
        "arn": arn(context, "vpc"),
        "cidrBlock": found["CidrBlock"],
        "instanceTenancy": found.get("InstanceTenancy", "default"),
        "ownerId": found.get("OwnerId"),
        "dhcpOptionsId": found.get("DhcpOptionsId"),
        "tags": found.get("Tags", []),
    }
    if group := first(groups, "SecurityGroups"):
        state["defaultSecurityGroupId"] = group["GroupId"]
    if table := first(tables, "RouteTables"):
        state["mainRouteTableId"] = state["defaultRouteTableId"] = table["RouteTableId"]
    if acl := first(acls, "NetworkAcls"):
        state["defaultNetworkAclId"] = acl["NetworkAclId"]
    for name, (member, _) in VPC_ATTRIBUTES.items():
        state[name] = context.call("describe_vpc_attribute", VpcId=context.id, Attribute=name)[member]["Value"]
    return state


def delete_vpc(context: Context) -> None:
    """Deletes the VPC; what lies in it has to be gone."""
    context.call("delete_vpc", VpcId=context.id)


# --- subnet


def create_subnet(context: Context) -> Properties:
    """Creates the subnet, when it fits: the emulator takes any range in any zone."""
    _check_range(context)
    _check_zone(context)
    answer = context.call(
        "create_subnet",
        VpcId=context["vpcId"],
        CidrBlock=context["cidrBlock"],
        AvailabilityZone=context.inputs.get("availabilityZone"),
        AvailabilityZoneId=context.inputs.get("availabilityZoneId"),
        TagSpecifications=specified_tags(context, "subnet"),
    )
    return {"id": answer["Subnet"]["SubnetId"]}


def _check_range(context: Context) -> None:
    vpc, wanted = context["vpcId"], context["cidrBlock"]
    whole = first(context.call("describe_vpcs", VpcIds=[vpc]), "Vpcs") or {"CidrBlock": wanted}
    if not IPv4Network(wanted).subnet_of(IPv4Network(whole["CidrBlock"])):
        raise ProviderError(f"InvalidSubnet.Range: {wanted} is not inside {whole['CidrBlock']}, the range of {vpc}")
    for other in context.call("describe_subnets", Filters=filters(vpc_id=vpc))["Subnets"]:
        if other["CidrBlock"] == wanted:
            message = f"{SUBNET_TAKEN}: {wanted} is the range of {other['SubnetId']} already"
            raise CallError(message, SUBNET_TAKEN)
        if IPv4Network(wanted).overlaps(IPv4Network(other["CidrBlock"])):
            raise ProviderError(
                f"{SUBNET_TAKEN}: {wanted} overlaps with {other['CidrBlock']}, the range of {other['SubnetId']}"
            )


def _check_zone(context: Context) -> None:
    for name, member in (("availabilityZone", "ZoneName"), ("availabilityZoneId", "ZoneId")):
        wanted = context.inputs.get(name)
        if wanted is None:
            continue
        zones = context.call("describe_availability_zones")["AvailabilityZones"]
        allowed = sorted(zone[member] for zone in zones)
        if wanted not in allowed:
            raise ProviderError(f"{name} '{wanted}' does not exist in {context.region}; it has {', '.join(allowed)}")


def subnet_with_range(context: Context) -> str:
    """The id of the subnet that has the wanted range."""
    found = context.call("describe_subnets", Filters=filters(vpc_id=context["vpcId"], cidr_block=context["cidrBlock"]))
    subnet = first(found, "Subnets")
    return subnet["SubnetId"] if subnet else ""


def set_public_address(context: Context) -> None:
    """Sets whether launched instances get a public address."""
    wanted = bool(context["mapPublicIpOnLaunch"])
    if "mapPublicIpOnLaunch" in context.changed or (context.creating and wanted):
        context.call("modify_subnet_attribute", SubnetId=context.id, MapPublicIpOnLaunch={"Value": wanted})


def read_subnet(context: Context) -> Properties | None:
    """The subnet as properties."""
    found = first(context.call("describe_subnets", SubnetIds=[context.id]), "Subnets")
    if found is None:
        return None
    return {
        "id": context.id,
        "arn": found.get("SubnetArn") or arn(context, "subnet"),
        "vpcId": found["VpcId"],
        "cidrBlock": found["CidrBlock"],
        "availabilityZone": found["AvailabilityZone"],
        "availabilityZoneId": found.get("AvailabilityZoneId"),
        "mapPublicIpOnLaunch": bool(found.get("MapPublicIpOnLaunch")),
        "assignIpv6AddressOnCreation": bool(found.get("AssignIpv6AddressOnCreation")),
        "ownerId": found.get("OwnerId"),
        "tags": found.get("Tags", []),
    }


def delete_subnet(context: Context) -> None:
    """Deletes the subnet."""
    context.call("delete_subnet", SubnetId=context.id)


ROWS = (
    Row(
        type=VPC,
        service="ec2",
        cfn="AWS::EC2::VPC",
        create=(create_vpc, set_vpc_attributes),
        read=(read_vpc,),
        update=(set_vpc_attributes,),
        delete=(delete_vpc,),
        replace=frozenset({"cidrBlock", "instanceTenancy"}),
        defaults={"instanceTenancy": "default", "enableDnsSupport": True},
        sticky=frozenset({"enableDnsHostnames"}),
        gone=GONE,
        tags=TAGS,
        unsupported={
            **dict.fromkeys(("ipv4IpamPoolId", "ipv4NetmaskLength"), NO_IPAM),
            **dict.fromkeys(
                (
                    "assignGeneratedIpv6CidrBlock",
                    "ipv6CidrBlock",
                    "ipv6CidrBlockNetworkBorderGroup",
                    "ipv6IpamPoolId",
                    "ipv6NetmaskLength",
                ),
                NO_IPV6,
            ),
            "enableNetworkAddressUsageMetrics": "the local cloud has no network address usage metrics",
        },
        rules=(
            at_least_one("cidrBlock"),
            range_between("cidrBlock", 16, 28),
            one_of("instanceTenancy", "default", "dedicated"),
        ),
        example=Example(
            inputs={"cidrBlock": "10.1.0.0/16", "enableDnsHostnames": True, "tags": {"a": "1", "b": "1"}},
            update={"enableDnsHostnames": False, "enableDnsSupport": False, "tags": {"a": "2"}},
            replace={"cidrBlock": "10.2.0.0/16"},
        ),
    ),
    Row(
        type=SUBNET,
        service="ec2",
        cfn="AWS::EC2::Subnet",
        create=(create_subnet, set_public_address),
        read=(read_subnet,),
        update=(set_public_address,),
        delete=(delete_subnet,),
        replace=frozenset({"vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId"}),
        defaults={"mapPublicIpOnLaunch": False, "assignIpv6AddressOnCreation": False},
        sticky=frozenset({"availabilityZone", "availabilityZoneId"}),
        gone=GONE,
        taken=frozenset({SUBNET_TAKEN}),
        taken_id=subnet_with_range,
        tags=TAGS,
        unsupported={
            **dict.fromkeys(("ipv4IpamPoolId", "ipv4NetmaskLength"), NO_IPAM),
            **dict.fromkeys(
                (
                    "enableDns64",
                    "enableResourceNameDnsAaaaRecordOnLaunch",
                    "ipv6CidrBlock",
                    "ipv6IpamPoolId",
                    "ipv6Native",
                    "ipv6NetmaskLength",
                ),
                NO_IPV6,
            ),
            **dict.fromkeys(
                ("customerOwnedIpv4Pool", "enableLniAtDeviceIndex", "mapCustomerOwnedIpOnLaunch", "outpostArn"),
                "the local cloud has no Outposts",
            ),
            **dict.fromkeys(
                ("enableResourceNameDnsARecordOnLaunch", "privateDnsHostnameTypeOnLaunch"),
                "the local cloud names no instances",
            ),
        },
        rules=(
            at_least_one("cidrBlock"),
            range_between("cidrBlock", 16, 28),
            conflicts("availabilityZone", "availabilityZoneId"),
        ),
        example=Example(
            inputs={
                "vpcId": Ref("vpc"),
                "cidrBlock": "10.0.1.0/24",
                "availabilityZone": "us-east-1a",
                "tags": {"a": "1"},
            },
            update={"mapPublicIpOnLaunch": True, "tags": {"a": "2"}},
            replace={"cidrBlock": "10.0.2.0/24"},
            needs={"vpc": VPC_NEED},
        ),
    ),
)
