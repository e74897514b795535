"""What the emulator gets wrong of networks and events and the rows put right, against a running local cloud."""

from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import grpc
import pytest

from tests.engine.provider_cloud import ProviderClient, environment, provider_client, running_cloud

pytestmark = pytest.mark.engine

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
TABLE = "aws:ec2/routeTable:RouteTable"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
ROUTE = "aws:ec2/route:Route"
INTERNET = "aws:ec2/internetGateway:InternetGateway"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
NAT = "aws:ec2/natGateway:NatGateway"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
RULE = "aws:cloudwatch/eventRule:EventRule"
TAGS = {"tags": {"Name": "mine"}}


@pytest.fixture(scope="module")
def cloud() -> Iterator[dict[str, str]]:
    with running_cloud() as url:
        yield environment(url)


@pytest.fixture(scope="module")
def client(cloud: dict[str, str]) -> Iterator[ProviderClient]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in cloud.items():
            patch.setenv(name, value)
        with provider_client({"region": "us-east-1", "defaultTags": {"tags": {"layer": "test"}}}) as found:
            yield found


@pytest.fixture
def ec2(cloud: dict[str, str], client: ProviderClient) -> Any:
    return boto3.client("ec2", endpoint_url=cloud["AWS_ENDPOINT_URL"], region_name="us-east-1")


@pytest.fixture
def vpc(client: ProviderClient) -> str:
    return made(client, VPC, "vpc", {"cidrBlock": "10.0.0.0/16"})


def made(client: ProviderClient, token: str, name: str, wanted: Mapping[str, Any]) -> str:
    return client.create(token, name, client.inputs(token, name, dict(wanted)))[0]


def refusal(client: ProviderClient, token: str, wanted: Mapping[str, Any]) -> str:
    with pytest.raises(grpc.RpcError) as error:
        made(client, token, "refused", wanted)
    return str(error.value.details())  # pyright: ignore[reportAttributeAccessIssue]


def test_a_subnet_has_to_lie_in_its_vpc_beside_the_others(client: ProviderClient, vpc: str) -> None:
    made(client, SUBNET, "one", {"vpcId": vpc, "cidrBlock": "10.0.0.0/24", **TAGS})
    assert "not inside 10.0.0.0/16" in refusal(client, SUBNET, {"vpcId": vpc, "cidrBlock": "10.1.0.0/24"})
    assert "overlaps with 10.0.0.0/24" in refusal(client, SUBNET, {"vpcId": vpc, "cidrBlock": "10.0.0.0/20"})
    assert "was not made by this stack" in refusal(client, SUBNET, {"vpcId": vpc, "cidrBlock": "10.0.0.0/24"})
    zone = {"vpcId": vpc, "cidrBlock": "10.0.8.0/24", "availabilityZone": "us-east-1z"}
    assert "us-east-1a, us-east-1b, us-east-1c" in refusal(client, SUBNET, zone)
    assert "does not exist" in refusal(client, SUBNET, {"vpcId": "vpc-0123456789abcdef0", "cidrBlock": "10.0.0.0/24"})


@pytest.mark.parametrize(
    ("token", "wanted"),
    [(SUBNET, {"cidrBlock": "10.0.0.0/24", **TAGS}), (INTERNET, TAGS)],
    ids=["subnet", "internet gateway"],
)
def test_what_an_interrupted_create_left_is_taken_over(
    client: ProviderClient, vpc: str, token: str, wanted: dict[str, Any]
) -> None:
    first = made(client, token, "thing", {"vpcId": vpc, **wanted})
    assert made(client, token, "thing", {"vpcId": vpc, **wanted}) == first


def test_a_vpc_has_one_internet_gateway(client: ProviderClient, vpc: str) -> None:
    made(client, INTERNET, "one", {"vpcId": vpc, **TAGS})
    assert "already" in refusal(client, INTERNET, {"vpcId": vpc, "tags": {"Name": "another"}})


def test_a_subnet_moves_to_another_table_and_back_out(client: ProviderClient, ec2: Any, vpc: str) -> None:
    subnet = made(client, SUBNET, "subnet", {"vpcId": vpc, "cidrBlock": "10.0.0.0/24"})
    one, other = (made(client, TABLE, name, {"vpcId": vpc}) for name in ("one", "other"))
    inputs = client.inputs(ASSOCIATION, "a", {"subnetId": subnet, "routeTableId": one})
    identity, state = client.create(ASSOCIATION, "a", inputs)
    assert client.create(ASSOCIATION, "a", inputs)[0] == identity, "an interrupted create is taken over"

    moved = client.inputs(ASSOCIATION, "a", {"subnetId": subnet, "routeTableId": other}, inputs)
    state = client.update(ASSOCIATION, "a", identity, inputs, state, moved)
    assert state["routeTableId"] == other
    assert client.read(ASSOCIATION, "a", identity, moved, state)[0] == identity, "it keeps the id it was made with"
    found, _, imported = client.read(ASSOCIATION, "a", f"{subnet}/{other}@us-east-1", {}, {})
    assert found
    assert (imported["subnetId"], imported["routeTableId"]) == (subnet, other)

    client.delete(ASSOCIATION, "a", identity, moved, state)
    wanted = [{"Name": "association.subnet-id", "Values": [subnet]}]
    assert ec2.describe_route_tables(Filters=wanted)["RouteTables"] == []


