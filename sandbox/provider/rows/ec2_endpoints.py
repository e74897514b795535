"""Rows of VPC endpoints and flow logs."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.errors import ProviderError
from sandbox.provider.row import Example, Need, Problem, Ref, Row
from sandbox.provider.rows.ec2 import SUBNET_NEED, TAGS, VPC_NEED, arn, first
from sandbox.provider.rows.ec2_groups import GROUP
from sandbox.provider.rows.ec2_routes import ROUTE_TABLE
from sandbox.provider.rules import exactly_one, one_of
from sandbox.provider.values import Properties

GONE = frozenset({"InvalidVpcEndpointId.NotFound", "InvalidFlowLogId.NotFound"})

# Property to the members that add to and take from it.
ATTACHED = {
    "routeTableIds": ("AddRouteTableIds", "RemoveRouteTableIds"),
    "subnetIds": ("AddSubnetIds", "RemoveSubnetIds"),
    "securityGroupIds": ("AddSecurityGroupIds", "RemoveSecurityGroupIds"),
}


def create_endpoint(context: Context) -> Properties:
    """Creates the endpoint."""
    kind = context["vpcEndpointType"]
    answer = context.call(
        "create_vpc_endpoint",
        VpcId=context["vpcId"],
        ServiceName=context["serviceName"],
        VpcEndpointType=kind,
        PolicyDocument=context.inputs.get("policy"),
        RouteTableIds=context.inputs.get("routeTableIds"),
        SubnetIds=context.inputs.get("subnetIds"),
        SecurityGroupIds=context.inputs.get("securityGroupIds"),
        PrivateDnsEnabled=bool(context["privateDnsEnabled"]) if kind == "Interface" else None,
    )
    context.id = answer["VpcEndpoint"]["VpcEndpointId"]
    return {"id": context.id}


def read_endpoint(context: Context) -> Properties | None:
    """The endpoint as properties; the emulator leaves out groups, private DNS and policy."""
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
    if found.get("RouteTableIds"):
        state["routeTableIds"] = found["RouteTableIds"]
    if found.get("SubnetIds"):
        state["subnetIds"] = found["SubnetIds"]
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


FLOW_TARGETS = {"vpcId": "VPC", "subnetId": "Subnet", "eniId": "NetworkInterface"}


def create_flow_log(context: Context) -> Properties:
    """Creates the flow log; refusals come in the answer."""
    name = next(name for name in FLOW_TARGETS if context[name])
    answer = context.call(
        "create_flow_logs",
        ResourceIds=[context[name]],
        ResourceType=FLOW_TARGETS[name],
        TrafficType=context["trafficType"],
        LogDestinationType=context["logDestinationType"],
        LogDestination=context["logDestination"],
        DeliverLogsPermissionArn=context["iamRoleArn"],
        MaxAggregationInterval=context["maxAggregationInterval"],
    )
    _refuse(answer, frozenset())
    context.id = answer["FlowLogIds"][0]
    return {"id": context.id}


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
        write_only=frozenset({"securityGroupIds", "privateDnsEnabled", "policy"}),
        gone=GONE,
        tags=TAGS,
        unsupported=dict.fromkeys(
            ("resourceConfigurationArn", "serviceNetworkArn", "subnetConfigurations", "dnsOptions"),
            "the local cloud has gateway and interface endpoints in their plain form",
        ),
        rules=(one_of("vpcEndpointType", "Gateway", "Interface"), endpoint_kind),
        example=Example(
            inputs={
                "vpcId": Ref("vpc"),
                "serviceName": "com.amazonaws.us-east-1.sts",
                "vpcEndpointType": "Interface",
                "subnetIds": [Ref("subnet")],
                "securityGroupIds": [Ref("group")],
                "privateDnsEnabled": True,
                "tags": {"a": "1"},
            },
            update={"privateDnsEnabled": False, "tags": {"a": "2"}},
            replace={"serviceName": "com.amazonaws.us-east-1.logs"},
            needs={
                "vpc": VPC_NEED,
                "subnet": SUBNET_NEED,
                "group": Need(GROUP, {"vpcId": Ref("vpc")}),
                "table": Need(ROUTE_TABLE, {"vpcId": Ref("vpc")}),
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
                "maxAggregationInterval",
            }
        ),
        defaults={"logDestinationType": "cloud-watch-logs", "maxAggregationInterval": 600},
        write_only=frozenset({"iamRoleArn", "maxAggregationInterval"}),
        gone=GONE,
        tags=TAGS,
        unsupported=dict.fromkeys(
            ("destinationOptions", "deliverCrossAccountRole", "transitGatewayId", "transitGatewayAttachmentId"),
            "the local cloud's flow logs go to log groups of the same account",
        ),
        rules=(
            exactly_one("vpcId", "subnetId", "eniId"),
            one_of("trafficType", "ACCEPT", "REJECT", "ALL"),
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
