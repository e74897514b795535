"""Rows of Amazon VPC: networks, subnets, the gateways out of them, and routes."""

from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.row import Example, Need, Ref, Row, TagCalls
from sandbox.provider.rules import conflicts, one_of
from sandbox.provider.values import Properties

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
INTERNET_GATEWAY = "aws:ec2/internetGateway:InternetGateway"
EIP = "aws:ec2/eip:Eip"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
VPC_NEED = Need(VPC, {"cidrBlock": "10.0.0.0/16"})
SUBNET_NEED = Need(SUBNET, {"vpcId": Ref("vpc"), "cidrBlock": "10.0.1.0/24"})

# Tags lie in each resource's own answer, as `Tags`; the calls take a list of ids.
TAGS = TagCalls(add="create_tags", remove="delete_tags", target=("Resources", "$id"), keys="Tags")
GONE = frozenset(
    {
        "InvalidVpcID.NotFound",
        "InvalidSubnetID.NotFound",
        "InvalidInternetGatewayID.NotFound",
        "NatGatewayNotFound",
        "InvalidAllocationID.NotFound",
        "InvalidRouteTableID.NotFound",
        "InvalidAssociationID.NotFound",
        "InvalidRoute.NotFound",
    }
)


def arn(context: Context, kind: str) -> str:
    """The ARN of an EC2 resource, which most answers leave out."""
    return f"arn:aws:ec2:{context.region}:{context.cloud.account}:{kind}/{context.id}"


def first(answer: dict[str, Any], member: str) -> dict[str, Any] | None:
    """The only entry of a described list, or None."""
    return next(iter(answer.get(member) or []), None)


# --- VPC

VPC_ATTRIBUTES = {"enableDnsSupport": "EnableDnsSupport", "enableDnsHostnames": "EnableDnsHostnames"}


def create_vpc(context: Context) -> Properties:
    """Creates the VPC, then its attributes, which have a call each."""
    context.id = context.call("create_vpc", CidrBlock=context["cidrBlock"], InstanceTenancy=context["instanceTenancy"])[
        "Vpc"
    ]["VpcId"]
    for name, member in VPC_ATTRIBUTES.items():
        context.call("modify_vpc_attribute", VpcId=context.id, **{member: {"Value": bool(context[name])}})
    return {"id": context.id}


def read_vpc(context: Context) -> Properties | None:
    """The VPC, its attributes, and what it comes with."""
    found = first(context.call("describe_vpcs", VpcIds=[context.id]), "Vpcs")
    if found is None:
        return None
    of_vpc = [{"Name": "vpc-id", "Values": [context.id]}]
    group = context.call("describe_security_groups", Filters=[*of_vpc, {"Name": "group-name", "Values": ["default"]}])
    tables = context.call("describe_route_tables", Filters=[*of_vpc, {"Name": "association.main", "Values": ["true"]}])
    state: Properties = {
        "id": context.id,
        "arn": arn(context, "vpc"),
        "cidrBlock": found["CidrBlock"],
        "instanceTenancy": found.get("InstanceTenancy", "default"),
        "ownerId": found.get("OwnerId"),
        "dhcpOptionsId": found.get("DhcpOptionsId"),
        "tags": found.get("Tags", []),
    }
    if default := first(group, "SecurityGroups"):
        state["defaultSecurityGroupId"] = default["GroupId"]
    if table := first(tables, "RouteTables"):
        state["mainRouteTableId"] = state["defaultRouteTableId"] = table["RouteTableId"]
    for name, member in VPC_ATTRIBUTES.items():
        attribute = name[0].lower() + name[1:]
        answer = context.call("describe_vpc_attribute", VpcId=context.id, Attribute=attribute)
        state[name] = answer[member]["Value"]
    return state


def update_vpc(context: Context) -> None:
    """Sets the changed attributes."""
    for name, member in VPC_ATTRIBUTES.items():
        if name in context.changed:
            context.call("modify_vpc_attribute", VpcId=context.id, **{member: {"Value": bool(context[name])}})