def test_a_table_has_one_route_to_a_destination(client: ProviderClient, ec2: Any, vpc: str) -> None:
    table = made(client, TABLE, "table", {"vpcId": vpc})
    route = {"routeTableId": table, "destinationCidrBlock": "0.0.0.0/0"}
    made(client, ROUTE, "way", {**route, "gatewayId": "igw-1"})
    assert "has a route to 0.0.0.0/0 already" in refusal(client, ROUTE, {**route, "gatewayId": "igw-2"})
    assert len(ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]) == 2


def test_private_names_need_a_vpc_that_has_names(client: ProviderClient, vpc: str) -> None:
    wanted = {"serviceName": "com.amazonaws.us-east-1.sts", "vpcEndpointType": "Interface", "privateDnsEnabled": True}
    assert "enableDnsHostnames" in refusal(client, ENDPOINT, {"vpcId": vpc, **wanted})


def test_a_gateway_endpoint_moves_between_tables_and_knows_its_prefixes(client: ProviderClient, vpc: str) -> None:
    one, other = (made(client, TABLE, name, {"vpcId": vpc}) for name in ("one", "other"))
    wanted = {"vpcId": vpc, "serviceName": "com.amazonaws.us-east-1.s3", "routeTableIds": [one]}
    inputs = client.inputs(ENDPOINT, "s3", wanted)
    identity, state = client.create(ENDPOINT, "s3", inputs)
    assert state["prefixListId"].startswith("pl-")
    moved = client.inputs(ENDPOINT, "s3", {**wanted, "routeTableIds": [other]}, inputs)
    assert client.update(ENDPOINT, "s3", identity, inputs, state, moved)["routeTableIds"] == [other]


def test_a_nat_gateway_needs_a_subnet_and_an_address_that_exist(client: ProviderClient, vpc: str) -> None:
    assert "does not exist" in refusal(client, NAT, {"subnetId": "subnet-0123456789abcdef0", "allocationId": "e"})
    subnet = made(client, SUBNET, "subnet", {"vpcId": vpc, "cidrBlock": "10.0.0.0/24"})
    assert "eipalloc-0 does not exist" in refusal(client, NAT, {"subnetId": subnet, "allocationId": "eipalloc-0"})


def test_a_rule_that_appears_in_the_default_group_is_drift(client: ProviderClient, ec2: Any, vpc: str) -> None:
    inputs = client.inputs(DEFAULT_GROUP, "default", {"vpcId": vpc, "ingress": [], "egress": []})
    identity, state = client.create(DEFAULT_GROUP, "default", inputs)
    assert ec2.describe_security_groups(GroupIds=[identity])["SecurityGroups"][0]["IpPermissionsEgress"] == []
    opened = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=identity, IpPermissions=[opened])
    _, seen, seen_inputs = client.read(DEFAULT_GROUP, "default", identity, inputs, state)
    assert seen["ingress"][0]["cidrBlocks"] == ["0.0.0.0/0"]
    closed = client.update(DEFAULT_GROUP, "default", identity, seen_inputs, seen, inputs)
    assert closed["ingress"] == []
    assert ec2.describe_security_groups(GroupIds=[identity])["SecurityGroups"][0]["IpPermissions"] == []


def test_tags_come_with_the_resource_and_the_default_ones_under_its_own(
    client: ProviderClient, ec2: Any, vpc: str
) -> None:
    group = made(client, GROUP, "web", {"vpcId": vpc, "tags": {"Name": "web"}})
    tags = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"Name": "web", "layer": "test"}


def test_a_rule_with_targets_of_others_stays(client: ProviderClient, cloud: dict[str, str]) -> None:
    inputs = client.inputs(RULE, "rule", {"eventPattern": '{"source": ["a"]}'})
    identity, state = client.create(RULE, "rule", inputs)
    events = boto3.client("events", endpoint_url=cloud["AWS_ENDPOINT_URL"], region_name="us-east-1")
    queue = "arn:aws:sqs:us-east-1:000000000000:elsewhere"
    events.put_targets(Rule=identity, Targets=[{"Id": "other", "Arn": queue}])
    with pytest.raises(grpc.RpcError, match="it has targets"):
        client.delete(RULE, "rule", identity, inputs, state)
    events.remove_targets(Rule=identity, Ids=["other"])
    client.delete(RULE, "rule", identity, inputs, state)
    assert client.read(RULE, "rule", identity, inputs, state)[0] == ""
