import pytest

from stanchion.graph import GraphBuilder
from stanchion.recovery.settings import ResourceRule, Settings


@pytest.mark.parametrize("match", ["lake", "la*", "aws:s3/bucket:Bucket", "aws:s3/*", "urn:pulumi:test::*"])
def test_a_pattern_meets_name_type_or_urn(match: str):
    builder = GraphBuilder()
    handle = builder.add("aws:s3/bucket:Bucket", "lake", {"tags": {"team": "data", "stanchion:tier": "batch"}})
    graph = Settings(resources=(ResourceRule(match, {"tier": "gold"}),)).applied(builder.graph())
    assert graph.tags_of(graph.resources[handle.urn]) == {"team": "data", "stanchion:tier": "gold"}


def test_the_later_rule_wins_and_others_are_left_alone():
    builder = GraphBuilder()
    lake, pond = builder.add("aws:s3/bucket:Bucket", "lake"), builder.add("aws:s3/bucket:Bucket", "pond")
    rules = (ResourceRule("lake", {"tier": "a", "workload": "w"}), ResourceRule("l*", {"tier": "b"}))
    before = builder.graph()
    graph = Settings(resources=rules).applied(before)
    assert graph.tags_of(graph.resources[lake.urn]) == {"stanchion:tier": "b", "stanchion:workload": "w"}
    assert graph.resources[pond.urn] is before.resources[pond.urn]


def test_kubernetes_objects_get_annotations():
    builder = GraphBuilder()
    handle = builder.add("kubernetes:apps/v1:Deployment", "api", {"metadata": {"name": "api"}})
    graph = Settings(resources=(ResourceRule("api", {"tier": "gold"}),)).applied(builder.graph())
    assert graph.tags_of(graph.resources[handle.urn]) == {"stanchion.dev/tier": "gold"}
