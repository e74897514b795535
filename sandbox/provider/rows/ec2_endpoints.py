"""Rows of VPC endpoints and flow logs."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.cloud import is_region
from sandbox.provider.context import Context
from sandbox.provider.errors import ProviderError
from sandbox.provider.row import Example, Need, Problem, Ref, Row
from sandbox.provider.rows.ec2 import (
    SUBNET,
    SUBNET_NEED,
    TAGS,
    VPC,
    VPC_ATTRIBUTES,
    VPC_NEED,
    arn,
    filters,
    first,
    specified_tags,
)
from sandbox.provider.rows.ec2_groups import GROUP
from sandbox.provider.rules import at_least_one, exactly_one, one_of
from sandbox.provider.values import Properties

GONE = frozenset({"InvalidVpcEndpointId.NotFound", "InvalidFlowLogId.NotFound"})

# Property to the members that add to and take from it.
ATTACHED = {
    "routeTableIds": ("AddRouteTableIds", "RemoveRouteTableIds"),
    "subnetIds": ("AddSubnetIds", "RemoveSubnetIds"),
    "securityGroupIds": ("AddSecurityGroupIds", "RemoveSecurityGroupIds"),
}


def create_endpoint(context: Context) -> Properties:
    """Creates the endpoint, when the VPC exists and resolves names: the emulator minds neither."""
    vpc, kind = context["vpcId"], context["vpcEndpointType"]
    context.call("describe_vpcs", VpcIds=[vpc])
    if context["privateDnsEnabled"]:
        _check_names(context)
    answer = context.call(
        "create_vpc_endpoint",
        VpcId=vpc,
        ServiceName=context["serviceName"],
        VpcEndpointType=kind,
        PolicyDocument=context.inputs.get("policy"),
        RouteTableIds=context.inputs.get("routeTableIds"),
        SubnetIds=context.inputs.get("subnetIds"),
        SecurityGroupIds=context.inputs.get("securityGroupIds"),
        PrivateDnsEnabled=bool(context["privateDnsEnabled"]) if kind == "Interface" else None,
        TagSpecifications=specified_tags(context, "vpc-endpoint"),
    )
    return {"id": answer["VpcEndpoint"]["VpcEndpointId"]}


def _check_names(context: Context) -> None:
    vpc = context["vpcId"]
    for name, (member, _) in VPC_ATTRIBUTES.items():
        if not context.call("describe_vpc_attribute", VpcId=vpc, Attribute=name)[member]["Value"]:
            raise ProviderError(f"InvalidParameter: privateDnsEnabled needs a VPC with {name}, and {vpc} has it off")


def read_endpoint(context: Context) -> Properties | None:
    """The endpoint as properties; the emulator leaves out groups, private DNS, policy and interfaces."""
    found = first(context.call("describe_vpc_endpoints", VpcEndpointIds=[context.id]), "VpcEndpoints")
    if found is None or found.get("State") in ("deleted", "deleting"):
        return None
    state: Properties = {
        "id": context.id,
        "arn": arn(context, "vpc-endpoint"),
        "vpcId": found["VpcId"],
        "serviceName": found["ServiceName"],
        "vpcEndpointType": found["VpcEndpointType"],
        "ownerId": found.get("OwnerId"),
        "state": found.get("State"),
        "tags": found.get("Tags", []),
    }
    for name, member in {"routeTableIds": "RouteTableIds", "subnetIds": "SubnetIds"}.items():
        if found.get(member):
            state[name] = found[member]
    if found["VpcEndpointType"] == "Gateway":
        lists = context.call("describe_prefix_lists", Filters=filters(prefix_list_name=found["ServiceName"]))
        if prefixes := first(lists, "PrefixLists"):
            state |= {"prefixListId": prefixes["PrefixListId"], "cidrBlocks": prefixes.get("Cidrs", [])}
    return state


def update_endpoint(context: Context) -> None:
    """Adds and takes away what is attached; sets the policy and private DNS."""
    request: dict[str, Any] = {}
    for name, (add, remove) in ATTACHED.items():
        if name in context.changed:
            old, new = set(context.old.get(name) or []), set(context.inputs.get(name) or [])
            request |= {add: sorted(new - old) or None, remove: sorted(old - new) or None}
    if "policy" in context.changed:
        policy = context.inputs.get("policy")
        request |= {"PolicyDocument": policy} if policy else {"ResetPolicy": True}
    if "privateDnsEnabled" in context.changed:
        if context["privateDnsEnabled"]:
            _check_names(context)
        request["PrivateDnsEnabled"] = bool(context["privateDnsEnabled"])
    if request:
        context.call("modify_vpc_endpoint", VpcEndpointId=context.id, **request)


def delete_endpoint(context: Context) -> None:
    """Deletes the endpoint; refusals come in the answer."""
    answer = context.call("delete_vpc_endpoints", VpcEndpointIds=[context.id])
    _refuse(answer, GONE)


def _refuse(answer: Mapping[str, Any], fine: frozenset[str]) -> None:
    for problem in answer.get("Unsuccessful") or []:
        error = problem.get("Error", {})
        if error.get("Code") not in fine:
            raise ProviderError(f"{problem.get('ResourceId')}: {error.get('Code')}: {error.get('Message')}")


def endpoint_kind(inputs: Mapping[str, Any]) -> list[Problem]:
    """Gateways hang on route tables, interfaces on subnets."""
    kind = inputs.get("vpcEndpointType", "Gateway")
    wrong = {"Gateway": ("subnetIds", "securityGroupIds", "privateDnsEnabled"), "Interface": ("routeTableIds",)}
    return [
        Problem(name, f"an endpoint of type {kind} takes no {name}")
        for name in wrong.get(str(kind), ())
        if inputs.get(name)
    ]


def service_of_region(inputs: Mapping[str, Any]) -> list[Problem]:
    """A service of AWS is named with its region, and only two of them have gateways."""
    name, region, kind = inputs.get("serviceName"), inputs.get("region"), inputs.get("vpcEndpointType")
    if not isinstance(name, str):
        return []
    parts = name.split(".", 3)
    if len(parts) < 4:
        return [Problem("serviceName", f"'{name}' is no service's name; it looks like com.amazonaws.{region}.s3")]
    if is_region(parts[2]) and isinstance(region, str) and parts[2] != region:
        return [Problem("serviceName", f"'{name}' is a service of {parts[2]}, and the endpoint lies in {region}")]
    if kind == "Gateway" and parts[3] not in ("s3", "dynamodb"):
        return [Problem("serviceName", f"'{name}' has no gateway, only s3 and dynamodb have; use Interface")]
    if kind == "Interface" and inputs.get("privateDnsEnabled") is True and parts[3] in ("s3", "dynamodb"):
        return [Problem("privateDnsEnabled", f"'{name}' takes it with dnsOptions only, which the local cloud lacks")]
    return []


FLOW_TARGETS = {"vpcId": "VPC", "subnetId": "Subnet", "eniId": "NetworkInterface"}


def create_flow_log(context: Context) -> Properties:
    """Creates the flow log; refusals come in the answer."""
    name = next(name for name in FLOW_TARGETS if context[name])
    # Tags go in a call of their own: the emulator knows only its own name of the type, "flow-log".
    answer = context.call(
        "create_flow_logs",
        ResourceIds=[context[name]],
        ResourceType=FLOW_TARGETS[name],
        TrafficType=context["trafficType"],
        LogDestinationType=context["logDestinationType"],
        LogDestination=context["logDestination"],
        DeliverLogsPermissionArn=context["iamRoleArn"],
        MaxAggregationInterval=context["maxAggregationInterval"],
        LogFormat=context["logFormat"],
    )
    _refuse(answer, frozenset())
    return {"id": answer["FlowLogIds"][0]}


def read_flow_log(context: Context) -> Properties | None:
    """The flow log as properties; the emulator leaves out the role and the interval."""
    found = first(context.call("describe_flow_logs", FlowLogIds=[context.id]), "FlowLogs")
    if found is None:
        return None
    resource = str(found["ResourceId"])
    name = "vpcId" if resource.startswith("vpc-") else "subnetId" if resource.startswith("subnet-") else "eniId"
    return {
        "id": context.id,
        "arn": arn(context, "vpc-flow-log"),
        name: resource,
        "trafficType": found["TrafficType"],
        "logDestinationType": found.get("LogDestinationType", "cloud-watch-logs"),
        "logDestination": found.get("LogDestination"),
        "tags": found.get("Tags", []),
    }


def aggregation(inputs: Mapping[str, Any]) -> list[Problem]:
    """Flow logs are gathered over a minute or ten."""
    seconds = inputs.get("maxAggregationInterval")
    if isinstance(seconds, int) and seconds not in (60, 600):
        return [Problem("maxAggregationInterval", f"expected 60 or 600 seconds, got {seconds}")]
    return []


def flow_destination(inputs: Mapping[str, Any]) -> list[Problem]:
    """Log groups are written to through a role, buckets are not."""
    kind, role = inputs.get("logDestinationType"), "iamRoleArn" in inputs
    if kind == "cloud-watch-logs" and not role:
        return [Problem("iamRoleArn", "flow logs that go to a log group need a role that may write there")]
    if kind == "s3" and role:
        return [Problem("iamRoleArn", "flow logs that go to a bucket have no role; the bucket's policy lets them in")]
    return []


def delete_flow_log(context: Context) -> None:
    """Deletes the flow log."""
    _refuse(context.call("delete_flow_logs", FlowLogIds=[context.id]), GONE)


ROWS = (
    Row(
        type="aws:ec2/vpcEndpoint:VpcEndpoint",
        service="ec2",
        create=(create_endpoint,),
        read=(read_endpoint,),
        update=(update_endpoint,),
        delete=(delete_endpoint,),
        replace=frozenset({"vpcId", "serviceName", "vpcEndpointType"}),
        sets=frozenset(ATTACHED),
        json=frozenset({"policy"}),
        defaults={"vpcEndpointType": "Gateway"},
        sticky=frozenset({"policy", "privateDnsEnabled", *ATTACHED}),
        # The emulator's answer leaves them out.
        write_only=frozenset({"securityGroupIds", "privateDnsEnabled", "policy"}),
        gone=GONE,
        tags=TAGS,
        unsupported=dict.fromkeys(
            (
                "autoAccept",
                "dnsOptions",
                "ipAddressType",
                "resourceConfigurationArn",
                "serviceNetworkArn",
                "serviceRegion",
                "subnetConfigurations",
            ),
            "the local cloud has gateway and interface endpoints in their plain form",
        ),
        rules=(
            at_least_one("serviceName"),
            one_of("vpcEndpointType", "Gateway", "Interface"),
            endpoint_kind,
            service_of_region,
        ),
        example=Example(
            inputs={
                "vpcId": Ref("vpc"),
                "region": "us-east-1",
                "serviceName": "com.amazonaws.us-east-1.sts",
                "vpcEndpointType": "Interface",
                "subnetIds": [Ref("subnet")],
                "securityGroupIds": [Ref("group")],
                "privateDnsEnabled": True,
                "tags": {"a": "1"},
            },
            update={"privateDnsEnabled": False, "subnetIds": [Ref("other"), Ref("subnet")], "tags": {"a": "2"}},
            replace={"serviceName": "com.amazonaws.us-east-1.logs"},
            needs={
                "vpc": Need(VPC, {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True}),
                "subnet": SUBNET_NEED,
                "other": Need(SUBNET, {"vpcId": Ref("vpc"), "cidrBlock": "10.0.2.0/24"}),
                "group": Need(GROUP, {"vpcId": Ref("vpc")}),
            },
        ),
    ),
    Row(
        type="aws:ec2/flowLog:FlowLog",
        service="ec2",
        cfn="AWS::EC2::FlowLog",
        create=(create_flow_log,),
        read=(read_flow_log,),
        delete=(delete_flow_log,),
        replace=frozenset(
            {
                *FLOW_TARGETS,
                "trafficType",
                "logDestinationType",
                "logDestination",
                "iamRoleArn",
                "logFormat",
                "maxAggregationInterval",
            }
        ),
        defaults={"logDestinationType": "cloud-watch-logs", "maxAggregationInterval": 600},
        sticky=frozenset({"logFormat"}),
        # The emulator's answer leaves them out.
        write_only=frozenset({"iamRoleArn", "logFormat", "maxAggregationInterval"}),
        gone=GONE,
        tags=TAGS,
        unsupported=dict.fromkeys(
            (
                "deliverCrossAccountRole",
                "destinationOptions",
                "regionalNatGatewayId",
                "tagFieldSpecifications",
                "transitGatewayAttachmentId",
                "transitGatewayId",
            ),
            "the local cloud's flow logs are of a VPC, subnet or interface and go to a place of the same account",
        ),
        rules=(
            exactly_one("vpcId", "subnetId", "eniId"),
            at_least_one("trafficType"),
            one_of("trafficType", "ACCEPT", "REJECT", "ALL"),
            at_least_one("logDestination"),
            one_of("logDestinationType", "cloud-watch-logs", "s3"),
            aggregation,
            flow_destination,
        ),
        example=Example(
            inputs={
                "vpcId": Ref("vpc"),
                "trafficType": "ALL",
                "logDestination": Ref("logs", "arn"),
                "iamRoleArn": "arn:aws:iam::000000000000:role/flow",
                "tags": {"a": "1"},
            },
            update={"tags": {"a": "2"}},
            replace={"trafficType": "REJECT"},
            needs={"vpc": VPC_NEED, "logs": Need("aws:cloudwatch/logGroup:LogGroup")},
        ),
    ),
)
