"""Rows of the ways out of a VPC: internet gateways, addresses and NAT gateways."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import CallError, Context
from sandbox.provider.errors import ProviderError
from sandbox.provider.row import Example, Need, Problem, Ref, Row
from sandbox.provider.rows.ec2 import SUBNET_NEED, TAGS, VPC, VPC_NEED, arn, filters, first, specified_tags
from sandbox.provider.rules import at_least_one, one_of
from sandbox.provider.values import Properties

INTERNET_GATEWAY = "aws:ec2/internetGateway:InternetGateway"
EIP = "aws:ec2/eip:Eip"
GONE = frozenset({"InvalidInternetGatewayID.NotFound", "NatGatewayNotFound", "InvalidAllocationID.NotFound"})
ATTACHED = "Resource.AlreadyAssociated"


# --- internet gateway


def create_internet_gateway(context: Context) -> Properties:
    """Creates the gateway; a VPC has one at most, which the emulator does not mind."""
    if other := attached_gateway(context):
        raise CallError(f"{ATTACHED}: {context['vpcId']} has the internet gateway {other} already", ATTACHED)
    tags = specified_tags(context, "internet-gateway")
    return {
        "id": context.call("create_internet_gateway", TagSpecifications=tags)["InternetGateway"]["InternetGatewayId"]
    }


def attached_gateway(context: Context) -> str:
    """The gateway that the wanted VPC has already, or nothing."""
    if not context["vpcId"]:
        return ""
    answer = context.call("describe_internet_gateways", Filters=filters(**{"attachment.vpc-id": context["vpcId"]}))
    found = first(answer, "InternetGateways")
    return found["InternetGatewayId"] if found else ""


def attach(context: Context) -> None:
    """Attaches the gateway to its VPC, and takes it from the one before."""
    if not context.creating and "vpcId" not in context.changed:
        return
    _detach(context, context.old.get("vpcId"))
    if context.inputs.get("vpcId"):
        context.call("attach_internet_gateway", InternetGatewayId=context.id, VpcId=context["vpcId"])


def read_internet_gateway(context: Context) -> Properties | None:
    """The gateway and the VPC it is attached to."""
    found = first(context.call("describe_internet_gateways", InternetGatewayIds=[context.id]), "InternetGateways")
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


def delete_internet_gateway(context: Context) -> None:
    """Detaches and deletes the gateway."""
    _detach(context, context["vpcId"])
    context.call("delete_internet_gateway", InternetGatewayId=context.id)


def _detach(context: Context, vpc: Any) -> None:
    if vpc:
        context.call("detach_internet_gateway", InternetGatewayId=context.id, VpcId=vpc)


# --- address


def create_eip(context: Context) -> Properties:
    """Allocates an address."""
    tags = specified_tags(context, "elastic-ip")
    return {"id": context.call("allocate_address", Domain="vpc", TagSpecifications=tags)["AllocationId"]}


def _address(context: Context, allocation: str) -> dict[str, Any] | None:
    return first(context.call("describe_addresses", AllocationIds=[allocation]), "Addresses")


def read_eip(context: Context) -> Properties | None:
    """The address as properties."""
    found = _address(context, context.id)
    if found is None:
        return None
    state: Properties = {
        "id": context.id,
        "allocationId": context.id,
        "arn": arn(context, "elastic-ip"),
        "domain": found.get("Domain", "vpc"),
        "publicIp": found["PublicIp"],
        "tags": found.get("Tags", []),
    }
    if found.get("AssociationId"):
        state["associationId"] = found["AssociationId"]
    return state


def delete_eip(context: Context) -> None:
    """Releases the address."""
    context.call("release_address", AllocationId=context.id)


# --- NAT gateway


def create_nat_gateway(context: Context) -> Properties:
    """Creates the NAT gateway; the emulator does not look whether subnet and address exist."""
    context.call("describe_subnets", SubnetIds=[context["subnetId"]])
    allocation = context["allocationId"]
    if allocation and _address(context, allocation) is None:
        raise ProviderError(f"InvalidAllocationID.NotFound: the address {allocation} does not exist")
    answer = context.call(
        "create_nat_gateway",
        SubnetId=context["subnetId"],
        AllocationId=allocation,
        ConnectivityType=context["connectivityType"],
        TagSpecifications=specified_tags(context, "natgateway"),
    )
    return {"id": answer["NatGateway"]["NatGatewayId"]}


def read_nat_gateway(context: Context) -> Properties | None:
    """The NAT gateway; one that is deleted is listed for an hour and counts as gone."""
    found = first(context.call("describe_nat_gateways", NatGatewayIds=[context.id]), "NatGateways")
    if found is None or found["State"] in ("deleted", "deleting"):
        return None
    state: Properties = {
        "id": context.id,
        "subnetId": found["SubnetId"],
        "connectivityType": found.get("ConnectivityType", "public"),
        "tags": found.get("Tags", []),
    }
    # The emulator answers without addresses.
    allocation = context["allocationId"]
    address = _address(context, allocation) if allocation else None
    if address is not None:
        state["publicIp"] = address["PublicIp"]
    return state


def delete_nat_gateway(context: Context) -> None:
    """Deletes the NAT gateway."""
    context.call("delete_nat_gateway", NatGatewayId=context.id)


def address_of_kind(inputs: Mapping[str, Any]) -> list[Problem]:
    """A public NAT gateway has an address, a private one has none."""
    private = inputs.get("connectivityType") == "private"
    if private and "allocationId" in inputs:
        return [Problem("allocationId", "a NAT gateway with connectivityType private has no address")]
    if inputs.get("connectivityType") == "public" and "allocationId" not in inputs:
        return [Problem("allocationId", "a NAT gateway with connectivityType public needs an address")]
    return []


ONE_ADDRESS = "the local cloud's NAT gateways have one address"
ONE_ZONE = "the local cloud's NAT gateways lie in one subnet; use subnetId"
USE_ASSOCIATION = "the local cloud's addresses are for NAT gateways"

ROWS = (
    Row(
        type=INTERNET_GATEWAY,
        service="ec2",
        create=(create_internet_gateway, attach),
        read=(read_internet_gateway,),
        update=(attach,),
        delete=(delete_internet_gateway,),
        sticky=frozenset({"vpcId"}),
        gone=GONE,
        taken=frozenset({ATTACHED}),
        taken_id=attached_gateway,
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
            **dict.fromkeys(("instance", "networkInterface", "associateWithPrivateIp"), USE_ASSOCIATION),
            **dict.fromkeys(
                ("address", "customerOwnedIpv4Pool", "ipamPoolId", "networkBorderGroup", "publicIpv4Pool"),
                "the local cloud has one pool of addresses",
            ),
        },
        rules=(one_of("domain", "vpc"),),
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
        rules=(at_least_one("subnetId"), one_of("connectivityType", "public", "private"), address_of_kind),
        unsupported={
            **dict.fromkeys(
                (
                    "privateIp",
                    "secondaryAllocationIds",
                    "secondaryPrivateIpAddressCount",
                    "secondaryPrivateIpAddresses",
                ),
                ONE_ADDRESS,
            ),
            **dict.fromkeys(("availabilityMode", "availabilityZoneAddresses", "vpcId"), ONE_ZONE),
        },
        example=Example(
            inputs={"subnetId": Ref("subnet"), "allocationId": Ref("address"), "tags": {"a": "1"}},
            update={"tags": {"a": "2"}},
            replace={"connectivityType": "private", "allocationId": None},
            needs={"vpc": VPC_NEED, "subnet": SUBNET_NEED, "address": Need(EIP, {"domain": "vpc"})},
        ),
    ),
)
