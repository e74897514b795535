"""Rows of Elastic Load Balancing: load balancers and target groups; what they route to is in `lb_listeners`."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.errors import ProviderError
from sandbox.provider.row import AutoName, Call, Example, Need, Problem, Ref, Row, TagCalls
from sandbox.provider.rows.ec2 import SUBNET, VPC_NEED
from sandbox.provider.rules import between, conflicts, matches, one_of
from sandbox.provider.values import Properties

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
TARGETS = "aws:lb/targetGroup:TargetGroup"
TAGS = TagCalls(
    add="add_tags",
    remove="remove_tags",
    read="describe_tags",
    target=("ResourceArns", "$id"),
    answer=("TagDescriptions.0.Tags",),
)
NAMES = (r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?", "up to 32 letters, digits and hyphens, none at an end")

# Property to attribute of the API (Elastic Load Balancing API, LoadBalancerAttribute and TargetGroupAttribute).
BALANCER_ATTRIBUTES = {
    "clientKeepAlive": "client_keep_alive.seconds",
    "desyncMitigationMode": "routing.http.desync_mitigation_mode",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "enableDeletionProtection": "deletion_protection.enabled",
    "enableHttp2": "routing.http2.enabled",
    "enableTlsVersionAndCipherSuiteHeaders": "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
    "enableWafFailOpen": "waf.fail_open.enabled",
    "enableXffClientPort": "routing.http.xff_client_port.enabled",
    "enableZonalShift": "zonal_shift.config.enabled",
    "idleTimeout": "idle_timeout.timeout_seconds",
    "preserveHostHeader": "routing.http.preserve_host_header.enabled",
    "xffHeaderProcessingMode": "routing.http.xff_header_processing.mode",
}
LOGS = {"enabled": "access_logs.s3.enabled", "bucket": "access_logs.s3.bucket", "prefix": "access_logs.s3.prefix"}
TARGET_ATTRIBUTES = {
    "deregistrationDelay": "deregistration_delay.timeout_seconds",
    "loadBalancingAlgorithmType": "load_balancing.algorithm.type",
    "loadBalancingCrossZoneEnabled": "load_balancing.cross_zone.enabled",
    "slowStart": "slow_start.duration_seconds",
}
HEALTH = {
    "enabled": "HealthCheckEnabled",
    "healthyThreshold": "HealthyThresholdCount",
    "interval": "HealthCheckIntervalSeconds",
    "path": "HealthCheckPath",
    "port": "HealthCheckPort",
    "protocol": "HealthCheckProtocol",
    "timeout": "HealthCheckTimeoutSeconds",
    "unhealthyThreshold": "UnhealthyThresholdCount",
}
ONLY_APPLICATION = "the local cloud has application load balancers only"


def described(context: Context, operation: str, argument: str, member: str) -> dict[str, Any] | None:
    """The only entry of an answer about the resource's ARN; none when it is gone."""
    return next(iter(context.call(operation, **{argument: [context.id]})[member]), None)


def attributes_of(found: list[dict[str, str]], names: Mapping[str, str], context: Context) -> Properties:
    """Attributes as properties of the type that the schema says."""
    values = {each["Key"]: each["Value"] for each in found}
    state: Properties = {}
    for name, key in names.items():
        if key in values:
            kind = context.schema.inputs[name].kind
            text = values[key]
            state[name] = int(text) if kind == "int" else text == "true" if kind == "bool" else text
    return state


def changed_attributes(context: Context, names: Mapping[str, str]) -> list[dict[str, str]]:
    """The attributes to be set: all that are wanted in a create, those that changed in an update."""
    wanted = {name: context.inputs.get(name) for name in names if context.creating or name in context.changed}
    return [{"Key": names[name], "Value": _text(value)} for name, value in wanted.items() if value is not None]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def create_balancer(context: Context) -> Properties:
    """Creates the load balancer; the emulator looks neither at subnets nor at their zones."""
    subnets = context.call("describe_subnets", "ec2", SubnetIds=context["subnets"])["Subnets"]
    if len({subnet["AvailabilityZone"] for subnet in subnets}) < 2:
        raise ProviderError("At least two subnets in two different Availability Zones must be specified")
    answer = context.call(
        "create_load_balancer",
        Name=context["name"],
        Subnets=context["subnets"],
        SecurityGroups=context["securityGroups"],
        Scheme="internal" if context["internal"] is True else "internet-facing",
        Type=context["loadBalancerType"],
        IpAddressType=context["ipAddressType"],
        Tags=tag_list(context),
    )["LoadBalancers"][0]
    arn = answer["LoadBalancerArn"]
    return {"id": arn, "arn": arn, "vpcId": subnets[0]["VpcId"]}


