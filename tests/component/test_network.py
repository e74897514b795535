"""The network: where subnets lie, which way each of them goes out, and that nothing comes in."""

from ipaddress import IPv4Network
from typing import Any

import pulumi
import pytest

from components.alarm import AlarmTopicsArgs
from components.network.network import Nat, Network, NetworkArgs, zones_for_subnets
from tests.recorder import ACCOUNT, Recorded, Recording, provider, record

CIDR = "10.20.0.0/16"
REGION = "us-west-2"
TOPICS = AlarmTopicsArgs(critical="arn:critical", warning="arn:warning", info="arn:info")
INTERNET = "0.0.0.0/0"
KINDS = ("public", "private", "isolated")


def recorded(**changes: Any) -> Recording:
    args = NetworkArgs(
        **{
            "cidr": CIDR,
            "key_arn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/mrk-1",
            "flow_log_retention_days": 90,
            "account_id": ACCOUNT,
            "alarm_topics": TOPICS,
            "keep": True,
            **changes,
        }
    )
    return record(lambda: Network("local", args, pulumi.ResourceOptions(provider=provider(REGION))))


def subnets(recording: Recording, kind: str) -> list[Recorded]:
    return [s for s in recording.all("Subnet") if s.inputs["tags"]["stanchion:subnet"] == kind]


def blocks(recording: Recording, kind: str) -> list[IPv4Network]:
    return [IPv4Network(s.inputs["cidrBlock"]) for s in subnets(recording, kind)]


def table_of(recording: Recording, subnet: Recorded) -> str:
    """The id of the route table a subnet is associated with."""
    (table,) = [
        a.inputs["routeTableId"]
        for a in recording.all("RouteTableAssociation")
        if a.inputs["subnetId"] == f"{subnet.name}-id"
    ]
    return table


def default_routes(recording: Recording, kind: str) -> list[dict[str, Any]]:
    """The inputs of the routes to the internet of the subnets of a kind, in the order of the zones."""
    return [
        route.inputs
        for subnet in subnets(recording, kind)
        for route in recording.all("Route")
        if route.inputs["routeTableId"] == table_of(recording, subnet)
        and route.inputs["destinationCidrBlock"] == INTERNET
    ]


def endpoints(recording: Recording, kind: str) -> list[dict[str, Any]]:
    return [e.inputs for e in recording.all("VpcEndpoint") if e.inputs["vpcEndpointType"] == kind]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_subnet_is_in_the_same_three_zones_of_the_providers_region(kind: str) -> None:
    zones = [s.inputs["availabilityZone"] for s in subnets(recorded(), kind)]
    assert zones == ["us-west-2a", "us-west-2b", "us-west-2c"]


@pytest.mark.parametrize("cidr", [CIDR, "172.16.32.0/20"])
def test_subnets_lie_inside_the_range_and_apart_and_private_ones_are_the_largest(cidr: str) -> None:
    recording = recorded(cidr=cidr)
    assert recording.one("Vpc").inputs["cidrBlock"] == cidr
    every = [block for kind in KINDS for block in blocks(recording, kind)]
    assert all(block.subnet_of(IPv4Network(cidr)) for block in every)
    assert not [(a, b) for n, a in enumerate(every) for b in every[n + 1 :] if a.overlaps(b)]
    private = min(block.num_addresses for block in blocks(recording, "private"))
    assert private > max(block.num_addresses for kind in ("public", "isolated") for block in blocks(recording, kind))


def test_no_subnet_gives_public_addresses_by_itself() -> None:
    assert {s.inputs["mapPublicIpOnLaunch"] for s in recorded().all("Subnet")} == {False}


@pytest.mark.parametrize(("nat", "count"), [(Nat.NONE, 0), (Nat.SINGLE, 1), (Nat.PER_ZONE, 3)])
def test_as_many_gateways_as_the_setting_says_each_with_an_address_and_in_a_public_subnet(nat: Nat, count: int) -> None:
    recording = recorded(nat=nat)
    gateways = recording.all("NatGateway")
    assert len(gateways) == len(recording.all("Eip")) == count
    assert {g.inputs["allocationId"] for g in gateways} == {f"{e.name}-id" for e in recording.all("Eip")}
    public = [f"{s.name}-id" for s in subnets(recording, "public")]
    assert [g.inputs["subnetId"] for g in gateways] == public[:count]


