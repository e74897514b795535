"""The way in: TLS, a hostname and targets per tier, checks as fast as the RTO wants, drained before spot nodes go."""

from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.alarm import AlarmTopicsArgs
from components.serving.entry import Entry, EntryArgs, TierEntryArgs
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Phase
from stanchion.recovery.mechanisms.load_balancing import in_two_zones, notices
from stanchion.recovery.term import total
from tests.component.judged import broken_rules, estimates_of
from tests.recorder import Recording, provider, record

SPOT_NOTICE = 120
CRITICAL = TierEntryArgs("critical", "critical.example.com", "2m", 1500)
STANDARD = TierEntryArgs("standard", "*.standard.example.com", "4h")
ARGS = EntryArgs(
    entry_name="prod-gateways",
    cluster_name="prod",
    cluster_security_group_id="sg-cluster",
    vpc_id="vpc-1",
    vpc_cidr="10.20.0.0/16",
    subnet_ids=["subnet-a", "subnet-b", "subnet-c"],
    certificate_arn="arn:certificate",
    access_log_bucket="prod-access-logs",
    key_arn="arn:key",
    allowed_cidrs=["192.0.2.0/24", "2001:db8::/32"],
    tiers=[CRITICAL, STANDARD],
    alarm_topics=AlarmTopicsArgs(critical="arn:critical", warning="arn:warning", info="arn:info"),
    keep=True,
)


def recorded(*, preview: bool = False, **changes: Any) -> Recording:
    args = replace(ARGS, **changes)
    build = lambda: Entry("local", args, pulumi.ResourceOptions(provider=provider("us-west-2")))  # noqa: E731
    return record(build, preview=preview)


def targets(**changes: Any) -> dict[str, dict[str, Any]]:
    return {r.inputs["tags"]["stanchion:tier"]: r.inputs for r in recorded(**changes).all("TargetGroup")}


def test_it_stands_in_three_zones_and_refuses_to_be_deleted_where_data_is_kept() -> None:
    balancer = recorded().one("LoadBalancer").inputs
    assert balancer["subnets"] == ["subnet-a", "subnet-b", "subnet-c"]
    assert (balancer["internal"], balancer["loadBalancerType"]) == (False, "application")
    assert balancer["enableDeletionProtection"] is True
    assert recorded(keep=False).one("LoadBalancer").inputs["enableDeletionProtection"] is False
    assert balancer["enableZonalShift"] is True
    assert balancer["dropInvalidHeaderFields"] is True


def test_every_request_is_logged_under_its_own_prefix() -> None:
    logs = recorded().one("LoadBalancer").inputs["accessLogs"]
    assert logs == {"bucket": "prod-access-logs", "prefix": "local", "enabled": True}


def test_there_is_one_listener_it_speaks_tls_and_sends_strangers_away() -> None:
    listener = recorded().one("Listener").inputs
    assert (listener["port"], listener["protocol"]) == (443, "HTTPS")
    assert listener["certificateArn"] == "arn:certificate"
    assert listener["sslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2")
    (default,) = listener["defaultActions"]
    assert default["type"] == "fixed-response"
    assert default["fixedResponse"]["statusCode"] == "404"


def test_each_tier_has_its_hostname_and_its_own_targets() -> None:
    recording = recorded()
    rules = {r.name: r for r in recording.all("ListenerRule")}
    assert len({rule.inputs["priority"] for rule in rules.values()}) == 2
    for tier in (CRITICAL, STANDARD):
        rule = rules[f"local-{tier.tier}"]
        assert rule.inputs["conditions"] == [{"hostHeader": {"values": [tier.hostname]}}]
        (action,) = rule.inputs["actions"]
        assert action["type"] == "forward"
        assert action["targetGroupArn"].endswith(f"/local-{tier.tier}")


def test_only_clients_from_the_allowed_ranges_get_in_and_the_balancer_reaches_gateways_only() -> None:
    recording = recorded()
    into = [r.inputs for r in recording.all("SecurityGroupIngressRule")]
    clients = [rule for rule in into if "referencedSecurityGroupId" not in rule]
    assert {rule.get("cidrIpv4") or rule["cidrIpv6"] for rule in clients} == {"192.0.2.0/24", "2001:db8::/32"}
    assert {(rule["fromPort"], rule["toPort"]) for rule in clients} == {(443, 443)}
    gateways = [rule for rule in into if "referencedSecurityGroupId" in rule]
    assert {rule["securityGroupId"] for rule in gateways} == {"sg-cluster"}
    # Requests, and the question whether a gateway is well.
    assert [(rule["fromPort"], rule["toPort"]) for rule in gateways] == [(8080, 8080), (8081, 8081)]
    out = [rule.inputs for rule in recording.all("SecurityGroupEgressRule")]
    assert {rule["cidrIpv4"] for rule in out} == {"10.20.0.0/16"}
    assert [(rule["fromPort"], rule["toPort"]) for rule in out] == [(8080, 8080), (8081, 8081)]