def tag_list(context: Context) -> list[dict[str, str]] | None:
    """The tags for the call that creates."""
    context.tags_sent = True
    return [{"Key": key, "Value": str(value)} for key, value in (context["tagsAll"] or {}).items()] or None


def set_balancer_attributes(context: Context) -> None:
    """Sets attributes, access logs among them."""
    attributes = changed_attributes(context, BALANCER_ATTRIBUTES)
    if context.creating or "accessLogs" in context.changed:
        logs = context.inputs.get("accessLogs") or {"enabled": False}
        logs = {"enabled": False, **logs}
        attributes += [{"Key": LOGS[name], "Value": _text(logs[name])} for name in LOGS if logs.get(name) is not None]
    if attributes:
        context.call("modify_load_balancer_attributes", LoadBalancerArn=context.id, Attributes=attributes)


def read_balancer(context: Context) -> Properties | None:
    """The load balancer with its attributes."""
    found = described(context, "describe_load_balancers", "LoadBalancerArns", "LoadBalancers")
    if found is None:
        return None
    attributes = context.call("describe_load_balancer_attributes", LoadBalancerArn=context.id)["Attributes"]
    subnets = [zone["SubnetId"] for zone in found["AvailabilityZones"]]
    state: Properties = {
        "id": context.id,
        "arn": context.id,
        "arnSuffix": context.id.partition(":loadbalancer/")[2],
        "name": found["LoadBalancerName"],
        "dnsName": found["DNSName"],
        "zoneId": found["CanonicalHostedZoneId"],
        "internal": found["Scheme"] == "internal",
        "loadBalancerType": found["Type"],
        "ipAddressType": found["IpAddressType"],
        "securityGroups": found["SecurityGroups"],
        "subnets": subnets,
        # The emulator says the same VPC of all.
        "vpcId": context["vpcId"] or context.call("describe_subnets", "ec2", SubnetIds=subnets)["Subnets"][0]["VpcId"],
        **attributes_of(attributes, BALANCER_ATTRIBUTES, context),
    }
    logs = {each["Key"]: each["Value"] for each in attributes}
    if logs.get(LOGS["enabled"]) == "true" or "accessLogs" in context.inputs:
        state["accessLogs"] = {"enabled": logs.get(LOGS["enabled"]) == "true"}
        state["accessLogs"] |= {name: logs[LOGS[name]] for name in ("bucket", "prefix") if logs.get(LOGS[name])}
    return state


def update_balancer(context: Context) -> None:
    """Sets groups, subnets and address type, each by a call of its own."""
    if "securityGroups" in context.changed:
        context.call("set_security_groups", LoadBalancerArn=context.id, SecurityGroups=context["securityGroups"] or [])
    if "subnets" in context.changed:
        context.call("set_subnets", LoadBalancerArn=context.id, Subnets=context["subnets"])
    if "ipAddressType" in context.changed and context["ipAddressType"]:
        context.call("set_ip_address_type", LoadBalancerArn=context.id, IpAddressType=context["ipAddressType"])


def delete_balancer(context: Context) -> None:
    """Deletes the load balancer; the emulator does not look at its protection."""
    attributes = context.call("describe_load_balancer_attributes", LoadBalancerArn=context.id)["Attributes"]
    if {"Key": BALANCER_ATTRIBUTES["enableDeletionProtection"], "Value": "true"} in attributes:
        raise ProviderError(
            f"OperationNotPermitted: Load balancer '{context.id}' cannot be deleted because deletion protection is "
            "enabled"
        )
    context.call("delete_load_balancer", LoadBalancerArn=context.id)


def of_name(operation: str, member: str, arn: str) -> Any:
    """The ARN of what has the wanted name."""

    def find(context: Context) -> str:
        found = context.call(operation, Names=[context["name"]])[member]
        return found[0][arn] if found else ""

    return find


def create_targets(context: Context) -> Properties:
    """Creates the target group; the emulator does not look whether the VPC exists."""
    if context["vpcId"]:
        context.call("describe_vpcs", "ec2", VpcIds=[context["vpcId"]])
    answer = context.call(
        "create_target_group",
        Name=context["name"],
        TargetType=context["targetType"],
        Protocol=context["protocol"],
        Port=context["port"],
        VpcId=context["vpcId"],
        Tags=tag_list(context),
        **_health(context),
    )["TargetGroups"][0]
    return {"id": answer["TargetGroupArn"], "arn": answer["TargetGroupArn"]}


def _health(context: Context) -> dict[str, Any]:
    check = context.inputs.get("healthCheck") or {}
    request = {member: check[name] for name, member in HEALTH.items() if check.get(name) is not None}
    return request | ({"Matcher": {"HttpCode": check["matcher"]}} if check.get("matcher") else {})