def delete_vpc(context: Context) -> None:
    """Deletes the VPC; what lies in it has to be gone."""
    context.call("delete_vpc", VpcId=context.id)


# --- subnet


def create_subnet(context: Context) -> Properties:
    """Creates the subnet, then whether launched instances get a public address."""
    answer = context.call(
        "create_subnet",
        VpcId=context["vpcId"],
        CidrBlock=context["cidrBlock"],
        AvailabilityZone=context.inputs.get("availabilityZone"),
        AvailabilityZoneId=context.inputs.get("availabilityZoneId"),
    )
    context.id = answer["Subnet"]["SubnetId"]
    if context["mapPublicIpOnLaunch"]:
        context.call("modify_subnet_attribute", SubnetId=context.id, MapPublicIpOnLaunch={"Value": True})
    return {"id": context.id}


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


def update_subnet(context: Context) -> None:
    """Sets whether launched instances get a public address."""
    if "mapPublicIpOnLaunch" in context.changed:
        value = {"Value": bool(context["mapPublicIpOnLaunch"])}
        context.call("modify_subnet_attribute", SubnetId=context.id, MapPublicIpOnLaunch=value)


def delete_subnet(context: Context) -> None:
    """Deletes the subnet."""
    context.call("delete_subnet", SubnetId=context.id)


# --- internet gateway


def create_internet_gateway(context: Context) -> Properties:
    """Creates the gateway and attaches it."""
    context.id = context.call("create_internet_gateway")["InternetGateway"]["InternetGatewayId"]
    if context["vpcId"]:
        context.call("attach_internet_gateway", InternetGatewayId=context.id, VpcId=context["vpcId"])
    return {"id": context.id}


def read_internet_gateway(context: Context) -> Properties | None:
    """The gateway and the VPC it is attached to."""
    answer = context.call("describe_internet_gateways", InternetGatewayIds=[context.id])
    found = first(answer, "InternetGateways")
    if found is None:
        return None
    state: Properties = {
        "id": context.id,
        "arn": arn(context, "internet-gateway"),
        "ownerId": found.get("OwnerId"),
        "tags": found.get("Tags", []),
    }
    if found.get("Attachments"):
        state["vpcId"] = found["Attachments"][0]["VpcId"]
    return state


def update_internet_gateway(context: Context) -> None:
    """Attaches it to another VPC."""
    if "vpcId" in context.changed:
        _detach(context, context.old.get("vpcId"))
        if context.inputs.get("vpcId"):
            context.call("attach_internet_gateway", InternetGatewayId=context.id, VpcId=context["vpcId"])


def delete_internet_gateway(context: Context) -> None:
    """Detaches and deletes the gateway."""
    _detach(context, context["vpcId"])
    context.call("delete_internet_gateway", InternetGatewayId=context.id)


def _detach(context: Context, vpc: Any) -> None:
    if vpc:
        context.call("detach_internet_gateway", InternetGatewayId=context.id, VpcId=vpc)


# --- address and NAT


def create_eip(context: Context) -> Properties:
    """Allocates an address."""
    context.id = context.call("allocate_address", Domain="vpc")["AllocationId"]
    return {"id": context.id}


def read_eip(context: Context) -> Properties | None:
    """The address as properties."""
    found = first(context.call("describe_addresses", AllocationIds=[context.id]), "Addresses")
    if found is None:
        return None
    return {
        "id": context.id,
        "allocationId": context.id,
        "arn": arn(context, "elastic-ip"),
        "domain": found.get("Domain", "vpc"),
        "publicIp": found.get("PublicIp"),
        "tags": found.get("Tags", []),
    }


def delete_eip(context: Context) -> None:
    """Releases the address."""
    context.call("release_address", AllocationId=context.id)


