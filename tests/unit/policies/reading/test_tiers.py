from policies.reading.examples import tiered
from policies.reading.tiers import objective_of, objectives_named, tier_named
from policies.rule import Program
from stanchion.graph import GraphBuilder
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.settings import Settings

BUCKET = "aws:s3/bucket:Bucket"


def program(settings: Settings | None = None, **tags: dict[str, str]) -> Program:
    builder = GraphBuilder()
    for name, own in tags.items():
        builder.add(BUCKET, name, {"tags": {f"stanchion:{key}": value for key, value in own.items()}})
    return Program(builder.graph(), settings or tiered())


def test_a_resource_has_the_tier_that_another_one_of_its_workload_names() -> None:
    judged = program(one={"workload": "search", "tier": "critical"}, two={"workload": "search"}, three={})
    found = {bucket.name: tier_named(judged, bucket) for bucket in judged.graph.of_type(BUCKET)}
    assert found == {"one": "critical", "two": "critical", "three": None}


def test_a_tier_that_is_not_defined_has_no_objectives() -> None:
    judged = program(one={"workload": "search", "tier": "gold"})
    assert objectives_named(judged, judged.graph.of_type(BUCKET)[0]) is None


def test_what_nobody_owns_is_judged_by_the_strictest_tier() -> None:
    judged = program(one={})
    objective = objective_of(judged, list(judged.graph.of_type(BUCKET)), Disruption.REGION)
    assert objective is not None
    assert (objective.rto, objective.automatic) == (900.0, True)


def test_without_tiers_there_is_no_objective() -> None:
    judged = program(Settings(), one={})
    assert objective_of(judged, list(judged.graph.of_type(BUCKET)), Disruption.REGION) is None