def set_target_attributes(context: Context) -> None:
    """Sets attributes."""
    attributes = changed_attributes(context, TARGET_ATTRIBUTES)
    if attributes:
        context.call("modify_target_group_attributes", TargetGroupArn=context.id, Attributes=attributes)


def set_health(context: Context) -> None:
    """Changes the health check."""
    if "healthCheck" in context.changed:
        context.call("modify_target_group", TargetGroupArn=context.id, **_health(context))


def read_targets(context: Context) -> Properties | None:
    """The target group with its health check and attributes; which load balancers use it changes under it."""
    found = described(context, "describe_target_groups", "TargetGroupArns", "TargetGroups")
    if found is None:
        return None
    attributes = context.call("describe_target_group_attributes", TargetGroupArn=context.id)["Attributes"]
    health = {name: found[member] for name, member in HEALTH.items() if member in found}
    return {
        "id": context.id,
        "arn": context.id,
        "arnSuffix": context.id.rpartition(":")[2],
        "name": found["TargetGroupName"],
        "port": found["Port"],
        "protocol": found["Protocol"],
        "targetType": found["TargetType"],
        "vpcId": found.get("VpcId"),
        "healthCheck": health | {"matcher": found["Matcher"]["HttpCode"]},
        **attributes_of(attributes, TARGET_ATTRIBUTES, context),
    }


def quick_enough(inputs: Mapping[str, Any]) -> list[Problem]:
    """A check has ended when the next one begins."""
    check = inputs.get("healthCheck")
    interval, timeout = (check.get(name) if isinstance(check, Mapping) else None for name in ("interval", "timeout"))
    if isinstance(interval, int) and isinstance(timeout, int) and timeout >= interval:
        return [Problem("healthCheck.timeout", "Health check timeout must be smaller than the interval")]
    return []