def create_nat_gateway(context: Context) -> Properties:
    """Creates the NAT gateway."""
    answer = context.call(
        "create_nat_gateway",
        SubnetId=context["subnetId"],
        AllocationId=context["allocationId"],
        ConnectivityType=context["connectivityType"],
    )
    context.id = answer["NatGateway"]["NatGatewayId"]
    return {"id": context.id}


def read_nat_gateway(context: Context) -> Properties | None:
    """The NAT gateway; one that is deleted is listed for an hour and counts as gone."""
    found = first(context.call("describe_nat_gateways", NatGatewayIds=[context.id]), "NatGateways")
    if found is None or found["State"] in ("deleted", "deleting"):
        return None
    return {
        "id": context.id,
        "subnetId": found["SubnetId"],
        "connectivityType": found.get("ConnectivityType", "public"),
        "tags": found.get("Tags", []),
    }


def delete_nat_gateway(context: Context) -> None:
    """Deletes the NAT gateway."""
    context.call("delete_nat_gateway", NatGatewayId=context.id)


# --- routes


def create_route_table(context: Context) -> Properties:
    """Creates the table, which comes with the local route."""
    context.id = context.call("create_route_table", VpcId=context["vpcId"])["RouteTable"]["RouteTableId"]
    return {"id": context.id}


def _table(context: Context, table: str) -> dict[str, Any] | None:
    return first(context.call("describe_route_tables", RouteTableIds=[table]), "RouteTables")


def read_route_table(context: Context) -> Properties | None:
    """The table itself; its routes are resources of their own."""
    found = _table(context, context.id)
    if found is None:
        return None
    return {
        "id": context.id,
        "arn": arn(context, "route-table"),
        "vpcId": found["VpcId"],
        "ownerId": found.get("OwnerId"),
        "tags": found.get("Tags", []),
    }


def delete_route_table(context: Context) -> None:
    """Deletes the table."""
    context.call("delete_route_table", RouteTableId=context.id)


ROUTE_TARGETS = {
    "gatewayId": "GatewayId",
    "natGatewayId": "NatGatewayId",
    "transitGatewayId": "TransitGatewayId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
    "networkInterfaceId": "NetworkInterfaceId",
    "egressOnlyGatewayId": "EgressOnlyInternetGatewayId",
}


def _route_request(context: Context) -> dict[str, Any]:
    target = {member: context.inputs.get(name) for name, member in ROUTE_TARGETS.items()}
    return {
        "RouteTableId": context["routeTableId"],
        "DestinationCidrBlock": context["destinationCidrBlock"],
        **target,
    }


def create_route(context: Context) -> Properties:
    """Creates the route; table and destination make up its id."""
    context.call("create_route", **_route_request(context))
    return {"id": f"{context['routeTableId']}_{context['destinationCidrBlock']}"}


def read_route(context: Context) -> Properties | None:
    """The route of the table with this destination."""
    table_id, _, destination = context.id.partition("_")
    found = _table(context, table_id)
    routes = found["Routes"] if found else []
    route = next((route for route in routes if route.get("DestinationCidrBlock") == destination), None)
    if route is None:
        return None
    state: Properties = {
        "id": context.id,
        "routeTableId": table_id,
        "destinationCidrBlock": destination,
        "origin": route.get("Origin"),
        "state": route.get("State"),
    }
    return {**state, **{name: route[member] for name, member in ROUTE_TARGETS.items() if route.get(member)}}


def update_route(context: Context) -> None:
    """Sends the destination elsewhere."""
    context.call("replace_route", **_route_request(context))


def delete_route(context: Context) -> None:
    """Deletes the route."""
    table_id, _, destination = context.id.partition("_")
    context.call("delete_route", RouteTableId=table_id, DestinationCidrBlock=destination)


def create_association(context: Context) -> Properties:
    """Associates a subnet with a table."""
    answer = context.call("associate_route_table", RouteTableId=context["routeTableId"], SubnetId=context["subnetId"])
    return {"id": answer["AssociationId"]}


