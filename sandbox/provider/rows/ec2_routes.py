"""Rows of route tables, routes, and which subnets they are for."""

from typing import Any

from sandbox.provider.context import CallError, Context
from sandbox.provider.row import Example, Need, Ref, Row
from sandbox.provider.rows.ec2 import (
    NO_IPV6,
    SUBNET_NEED,
    TAGS,
    VPC_NEED,
    arn,
    filters,
    first,
    range_between,
    specified_tags,
)
from sandbox.provider.rows.ec2_gateways import INTERNET_GATEWAY
from sandbox.provider.rules import at_least_one, exactly_one
from sandbox.provider.values import Properties

ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
GONE = frozenset(
    {
        "InvalidVpcID.NotFound",
        "InvalidSubnetID.NotFound",
        "InvalidRouteTableID.NotFound",
        "InvalidAssociationID.NotFound",
        "InvalidRoute.NotFound",
    }
)
ROUTE_TAKEN = "RouteAlreadyExists"
ASSOCIATED = "Resource.AlreadyAssociated"


def _table(context: Context, table: str) -> dict[str, Any] | None:
    return first(context.call("describe_route_tables", RouteTableIds=[table]), "RouteTables")


# --- table


def create_route_table(context: Context) -> Properties:
    """Creates the table, which comes with the local route; the emulator does not look whether the VPC exists."""
    context.call("describe_vpcs", VpcIds=[context["vpcId"]])
    tags = specified_tags(context, "route-table")
    answer = context.call("create_route_table", VpcId=context["vpcId"], TagSpecifications=tags)
    return {"id": answer["RouteTable"]["RouteTableId"]}


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


# --- route

ROUTE_TARGETS = {
    "gatewayId": "GatewayId",
    "natGatewayId": "NatGatewayId",
    "transitGatewayId": "TransitGatewayId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
}
GATEWAYS = frozenset({"gatewayId", "natGatewayId"})


def _request(context: Context) -> dict[str, Any]:
    target = {member: context.inputs.get(name) for name, member in ROUTE_TARGETS.items()}
    return {
        "RouteTableId": context["routeTableId"],
        "DestinationCidrBlock": context["destinationCidrBlock"],
        **target,
    }


def route_id(context: Context) -> str:
    """Table and destination make up the id."""
    return f"{context['routeTableId']}_{context['destinationCidrBlock']}"


def _route(context: Context) -> dict[str, Any] | None:
    table, _, destination = context.id.partition("_")
    found = _table(context, table)
    routes = found["Routes"] if found else []
    return next((route for route in routes if route.get("DestinationCidrBlock") == destination), None)


def create_route(context: Context) -> Properties:
    """Creates the route; the emulator would add a second one to the same destination."""
    context.id = route_id(context)
    if _route(context) is not None:
        table, destination = context["routeTableId"], context["destinationCidrBlock"]
        raise CallError(f"{ROUTE_TAKEN}: {table} has a route to {destination} already", ROUTE_TAKEN)
    context.call("create_route", **_request(context))
    return {"id": context.id}


def read_route(context: Context) -> Properties | None:
    """The route of the table with this destination."""
    route = _route(context)
    if route is None:
        return None
    table, _, destination = context.id.partition("_")
    state: Properties = {
        "id": context.id,
        "routeTableId": table,
        "destinationCidrBlock": destination,
        "origin": route.get("Origin"),
        "state": route.get("State"),
    }
    return {**state, **{name: route[member] for name, member in ROUTE_TARGETS.items() if route.get(member)}}


def update_route(context: Context) -> None:
    """Sends the destination elsewhere."""
    targets = ROUTE_TARGETS.keys() & (context.old.keys() | context.inputs.keys())
    if targets <= GATEWAYS:
        context.call("replace_route", **_request(context))
    else:
        # The emulator's replacing knows gateways only.
        delete_route(context)
        context.call("create_route", **_request(context))


def delete_route(context: Context) -> None:
    """Deletes the route."""
    table, _, destination = context.id.partition("_")
    context.call("delete_route", RouteTableId=table, DestinationCidrBlock=destination)


# --- association


