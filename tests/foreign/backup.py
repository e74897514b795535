"""AWS Backup."""

from collections.abc import Sequence

import pulumi_aws as aws

from tests.foreign.pair import HOUR, REGION, Pair, Regions

ROLE = "arn:aws:iam::111122223333:role/backup"


def table(regions: Regions, tags: dict[str, str]) -> aws.dynamodb.Table:
    return aws.dynamodb.Table(
        "orders",
        hash_key="id",
        billing_mode="PAY_PER_REQUEST",
        attributes=[aws.dynamodb.TableAttributeArgs(name="id", type="S")],
        tags=tags,
        opts=regions.in_east,
    )


def plan(
    regions: Regions,
    target: aws.backup.Vault,
    rules: Sequence[aws.backup.PlanRuleArgs],
    tag: tuple[str, str] = ("backup", "hourly"),
) -> None:
    made = aws.backup.Plan("hourly", rules=rules, opts=regions.in_east)
    aws.backup.Selection(
        "tagged",
        plan_id=made.id,
        iam_role_arn=ROLE,
        selection_tags=[aws.backup.SelectionSelectionTagArgs(type="STRINGEQUALS", key=tag[0], value=tag[1])],
        opts=regions.in_east,
    )


def rule(
    target: aws.backup.Vault,
    copy: aws.backup.Vault | None,
    start: int | None = None,
    completion: int | None = None,
    name: str = "hourly",
    days: int = 35,
) -> aws.backup.PlanRuleArgs:
    copies = [aws.backup.PlanRuleCopyActionArgs(destination_vault_arn=copy.arn)] if copy else None
    return aws.backup.PlanRuleArgs(
        rule_name=name,
        target_vault_name=target.name,
        schedule="cron(0 * * * ? *)",
        start_window=start,
        completion_window=completion,
        lifecycle=aws.backup.PlanRuleLifecycleArgs(delete_after=days),
        copy_actions=copies,
    )


def vaults(regions: Regions) -> tuple[aws.backup.Vault, aws.backup.Vault, aws.backup.Vault]:
    return (
        aws.backup.Vault("here", opts=regions.in_east),
        aws.backup.Vault("also-here", opts=regions.in_east),
        aws.backup.Vault("there", opts=regions.in_west),
    )


def windows(broken: bool) -> None:
    regions = Regions()
    here, _, there = vaults(regions)
    table(regions, {"backup": "hourly"})
    wide = (480, 10080) if broken else (60, 180)
    plan(regions, here, [rule(here, there, *wide)])


def copy_in_the_same_region(broken: bool) -> None:
    regions = Regions()
    here, also_here, there = vaults(regions)
    table(regions, {"backup": "hourly"})
    plan(regions, here, [rule(here, also_here if broken else there)])


def selection_that_misses(broken: bool) -> None:
    regions = Regions()
    here, _, there = vaults(regions)
    table(regions, {"backup": "hourly"})
    plan(regions, here, [rule(here, there)], tag=("backup", "hourley" if broken else "hourly"))


def losing_rule(broken: bool) -> None:
    regions = Regions()
    here, _, there = vaults(regions)
    table(regions, {"backup": "hourly"})
    # Both start within one window: only the rule that keeps longer runs, and it has no copy.
    other = [rule(here, None, name="keeper", days=90)] if broken else []
    plan(regions, here, [rule(here, there), *other])


PAIRS = (
    Pair("a completion window of a week", windows, "hourly", ("RPO", REGION), 6 * HOUR),
    Pair("a copy that stays in the region", copy_in_the_same_region, "orders", ("RPO", REGION), 6 * HOUR),
    Pair("a selection by a tag that nothing has", selection_that_misses, "orders", ("RPO", REGION), 6 * HOUR),
    Pair("a copy on a rule that never wins", losing_rule, "orders", ("RPO", REGION), 6 * HOUR),
)
