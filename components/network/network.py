"""The VPC of a region: three zones, three kinds of subnet, and as few ways in and out as the settings say."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs, Comparison, Metric, MissingData, Severity, Signal
from components.component import Component
from components.network.flow_logs import FlowLogs, FlowLogsArgs
from stanchion.addressing import ZONES, subnets_of


class Nat(Enum):
    """How private subnets reach the internet."""

    NONE = "none"
    SINGLE = "single"
    PER_ZONE = "per_zone"


@dataclass
class NetworkArgs:
    """Args of `Network`.

    Args:
        cidr: the VPC's range, /16 to /20.
        key_arn: encrypts the flow logs.
        flow_log_retention_days: one of the values CloudWatch Logs takes, or the next larger one is used.
        account_id: whose flow logs may be delivered.
        alarm_topics: topics of the region.
        keep: leave the flow logs in the cloud when the stack goes.
        nat: how private subnets reach the internet.
        interface_endpoints: services reached without the internet, by short name such as `ecr.api`.
    """

    cidr: str
    key_arn: pulumi.Input[str]
    flow_log_retention_days: int
    account_id: str
    alarm_topics: AlarmTopicsArgs
    keep: bool
    nat: Nat = Nat.PER_ZONE
    interface_endpoints: list[str] = field(default_factory=list)


class Network(Component):
    """A VPC over three zones with public, private and isolated subnets cut from one range (`stanchion.addressing`).

    Private subnets reach the internet through NAT if there is any; isolated ones never do. S3 and DynamoDB are reached
    through gateway endpoints, which cost nothing. Nothing here lets anybody in: the default security group has no
    rules, and the one of the interface endpoints takes HTTPS from the VPC's own range.

    Cost: each NAT gateway about 33 USD a month and 0.045 USD per GB; each interface endpoint about 7 USD a month and
        zone and 0.01 USD per GB (us-east-1, VPC price page, 2026). Flow logs 0.50 USD per GB taken in.
    Recovery: no single NAT is the loss of every zone's way out when its zone is lost; per_zone keeps two of three. The
        standby's network is there before it is needed, so it adds nothing to the RTO of a region.
    """

    vpc_id: pulumi.Output[str]
    cidr: pulumi.Output[str]
    zone_names: pulumi.Output[list[str]]
    public_subnet_ids: pulumi.Output[list[str]]
    private_subnet_ids: pulumi.Output[list[str]]
    isolated_subnet_ids: pulumi.Output[list[str]]
    public_route_table_id: pulumi.Output[str]
    private_route_table_ids: pulumi.Output[list[str]]
    isolated_route_table_id: pulumi.Output[str]
    endpoint_security_group_id: pulumi.Output[str] | None

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.zone_names = self._zone_names()
        self.vpc = self._vpc(args)
        self.default_security_group = self._default_security_group()
        self.internet_gateway = self._internet_gateway()
        plan = subnets_of(args.cidr)
        self.public_subnets = self._subnets("public", [str(block) for block in plan.public])
        self.private_subnets = self._subnets("private", [str(block) for block in plan.private])
        self.isolated_subnets = self._subnets("isolated", [str(block) for block in plan.isolated])
        self.public_route_table = self._public_routes()
        self.nat_gateways = self._nat_gateways(args)
        self.private_route_tables = self._private_routes(args)
        self.isolated_route_table = self._isolated_routes()
        self.gateway_endpoints = self._gateway_endpoints()
        self.endpoint_security_group = self._endpoint_security_group(args)
        self.interface_endpoints = self._interface_endpoints(args)
        self.flow_logs = self._flow_logs(args)
        self._alarms()
        self._outputs(args)

    def _zone_names(self) -> pulumi.Output[list[str]]:
        # Local and wavelength zones need an opt-in and lack most instance types.
        zones = aws.get_availability_zones_output(
            state="available",
            filters=[aws.GetAvailabilityZonesFilterArgs(name="opt-in-status", values=["opt-in-not-required"])],
            opts=pulumi.InvokeOutputOptions(parent=self),
        )
        return zones.names.apply(zones_for_subnets)

    def _vpc(self, args: NetworkArgs) -> aws.ec2.Vpc:
        return aws.ec2.Vpc(
            f"{self.name}-vpc",
            cidr_block=args.cidr,
            enable_dns_hostnames=True,  # interface endpoints answer under the services' own names only with these two
            enable_dns_support=True,
            tags={**self.shared(), "Name": self.name},
            opts=self.child(),
        )

    def _default_security_group(self) -> aws.ec2.DefaultSecurityGroup:
        # Adopted without rules: what forgets to name a security group gets one that lets nothing through.
        return aws.ec2.DefaultSecurityGroup(
            f"{self.name}-default", vpc_id=self.vpc.id, ingress=[], egress=[], tags=self.shared(), opts=self.child()
        )

    def _internet_gateway(self) -> aws.ec2.InternetGateway:
        return aws.ec2.InternetGateway(
            f"{self.name}-internet",
            vpc_id=self.vpc.id,
            tags={**self.shared(), "Name": self.name},
            opts=self.child(),
        )

    def _subnets(self, kind: str, blocks: list[str]) -> list[aws.ec2.Subnet]:
        return [
            aws.ec2.Subnet(
                f"{self.name}-{kind}-{zone}",
                vpc_id=self.vpc.id,
                cidr_block=block,
                availability_zone=self.zone_names[zone],
                map_public_ip_on_launch=False,
                tags={**self.shared(), "Name": f"{self.name}-{kind}-{zone}", "stanchion:subnet": kind},
                opts=self.child(),
            )
            for zone, block in enumerate(blocks)
        ]

    def _public_routes(self) -> aws.ec2.RouteTable:
        table = self._route_table("public", self.public_subnets)
        aws.ec2.Route(
            f"{self.name}-public-internet",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=self.internet_gateway.id,
            opts=self.child(),
        )
        return table

    def _nat_gateways(self, args: NetworkArgs) -> list[aws.ec2.NatGateway]:
        count = {Nat.NONE: 0, Nat.SINGLE: 1, Nat.PER_ZONE: ZONES}[args.nat]
        gateways: list[aws.ec2.NatGateway] = []
        for zone in range(count):
            address = aws.ec2.Eip(
                f"{self.name}-nat-{zone}",
                domain="vpc",
                tags={**self.shared(), "Name": f"{self.name}-nat-{zone}"},
                opts=self.child(depends_on=[self.internet_gateway]),
            )
            gateways.append(
                aws.ec2.NatGateway(
                    f"{self.name}-nat-{zone}",
                    allocation_id=address.id,
                    subnet_id=self.public_subnets[zone].id,
                    tags={**self.shared(), "Name": f"{self.name}-nat-{zone}"},
                    opts=self.child(depends_on=[self.internet_gateway]),
                )
            )
        return gateways

    def _private_routes(self, args: NetworkArgs) -> list[aws.ec2.RouteTable]:
        """A table per zone, so that changing `nat` moves routes and never subnets between tables."""
        tables = []
        for zone, subnet in enumerate(self.private_subnets):
            table = self._route_table(f"private-{zone}", [subnet])
            if self.nat_gateways:
                aws.ec2.Route(
                    f"{self.name}-private-{zone}-nat",
                    route_table_id=table.id,
                    destination_cidr_block="0.0.0.0/0",
                    nat_gateway_id=self.nat_gateways[zone if args.nat is Nat.PER_ZONE else 0].id,
                    opts=self.child(),
                )
            tables.append(table)
        return tables

    def _isolated_routes(self) -> aws.ec2.RouteTable:
        return self._route_table("isolated", self.isolated_subnets)

    def _route_table(self, kind: str, subnets: list[aws.ec2.Subnet]) -> aws.ec2.RouteTable:
        table = aws.ec2.RouteTable(
            f"{self.name}-{kind}",
            vpc_id=self.vpc.id,
            tags={**self.shared(), "Name": f"{self.name}-{kind}"},
            opts=self.child(),
        )
        for number, subnet in enumerate(subnets):
            aws.ec2.RouteTableAssociation(
                f"{self.name}-{kind}-{number}",
                route_table_id=table.id,
                subnet_id=subnet.id,
                opts=self.child(),
            )
        return table

    def _gateway_endpoints(self) -> list[aws.ec2.VpcEndpoint]:
        tables = [self.public_route_table, *self.private_route_tables, self.isolated_route_table]
        return [
            aws.ec2.VpcEndpoint(
                f"{self.name}-{service}",
                vpc_id=self.vpc.id,
                service_name=self._service_name(service),
                vpc_endpoint_type="Gateway",
                route_table_ids=[table.id for table in tables],
                tags={**self.shared(), "Name": f"{self.name}-{service}"},
                opts=self.child(),
            )
            for service in ("s3", "dynamodb")
        ]

    def _endpoint_security_group(self, args: NetworkArgs) -> aws.ec2.SecurityGroup | None:
        if not args.interface_endpoints:
            return None
        group = aws.ec2.SecurityGroup(
            f"{self.name}-endpoints",
            description="HTTPS from the VPC to interface endpoints",
            vpc_id=self.vpc.id,
            tags={**self.shared(), "Name": f"{self.name}-endpoints"},
            opts=self.child(),
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{self.name}-endpoints-https",
            security_group_id=group.id,
            description="HTTPS from the VPC",
            cidr_ipv4=args.cidr,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            tags=self.shared(),
            opts=self.child(),
        )
        return group

    def _interface_endpoints(self, args: NetworkArgs) -> list[aws.ec2.VpcEndpoint]:
        if self.endpoint_security_group is None:
            return []
        return [
            aws.ec2.VpcEndpoint(
                f"{self.name}-{service.replace('.', '-')}",
                vpc_id=self.vpc.id,
                service_name=self._service_name(service),
                vpc_endpoint_type="Interface",
                subnet_ids=[subnet.id for subnet in self.private_subnets],
                security_group_ids=[self.endpoint_security_group.id],
                private_dns_enabled=True,
                tags={**self.shared(), "Name": f"{self.name}-{service.replace('.', '-')}"},
                opts=self.child(),
            )
            for service in args.interface_endpoints
        ]

    def _service_name(self, service: str) -> pulumi.Output[str]:
        return self.vpc.region.apply(lambda region: f"com.amazonaws.{region}.{service}")

    def _flow_logs(self, args: NetworkArgs) -> FlowLogs:
        return FlowLogs(
            f"{self.name}-flow",
            FlowLogsArgs(
                vpc_id=self.vpc.id,
                key_arn=args.key_arn,
                retention_days=args.flow_log_retention_days,
                account_id=args.account_id,
                alarm_topics=args.alarm_topics,
                keep=args.keep,
                # Without an interface in the VPC there is nothing to log, and silence is right.
                watched=bool(self.nat_gateways or self.interface_endpoints),
            ),
            self.child(),
        )

    def _alarms(self) -> None:
        for zone, gateway in enumerate(self.nat_gateways):
            for what, metric in (("ports", "ErrorPortAllocation"), ("drops", "PacketsDropCount")):
                self.alarm(
                    f"nat-{zone}-{what}",
                    signal=Signal.SATURATION,
                    severity=Severity.WARNING,
                    metric=Metric("AWS/NATGateway", metric, {"NatGatewayId": gateway.id}),
                    threshold=0,
                    comparison=Comparison.ABOVE,
                    missing_data=MissingData.NOT_BREACHING,
                    periods=3,
                    runbook="nat-saturated",
                    description="A NAT gateway refuses or drops connections of private subnets; callers see timeouts.",
                )

    def _outputs(self, args: NetworkArgs) -> None:
        self.vpc_id = self.vpc.id
        self.cidr = pulumi.Output.from_input(args.cidr)  # the VPC's own is not known in a first preview
        self.public_subnet_ids = ids_of(self.public_subnets)
        self.private_subnet_ids = ids_of(self.private_subnets)
        self.isolated_subnet_ids = ids_of(self.isolated_subnets)
        self.public_route_table_id = self.public_route_table.id
        self.private_route_table_ids = ids_of(self.private_route_tables)
        self.isolated_route_table_id = self.isolated_route_table.id
        self.endpoint_security_group_id = self.endpoint_security_group.id if self.endpoint_security_group else None
        self.register_outputs(
            {
                "vpcId": self.vpc_id,
                "cidr": self.cidr,
                "zoneNames": self.zone_names,
                "publicSubnetIds": self.public_subnet_ids,
                "privateSubnetIds": self.private_subnet_ids,
                "isolatedSubnetIds": self.isolated_subnet_ids,
                "publicRouteTableId": self.public_route_table_id,
                "privateRouteTableIds": self.private_route_table_ids,
                "isolatedRouteTableId": self.isolated_route_table_id,
                "endpointSecurityGroupId": self.endpoint_security_group_id,
            }
        )


def ids_of(resources: Sequence[pulumi.CustomResource]) -> pulumi.Output[list[str]]:
    """The ids of resources, in their order."""
    return pulumi.Output.all(*(resource.id for resource in resources))


def zones_for_subnets(names: list[str]) -> list[str]:
    """The zones subnets are made in: the first by name, since the cloud answers in any order.

    Raises:
        ValueError: the region has fewer zones than a network needs.
    """
    if len(names) < ZONES:
        raise ValueError(
            f"the region has {len(names)} availability zones ({', '.join(sorted(names))}) that need no opt-in, "
            f"and a network needs {ZONES}. Choose another region in the environment's document."
        )
    return sorted(names)[:ZONES]
