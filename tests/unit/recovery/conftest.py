import pytest

from stanchion.graph import UNKNOWN, GraphBuilder, ResourceGraph
from stanchion.recovery import estimate as module
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.estimate import Estimates, estimate
from stanchion.recovery.findings import Findings, Note, Phase, Protection, Step, Store
from stanchion.recovery.objectives import Objective, TierObjectives
from stanchion.recovery.settings import Settings
from stanchion.recovery.sources import derived
from stanchion.recovery.term import UNBOUNDED, Grade, Term, scaled

PLAN, STORE = "aws:example/plan:Plan", "aws:example/store:Store"
SETTINGS = Settings(
    tiers={"standard": TierObjectives("standard", {d: Objective(900.0, 6 * 3600.0, 60.0) for d in Disruption})}
)


def program(start: object = 60, complete: object = 180, *, replica: bool = True) -> ResourceGraph:
    """A store with a plan of an own kind: what the report shows does not depend on any real mechanism."""
    builder = GraphBuilder(tags={"stanchion:workload": "search <b>", "stanchion:tier": "standard"})
    builder.add(STORE, "lake|pond")
    builder.add(PLAN, "lake", {"rules": [{"ruleName": "hourly", "startWindow": start, "completionWindow": complete}]})
    if replica:
        builder.add("aws:example/replica:Replica", "west")
    return builder.graph()


def find(graph: ResourceGraph) -> Findings:
    findings = Findings()
    source = derived("its settings")
    store, plan = graph.of_type(STORE)[0], graph.of_type(PLAN)[0]
    findings.add(Store(store.urn, "store"))
    rule = plan.at("rules")[0]
    loss = [Term("schedule of rule 'hourly'", 3600.0, Grade.BOUND, source, plan.urn, "rules[0].schedule")]
    for key, name in (("startWindow", "start window"), ("completionWindow", "completion window")):
        loss.append(
            Term.of(f"{name} of rule 'hourly'", scaled(rule[key].number(60), 60), Grade.BOUND, source, rule[key])
        )
    findings.add(Protection(store.urn, "rule 'hourly' of plan 'lake'", Disruption.REGION, tuple(loss)))
    detect = Term("health checks", 30.0, Grade.BOUND, source, store.urn, "interval")
    findings.add(Step(store.urn, "it is noticed", Disruption.REGION, Phase.DETECT, (detect,)))
    replicas = graph.of_type("aws:example/replica:Replica")
    shift = Term("shift", 60.0 if replicas else UNBOUNDED, Grade.TYPICAL if replicas else Grade.NONE, source)
    findings.add(Step(store.urn, "traffic moves", Disruption.REGION, Phase.SHIFT, (shift,)))
    findings.add(Note(plan.urn, "a note | with <signs>"))
    return findings


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch):
    def make(graph: ResourceGraph) -> tuple[ResourceGraph, Estimates]:
        monkeypatch.setattr(module, "find_all", find)
        return graph, estimate(graph, SETTINGS)

    return make


@pytest.fixture
def unknown() -> object:
    return UNKNOWN