def test_a_gateway_waits_for_the_way_out_of_the_vpc() -> None:
    recording = recorded()
    for gateway in recording.all("NatGateway"):
        assert recording.one("InternetGateway").urn in gateway.dependencies


def test_per_zone_each_private_subnet_leaves_through_the_gateway_of_its_own_zone() -> None:
    recording = recorded(nat=Nat.PER_ZONE)
    zone_of = {f"{s.name}-id": s.inputs["availabilityZone"] for s in recording.all("Subnet")}
    zone_of_gateway = {f"{g.name}-id": zone_of[g.inputs["subnetId"]] for g in recording.all("NatGateway")}
    assert [zone_of_gateway[route["natGatewayId"]] for route in default_routes(recording, "private")] == [
        s.inputs["availabilityZone"] for s in subnets(recording, "private")
    ]
    assert len(set(zone_of_gateway.values())) == 3


def test_with_one_gateway_all_private_subnets_leave_through_it() -> None:
    routes = default_routes(recorded(nat=Nat.SINGLE), "private")
    assert [route["natGatewayId"] for route in routes] == ["local-nat-0-id"] * 3


def test_without_a_gateway_private_subnets_have_no_way_out() -> None:
    assert default_routes(recorded(nat=Nat.NONE), "private") == []


@pytest.mark.parametrize("nat", Nat)
def test_public_subnets_leave_directly_and_isolated_ones_never(nat: Nat) -> None:
    recording = recorded(nat=nat)
    routes = default_routes(recording, "public")
    assert [route["gatewayId"] for route in routes] == ["local-internet-id"] * 3
    assert default_routes(recording, "isolated") == []


@pytest.mark.parametrize("nat", [Nat.NONE, Nat.SINGLE])
def test_changing_nat_touches_no_subnet_and_no_table(nat: Nat) -> None:
    kinds = ("Vpc", "Subnet", "RouteTable", "RouteTableAssociation", "VpcEndpoint")

    def lasting(recording: Recording) -> dict[str, dict[str, Any]]:
        return {r.urn: r.inputs for kind in kinds for r in recording.all(kind)}

    assert lasting(recorded(nat=nat)) == lasting(recorded(nat=Nat.PER_ZONE))


def test_going_from_one_gateway_to_one_per_zone_keeps_the_first_and_its_address() -> None:
    single, per_zone = recorded(nat=Nat.SINGLE), recorded(nat=Nat.PER_ZONE)
    for kind in ("NatGateway", "Eip"):
        first = single.one(kind)
        assert per_zone.at(first.urn).inputs == first.inputs


def test_s3_and_dynamodb_are_reached_from_every_subnet_without_the_internet() -> None:
    recording = recorded(nat=Nat.NONE)
    found = endpoints(recording, "Gateway")
    assert {e["serviceName"] for e in found} == {f"com.amazonaws.{REGION}.{s}" for s in ("s3", "dynamodb")}
    tables = {f"{t.name}-id" for t in recording.all("RouteTable")}
    assert tables == {table_of(recording, subnet) for subnet in recording.all("Subnet")}
    assert all(set(e["routeTableIds"]) == tables for e in found)


def test_interface_endpoints_are_in_all_three_zones_behind_a_group_that_takes_https_from_the_vpc_only() -> None:
    recording = recorded(interface_endpoints=["ecr.api", "sts"])
    found = endpoints(recording, "Interface")
    assert {e["serviceName"] for e in found} == {f"com.amazonaws.{REGION}.{s}" for s in ("ecr.api", "sts")}
    private = [f"{s.name}-id" for s in subnets(recording, "private")]
    group = recording.one("SecurityGroup")
    for endpoint in found:
        assert endpoint["subnetIds"] == private
        assert endpoint["securityGroupIds"] == [f"{group.name}-id"]
        assert endpoint["privateDnsEnabled"] is True
    rule = recording.one("SecurityGroupIngressRule").inputs
    assert rule["securityGroupId"] == f"{group.name}-id"
    assert (rule["cidrIpv4"], rule["ipProtocol"], rule["fromPort"], rule["toPort"]) == (CIDR, "tcp", 443, 443)
    assert not {"ingress", "egress"} & set(group.inputs)


