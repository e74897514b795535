"""Parents, edges, references, regions: what one resource is to another."""

import random
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.graph import SECRET, UNKNOWN, GraphBuilder, Resource, ResourceGraph, Unsettled
from tests.unit.graph import samples

BUCKET = "aws:s3/bucket:Bucket"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
KEY = "aws:kms/key:Key"


def resource(name: str, type_: str = "t:m:T", **more: Any) -> Resource:
    return Resource(urn=f"urn:pulumi:s::p::{type_}::{name}", type=type_, name=name, **more)


def test_resources_come_in_the_order_of_their_urns():
    graph = ResourceGraph([resource("b"), resource("a")])
    assert [r.name for r in graph] == ["a", "b"]
    assert len(graph) == 2


def test_children_and_ancestors_follow_parents():
    make = GraphBuilder()
    outer = make.add("stanchion:a:Outer", "outer")
    inner = make.add("stanchion:a:Inner", "inner", parent=outer)
    leaf = make.add(BUCKET, "leaf", parent=inner)
    graph = make.graph()
    assert [r.name for r in graph.ancestors(graph.resources[leaf.urn])] == ["inner", "outer"]
    assert [r.name for r in graph.children(graph.resources[outer.urn])] == ["inner"]


def test_a_cycle_of_parents_and_of_dependencies_ends():
    a = resource("a", parent="urn:pulumi:s::p::t:m:T::b", dependencies=("urn:pulumi:s::p::t:m:T::b",))
    b = resource("b", parent=a.urn, dependencies=(a.urn, "urn:pulumi:s::p::t:m:T::b"))
    graph = ResourceGraph([a, b])
    assert [r.name for r in graph.ancestors(a)] == ["b"]
    assert graph.edges(b) == (a.urn,)
    assert [r.name for r in graph.referrers(a)] == ["b"]
    assert isinstance(graph.region_of(a), Unsettled)


def test_what_is_not_in_the_graph_is_no_error():
    lost = resource(
        "lost",
        BUCKET,
        inputs={"kmsKey": UNKNOWN},
        parent="urn:gone",
        provider="urn:gone",
        property_dependencies={"kmsKey": ("urn:gone",)},
    )
    graph = ResourceGraph([lost])
    assert list(graph.ancestors(lost)) == []
    assert graph.provider_of(lost) is None
    assert graph.edges(lost) == ("urn:gone",)
    assert isinstance(graph.reference(lost.at("kmsKey")).unsettled, Unsettled)
    assert isinstance(graph.region_of(lost), Unsettled)


def test_a_reference_is_found_by_value_or_by_edge_alike():
    make = GraphBuilder()
    key = make.add(KEY, "key", outputs={"arn": "arn:key"})
    by_edge = make.add(BUCKET, "edge", {"kmsKey": key.ref("arn")})
    by_value = make.add(BUCKET, "value", {"kmsKey": "arn:key"})
    graph = make.graph()
    for handle in (by_edge, by_value):
        found = graph.reference(graph.resources[handle.urn].at("kmsKey"), KEY)
        assert found.one is graph.resources[key.urn]
        assert found.exact
        assert not graph.reference(graph.resources[handle.urn].at("kmsKey"), BUCKET).resources


def test_a_reference_says_what_it_does_not_know():
    make = GraphBuilder()
    bucket = make.add(BUCKET, "b", {"a": UNKNOWN, "b": SECRET, "c": "arn:elsewhere", "d": 5})
    graph = make.graph()
    at = graph.resources[bucket.urn].at
    assert isinstance(graph.reference(at("a")).unsettled, Unsettled)
    assert isinstance(graph.reference(at("b")).unsettled, Unsettled)
    assert graph.reference(at("c")).literal == "arn:elsewhere"
    assert "not the name of a resource" in str(graph.reference(at("d")).unsettled)
    nothing = graph.reference(at("e"))
    assert (nothing.resources, nothing.literal, nothing.unsettled) == ((), None, None)