def test_health_is_asked_as_often_as_the_tiers_rto_wants() -> None:
    checks = {tier: group["healthCheck"] for tier, group in targets().items()}
    fast, calm = checks["critical"], checks["standard"]
    assert (fast["path"], fast["port"], fast["matcher"], fast["protocol"]) == ("/readyz", "8081", "200", "HTTP")
    assert fast["interval"] * fast["unhealthyThreshold"] + fast["timeout"] <= 120 / 4
    assert (calm["interval"], calm["unhealthyThreshold"]) == (30, 3)


@pytest.mark.parametrize("rto", ["20s", "1m", "2m", "15m", "4h"])
def test_recovery_estimates_see_dead_gateways_noticed_within_the_rto(rto: str) -> None:
    recording = recorded(tiers=[replace(CRITICAL, rto=rto)])
    graph = recording.graph()
    (group,) = graph.of_type("aws:lb/targetGroup:TargetGroup")
    seconds = {"20s": 20, "1m": 60, "2m": 120, "15m": 900, "4h": 14400}[rto]
    noticed = total(term.amount for term in notices(group))
    assert isinstance(noticed, float)
    assert noticed < seconds


def test_an_rto_that_no_health_check_can_keep_is_refused_with_the_numbers() -> None:
    with pytest.raises(ValueError, match=r"RTO of 10 s is not possible behind a load balancer.*needs 12 s"):
        recorded(tiers=[replace(CRITICAL, rto="10s")])


@pytest.mark.parametrize("preview", [False, True], ids=["deployed", "first preview"])
def test_a_lost_zone_costs_its_detection_and_the_address_in_dns(preview: bool) -> None:
    recording = recorded(preview=preview)
    (balancer,) = recording.graph().of_type("aws:lb/loadBalancer:LoadBalancer")
    assert in_two_zones(recording.graph(), balancer) is True
    figure = estimates_of(recording, "critical", 120)[Disruption.ZONE].rto
    parts = {part.phase: part.amount for part in figure.parts if part.counts}
    # What both tiers share is noticed by the calmer one.
    assert parts == {Phase.DETECT: 95.0, "decide": 0.0, Phase.SHIFT: 60.0}


def test_targets_are_let_go_within_the_notice_of_a_spot_node() -> None:
    assert all(group["deregistrationDelay"] < SPOT_NOTICE for group in targets().values())
    assert {group["targetType"] for group in targets().values()} == {"ip"}


def test_the_clusters_controller_may_register_targets() -> None:
    assert {group["tags"]["eks:eks-cluster-name"] for group in targets().values()} == {"prod"}


@pytest.mark.parametrize("tier", ["x", "critical", "a-rather-long-tier"])
def test_the_prefix_of_a_target_groups_name_is_one_that_aws_takes(tier: str) -> None:
    (group,) = targets(tiers=[replace(CRITICAL, tier=tier)]).values()
    assert len(group["namePrefix"]) <= 6


def test_a_firewall_stands_in_front_of_it() -> None:
    recording = recorded(requests_per_address=700)
    association = recording.one("WebAclAssociation")
    assert recording.one("LoadBalancer").urn in association.property_dependencies["resourceArn"]
    rate = recording.one("WebAcl").inputs["rules"][0]["statement"]["rateBasedStatement"]
    assert rate["limit"] == 700


def test_alarms_tell_who_is_gone_what_fails_and_what_is_slow_for_each_tier() -> None:
    recording = recorded()
    alarms = {r.name.removeprefix("local-"): r.inputs for r in recording.all("MetricAlarm")}
    for tier in ("critical", "standard"):
        group = recording.one("TargetGroup", f"local-{tier}")
        gone = alarms[f"{tier}-nobody-answers"]
        assert gone["dimensions"]["TargetGroup"].endswith(group.name)
        assert gone["dimensions"]["LoadBalancer"].endswith("local-alb")
        assert (gone["treatMissingData"], gone["alarmActions"]) == ("breaching", ["arn:critical"])
    assert alarms["critical-slow"]["threshold"] == 1.5
    assert alarms["critical-slow"]["extendedStatistic"] == "p95"
    assert alarms["standard-slow"]["threshold"] == 5
    assert alarms["refused"]["metricName"] == "HTTPCode_ELB_5XX_Count"
    assert "TargetGroup" not in alarms["refused"]["dimensions"]


def test_it_tells_what_names_and_bindings_need() -> None:
    recording = recorded()
    said = recording.outputs[recording.one("stanchion:serving:Entry").urn]
    assert said["dnsName"].endswith(".elb.amazonaws.com")
    assert set(said["targetGroupArns"]) == {"critical", "standard"}
    assert said["arn"] == recording.known[recording.one("LoadBalancer").urn]["arn"]
    assert said["zoneId"]


@pytest.mark.parametrize("preview", [False, True], ids=["deployed", "first preview"])
def test_it_breaks_no_rule(preview: bool) -> None:
    assert broken_rules(recorded(preview=preview)) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"tiers": []}, "has no tiers, so it would serve nobody"),
        ({"allowed_cidrs": []}, "has no allowed_cidrs, so it would serve nobody"),
        (
            {"tiers": [CRITICAL, replace(STANDARD, hostname="Critical.Example.com")]},
            "two tiers with hostname 'critical.example.com'",
        ),
    ],
)
def test_an_entry_that_serves_nobody_is_refused(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        recorded(**changes)
