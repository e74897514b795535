"""Programs that a person who distrusts the estimate would write: values that are not known, cycles, loops, size."""

import io
import json
import sys
from typing import Any

import pytest
from rich.console import Console

from benchmarks.synthetic import preview, program
from stanchion.graph import SECRET, UNKNOWN, GraphBuilder, Resource, ResourceGraph, Unsettled
from stanchion.graph.builder import Handle
from stanchion.graph.sources.reading import read_text
from stanchion.recovery.compare import compare
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.estimate import Estimates, Figure, Verdict, estimate
from stanchion.recovery.objectives import Objective, TierObjectives
from stanchion.recovery.report.document import document
from stanchion.recovery.report.markdown import markdown
from stanchion.recovery.report.page import page
from stanchion.recovery.report.sentence import figure_sentence
from stanchion.recovery.report.terminal import print_comparison, print_table, print_why
from stanchion.recovery.settings import Settings

TABLE, GROUP = "aws:dynamodb/table:Table", "aws:autoscaling/group:Group"
HOUR = 3600.0


def tier(name: str, seconds: float = HOUR) -> TierObjectives:
    return TierObjectives(name, {disruption: Objective(seconds, seconds) for disruption in Disruption})


GOLD = Settings(tiers={"gold": tier("gold", 6 * HOUR)})
TAGS = {"stanchion:workload": "orders", "stanchion:tier": "gold", "stanchion:restore": "10m"}


def builder() -> GraphBuilder:
    return GraphBuilder(tags=TAGS)


def figure(estimates: Estimates, name: str, disruption: Disruption, workload: str = "orders") -> Figure:
    (found,) = (e for e in estimates.estimates if (e.workload, e.disruption) == (workload, disruption))
    return found.rto if name == "RTO" else found.rpo


def backed_up(build: GraphBuilder, schedule: object) -> Handle:
    table = build.add(TABLE, "orders", {"hashKey": "id"})
    vault = build.add("aws:backup/vault:Vault", "vault", {"name": "vault"})
    rule = {
        "ruleName": "hourly",
        "targetVaultName": vault.ref("name"),
        "schedule": schedule,
        "startWindow": 60,
        "completionWindow": 180,
    }
    plan = build.add("aws:backup/plan:Plan", "plan", {"rules": [rule]})
    build.add("aws:backup/selection:Selection", "all", {"planId": plan.ref("id"), "resources": [table.ref("arn")]})
    return plan