def test_several_edges_of_one_property_are_not_exact():
    make = GraphBuilder()
    keys = [make.add(KEY, name) for name in "ab"]
    bucket = make.add(BUCKET, "bucket", {"keys": [key.ref("arn") for key in keys]})
    graph = make.graph()
    found = graph.reference(graph.resources[bucket.urn].at("keys")[0])
    assert len(found.resources) == 2
    assert not found.exact


def test_nested_names_of_properties_lead_to_the_right_one():
    first, second = resource("one"), resource("two")
    user = resource(
        "user",
        inputs={"rules": [{"key": UNKNOWN}, {"key": UNKNOWN}]},
        property_dependencies={"rules[0].key": (first.urn,), "rules[1].key": (second.urn,)},
    )
    graph = ResourceGraph([first, second, user])
    assert graph.reference(user.at("rules")[1]["key"]).one is second
    assert graph.reference(user.at("rules")[1]["other"], "t:m:T").resources == ()


def test_of_one_name_in_two_regions_the_own_region_is_meant():
    make = GraphBuilder()
    table = "aws:dynamodb/table:Table"
    for region in ("us-east-1", "us-west-2"):
        make.add(table, f"table-{region}", {"name": "orders"}, region=region)
    user = make.add("aws:x/y:Y", "user", {"tableName": "orders"}, region="us-west-2")
    graph = make.graph()
    found = graph.reference(graph.resources[user.urn].at("tableName"), table)
    assert found.exact
    assert graph.region_of(found.resources[0]) == "us-west-2"


def test_of_one_name_the_edge_decides_before_the_region():
    make = GraphBuilder()
    table = "aws:dynamodb/table:Table"
    east = make.add(table, "east", {"name": "orders"}, region="us-east-1")
    make.add(table, "west", {"name": "orders"}, region="us-west-2")
    user = make.add("aws:x/y:Y", "user", {"tableName": east.ref("name", "orders")}, region="us-west-2")
    graph = make.graph()
    assert graph.reference(graph.resources[user.urn].at("tableName"), table).one is graph.resources[east.urn]


def test_one_name_in_a_region_nobody_knows_stays_open():
    one, two = (resource(name, BUCKET, inputs={"bucket": "same"}) for name in "ab")
    user = resource("user", inputs={"bucket": "same"})
    found = ResourceGraph([one, two, user]).reference(user.at("bucket"), BUCKET)
    assert len(found.resources) == 2
    assert not found.exact


def test_parts_are_found_from_the_whole():
    make = GraphBuilder()
    first = make.add(BUCKET, "first")
    second = make.add(BUCKET, "second", {"bucket": "known"})
    make.add(VERSIONING, "v1", {"bucket": first.ref("id")})
    make.add(VERSIONING, "v2", {"bucket": "known"}, outputs={"id": "known"})
    graph = make.graph()
    assert [r.name for r in graph.referring(graph.resources[first.urn], "bucket", VERSIONING)] == ["v1"]
    assert [r.name for r in graph.referring(graph.resources[second.urn], "bucket", VERSIONING)] == ["v2"]
    assert graph.referring(graph.resources[first.urn], "bucket", KEY) == ()


def test_the_region_is_the_own_then_the_providers_then_the_configurations_then_the_arns():
    provider = resource("west", "pulumi:providers:aws", inputs={"region": "us-west-2"})
    other = resource("k", "pulumi:providers:kubernetes", inputs={"region": "nowhere"})

    def region(type_: str = BUCKET, config: dict[str, str] | None = None, **more: Any) -> str | Unsettled:
        one = resource("one", type_, **more)
        return ResourceGraph([provider, other, one], config).region_of(one)

    config = {"aws:region": "eu-west-1"}
    assert region(inputs={"region": "us-east-1"}, provider=provider.urn) == "us-east-1"
    assert region(provider=provider.urn, config=config) == "us-west-2"
    assert region(config=config) == "eu-west-1"
    assert region(provider=other.urn, config=config) == "eu-west-1"
    assert region(outputs={"arn": "arn:aws:sns:ap-south-1:000000000000:t"}) == "ap-south-1"
    assert isinstance(region(outputs={"arn": "arn:aws:s3:::lake"}), Unsettled)
    assert isinstance(region(type_="shop:index:Shop", config=config), Unsettled)
    assert isinstance(region(inputs={"region": UNKNOWN}), Unsettled)


