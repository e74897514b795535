"""What the document says of clusters, and images of the region."""

import pulumi

from components.serving.placement import Accelerator
from stacks.needs import LayerOutputs
from stanchion.contracts import FoundationOutputs
from stanchion.errors import StanchionError
from stanchion.layers import Place
from stanchion.spec import Capacity, Environment
from stanchion.spec.images import FromImage

ACCELERATORS = {"nvidia": Accelerator.NVIDIA, "neuron": Accelerator.NEURON}


def capacity_of(spec: Environment, place: Place) -> Capacity:
    """What the document says of clusters.

    Raises:
        StanchionError: it says nothing of them, and there is a stack for one.
    """
    if spec.capacity is None:
        raise StanchionError(
            f"environment '{spec.name}' has a stack for {place}, but its document says nothing of clusters; add "
            "`capacity:` to it, or remove the stack's file from stacks/config."
        )
    return spec.capacity


def image_of(what: FromImage, foundation: LayerOutputs[FoundationOutputs]) -> pulumi.Input[str]:
    """The image of a variant or gateway in this region: our repositories are replicated, so each pulls its own."""
    repository = what.repository
    if repository is None:
        return what.image
    url = foundation.output(lambda f: f.repositories[repository].url)
    return pulumi.Output.concat(url, "@", what.digest)
