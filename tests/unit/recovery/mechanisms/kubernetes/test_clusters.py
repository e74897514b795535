import json

import pytest

from stanchion.graph import SECRET, UNKNOWN, GraphBuilder, Unsettled
from stanchion.recovery.mechanisms.kubernetes.clusters import Clusters, grace
from tests.unit.recovery.mechanisms.kubernetes.program import Program


def cluster_of(builder, handle):
    graph = builder.graph()
    resource = graph.resources[handle.urn]
    return Clusters(graph).of(graph, resource), resource


@pytest.mark.parametrize(
    ("version", "seconds", "remark"),
    [
        ("1.34", 50, False),
        ("1.32", 50, False),
        ("1.31", 40, False),
        ("1.9", 40, False),
        ("v1.30.2", 40, False),
        ("2.0", 50, False),
        (None, 50, True),
        (UNKNOWN, 50, True),
        ("newest", 50, True),
        (1.31, 50, True),
    ],
)
def test_the_grace_follows_from_the_version(version, seconds, remark):
    program = Program(version=version)
    cluster, resource = cluster_of(program, program.deployment())
    term, text = grace(cluster, resource)
    assert term.amount == seconds
    assert bool(text) == remark
    assert term.property == ("" if remark else "version")


def test_a_node_group_and_pods_of_one_cluster_are_together():
    program = Program()
    pods, _ = cluster_of(program, program.deployment())
    nodes, _ = cluster_of(program, program.group("nodes", 1))
    assert pods.key == nodes.key == program.cluster.urn
    assert pods.region == nodes.region == "us-east-1"


def provider(kubeconfig, *clusters):
    builder = GraphBuilder()
    for name, region in clusters:
        inputs = {"name": name}
        builder.add(
            "aws:eks/cluster:Cluster",
            f"{name}-{region}",
            inputs,
            region=region,
            outputs={"endpoint": f"https://{name}"},
        )
    kubernetes = builder.add("pulumi:providers:kubernetes", "k", {"kubeconfig": kubeconfig})
    handle = builder.add("kubernetes:apps/v1:Deployment", "api", {}, provider=kubernetes)
    return cluster_of(builder, handle)[0]


TOKEN = json.dumps(
    {"args": ["--region", "us-west-2", "eks", "get-token", "--cluster-name", "main", "--output", "json"]}
)
BOTH = (("main", "us-east-1"), ("main", "us-west-2"))


def test_a_kubeconfig_names_its_cluster():
    by_arguments = provider(TOKEN, *BOTH)
    assert by_arguments.region == "us-west-2"
    assert by_arguments.key.endswith("::main-us-west-2")
    by_arn = provider("current-context: arn:aws:eks:us-west-2:111122223333:cluster/main", *BOTH)
    assert (by_arn.key, by_arn.region) == (by_arguments.key, by_arguments.region)
    assert provider("server: https://other", ("main", "us-east-1"), ("other", "us-west-2")).region == "us-west-2"


def test_a_cluster_of_another_program_has_a_region_all_the_same():
    elsewhere = provider(TOKEN)
    assert (elsewhere.region, elsewhere.resource) == ("us-west-2", None)
    assert provider("server: https://ABC.gr7.eu-central-1.eks.amazonaws.com").region == "eu-central-1"


@pytest.mark.parametrize("kubeconfig", [SECRET, UNKNOWN, None, "", 7, ["x"]])
def test_the_only_cluster_is_meant_when_nothing_is_named_and_two_are_none(kubeconfig):
    assert provider(kubeconfig, ("main", "us-east-1")).region == "us-east-1"
    assert isinstance(provider(kubeconfig, *BOTH).region, Unsettled)
    assert isinstance(provider(kubeconfig).region, Unsettled)


def test_a_region_written_on_the_object_finds_its_cluster():
    program = Program()
    west = program.eks("west", region="us-west-2")
    loose = program.add("pulumi:providers:kubernetes", "loose", {"kubeconfig": SECRET})
    handle = program.deployment(annotations={"stanchion.dev/region": "us-west-2"}, provider=loose)
    cluster, _ = cluster_of(program, handle)
    assert (cluster.key, cluster.region) == (west.urn, "us-west-2")


def test_a_provider_that_depends_on_two_clusters_alike_is_not_guessed():
    builder = GraphBuilder()
    east, west = (builder.add("aws:eks/cluster:Cluster", n, {"name": n}, region=r) for n, r in BOTH_NAMED)
    both = builder.add("pulumi:providers:kubernetes", "k", {"kubeconfig": UNKNOWN}, depends_on=(east, west))
    cluster, _ = cluster_of(builder, builder.add("kubernetes:apps/v1:Deployment", "api", {}, provider=both))
    assert isinstance(cluster.region, Unsettled)


BOTH_NAMED = (("east", "us-east-1"), ("west", "us-west-2"))