def test_a_child_has_the_provider_of_its_nearest_ancestor():
    provider = resource("west", "pulumi:providers:aws", inputs={"region": "us-west-2"})
    parent = resource("parent", "my:a:Component", provider=provider.urn, custom=False)
    child = resource("child", BUCKET, parent=parent.urn)
    graph = ResourceGraph([provider, parent, child])
    assert graph.provider_of(child) is provider


def test_graphs_of_several_stacks_are_one_and_the_first_wins():
    first = ResourceGraph([resource("a", inputs={"from": 1})], {"aws:region": "us-east-1"})
    second = ResourceGraph([resource("a", inputs={"from": 2}), resource("b")], {"aws:region": "us-west-2", "x": "y"})
    both = first.merged(second)
    assert samples.names(both) == {"a", "b"}
    assert samples.one(both, "a").inputs["from"] == 1
    assert both.config == {"aws:region": "us-east-1", "x": "y"}


URNS = [f"urn:pulumi:s::p::{BUCKET}::{name}" for name in "abcd"]
VALUES = st.sampled_from([None, "a", "b", UNKNOWN, SECRET, 5, ["a"], {"name": "a"}])


@st.composite
def resources(draw: st.DrawFn) -> list[Resource]:
    return [
        Resource(
            urn=urn,
            type=BUCKET,
            name=urn[-1],
            inputs={"bucket": draw(VALUES), "target": draw(VALUES), "tags": draw(VALUES), "region": draw(VALUES)},
            outputs={"arn": draw(VALUES)},
            parent=draw(st.sampled_from(["", "urn:gone", *URNS])),
            provider=draw(st.sampled_from(["", *URNS])),
            dependencies=tuple(draw(st.lists(st.sampled_from(URNS), max_size=2))),
            property_dependencies={"target": tuple(draw(st.lists(st.sampled_from(URNS), max_size=2)))},
        )
        for urn in URNS
    ]


def answers(graph: ResourceGraph) -> list[Any]:
    return [
        (
            [r.name for r in graph.ancestors(one)],
            [r.name for r in graph.children(one)],
            [r.name for r in graph.referrers(one)],
            str(graph.region_of(one)),
            str(dict(graph.tags_of(one))),
            [r.name for r in graph.reference(one.at("target")).resources],
            [r.name for r in graph.referring(one, "target", BUCKET)],
        )
        for one in graph
    ]


@settings(max_examples=60)
@given(resources(), st.randoms())
def test_whatever_the_program_holds_the_order_does_not_matter(found: list[Resource], shuffle: random.Random):
    there = answers(ResourceGraph(found))
    shuffle.shuffle(found)
    assert answers(ResourceGraph(found)) == there


@pytest.mark.parametrize("deployed", [False, True])
def test_every_question_costs_the_same_at_any_size(deployed: bool):
    make = GraphBuilder()
    for number in range(2500):
        bucket = make.add(BUCKET, f"bucket-{number}", {"bucket": f"lake-{number}"} if deployed else {})
        reference = bucket.ref("id", f"lake-{number}") if deployed else bucket.ref("id")
        make.add(VERSIONING, f"versions-{number}", {"bucket": reference})
    graph = make.graph()
    began = time.perf_counter()
    assert all(len(graph.referring(one, "bucket", VERSIONING)) == 1 for one in graph.of_type(BUCKET))
    assert {graph.region_of(one) for one in graph.of_type(BUCKET)} == {"us-east-1"}
    # 0.05 s on two cores; a scan for each question would take over 10 s.
    assert time.perf_counter() - began < 2