def association_of(context: Context) -> dict[str, Any] | None:
    """The subnet's association; a subnet has one at most.

    Sending the subnet to another table gives the association another id, while a resource keeps the one it was made
    with: so the subnet is what it is found by. An import names it, as `<subnet>/<table>`, or the id of the moment.
    """
    subnet = context["subnetId"] or (context.id.partition("/")[0] if "/" in context.id else "")
    name, wanted = ("subnet-id", subnet) if subnet else ("route-table-association-id", context.id)
    tables = context.call("describe_route_tables", Filters=filters(**{f"association.{name}": wanted}))["RouteTables"]
    key = "SubnetId" if subnet else "RouteTableAssociationId"
    return next((one for table in tables for one in table["Associations"] if one.get(key) == wanted), None)


def create_association(context: Context) -> Properties:
    """Associates a subnet with a table; the emulator would add a second association."""
    context.call("describe_subnets", SubnetIds=[context["subnetId"]])
    if found := association_of(context):
        message = f"{ASSOCIATED}: {context['subnetId']} is associated with the table {found['RouteTableId']} already"
        raise CallError(message, ASSOCIATED)
    answer = context.call("associate_route_table", RouteTableId=context["routeTableId"], SubnetId=context["subnetId"])
    return {"id": answer["AssociationId"]}


def read_association(context: Context) -> Properties | None:
    """The association, looked up among the tables, since none describes it alone."""
    found = association_of(context)
    if found is None or "SubnetId" not in found:
        return None
    return {"id": context.id, "routeTableId": found["RouteTableId"], "subnetId": found["SubnetId"]}


def update_association(context: Context) -> None:
    """Associates the subnet with another table."""
    if found := association_of(context):
        current, table = found["RouteTableAssociationId"], context["routeTableId"]
        context.call("replace_route_table_association", AssociationId=current, RouteTableId=table)


def delete_association(context: Context) -> None:
    """Ends the association."""
    if found := association_of(context):
        context.call("disassociate_route_table", AssociationId=found["RouteTableAssociationId"])


ROWS = (
    Row(
        type=ROUTE_TABLE,
        service="ec2",
        create=(create_route_table,),
        read=(read_route_table,),
        delete=(delete_route_table,),
        replace=frozenset({"vpcId"}),
        gone=GONE,
        tags=TAGS,
        unsupported={
            "routes": "use aws.ec2.Route, one per route",
            "propagatingVgws": "the local cloud has no virtual private gateways",
        },
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
        taken=frozenset({ROUTE_TAKEN}),
        taken_id=route_id,
        unsupported={
            "destinationIpv6CidrBlock": NO_IPV6,
            "egressOnlyGatewayId": NO_IPV6,
            "destinationPrefixListId": "use destinationCidrBlock",
            **dict.fromkeys(
                (
                    "carrierGatewayId",
                    "coreNetworkArn",
                    "localGatewayId",
                    "networkInterfaceId",
                    "odbNetworkArn",
                    "vpcEndpointId",
                ),
                f"the local cloud's routes lead to {', '.join(ROUTE_TARGETS)}",
            ),
        },
        rules=(
            at_least_one("destinationCidrBlock"),
            range_between("destinationCidrBlock", 0, 32),
            exactly_one(*ROUTE_TARGETS),
        ),
        example=Example(
            inputs={
                "routeTableId": Ref("table"),
                "destinationCidrBlock": "0.0.0.0/0",
                "gatewayId": Ref("internet"),
            },
            update={"gatewayId": None, "vpcPeeringConnectionId": "pcx-0123456789abcdef0"},
            replace={"destinationCidrBlock": "192.168.0.0/16"},
            needs={
                "vpc": VPC_NEED,
                "table": Need(ROUTE_TABLE, {"vpcId": Ref("vpc")}),
                "internet": Need(INTERNET_GATEWAY, {"vpcId": Ref("vpc")}),
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
        taken=frozenset({ASSOCIATED}),
        taken_id=lambda context: (association_of(context) or {"RouteTableAssociationId": ""})[
            "RouteTableAssociationId"
        ],
        unsupported={"gatewayId": "the local cloud associates subnets only"},
        rules=(at_least_one("subnetId"),),
        example=Example(
            inputs={"routeTableId": Ref("table"), "subnetId": Ref("subnet")},
            replace={"subnetId": "subnet-0123456789abcdef0"},
            needs={"vpc": VPC_NEED, "subnet": SUBNET_NEED, "table": Need(ROUTE_TABLE, {"vpcId": Ref("vpc")})},
        ),
    ),
)
