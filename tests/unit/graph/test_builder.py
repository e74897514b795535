"""Graphs made by hand have the shape of real ones."""

from stanchion.graph import UNKNOWN, GraphBuilder


def test_urns_are_the_engines():
    make = GraphBuilder(stack="prod")
    shop = make.add("stanchion:storage:Lake", "lake")
    bucket = make.add("aws:s3/bucket:Bucket", "raw", parent=shop)
    assert shop.urn == "urn:pulumi:prod::program::stanchion:storage:Lake::lake"
    assert bucket.urn == "urn:pulumi:prod::program::stanchion:storage:Lake$aws:s3/bucket:Bucket::raw"
    graph = make.graph()
    assert graph.resources[bucket.urn].parent == shop.urn
    assert not graph.resources[shop.urn].custom
    assert graph.resources[bucket.urn].custom


def test_a_reference_is_an_unknown_value_with_an_edge():
    make = GraphBuilder()
    key = make.add("aws:kms/key:Key", "key")
    bucket = make.add("aws:s3/x:X", "x", {"rules": [{"deep": {"key": key.ref("arn")}}], "name": "plain"})
    resource = make.graph().resources[bucket.urn]
    assert resource.inputs["rules"][0]["deep"]["key"] is UNKNOWN
    assert resource.property_dependencies == {"rules": (key.urn,)}
    assert resource.dependencies == (key.urn,)


def test_a_reference_may_have_a_value_as_after_a_deployment():
    make = GraphBuilder()
    key = make.add("aws:kms/key:Key", "key", outputs={"arn": "arn:k"})
    bucket = make.add("aws:s3/x:X", "x", {"key": key.ref("arn", "arn:k")}, depends_on=(key,))
    graph = make.graph()
    assert graph.reference(graph.resources[bucket.urn].at("key")).one is graph.resources[key.urn]


def test_there_is_one_provider_a_region_with_the_default_tags():
    make = GraphBuilder(region="us-east-1", tags={"team": "shop"}).with_tags(env="prod")
    here = make.add("aws:s3/bucket:Bucket", "here")
    there = make.add("aws:s3/bucket:Bucket", "there", region="us-west-2")
    graph = make.graph()
    assert graph.region_of(graph.resources[here.urn]) == "us-east-1"
    assert graph.region_of(graph.resources[there.urn]) == "us-west-2"
    assert graph.tags_of(graph.resources[there.urn]) == {"team": "shop", "env": "prod"}
    assert len(graph.of_type("pulumi:providers:aws")) == 2
