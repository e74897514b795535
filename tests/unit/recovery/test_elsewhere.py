from stanchion.graph import GraphBuilder
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.elsewhere import elsewhere_of, layers_of


def bucket(layer: str | None):
    builder = GraphBuilder(tags={"stanchion:layer": layer} if layer else {})
    handle = builder.add("aws:s3/bucket:Bucket", "lake")
    graph = builder.graph()
    return graph, graph.resources[handle.urn]


def test_the_regions_are_tied_in_the_links():
    graph, resource = bucket("foundation")
    layers = layers_of(graph)
    assert layers == {"foundation"}
    assert "the layer 'links'" in str(elsewhere_of(graph, resource, Disruption.REGION, {}, layers))
    assert elsewhere_of(graph, resource, Disruption.ZONE, {}, layers) is None
    assert elsewhere_of(graph, resource, Disruption.REGION, {}, layers | {"links"}) is None


def test_a_program_that_is_not_ours_says_it_in_its_configuration():
    graph, resource = bucket(None)
    assert elsewhere_of(graph, resource, Disruption.REGION, {}, layers_of(graph)) is None
    configured = {Disruption.REGION: "the stack disaster-recovery"}
    assert "the stack disaster-recovery" in str(
        elsewhere_of(graph, resource, Disruption.REGION, configured, frozenset())
    )
