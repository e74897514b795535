"""Where the rule of vCPU quotas gets its numbers, and whom it tells."""

from typing import Any

import pytest

from policies.capacity.vcpu_quota import RULE
from policies.configuration import PolicyConfiguration
from policies.rule import Program, Violation
from stanchion.graph import GraphBuilder, ResourceGraph
from stanchion.recovery.settings import Settings

CODE = "L-1216C47A"


def groups(*regions: str, quota: float | None = None, stack: str = "test") -> ResourceGraph:
    """A group of 10 x 2 vCPUs at most in each region."""
    builder = GraphBuilder(stack=stack)
    for region in regions:
        template = builder.add("aws:ec2/launchTemplate:LaunchTemplate", region, {"instanceType": "m7g.large"})
        group = {"minSize": 1, "maxSize": 10, "launchTemplate": {"id": template.ref("id")}}
        builder.add("aws:autoscaling/group:Group", region, group, region=region)
        if quota is not None:
            inputs = {"serviceCode": "ec2", "quotaCode": CODE, "value": quota}
            builder.add("aws:servicequotas/serviceQuota:ServiceQuota", region, inputs, region=region)
    return builder.graph()


def found(graph: ResourceGraph, *quotas: Any, own: frozenset[str] | None = None) -> list[Violation]:
    return list(RULE.check(Program(graph, Settings(), own), {"quotas": quotas}))


@pytest.mark.parametrize(
    ("quotas", "broken"),
    [
        ((f"us-east-1 {CODE} 20", f"us-west-2 {CODE} 20"), set()),
        ((f"* {CODE} 20",), set()),
        # The nearer one counts.
        ((f"* {CODE} 20", f"us-west-2 {CODE} 19"), {"us-west-2"}),
        ((f"us-east-1 {CODE} 20",), {"us-west-2"}),
        (("* L-34B43A08 500",), {"us-east-1", "us-west-2"}),
    ],
)
def test_quotas_are_those_of_a_region(quotas, broken):
    violations = found(groups("us-east-1", "us-west-2"), *quotas)
    assert {violation.urn.rsplit("::", 1)[-1] for violation in violations} == broken


def test_what_the_account_is_said_to_have_wins_over_what_is_asked_for():
    assert found(groups("us-east-1", quota=500), f"* {CODE} 19") != []
    assert found(groups("us-east-1", quota=5), f"* {CODE} 20") == []


def test_it_says_what_to_write_where_nobody_says_how_many():
    (violation,) = found(groups("us-east-1"))
    assert violation.unknown
    assert "20 on-demand vCPUs of class Standard (A, C, D, H, I, M, R, T, Z)" in violation.message
    assert f"'us-east-1 {CODE} <vCPUs>'" in violation.message


@pytest.mark.parametrize(
    "line",
    [
        "640",
        f"us-east-1 {CODE}",
        f"us-east-1 {CODE} many",
        f"us-east-1 {CODE} -1",
        f"us-east-1 {CODE} nan",
        f"us-east-1 {CODE} inf",
        "us-east-1 standard 640",
    ],
)
def test_a_line_that_is_no_quota_fails(line):
    violations = found(groups("us-east-1"), f"* {CODE} 20", line)
    assert [violation.message.split(" in ")[0] for violation in violations] == [f"'{line}'"]


def test_other_stacks_take_from_the_same_quota_and_are_not_told():
    here, there = groups("us-east-1"), groups("us-east-1", stack="other")
    both = here.merged(there)
    (violation,) = found(both, f"* {CODE} 39", own=frozenset(here.resources))
    assert violation.urn in here.resources
    assert "40 on-demand" in violation.message
    assert found(both, f"* {CODE} 40", own=frozenset(here.resources)) == []
    assert found(both, f"* {CODE} 1", own=frozenset()) == []


def test_a_configuration_says_them():
    settings = {"rules": {RULE.id: {"quotas": [f"* {CODE} 20"]}}}
    ruling = PolicyConfiguration.model_validate(settings).ruling()
    program = Program(groups("us-east-1"), Settings())
    assert list(RULE.check(program, ruling.thresholds(RULE))) == []
