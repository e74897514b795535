from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stanchion.graph import UNKNOWN, GraphBuilder, ResourceGraph, Unsettled
from stanchion.recovery import estimate as module
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.estimate import Estimate, Proof, Verdict, estimate
from stanchion.recovery.evidence import Evidence
from stanchion.recovery.findings import Finding, Findings, Phase, Protection, Step, Store
from stanchion.recovery.objectives import Objective, TierObjectives
from stanchion.recovery.settings import ResourceRule, Settings
from stanchion.recovery.sources import derived
from stanchion.recovery.term import UNBOUNDED, Amount, Grade, Term, rank

NOW = datetime(2026, 11, 23, tzinfo=UTC)
GAP = Unsettled("urn:pulumi:test::program::aws:sqs/queue:Queue::lake", "schedule", "is known only after the deployment")
# A type that no mechanism and no table knows: what is found about it is what these tests say.
TYPE = "aws:example/store:Store"


def graph_of(*names: str, tags: dict[str, object] | None = None) -> ResourceGraph:
    builder = GraphBuilder()
    own = {"stanchion:workload": "search", "stanchion:tier": "standard"} if tags is None else tags
    for name in names:
        builder.add(TYPE, name, {"tags": own})
    return builder.graph()


def urn(name: str) -> str:
    return f"urn:pulumi:test::program::{TYPE}::{name}"


def term(amount: Amount, grade: Grade = Grade.BOUND) -> Term:
    return Term("a term", amount, grade, derived("it"), urn("lake"), "schedule")


def protection(
    loss: Amount, restore: Amount | None = None, grade: Grade = Grade.BOUND, name: str = "plan"
) -> Protection:
    restores = () if restore is None else (term(restore),)
    return Protection(urn("lake"), name, Disruption.REGION, (term(loss, grade),), restores)


def step(phase: Phase, seconds: Amount, name: str = "lake", after: tuple[str, ...] = ()) -> Step:
    return Step(urn(name), f"{phase} of {name}", Disruption.REGION, phase, (term(seconds),), after)


STORE = Store(urn("lake"), "store")


def settings_of(rto: float | None = None, rpo: float | None = None, decide: float = 0.0) -> Settings:
    tier = TierObjectives("standard", {Disruption.REGION: Objective(rto, rpo, decide)}, 30 * 86400.0)
    return Settings(tiers={"standard": tier}, now=NOW, cloud="aws", account="111122223333")


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch):
    def judge(found: Sequence[Finding], settings: Settings, graph: ResourceGraph | None = None) -> Estimate:
        def find_all(_: ResourceGraph) -> Findings:
            findings = Findings()
            for finding in found:
                findings.add(finding)
            return findings

        monkeypatch.setattr(module, "find_all", find_all)
        estimates = estimate(graph or graph_of("lake"), settings).estimates
        return next(e for e in estimates if e.disruption is Disruption.REGION)

    return judge


def test_a_loss_within_the_objective_is_met_and_one_above_is_broken(judged):
    assert judged([STORE, protection(60.0)], settings_of(rpo=60.0)).rpo.verdict is Verdict.MET
    assert judged([STORE, protection(60.1)], settings_of(rpo=60.0)).rpo.verdict is Verdict.BROKEN


def test_a_store_that_nothing_protects_loses_everything(judged):
    figure = judged([STORE], settings_of(rpo=60.0)).rpo
    assert (figure.verdict, figure.amount, figure.grade) == (Verdict.BROKEN, UNBOUNDED, Grade.NONE)
    assert figure.deciding is not None
    assert figure.deciding.urn == urn("lake")


def test_a_loss_that_can_not_be_told_fails_and_names_the_value(judged):
    figure = judged([STORE, protection(GAP)], settings_of(rpo=60.0)).rpo
    assert figure.verdict is Verdict.UNKNOWN
    assert figure.amount is GAP
    assert figure.deciding is not None
    assert figure.deciding.property == "schedule"


def test_the_worst_store_decides(judged):
    other = Protection(urn("pond"), "other", Disruption.REGION, (term(600.0),))
    graph = graph_of("lake", "pond")
    found = [STORE, Store(urn("pond"), "store"), protection(60.0), other]
    figure = judged(found, settings_of(rpo=60.0), graph).rpo
    assert figure.amount == 600.0
    assert [part.counts for part in figure.parts] == [False, True]


def test_the_protection_that_meets_the_objectives_is_taken_before_the_one_that_loses_least(judged):
    quick, slow = protection(600.0, 10.0, name="copy"), protection(1.0, 5000.0, name="log")
    found = judged([STORE, slow, quick, step(Phase.DETECT, 1.0), step(Phase.SHIFT, 1.0)], settings_of(900.0, 900.0))
    assert found.rpo.amount == 600.0
    assert found.rto.verdict is Verdict.MET