class TestWhatIsNotKnown:
    def test_a_schedule_that_another_resource_makes_is_named(self):
        build = builder()
        parameter = build.add("aws:ssm/parameter:Parameter", "schedule", {"type": "String"})
        backed_up(build, parameter.ref("value"))
        found = figure(estimate(build.graph(), GOLD), "RPO", Disruption.APPLICATION)
        assert found.verdict is Verdict.UNKNOWN
        assert str(found.amount) == (
            "`rules[0].schedule` of aws:backup/plan:Plan 'plan' is known only after the deployment"
        )
        # The same program with the value in the place is fine, so nothing else is in doubt.
        build = builder()
        backed_up(build, "cron(0 * * * ? *)")
        assert figure(estimate(build.graph(), GOLD), "RPO", Disruption.APPLICATION).verdict is Verdict.MET

    @pytest.mark.parametrize("value", [UNKNOWN, SECRET])
    def test_a_tier_is_named_in_every_form(self, value: object):
        build = builder()
        build.add(TABLE, "orders", {"pointInTimeRecovery": {"enabled": True}, "tags": {"stanchion:tier": value}})
        graph = build.graph()
        found = estimate(graph, GOLD)
        assert found.fails
        assert {f.verdict for e in found.estimates for f in (e.rto, e.rpo)} == {Verdict.UNKNOWN}
        named = 'tags["stanchion:tier"]'
        for form, text in forms(graph, found).items():
            assert named in text.replace("&quot;", '"').replace('\\"', '"'), form
        first = found.estimates[0]
        assert named in figure_sentence(first, "RPO", first.rpo)

    def test_a_tier_that_is_not_there_is_judged_by_the_strictest(self):
        build = GraphBuilder(tags={"stanchion:workload": "orders"})
        build.add(TABLE, "orders", {"pointInTimeRecovery": {"enabled": True}})
        settings = Settings(tiers={"gold": tier("gold", 60), "silver": tier("silver", 9 * HOUR)})
        assert figure(estimate(build.graph(), settings), "RPO", Disruption.APPLICATION).objective == 60

    @pytest.mark.parametrize("value", [UNKNOWN, SECRET, "maybe"])
    def test_a_recovery_that_may_be_on_or_off(self, value: object):
        build = builder()
        build.add(TABLE, "orders", {"pointInTimeRecovery": {"enabled": value}})
        found = figure(estimate(build.graph(), GOLD), "RPO", Disruption.APPLICATION)
        assert found.verdict is Verdict.UNKNOWN
        assert isinstance(found.amount, Unsettled)
        assert found.amount.property == "pointInTimeRecovery.enabled"

    @pytest.mark.parametrize("key", ["minSize", "vpcZoneIdentifiers"])
    def test_the_size_and_the_zones_of_a_group(self, key: str):
        def judged(**changes: object) -> Figure:
            build = builder()
            subnets = [
                build.add("aws:ec2/subnet:Subnet", name, {"availabilityZone": name}).ref("id")
                for name in ("us-east-1a", "us-east-1b", "us-east-1c")
            ]
            launch = build.add("aws:ec2/launchTemplate:LaunchTemplate", "web", {"instanceType": "m7i.large"})
            template = {"launchTemplate": {"id": launch.ref("id")}}
            build.add(GROUP, "web", {"minSize": 3, "maxSize": 9, "vpcZoneIdentifiers": subnets, **template, **changes})
            return figure(estimate(build.graph(), GOLD), "RTO", Disruption.ZONE)

        assert judged().verdict in (Verdict.MET, Verdict.NOT_ASSESSED)
        found = judged(**{key: UNKNOWN})
        assert found.verdict is Verdict.UNKNOWN
        assert isinstance(found.amount, Unsettled)
        assert found.amount.property.startswith(key)

    def test_the_replicas_of_a_deployment(self):
        labels = {"stanchion.dev/workload": "orders", "stanchion.dev/tier": "gold"}
        build = GraphBuilder()
        build.add(
            "kubernetes:apps/v1:Deployment",
            "api",
            {"metadata": {"name": "api", "labels": labels}, "spec": {"replicas": UNKNOWN, "template": {"spec": {}}}},
        )
        found = [
            f
            for e in estimate(build.graph(), GOLD).estimates
            for f in (e.rto,)
            if isinstance(f.amount, Unsettled) and "replicas" in f.amount.property
        ]
        assert found
        assert {f.verdict for f in found} == {Verdict.UNKNOWN}

    def test_a_type_that_nobody_explains_is_unknown_in_both_figures(self):
        build = builder()
        build.add("aws:cognito/userPool:UserPool", "people")
        found = estimate(build.graph(), GOLD)
        for disruption in Disruption:
            for name in ("RTO", "RPO"):
                one = figure(found, name, disruption)
                assert one.verdict is Verdict.UNKNOWN
                assert "no mechanism of Stanchion explains aws:cognito/userPool:UserPool" in str(one.amount)

    def test_everything_unknown_is_no_failure_of_ours(self):
        whole = read_text(json.dumps(preview(program(20))), "plan")
        for nothing in (UNKNOWN, SECRET, "x", -1, True, [], {}, [[]], [{"a": None}]):
            wiped = [_with(each, dict.fromkeys(each.inputs, nothing)) for each in whole]
            assert estimate(ResourceGraph(wiped), GOLD).fails