ROWS = (
    Row(
        type=BALANCER,
        service="elbv2",
        create=(create_balancer, set_balancer_attributes),
        read=(read_balancer,),
        update=(update_balancer, set_balancer_attributes),
        delete=(delete_balancer,),
        replace=frozenset({"name", "namePrefix", "internal", "loadBalancerType"}),
        sets=frozenset({"securityGroups", "subnets"}),
        defaults={
            "clientKeepAlive": 3600,
            "desyncMitigationMode": "defensive",
            "dropInvalidHeaderFields": False,
            "enableCrossZoneLoadBalancing": False,
            "enableDeletionProtection": False,
            "enableHttp2": True,
            "enableTlsVersionAndCipherSuiteHeaders": False,
            "enableWafFailOpen": False,
            "enableXffClientPort": False,
            "enableZonalShift": False,
            "idleTimeout": 60,
            "loadBalancerType": "application",
            "preserveHostHeader": False,
            "xffHeaderProcessingMode": "append",
        },
        sticky=frozenset({"internal", "ipAddressType", "securityGroups", "subnets"}),
        # Application load balancers have it always; the official provider sends nothing of it for them.
        provider_only=frozenset({"namePrefix", "enableCrossZoneLoadBalancing"}),
        gone=frozenset({"LoadBalancerNotFound"}),
        taken=frozenset({"DuplicateLoadBalancerName"}),
        taken_id=of_name("describe_load_balancers", "LoadBalancers", "LoadBalancerArn"),
        auto_name=AutoName("name", 32, "namePrefix"),
        tags=TAGS,
        unsupported={
            "connectionLogs": "the local cloud writes no logs of load balancers",
            "customerOwnedIpv4Pool": "the local cloud has no outposts",
            "dnsRecordClientRoutingPolicy": ONLY_APPLICATION,
            "enablePrefixForIpv6SourceNat": ONLY_APPLICATION,
            "enforceSecurityGroupInboundRulesOnPrivateLinkTraffic": ONLY_APPLICATION,
            "healthCheckLogs": "the local cloud writes no logs of load balancers",
            "ipamPools": "the local cloud has no address pools",
            "minimumLoadBalancerCapacity": "the local cloud's load balancers have no capacity units",
            "secondaryIpsAutoAssignedPerSubnet": ONLY_APPLICATION,
            "subnetMappings": "use subnets",
        },
        rules=(
            conflicts("name", "namePrefix"),
            matches("name", *NAMES),
            matches("namePrefix", r"(?!internal-).{1,6}", "up to 6 characters"),
            one_of("loadBalancerType", "application"),
            one_of("desyncMitigationMode", "monitor", "defensive", "strictest"),
            one_of("xffHeaderProcessingMode", "append", "preserve", "remove"),
            between("idleTimeout", 1, 4000),
            between("clientKeepAlive", 60, 604800),
        ),
        example=Example(
            inputs={
                "subnets": [Ref("one"), Ref("other")],
                "securityGroups": [Ref("group")],
                "accessLogs": {"bucket": "logs", "prefix": "entry", "enabled": True},
                "dropInvalidHeaderFields": True,
                "tags": {"a": "1", "b": "1"},
            },
            update={"idleTimeout": 120, "accessLogs": None, "enableZonalShift": True, "tags": {"a": "2"}},
            replace={"internal": True},
            needs={
                "vpc": VPC_NEED,
                "one": Need(
                    SUBNET, {"vpcId": Ref("vpc"), "cidrBlock": "10.0.1.0/24", "availabilityZone": "us-east-1a"}
                ),
                "other": Need(
                    SUBNET, {"vpcId": Ref("vpc"), "cidrBlock": "10.0.2.0/24", "availabilityZone": "us-east-1b"}
                ),
                "group": Need("aws:ec2/securityGroup:SecurityGroup", {"vpcId": Ref("vpc"), "name": "balancer"}),
            },
        ),
    ),
    Row(
        type=TARGETS,
        service="elbv2",
        create=(create_targets, set_target_attributes),
        read=(read_targets,),
        update=(set_health, set_target_attributes),
        delete=(Call("delete_target_group", params={"TargetGroupArn": "$id"}, fill=False),),
        replace=frozenset({"name", "namePrefix", "port", "protocol", "targetType", "vpcId"}),
        defaults={
            "deregistrationDelay": 300,
            "lambdaMultiValueHeadersEnabled": False,
            "proxyProtocolV2": False,
            "slowStart": 0,
            "targetType": "instance",
        },
        nested_filled={
            "healthCheck.enabled": True,
            "healthCheck.healthyThreshold": 3,
            "healthCheck.interval": 30,
            "healthCheck.port": "traffic-port",
            "healthCheck.protocol": "HTTP",
            "healthCheck.unhealthyThreshold": 3,
        },
        nested_computed=frozenset({"healthCheck.matcher", "healthCheck.path", "healthCheck.timeout"}),
        sticky=frozenset({"healthCheck", "loadBalancingAlgorithmType", "loadBalancingCrossZoneEnabled"}),
        # Of other kinds of targets and load balancers, which refuse values that are not these.
        provider_only=frozenset({"namePrefix", "lambdaMultiValueHeadersEnabled", "proxyProtocolV2"}),
        gone=frozenset({"TargetGroupNotFound"}),
        taken=frozenset({"DuplicateTargetGroupName"}),
        taken_id=of_name("describe_target_groups", "TargetGroups", "TargetGroupArn"),
        auto_name=AutoName("name", 32, "namePrefix"),
        tags=TAGS,
        unsupported={
            "connectionTermination": ONLY_APPLICATION,
            "ipAddressType": "the local cloud has targets by IPv4 only",
            "loadBalancingAnomalyMitigation": "the local cloud takes no weight from targets that err",
            "preserveClientIp": ONLY_APPLICATION,
            "protocolVersion": "the local cloud's targets speak HTTP/1.1",
            "stickiness": "the local cloud's targets keep no sessions",
            "targetControlPort": "the local cloud does not optimise targets",
            "targetFailovers": ONLY_APPLICATION,
            "targetGroupHealth": "the local cloud has no thresholds of healthy targets",
            "targetHealthStates": ONLY_APPLICATION,
        },
        rules=(
            conflicts("name", "namePrefix"),
            matches("name", *NAMES),
            matches("namePrefix", r".{1,6}", "up to 6 characters"),
            one_of("targetType", "instance", "ip", "lambda"),
            one_of("protocol", "HTTP", "HTTPS"),
            one_of("loadBalancingAlgorithmType", "round_robin", "least_outstanding_requests", "weighted_random"),
            between("deregistrationDelay", 0, 3600),
            between("healthCheck.interval", 5, 300),
            between("healthCheck.timeout", 2, 120),
            between("healthCheck.healthyThreshold", 2, 10),
            between("healthCheck.unhealthyThreshold", 2, 10),
            quick_enough,
        ),
        example=Example(
            inputs={
                "namePrefix": "tier-",
                "targetType": "ip",
                "protocol": "HTTP",
                "port": 8080,
                "vpcId": Ref("vpc"),
                "deregistrationDelay": 90,
                "loadBalancingAlgorithmType": "least_outstanding_requests",
                "healthCheck": {"path": "/readyz", "matcher": "200", "interval": 10, "timeout": 5},
                "tags": {"a": "1", "b": "1"},
            },
            update={
                "deregistrationDelay": 60,
                "healthCheck": {"path": "/healthz", "interval": 5, "timeout": 2, "unhealthyThreshold": 2},
                "tags": {"a": "2"},
            },
            replace={"port": 8081},
            needs={"vpc": VPC_NEED},
        ),
    ),
)
