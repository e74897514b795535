"""Route 53, Global Accelerator, load balancers, CloudFront."""

import pulumi
import pulumi_aws as aws

from tests.foreign.pair import REGION, ZONE, Pair, Regions


def balancer(name: str, opts: pulumi.ResourceOptions, zones: int = 3) -> aws.lb.LoadBalancer:
    vpc = aws.ec2.Vpc(name, cidr_block="10.0.0.0/16", opts=opts)
    subnets = [
        aws.ec2.Subnet(
            f"{name}-{zone}",
            vpc_id=vpc.id,
            cidr_block=f"10.0.{zone}.0/24",
            availability_zone=f"us-east-1{'abc'[zone]}" if name == "east" else f"us-west-2{'abc'[zone]}",
            opts=opts,
        )
        for zone in range(zones)
    ]
    made = aws.lb.LoadBalancer(name, load_balancer_type="network", subnets=[subnet.id for subnet in subnets], opts=opts)
    target = aws.lb.TargetGroup(
        name,
        port=443,
        protocol="TCP",
        vpc_id=vpc.id,
        health_check=aws.lb.TargetGroupHealthCheckArgs(interval=10, unhealthy_threshold=2, protocol="TCP"),
        opts=opts,
    )
    aws.lb.Listener(
        name,
        load_balancer_arn=made.arn,
        port=443,
        protocol="TCP",
        default_actions=[aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=target.arn)],
        opts=opts,
    )
    return made


def names(ttl: int, interval: int = 10, threshold: int = 3) -> None:
    regions = Regions()
    zone = aws.route53.Zone("zone", name="example.test", opts=regions.in_east)
    check = aws.route53.HealthCheck(
        "probe",
        type="HTTPS",
        fqdn="east.example.test",
        port=443,
        request_interval=interval,
        failure_threshold=threshold,
        opts=regions.in_east,
    )
    for name, kind in (("primary", "PRIMARY"), ("secondary", "SECONDARY")):
        aws.route53.Record(
            name,
            zone_id=zone.zone_id,
            name="api.example.test",
            type="CNAME",
            ttl=ttl,
            records=[f"{name}.example.test"],
            set_identifier=name,
            health_check_id=check.id if kind == "PRIMARY" else None,
            failover_routing_policies=[aws.route53.RecordFailoverRoutingPolicyArgs(type=kind)],
            opts=regions.in_east,
        )


def accelerator(broken: bool) -> None:
    regions = Regions()
    east, west = balancer("east", regions.in_east), balancer("west", regions.in_west)
    made = aws.globalaccelerator.Accelerator("front", opts=regions.in_east)
    listener = aws.globalaccelerator.Listener(
        "front",
        accelerator_arn=made.arn,
        protocol="TCP",
        port_ranges=[aws.globalaccelerator.ListenerPortRangeArgs(from_port=443, to_port=443)],
        opts=regions.in_east,
    )
    for name, target, region in (("east", east, "us-east-1"), ("west", west, "us-west-2")):
        if broken and name == "west":
            continue
        aws.globalaccelerator.EndpointGroup(
            name,
            listener_arn=listener.arn,
            endpoint_group_region=region,
            endpoint_configurations=[
                aws.globalaccelerator.EndpointGroupEndpointConfigurationArgs(endpoint_id=target.arn, weight=128)
            ],
            opts=regions.in_east,
        )


def distribution(broken: bool) -> None:
    regions = Regions()
    a = aws.cloudfront
    origins = [
        a.DistributionOriginArgs(
            origin_id=name,
            domain_name=f"{name}.example.test",
            custom_origin_config=a.DistributionOriginCustomOriginConfigArgs(
                http_port=80, https_port=443, origin_protocol_policy="https-only", origin_ssl_protocols=["TLSv1.2"]
            ),
        )
        for name in ("east", "west")
    ]
    reads = ["GET", "HEAD", "OPTIONS"]
    everything = [*reads, "PUT", "POST", "PATCH", "DELETE"]
    aws.cloudfront.Distribution(
        "front",
        enabled=True,
        origins=origins,
        origin_groups=[
            a.DistributionOriginGroupArgs(
                origin_id="both",
                failover_criteria=a.DistributionOriginGroupFailoverCriteriaArgs(status_codes=[500, 502, 503, 504]),
                members=[a.DistributionOriginGroupMemberArgs(origin_id=name) for name in ("east", "west")],
            )
        ],
        default_cache_behavior=a.DistributionDefaultCacheBehaviorArgs(
            # What people deploy, since a behaviour with POST is refused on an origin group.
            target_origin_id="east" if broken else "both",
            viewer_protocol_policy="https-only",
            allowed_methods=everything if broken else reads,
            cached_methods=["GET", "HEAD"],
        ),
        restrictions=a.DistributionRestrictionsArgs(
            geo_restriction=a.DistributionRestrictionsGeoRestrictionArgs(restriction_type="none")
        ),
        viewer_certificate=a.DistributionViewerCertificateArgs(cloudfront_default_certificate=True),
        opts=regions.in_east,
    )


PAIRS = (
    Pair("a record that is cached for an hour", lambda broken: names(3600 if broken else 60), "primary",
         ("RTO", REGION), 300.0),
    Pair("health checks that take five minutes", lambda broken: names(60, 30, 10) if broken else names(60), "probe",
         ("RTO", REGION), 300.0),
    Pair("an accelerator with one endpoint group", accelerator, "east", ("RTO", REGION), 300.0),
    Pair("posts behind an origin group", distribution, "front", ("RTO", REGION), 300.0),
    Pair("a load balancer in one zone", lambda broken: balancer("east", Regions().in_east, 1 if broken else 3) and None,
         "east", ("RTO", ZONE), 600.0),
)  # fmt: skip