def read_association(context: Context) -> Properties | None:
    """The association, looked up among the tables, since none describes it alone."""
    for table in context.call("describe_route_tables")["RouteTables"]:
        for entry in table.get("Associations", []):
            if entry["RouteTableAssociationId"] == context.id:
                return {"id": context.id, "routeTableId": table["RouteTableId"], "subnetId": entry.get("SubnetId")}
    return None


def update_association(context: Context) -> Properties:
    """Associates the subnet with another table, which gives the association another id."""
    answer = context.call(
        "replace_route_table_association", AssociationId=context.id, RouteTableId=context["routeTableId"]
    )
    context.id = answer["NewAssociationId"]
    return {"id": context.id}


def delete_association(context: Context) -> None:
    """Ends the association."""
    context.call("disassociate_route_table", AssociationId=context.id)


NO_IPV6 = "the local cloud has IPv4 networks only"
SECONDARY = ("secondaryAllocationIds", "secondaryPrivateIpAddresses", "secondaryPrivateIpAddressCount")
OWN_ROUTES = "use aws.ec2.Route, one per route"

ROWS = (
    Row(
        type=VPC,
        service="ec2",
        cfn="AWS::EC2::VPC",
        create=(create_vpc,),
        read=(read_vpc,),
        update=(update_vpc,),
        delete=(delete_vpc,),
        replace=frozenset({"cidrBlock", "instanceTenancy"}),
        defaults={"instanceTenancy": "default", "enableDnsSupport": True},
        sticky=frozenset({"enableDnsHostnames"}),
        gone=GONE,
        tags=TAGS,
        unsupported={
            "ipv4IpamPoolId": "use cidrBlock",
            "ipv6CidrBlock": NO_IPV6,
            "assignGeneratedIpv6CidrBlock": NO_IPV6,
        },
        rules=(one_of("instanceTenancy", "default", "dedicated"),),
        example=Example(
            inputs={"cidrBlock": "10.1.0.0/16", "enableDnsHostnames": True, "tags": {"a": "1"}},
            update={"enableDnsHostnames": False, "tags": {"a": "2"}},
            replace={"cidrBlock": "10.2.0.0/16"},
        ),
    ),
    Row(
        type=SUBNET,
        service="ec2",
        cfn="AWS::EC2::Subnet",
        create=(create_subnet,),
        read=(read_subnet,),
        update=(update_subnet,),
        delete=(delete_subnet,),
        replace=frozenset({"vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId"}),
        defaults={"mapPublicIpOnLaunch": False, "assignIpv6AddressOnCreation": False},
        sticky=frozenset({"availabilityZone", "availabilityZoneId"}),
        gone=GONE,
        tags=TAGS,
        unsupported={"ipv6CidrBlock": NO_IPV6, "ipv6Native": NO_IPV6},
        rules=(conflicts("availabilityZone", "availabilityZoneId"),),
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
    Row(
        type=INTERNET_GATEWAY,
        service="ec2",
        create=(create_internet_gateway,),
        read=(read_internet_gateway,),
        update=(update_internet_gateway,),
        delete=(delete_internet_gateway,),
        sticky=frozenset({"vpcId"}),
        gone=GONE,
        tags=TAGS,
        example=Example(
            inputs={"vpcId": Ref("vpc"), "tags": {"a": "1"}},
            update={"vpcId": Ref("other"), "tags": {"a": "2"}},
            needs={"vpc": VPC_NEED, "other": Need(VPC, {"cidrBlock": "10.3.0.0/16"})},
        ),
    ),
    Row(
        type=EIP,
        service="ec2",
        create=(create_eip,),
        read=(read_eip,),
        delete=(delete_eip,),
        replace=frozenset({"domain"}),
        sticky=frozenset({"domain"}),
        gone=GONE,
        tags=TAGS,
        unsupported={
            "instance": "associate it with aws.ec2.EipAssociation",
            "networkInterface": "associate it with aws.ec2.EipAssociation",
            "publicIpv4Pool": "the local cloud has one pool",
        },
        example=Example(inputs={"domain": "vpc", "tags": {"a": "1"}}, update={"tags": {"a": "2"}}),
    ),
    Row(
        type="aws:ec2/natGateway:NatGateway",
        service="ec2",
        create=(create_nat_gateway,),
        read=(read_nat_gateway,),
        delete=(delete_nat_gateway,),
        replace=frozenset({"subnetId", "allocationId", "connectivityType"}),
        defaults={"connectivityType": "public"},
        # The emulator answers without addresses.
        write_only=frozenset({"allocationId"}),
        gone=GONE,
        tags=TAGS,
        rules=(one_of("connectivityType", "public", "private"),),
        unsupported=dict.fromkeys(SECONDARY, "the local cloud's NAT gateways have one address"),
        example=Example(
            inputs={"subnetId": Ref("subnet"), "allocationId": Ref("address"), "tags": {"a": "1"}},
            update={"tags": {"a": "2"}},
            replace={"connectivityType": "private"},
            needs={"vpc": VPC_NEED, "subnet": SUBNET_NEED, "address": Need(EIP, {"domain": "vpc"})},
        ),
    ),
    Row(
        type=ROUTE_TABLE,
        service="ec2",
        create=(create_route_table,),
        read=(read_route_table,),
        delete=(delete_route_table,),
        replace=frozenset({"vpcId"}),
        gone=GONE,
        tags=TAGS,
        unsupported={"routes": OWN_ROUTES, "propagatingVgws": "the local cloud has no virtual private gateways"},
        example=Example(
            inputs={"vpcId": Ref("vpc"), "tags": {"a": "1"}},
            update={"tags": {"a": "2"}},
            replace={"vpcId": "vpc-0123456789abcdef0"},
            needs={"vpc": VPC_NEED},
        ),
    ),
    Row(
        type="aws:ec2/route:Route",
        service="ec2",
        create=(create_route,),
        read=(read_route,),
        update=(update_route,),
        delete=(delete_route,),
        replace=frozenset({"routeTableId", "destinationCidrBlock"}),
        gone=GONE,
        unsupported={"destinationIpv6CidrBlock": NO_IPV6, "destinationPrefixListId": "use destinationCidrBlock"},
        rules=(conflicts("gatewayId", "natGatewayId"),),
        example=Example(
            inputs={
                "routeTableId": Ref("table"),
                "destinationCidrBlock": "0.0.0.0/0",
                "gatewayId": Ref("internet"),
            },
            update={"gatewayId": Ref("other")},
            replace={"destinationCidrBlock": "192.168.0.0/16"},
            needs={
                "vpc": VPC_NEED,
                "table": Need(ROUTE_TABLE, {"vpcId": Ref("vpc")}),
                "internet": Need(INTERNET_GATEWAY, {"vpcId": Ref("vpc")}),
                "other": Need(INTERNET_GATEWAY),
            },
        ),
    ),
    Row(
        type="aws:ec2/routeTableAssociation:RouteTableAssociation",
        service="ec2",
        create=(create_association,),
        read=(read_association,),
        update=(update_association,),
        delete=(delete_association,),
        replace=frozenset({"subnetId"}),
        gone=GONE,
        unsupported={"gatewayId": "the local cloud associates subnets only"},
        example=Example(
            inputs={"routeTableId": Ref("table"), "subnetId": Ref("subnet")},
            replace={"subnetId": "subnet-0123456789abcdef0"},
            needs={"vpc": VPC_NEED, "subnet": SUBNET_NEED, "table": Need(ROUTE_TABLE, {"vpcId": Ref("vpc")})},
        ),
    ),
)