def test_without_interface_endpoints_there_is_no_security_group_for_them() -> None:
    recording = recorded(interface_endpoints=[])
    assert not endpoints(recording, "Interface")
    assert not recording.all("SecurityGroup")
    assert not recording.all("SecurityGroupIngressRule")


@pytest.mark.parametrize("endpoints", [["sts"], []])
def test_it_says_what_others_build_on_in_the_order_of_the_zones(endpoints: list[str]) -> None:
    recording = recorded(interface_endpoints=endpoints)
    assert recording.outputs[recording.one("Network").urn] == {
        "vpcId": "local-vpc-id",
        "cidr": CIDR,
        "zoneNames": ["us-west-2a", "us-west-2b", "us-west-2c"],
        **{f"{kind}SubnetIds": [f"{s.name}-id" for s in subnets(recording, kind)] for kind in KINDS},
        "publicRouteTableId": table_of(recording, subnets(recording, "public")[0]),
        "privateRouteTableIds": [table_of(recording, s) for s in subnets(recording, "private")],
        "isolatedRouteTableId": table_of(recording, subnets(recording, "isolated")[0]),
        **({"endpointSecurityGroupId": "local-endpoints-id"} if endpoints else {}),
    }


def test_names_inside_the_vpc_resolve_so_that_endpoints_answer_under_the_services_own() -> None:
    vpc = recorded().one("Vpc").inputs
    assert (vpc["enableDnsSupport"], vpc["enableDnsHostnames"]) == (True, True)


def test_the_default_security_group_lets_nothing_through() -> None:
    group = recorded().one("DefaultSecurityGroup").inputs
    assert group["vpcId"] == "local-vpc-id"
    assert not group.get("ingress")
    assert not group.get("egress")


@pytest.mark.parametrize(("nat", "count"), [(Nat.NONE, 0), (Nat.SINGLE, 1), (Nat.PER_ZONE, 3)])
def test_each_gateway_tells_when_it_runs_out_of_ports_or_drops_packets(nat: Nat, count: int) -> None:
    recording = recorded(nat=nat)
    alarms = [a.inputs for a in recording.all("MetricAlarm") if a.inputs["namespace"] == "AWS/NATGateway"]
    assert sorted((a["dimensions"]["NatGatewayId"], a["metricName"]) for a in alarms) == [
        (f"{gateway.name}-id", metric)
        for gateway in recording.all("NatGateway")
        for metric in ("ErrorPortAllocation", "PacketsDropCount")
    ]
    assert len(alarms) == 2 * count
    for alarm in alarms:
        assert alarm["alarmActions"] == ["arn:warning"]
        assert (alarm["comparisonOperator"], alarm["threshold"]) == ("GreaterThanThreshold", 0)


@pytest.mark.parametrize(
    ("changes", "watched"),
    [
        ({"nat": Nat.NONE}, False),
        ({"nat": Nat.SINGLE}, True),
        ({"nat": Nat.NONE, "interface_endpoints": ["sts"]}, True),
    ],
)
def test_silent_flow_logs_are_an_alarm_once_there_is_something_to_log(changes: dict[str, Any], watched: bool) -> None:
    alarms = [a for a in recorded(**changes).all("MetricAlarm") if a.inputs["namespace"] == "AWS/Logs"]
    assert bool(alarms) is watched


def test_all_traffic_of_the_vpc_is_logged_for_as_long_as_asked() -> None:
    recording = recorded(flow_log_retention_days=30)
    assert recording.one("FlowLog").inputs["vpcId"] == "local-vpc-id"
    assert recording.one("LogGroup", "local-flow-logs-logs").inputs["retentionInDays"] == 30


def test_a_region_with_two_zones_is_refused_with_their_names() -> None:
    with pytest.raises(ValueError, match=r"2 availability zones \(us-west-1b, us-west-1c\).* needs 3"):
        zones_for_subnets(["us-west-1c", "us-west-1b"])


def test_zones_come_in_the_order_of_their_names_whatever_the_cloud_answers() -> None:
    assert zones_for_subnets(["r-d", "r-b", "r-a", "r-c"]) == ["r-a", "r-b", "r-c"]
