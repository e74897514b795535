"""Whether a protection that is absent here is declared in another program: then it is not assessed, and not missing."""

from collections.abc import Mapping

from stanchion.graph import Resource, ResourceGraph
from stanchion.recovery.declared import declared
from stanchion.recovery.disruption import Disruption

# The layer of our own platform that ties the regions: replication, vault copies (stanchion.layers).
_LAYER_OF: Mapping[Disruption, str] = {Disruption.REGION: "links"}


def elsewhere_of(
    graph: ResourceGraph,
    resource: Resource,
    disruption: Disruption,
    configured: Mapping[Disruption, str],
    layers: frozenset[str],
) -> str | None:
    """Why the absence of a protection says nothing here, as a clause; None when it does.

    Args:
        graph: the program.
        resource: the store.
        disruption: what it is not protected against here.
        configured: what the configuration says lies in another program.
        layers: the layers of our platform that this program holds (`layers_of`).
    """
    if disruption in configured:
        return f"by the configuration it is protected in {configured[disruption]}, which is not part of this program"
    layer = _LAYER_OF.get(disruption)
    own = declared(graph, resource, "layer")
    if layer is None or not isinstance(own, str) or own == layer or layer in layers:
        return None
    return f"the layer '{layer}', which protects it, is not part of this program"


def layers_of(graph: ResourceGraph) -> frozenset[str]:
    """The layers of our platform that the program holds; its providers carry them as default tags."""
    found = (declared(graph, resource, "layer") for resource in graph if not resource.type.startswith("pulumi:"))
    return frozenset(layer for layer in found if isinstance(layer, str))
