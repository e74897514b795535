"""The firewall: one address can't take everything, prompts are not attacks, and what is blocked is logged."""

from typing import Any

import pulumi

from components.alarm import AlarmTopicsArgs
from components.serving.firewall import Firewall, FirewallArgs
from tests.component.judged import broken_rules
from tests.recorder import Recording, provider, record

BALANCER = "arn:aws:elasticloadbalancing:us-west-2:1:loadbalancer/app/prod/1"
ARGS = FirewallArgs(
    resource_arn=BALANCER,
    load_balancer="prod-gateways",
    requests_per_address=500,
    key_arn="arn:key",
    log_retention_days=90,
    keep=True,
    alarm_topics=AlarmTopicsArgs(critical="arn:critical", warning="arn:warning", info="arn:info"),
)


def recorded() -> Recording:
    return record(lambda: Firewall("local", ARGS, pulumi.ResourceOptions(provider=provider("us-west-2"))))


def rules() -> dict[str, dict[str, Any]]:
    return {rule["name"]: rule for rule in recorded().one("WebAcl").inputs["rules"]}


def test_one_address_is_blocked_beyond_its_share_before_anything_else_is_looked_at() -> None:
    rate = rules()["rate-of-one-address"]
    assert rate["priority"] == 0
    assert rate["action"] == {"block": {}}
    assert rate["statement"] == {"rateBasedStatement": {"limit": 500, "aggregateKeyType": "IP"}}


def test_no_two_rules_have_one_priority_and_each_has_a_metric() -> None:
    found = list(rules().values())
    assert sorted(rule["priority"] for rule in found) == list(range(len(found)))
    assert all(rule["visibilityConfig"]["cloudwatchMetricsEnabled"] for rule in found)
    assert {rule["visibilityConfig"]["metricName"] for rule in found} == set(rules())


def test_managed_rules_block_as_aws_made_them_but_for_those_that_take_prompts_for_attacks() -> None:
    managed = {name: rule for name, rule in rules().items() if "managedRuleGroupStatement" in rule["statement"]}
    assert all(rule["overrideAction"] == {"none": {}} for rule in managed.values())
    counted = {
        name: {override["name"] for override in statement.get("ruleActionOverrides", [])}
        for name, rule in managed.items()
        for statement in [rule["statement"]["managedRuleGroupStatement"]]
    }
    assert counted == {
        "AWSManagedRulesAmazonIpReputationList": set(),
        "AWSManagedRulesKnownBadInputsRuleSet": set(),
        "AWSManagedRulesCommonRuleSet": {"SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY"},
    }


def test_it_stands_in_front_of_the_load_balancer_and_lets_in_what_no_rule_blocks() -> None:
    recording = recorded()
    acl, association = recording.one("WebAcl"), recording.one("WebAclAssociation")
    assert (acl.inputs["scope"], acl.inputs["defaultAction"]) == ("REGIONAL", {"allow": {}})
    assert association.inputs["resourceArn"] == BALANCER
    assert association.property_dependencies["webAclArn"] == (acl.urn,)


def test_only_what_is_blocked_is_logged_and_no_credential_with_it() -> None:
    recording = recorded()
    logging, group = recording.one("WebAclLoggingConfiguration"), recording.one("LogGroup", "local-blocked-logs")
    assert group.inputs["name"].startswith("aws-waf-logs-"), "WAF refuses every other group"
    assert (group.inputs["kmsKeyId"], group.inputs["retentionInDays"]) == ("arn:key", 90)
    said = logging.inputs["loggingFilter"]
    assert said["defaultBehavior"] == "DROP"
    (kept,) = said["filters"]
    assert kept["behavior"] == "KEEP"
    assert kept["conditions"] == [{"actionCondition": {"action": "BLOCK"}}]
    headers = {field["singleHeader"]["name"] for field in logging.inputs["redactedFields"]}
    assert headers == {"authorization", "cookie", "x-api-key"}


def test_its_alarm_watches_the_metric_that_its_acl_writes() -> None:
    recording = recorded()
    alarm, acl = recording.one("MetricAlarm").inputs, recording.one("WebAcl").inputs
    assert alarm["dimensions"]["WebACL"] == acl["visibilityConfig"]["metricName"]
    assert alarm["dimensions"]["Region"] == "us-west-2"


def test_it_breaks_no_rule() -> None:
    assert broken_rules(recorded()) == []