def _with(resource: Resource, inputs: dict[str, Any]) -> Resource:
    from dataclasses import replace

    return replace(resource, inputs=inputs, outputs={})


class TestShapes:
    def test_a_cycle_of_dependencies_and_of_parents(self):
        def urn(name: str) -> str:
            return f"urn:pulumi:s::p::{TABLE}::{name}"

        around = {"one": "two", "two": "three", "three": "one"}
        graph = ResourceGraph(
            Resource(
                urn(name),
                TABLE,
                name,
                {"pointInTimeRecovery": {"enabled": True}, "tags": TAGS},
                parent=urn(other),
                dependencies=(urn(other), urn(name)),
                property_dependencies={"tags": (urn(other),)},
            )
            for name, other in around.items()
        )
        assert figure(estimate(graph, GOLD), "RPO", Disruption.APPLICATION).verdict is Verdict.MET

    def test_a_parent_and_a_provider_that_are_not_there(self):
        urn = f"urn:pulumi:s::p::{TABLE}::orders"
        lost = Resource(urn, TABLE, "orders", {"tags": TAGS}, parent="urn:pulumi:s::p::x::gone", provider="gone")
        assert estimate(ResourceGraph([lost]), GOLD).fails

    def test_a_chain_of_parents_longer_than_the_stack_of_python(self):
        build = builder()
        parent: Handle | None = None
        resources: list[Resource] = []
        for number in range(1500):
            urn = f"urn:pulumi:s::p::shop:index:Part::part-{number}"
            tags = {"tags": TAGS} if number == 0 else {}
            resources.append(
                Resource(urn, "shop:index:Part", f"part-{number}", tags, parent=parent.urn if parent else "")
            )
            parent = Handle(urn)
        build.add(TABLE, "orders", {"pointInTimeRecovery": {"enabled": True}}, parent=parent)
        graph = ResourceGraph([*build.graph(), *resources])
        assert figure(estimate(graph, GOLD), "RPO", Disruption.APPLICATION).verdict is Verdict.MET

    def test_200_resources_from_a_loop_of_which_one_is_not_like_the_others(self):
        build = builder()
        for number in range(200):
            build.add(TABLE, f"part-{number}", {"pointInTimeRecovery": {"enabled": number != 137}})
        found = figure(estimate(build.graph(), GOLD), "RPO", Disruption.APPLICATION)
        assert found.verdict is Verdict.BROKEN
        assert [part.urn.rsplit("::", 1)[-1] for part in found.parts if part.counts] == ["part-137"]
        assert len(found.parts) == 200

    def test_two_workloads_that_share_a_store(self):
        build = GraphBuilder()
        table = build.add(TABLE, "sessions", {"pointInTimeRecovery": {"enabled": False}})
        for name, promised in (("orders", "gold"), ("search", "silver")):
            build.add(
                "aws:lambda/function:Function",
                name,
                {
                    "environment": {"variables": {"TABLE": table.ref("name")}},
                    "tags": {"stanchion:workload": name, "stanchion:tier": promised},
                },
            )
        settings = Settings(tiers={"gold": tier("gold", 60), "silver": TierObjectives("silver", {})})
        found = estimate(build.graph(), settings)
        assert {e.workload for e in found.estimates} == {"orders", "search"}
        assert figure(found, "RPO", Disruption.APPLICATION, "orders").verdict is Verdict.BROKEN
        assert figure(found, "RPO", Disruption.APPLICATION, "search").verdict is Verdict.NO_OBJECTIVE

    def test_two_tiers_on_one_workload_are_a_contradiction_that_is_told(self):
        build = builder()
        build.add(TABLE, "orders", {"pointInTimeRecovery": {"enabled": True}})
        build.add(TABLE, "carts", {"pointInTimeRecovery": {"enabled": True}, "tags": {"stanchion:tier": "silver"}})
        settings = Settings(tiers={"gold": tier("gold"), "silver": tier("silver")})
        found = estimate(build.graph(), settings)
        assert found.fails
        assert "'orders' has two tiers: 'gold' on" in str(found.estimates[0].gap)