def test_zero_is_met_by_a_bound_of_zero_only(judged):
    assert judged([STORE, protection(0.0)], settings_of(rpo=0.0)).rpo.verdict is Verdict.MET
    assert judged([STORE, protection(0.0, grade=Grade.TYPICAL)], settings_of(rpo=0.0)).rpo.verdict is Verdict.BROKEN


def test_detection_decision_recovery_and_shift_add_up(judged):
    found = [
        STORE,
        protection(0.0, 100.0),
        step(Phase.DETECT, 30.0),
        step(Phase.RECOVER, 50.0, "pods", (urn("lake"),)),
        step(Phase.SHIFT, 60.0),
    ]
    figure = judged(found, settings_of(rto=900.0, decide=300.0), graph_of("lake", "pods")).rto
    assert figure.amount == 30.0 + 300.0 + 100.0 + 50.0 + 60.0
    assert [part.phase for part in figure.parts] == ["detect", "decide", "recover", "recover", "shift"]
    assert figure.deciding is not None
    assert figure.deciding.name == "time people take to decide"


def test_what_nothing_speaks_about_is_not_assessed_and_never_met(judged):
    assert judged([STORE, protection(0.0)], settings_of(rto=60.0)).rto.verdict is Verdict.NOT_ASSESSED
    partial = judged([STORE, protection(0.0, 10.0)], settings_of(rto=60.0)).rto
    assert partial.verdict is Verdict.NOT_ASSESSED
    assert partial.amount == 10.0
    assert any("detection" in sentence for sentence in partial.missing)
    assert any("shift" in sentence for sentence in partial.missing)


def test_a_part_that_breaks_the_objective_already_is_broken(judged):
    assert judged([STORE, protection(0.0, 61.0)], settings_of(rto=60.0)).rto.verdict is Verdict.BROKEN


def test_a_part_that_can_not_be_told_is_unknown_whatever_is_missing(judged):
    assert judged([STORE, protection(0.0, GAP)], settings_of(rto=60.0)).rto.verdict is Verdict.UNKNOWN


def test_without_an_objective_nothing_is_broken(judged):
    assert judged([STORE], settings_of()).rpo.verdict is Verdict.NO_OBJECTIVE


def test_a_tier_that_is_unknown_or_not_defined_fails_everything(judged):
    for tier in (UNKNOWN, "platinum"):
        graph = graph_of("lake", tags={"stanchion:workload": "search", "stanchion:tier": tier})
        found = judged([STORE, protection(0.0)], settings_of(rpo=60.0), graph)
        assert (found.rpo.verdict, found.rto.verdict) == (Verdict.UNKNOWN, Verdict.UNKNOWN)


def test_what_is_declared_disposable_is_left_out_and_listed(judged):
    graph = graph_of(
        "lake", tags={"stanchion:workload": "search", "stanchion:tier": "standard", "stanchion:data": "disposable"}
    )
    figure = judged([STORE], settings_of(rpo=60.0), graph).rpo
    assert figure.verdict is Verdict.NOT_ASSESSED
    assert "disposable" in figure.parts[0].note


def test_nothing_waits_for_a_record_and_its_loss_counts(judged):
    tags: dict[str, object] = {"stanchion:workload": "search", "stanchion:tier": "standard", "stanchion:data": "record"}
    found = judged([STORE, protection(61.0, 3600.0)], settings_of(rto=60.0, rpo=60.0), graph_of("lake", tags=tags))
    assert found.rpo.verdict is Verdict.BROKEN
    assert found.rto.verdict is Verdict.NOT_ASSESSED
    assert [(part.amount, part.counts) for part in found.rto.parts] == [(3600.0, False)]
    assert "nothing waits" in found.rto.parts[0].note
    together = [STORE, protection(1.0, 3600.0), step(Phase.RECOVER, 30.0, "api")]
    found = judged(together, settings_of(rto=60.0), graph_of("lake", tags=tags).merged(graph_of("api")))
    assert (found.rto.verdict, found.rto.amount) == (Verdict.NOT_ASSESSED, 30.0)


def test_a_protection_that_lies_elsewhere_is_not_assessed(judged):
    settings = replace(settings_of(rpo=60.0), elsewhere={Disruption.REGION: "the stack links"})
    figure = judged([STORE], settings).rpo
    assert figure.verdict is Verdict.NOT_ASSESSED
    assert "the stack links" in figure.missing[0]


