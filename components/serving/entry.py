"""The way in: one load balancer a region in front of the gateways, with a hostname and targets of its own per tier."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs
from components.component import Component
from components.serving.entry_alarms import balancer_alarms, tier_alarms
from components.serving.firewall import Firewall, FirewallArgs
from stanchion.addressing import ZONES
from stanchion.serving.gateway_places import INTERNAL_PORT, PUBLIC_PORT
from stanchion.serving.health_check import HealthCheck, health_check
from stanchion.spec import Duration

# TLS 1.2 and 1.3 with forward secrecy (Elastic Load Balancing user guide, security policies, read 2026-11-23).
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
# A spot instance goes two minutes after its notice; what still has requests then loses them. The rest is for the
# controller to see that a pod leaves, and for the pod to end (EC2 user guide, Spot Instance interruption notices).
DEREGISTRATION_SECONDS = 90


@dataclass
class TierEntryArgs:
    """What one tier's requests get.

    Args:
        tier: its name.
        hostname: by which its clients call it; a wildcard such as `*.critical.example.com` is possible.
        rto: the strictest of its RTOs of infrastructure and zone, such as `2m`; no objective if None.
        p95_ms: milliseconds within which 95 of 100 answers begin; above that there is an alarm.
    """

    tier: str
    hostname: str
    rto: str | None = None
    p95_ms: int = 5000


@dataclass
class EntryArgs:
    """Args of `Entry`.

    Args:
        entry_name: what it is called in logs and metrics, unique in account and region.
        cluster_name: the cluster that the gateways run in.
        cluster_security_group_id: of its nodes; lets the load balancer in.
        vpc_id: the VPC of both.
        vpc_cidr: its range.
        subnet_ids: one a zone: public ones, or private ones if internal.
        certificate_arn: ARN of a certificate of ACM in this region, for all hostnames.
        access_log_bucket: name of the bucket that receives access logs.
        key_arn: encrypts the firewall's log.
        allowed_cidrs: from where clients come; behind Global Accelerator too, which keeps their addresses.
        tiers: at least one.
        alarm_topics: topics of the region.
        keep: refuse deletion.
        internal: whether it has no address on the internet.
        gateway_port: where gateways listen.
        health_port: of the pods, where the load balancer asks whether they are well.
        health_path: answers 200 when a gateway can serve, and another status when it must not get requests.
        idle_timeout: how long a connection may be silent, such as `120s`; a first token can take that long.
        requests_per_address: most requests of one address in five minutes.
        log_retention_days: of the firewall's log.
    """

    entry_name: str
    cluster_name: pulumi.Input[str]
    cluster_security_group_id: pulumi.Input[str]
    vpc_id: pulumi.Input[str]
    vpc_cidr: pulumi.Input[str]
    subnet_ids: pulumi.Input[list[str]]
    certificate_arn: pulumi.Input[str]
    access_log_bucket: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    allowed_cidrs: list[str]
    tiers: list[TierEntryArgs]
    alarm_topics: AlarmTopicsArgs
    keep: bool
    internal: bool = False
    gateway_port: int = PUBLIC_PORT
    health_port: int = INTERNAL_PORT
    health_path: str = "/readyz"
    idle_timeout: str = "120s"
    requests_per_address: int = 2000
    log_retention_days: int = 90


class Entry(Component):
    """An application load balancer over three zones with TLS, a firewall, and a target group for each tier.

    Pods are its targets by address; `GatewayBinding` keeps them up to date. The hostname of no tier gets 404.

    Cost: about 17 USD a month and 5.84 USD for each capacity unit (us-east-1, ELB price page, from memory), and the
        firewall.
    Recovery: a dead gateway gets no requests after the time that a quarter of the tier's RTO leaves; a lost zone's
        address is out of DNS within a minute. A gateway that leaves is drained within the notice of a spot node.
    """

    arn: pulumi.Output[str]
    dns_name: pulumi.Output[str]
    zone_id: pulumi.Output[str]
    target_group_arns: pulumi.Output[dict[str, str]]

    def __init__(self, name: str, args: EntryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        refuse_unreachable(name, args)
        super().__init__(name, args, opts)
        self.security_group = self._security_group(args)
        self.load_balancer = self._load_balancer(args)
        self.health_checks = {each.tier: _health_check(each) for each in args.tiers}
        self.target_groups = {each.tier: self._target_group(each, args) for each in args.tiers}
        self.listener = self._listener(args)
        self.rules = {each.tier: self._rule(number, each) for number, each in enumerate(args.tiers, start=1)}
        self.firewall = self._firewall(args)
        balancer_alarms(self, self.load_balancer)
        for each in args.tiers:
            tier_alarms(self, each.tier, self.load_balancer, self.target_groups[each.tier], each.p95_ms / 1000)
        self._outputs()

    def _security_group(self, args: EntryArgs) -> aws.ec2.SecurityGroup:
        group = aws.ec2.SecurityGroup(
            f"{self.name}-clients",
            description="Clients of the gateways",
            vpc_id=args.vpc_id,
            tags={**self.shared(), "Name": f"{self.name}-clients"},
            opts=self.child(),
        )
        for number, cidr in enumerate(args.allowed_cidrs):
            aws.vpc.SecurityGroupIngressRule(
                f"{self.name}-https-{number}",
                security_group_id=group.id,
                description="HTTPS from clients",
                cidr_ipv4=None if ":" in cidr else cidr,
                cidr_ipv6=cidr if ":" in cidr else None,
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
                tags=self.shared(),
                opts=self.child(),
            )
        self._to_gateways(group, "", "gateways", args.gateway_port, args)
        self._to_gateways(group, "-health", "health of gateways", args.health_port, args)
        return group

    def _to_gateways(self, group: aws.ec2.SecurityGroup, suffix: str, what: str, port: int, args: EntryArgs) -> None:
        ports = {"ip_protocol": "tcp", "from_port": port, "to_port": port}
        aws.vpc.SecurityGroupEgressRule(
            f"{self.name}-to-gateways{suffix}",
            security_group_id=group.id,
            description=f"To {what} in the VPC",
            cidr_ipv4=args.vpc_cidr,
            tags=self.shared(),
            opts=self.child(),
            **ports,
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{self.name}-into-cluster{suffix}",
            security_group_id=args.cluster_security_group_id,
            description=f"Load balancer to {what}",
            referenced_security_group_id=group.id,
            tags=self.shared(),
            opts=self.child(),
            **ports,
        )

    def _load_balancer(self, args: EntryArgs) -> aws.lb.LoadBalancer:
        subnets = pulumi.Output.from_input(args.subnet_ids)
        return aws.lb.LoadBalancer(
            f"{self.name}-alb",
            name=args.entry_name,
            load_balancer_type="application",
            internal=args.internal,
            security_groups=[self.security_group.id],
            # One by one, so that their number is known before their ids are.
            subnets=[subnets[number] for number in range(ZONES)],
            access_logs=aws.lb.LoadBalancerAccessLogsArgs(
                bucket=args.access_log_bucket, prefix=self.name, enabled=True
            ),
            drop_invalid_header_fields=True,
            enable_deletion_protection=args.keep,
            enable_zonal_shift=True,
            idle_timeout=Duration.parse(args.idle_timeout).seconds,
            tags=self.shared(),
            opts=self.child(),
        )

    def _target_group(self, tier: TierEntryArgs, args: EntryArgs) -> aws.lb.TargetGroup:
        check = self.health_checks[tier.tier]
        return aws.lb.TargetGroup(
            f"{self.name}-{tier.tier}",
            name_prefix=f"{tier.tier[:5]}-",
            target_type="ip",
            protocol="HTTP",
            port=args.gateway_port,
            vpc_id=args.vpc_id,
            deregistration_delay=DEREGISTRATION_SECONDS,
            # Requests differ by a factor of a hundred in length, so taking turns would pile them up on some.
            load_balancing_algorithm_type="least_outstanding_requests",
            health_check=aws.lb.TargetGroupHealthCheckArgs(
                enabled=True,
                port=str(args.health_port),
                path=args.health_path,
                protocol="HTTP",
                matcher="200",
                interval=check.interval,
                timeout=check.timeout,
                unhealthy_threshold=check.unhealthy,
                healthy_threshold=check.healthy,
            ),
            # The policy of Auto Mode's cluster role registers targets in groups that carry its cluster's name.
            tags={**self.shared(), "stanchion:tier": tier.tier, "eks:eks-cluster-name": args.cluster_name},
            opts=self.child(),
        )

    def _listener(self, args: EntryArgs) -> aws.lb.Listener:
        nothing_here = aws.lb.ListenerDefaultActionFixedResponseArgs(
            content_type="text/plain", message_body="no tier has this hostname", status_code="404"
        )
        return aws.lb.Listener(
            f"{self.name}-https",
            load_balancer_arn=self.load_balancer.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy=TLS_POLICY,
            certificate_arn=args.certificate_arn,
            default_actions=[aws.lb.ListenerDefaultActionArgs(type="fixed-response", fixed_response=nothing_here)],
            tags=self.shared(),
            opts=self.child(),
        )

    def _rule(self, priority: int, tier: TierEntryArgs) -> aws.lb.ListenerRule:
        host = aws.lb.ListenerRuleConditionHostHeaderArgs(values=[tier.hostname])
        return aws.lb.ListenerRule(
            f"{self.name}-{tier.tier}",
            listener_arn=self.listener.arn,
            priority=priority,
            conditions=[aws.lb.ListenerRuleConditionArgs(host_header=host)],
            actions=[aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=self.target_groups[tier.tier].arn)],
            tags=self.shared(),
            opts=self.child(),
        )

    def _firewall(self, args: EntryArgs) -> Firewall:
        return Firewall(
            f"{self.name}-firewall",
            FirewallArgs(
                resource_arn=self.load_balancer.arn,
                load_balancer=args.entry_name,
                requests_per_address=args.requests_per_address,
                key_arn=args.key_arn,
                log_retention_days=args.log_retention_days,
                keep=args.keep,
                alarm_topics=args.alarm_topics,
            ),
            self.child(),
        )

    def _outputs(self) -> None:
        self.arn = self.load_balancer.arn
        self.dns_name = self.load_balancer.dns_name
        self.zone_id = self.load_balancer.zone_id
        self.target_group_arns = pulumi.Output.all(**{tier: group.arn for tier, group in self.target_groups.items()})
        self.register_outputs(
            {
                "arn": self.arn,
                "dnsName": self.dns_name,
                "zoneId": self.zone_id,
                "targetGroupArns": self.target_group_arns,
            }
        )


def _health_check(tier: TierEntryArgs) -> HealthCheck:
    return health_check(None if tier.rto is None else Duration.parse(tier.rto).seconds)


def refuse_unreachable(name: str, args: EntryArgs) -> None:
    """Refuse an entry that would serve nobody, or two tiers by one hostname.

    Raises:
        ValueError: a sentence with the entry's name and the fix.
    """
    if not args.tiers or not args.allowed_cidrs:
        missing = "tiers" if not args.tiers else "allowed_cidrs"
        raise ValueError(f"entry '{name}' has no {missing}, so it would serve nobody; name at least one.")
    hostnames = [each.hostname.lower() for each in args.tiers]
    twice = next((host for number, host in enumerate(hostnames) if host in hostnames[:number]), None)
    if twice is not None:
        raise ValueError(f"entry '{name}' has two tiers with hostname '{twice}'; the second would get no requests.")
