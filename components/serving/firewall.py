"""The web application firewall in front of an entry: who sends too much, who is known to be bad, what is malformed."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.alarm import AlarmTopicsArgs, Comparison, Metric, MissingData, Severity, Signal
from components.component import Component
from components.observability.log_group import LogGroup, LogGroupArgs

# Managed rules of AWS, and those of their rules that only count: prompts are longer than the 8 KB that the common set
# takes for an attack, and text about code looks like one (WAF developer guide, baseline rule groups, read 2026-11-23).
MANAGED: dict[str, tuple[str, ...]] = {
    "AWSManagedRulesAmazonIpReputationList": (),
    "AWSManagedRulesKnownBadInputsRuleSet": (),
    "AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY"),
}


@dataclass
class FirewallArgs:
    """Args of `Firewall`.

    Args:
        resource_arn: ARN of the load balancer.
        load_balancer: what it is called in logs and metrics.
        requests_per_address: most requests of one address in five minutes, 10 or more.
        key_arn: encrypts the log of what was blocked.
        log_retention_days: how long that log stays.
        keep: leave the log in the cloud when the stack goes.
        alarm_topics: topics of the region.
    """

    resource_arn: pulumi.Input[str]
    load_balancer: str
    requests_per_address: int
    key_arn: pulumi.Input[str]
    log_retention_days: int
    keep: bool
    alarm_topics: AlarmTopicsArgs


class Firewall(Component):
    """A web ACL with a rate limit for each address and AWS's managed rules; what is blocked is logged without secrets.

    Cost: 5 USD a month, 1 USD for each of its four rules, 0.60 USD per million requests (WAF price page, from memory);
        the log 0.50 USD per GB, of blocked requests only.
    Recovery: regional, like what it protects; it adds nothing to an RTO. Requests are refused, not let through, when it
        can't be asked.
    """

    def __init__(self, name: str, args: FirewallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.acl = self._acl(args)
        self.association = aws.wafv2.WebAclAssociation(
            f"{self.name}-association",
            resource_arn=args.resource_arn,
            web_acl_arn=self.acl.arn,
            opts=self.child(),
        )
        self.log_group = self._log_group(args)
        self.logging = self._logging()
        self._alarm(args)
        self.register_outputs({"arn": self.acl.arn})

    def _acl(self, args: FirewallArgs) -> aws.wafv2.WebAcl:
        rate = aws.wafv2.WebAclRuleArgs(
            name="rate-of-one-address",
            priority=0,
            action=aws.wafv2.WebAclRuleActionArgs(block=aws.wafv2.WebAclRuleActionBlockArgs()),
            statement=aws.wafv2.WebAclRuleStatementArgs(
                rate_based_statement=aws.wafv2.WebAclRuleStatementRateBasedStatementArgs(
                    limit=args.requests_per_address, aggregate_key_type="IP"
                )
            ),
            visibility_config=_visible("rate-of-one-address"),
        )
        managed = [_managed(number, name, counted) for number, (name, counted) in enumerate(MANAGED.items(), start=1)]
        return aws.wafv2.WebAcl(
            f"{self.name}-acl",
            description=f"In front of {args.load_balancer}.",
            scope="REGIONAL",
            default_action=aws.wafv2.WebAclDefaultActionArgs(allow=aws.wafv2.WebAclDefaultActionAllowArgs()),
            rules=[rate, *managed],
            visibility_config=_visible(args.load_balancer),
            tags=self.shared(),
            opts=self.child(),
        )

    def _log_group(self, args: FirewallArgs) -> LogGroup:
        return LogGroup(
            f"{self.name}-blocked",
            LogGroupArgs(
                retention_days=args.log_retention_days,
                key_arn=args.key_arn,
                keep=args.keep,
                # WAF writes to groups of this beginning only (WAF developer guide, logging to CloudWatch Logs).
                log_group_name=f"aws-waf-logs-{args.load_balancer}",
            ),
            self.child(),
        )

    def _logging(self) -> aws.wafv2.WebAclLoggingConfiguration:
        # A dict is what pulumi_aws takes as well as its classes, and all of it is six levels deep.
        only_blocked: Any = {
            "default_behavior": "DROP",
            "filters": [
                {
                    "behavior": "KEEP",
                    "requirement": "MEETS_ANY",
                    "conditions": [{"action_condition": {"action": "BLOCK"}}],
                }
            ],
        }
        return aws.wafv2.WebAclLoggingConfiguration(
            f"{self.name}-logging",
            resource_arn=self.acl.arn,
            log_destination_configs=[self.log_group.log_group.arn],
            logging_filter=only_blocked,
            redacted_fields=[
                aws.wafv2.WebAclLoggingConfigurationRedactedFieldArgs(
                    single_header=aws.wafv2.WebAclLoggingConfigurationRedactedFieldSingleHeaderArgs(name=header)
                )
                for header in ("authorization", "cookie", "x-api-key")
            ],
            opts=self.child(),
        )

    def _alarm(self, args: FirewallArgs) -> None:
        dimensions = {"WebACL": args.load_balancer, "Rule": "ALL", "Region": self.acl.region}
        self.alarm(
            "blocking",
            signal=Signal.ERRORS,
            severity=Severity.WARNING,
            metric=Metric("AWS/WAFV2", "BlockedRequests", dimensions),
            threshold=1000,
            comparison=Comparison.ABOVE,
            missing_data=MissingData.NOT_BREACHING,
            periods=3,
            runbook="entry-firewall",
            description="The firewall has blocked over 1,000 requests in five minutes, three times in a row.",
        )


def _managed(priority: int, name: str, counted: tuple[str, ...]) -> aws.wafv2.WebAclRuleArgs:
    overrides = [
        aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs(
            name=rule,
            action_to_use=aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseArgs(
                count=aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseCountArgs()
            ),
        )
        for rule in counted
    ]
    return aws.wafv2.WebAclRuleArgs(
        name=name,
        priority=priority,
        override_action=aws.wafv2.WebAclRuleOverrideActionArgs(none=aws.wafv2.WebAclRuleOverrideActionNoneArgs()),
        statement=aws.wafv2.WebAclRuleStatementArgs(
            managed_rule_group_statement=aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs(
                name=name, vendor_name="AWS", rule_action_overrides=overrides or None
            )
        ),
        visibility_config=_visible(name),
    )


def _visible(name: str) -> Any:
    return {"cloudwatch_metrics_enabled": True, "metric_name": name, "sampled_requests_enabled": True}