def test_the_region_of_a_foundation_is_judged_where_the_links_are(judged):
    tags: dict[str, object] = {"stanchion:workload": "search", "stanchion:tier": "standard"}
    tags["stanchion:layer"] = "foundation"
    assert judged([STORE], settings_of(rpo=60.0), graph_of("lake", tags=tags)).rpo.verdict is Verdict.NOT_ASSESSED
    links = GraphBuilder(stack="links")
    links.add("aws:example/link:Link", "link", {"tags": {"stanchion:layer": "links"}})
    together = graph_of("lake", tags=tags).merged(links.graph())
    assert judged([STORE], settings_of(rpo=60.0), together).rpo.verdict is Verdict.BROKEN


def test_resources_can_be_mapped_instead_of_tagged(judged):
    rule = ResourceRule("lake", {"workload": "orders", "tier": "standard"})
    found = judged(
        [STORE, protection(0.0)], replace(settings_of(rpo=60.0), resources=(rule,)), graph_of("lake", tags={})
    )
    assert (found.workload, found.rpo.verdict) == ("orders", Verdict.MET)


def evidence(seconds: float, cloud: str = "aws", days: float = 1) -> Evidence:
    when = NOW - timedelta(days=days)
    return Evidence(
        "d-1", "prod", "search", Disruption.REGION, cloud, "111122223333", "us-east-1", when, seconds, seconds
    )


def test_a_measurement_may_only_worsen_an_estimate(judged):
    found = [STORE, protection(60.0), step(Phase.DETECT, 30.0), step(Phase.SHIFT, 30.0)]
    for seconds, expected in ((10.0, 60.0), (600.0, 600.0)):
        result = judged(found, replace(settings_of(900.0, 900.0), evidence=(evidence(seconds),)))
        assert (result.rto.amount, result.rpo.amount) == (expected, expected)
    assert result.rto.deciding is not None
    assert result.rto.deciding.grade is Grade.MEASURED


def test_evidence_of_another_cloud_is_ignored(judged):
    settings = replace(settings_of(900.0, 900.0), evidence=(evidence(600.0, "local"),))
    result = judged([STORE, protection(60.0)], settings)
    assert result.rpo.amount == 60.0
    assert result.proof is Proof.UNPROVEN


@pytest.mark.parametrize(
    ("drilled", "born", "proof"),
    [
        (1.0, None, Proof.PROVEN),
        (31.0, None, Proof.OVERDUE),
        (None, None, Proof.UNPROVEN),
        (None, 29.0, Proof.UNPROVEN),
        (None, 31.0, Proof.OVERDUE),
    ],
)
def test_a_new_workload_has_one_drill_interval_to_prove_itself(judged, drilled, born, proof):
    graph = graph_of("lake")
    if born is not None:
        graph = ResourceGraph([replace(r, created=NOW - timedelta(days=born)) for r in graph])
    settings = settings_of(900.0, 900.0)
    if drilled is not None:
        settings = replace(settings, evidence=(evidence(1.0, days=drilled),))
    assert judged([STORE, protection(60.0)], settings, graph).proof is proof


losses = st.one_of(st.floats(0, 1e5), st.just(UNBOUNDED))


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(losses, losses), max_size=4), st.tuples(losses, losses))
def test_one_more_protection_never_makes_a_verdict_worse(judged, some, more):
    objectives = settings_of(1000.0, 1000.0)
    watch = [step(Phase.DETECT, 0.0), step(Phase.SHIFT, 0.0)]

    def verdicts(options) -> tuple[bool, tuple[int, float]]:
        found = judged(
            [STORE, *watch, *(protection(a, b, name=str(n)) for n, (a, b) in enumerate(options))], objectives
        )
        met = found.rpo.verdict is Verdict.MET and found.rto.verdict is Verdict.MET
        assert found.rpo.amount is not None
        return not met, rank(found.rpo.amount)

    before, after = verdicts(some), verdicts([*some, more])
    assert after[0] <= before[0]
    assert after[0] < before[0] or after[1] <= before[1] or not before[0]


def test_a_stateful_type_that_no_mechanism_explains_is_unknown_by_name():
    builder = GraphBuilder(tags={"stanchion:workload": "search", "stanchion:tier": "standard"})
    builder.add("aws:qldb/ledger:Ledger", "book", {})
    found = [e for e in estimate(builder.graph(), settings_of(rpo=60.0)).estimates if e.disruption is Disruption.REGION]
    assert found[0].rpo.verdict is Verdict.UNKNOWN
    assert "aws:qldb/ledger:Ledger" in str(found[0].rpo.amount)