def forms(graph: ResourceGraph, estimates: Estimates) -> dict[str, str]:
    """Every form of the report."""
    console = Console(file=io.StringIO(), width=400, highlight=False)
    narrow = Console(file=io.StringIO(), width=80, highlight=False)
    comparison = compare((graph, estimates), (graph, estimates))
    print_table(estimates, console)
    print_table(estimates, narrow)
    return {
        "table": console.file.getvalue(),  # pyright: ignore[reportAttributeAccessIssue]
        "narrow table": narrow.file.getvalue(),  # pyright: ignore[reportAttributeAccessIssue]
        "json": json.dumps(document(graph, estimates, comparison)),
        "markdown": markdown(estimates, comparison, graph),
        "page": page(graph, estimates, comparison, "Recovery"),
    }


# How Pulumi marks a secret in plans and states (its signature key and the one of secrets).
SIGNATURE = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
PASSWORD = "correct-horse-battery"
SECRETS = (
    {**SIGNATURE, "value": PASSWORD},
    {**SIGNATURE, "plaintext": json.dumps(PASSWORD)},
    {**SIGNATURE, "ciphertext": PASSWORD},
)


class TestSecrets:
    def test_the_value_of_a_secret_is_in_no_report(self):
        """Each text of each resource is a secret once, in the form of a plan and in that of a state that shows it."""
        resources = program(20)
        plan = preview(resources)
        whole = read_text(json.dumps(plan), "plan")
        before = whole, estimate(whole, GOLD)
        for resource in resources:
            (state,) = (step["newState"] for step in plan["steps"] if step["urn"] == resource.urn)
            shown = state["inputs"]
            for key, value in resource.inputs.items():
                for secret in SECRETS:
                    state["inputs"] = {**shown, key: _marked(value, secret)}
                    graph = read_text(json.dumps(plan), "plan")
                    assert PASSWORD not in repr(list(graph)), (resource.name, key)
                # However it was marked, the graph is the same.
                self._show(graph, before)
            state["inputs"] = shown

    @staticmethod
    def _show(graph: ResourceGraph, before: tuple[ResourceGraph, Estimates]) -> None:
        estimates = estimate(graph, GOLD)
        console = Console(file=io.StringIO(), width=400, highlight=False)
        print_why(graph, estimates, console)
        for after in ((before, (graph, estimates)), ((graph, estimates), before)):
            print_comparison(compare(*after), console)
        texts = forms(graph, estimates) | {"why": console.file.getvalue()}  # pyright: ignore[reportAttributeAccessIssue]
        for form, text in texts.items():
            assert PASSWORD not in text, form


def _marked(value: Any, marked: dict[str, str]) -> Any:
    """Every text in a value as a secret."""
    if isinstance(value, str):
        return marked
    if isinstance(value, list):
        return [_marked(item, marked) for item in value]
    if isinstance(value, dict):
        return {key: _marked(item, marked) for key, item in value.items()}
    return value


class TestSize:
    @staticmethod
    def steps(graph: ResourceGraph) -> int:
        """Lines run and functions called: what a time is made of, and the same on a machine that others use too.

        What it does not see, a long loop inside one call of C, is in the seconds of benchmarks/policy.py.
        """
        counted = 0

        def line(_frame: object, _event: str, _argument: object) -> Any:
            nonlocal counted
            counted += 1
            return line

        # A graph of its own each time, since what is looked up is kept.
        fresh = ResourceGraph(graph, graph.config)
        before = sys.gettrace()
        sys.settrace(line)
        try:
            estimate(fresh, GOLD)
        finally:
            sys.settrace(before)
        return counted

    def test_5000_resources_cost_about_five_times_what_1000_do(self):
        small, large = (read_text(json.dumps(preview(program(count))), "plan") for count in (1000, 5000))
        assert self.steps(large) < 6 * self.steps(small)
