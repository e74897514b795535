"""What an endpoint runs in each of the two regions."""

from collections.abc import Iterator
from dataclasses import dataclass

from stanchion.spec import Environment, OnlineEndpoint, Variant, VariantName


@dataclass(frozen=True, slots=True)
class Served:
    """A variant of an endpoint as one region runs it.

    Args:
        variant: its name.
        floor: replicas on demand that always run.
        most: replicas at most, those of the floor among them.
        spot: whether those above the floor prefer spot.
        scale_to_zero: whether even the floor goes when nobody asks.
    """

    variant: VariantName
    floor: int
    most: int
    spot: bool
    scale_to_zero: bool

    @property
    def burst(self) -> int:
        """Replicas above the floor at most; without any there is no Deployment for them."""
        return self.most - self.floor


def served(endpoint: OnlineEndpoint, *, standby: bool) -> tuple[Served, ...]:
    """The variants that one region runs, best first.

    The primary region runs each variant of the ladder. The standby runs the same, or what `standby` says: one variant,
    with a floor of its own, which can grow as far as in the primary region.

    Args:
        endpoint: the endpoint.
        standby: whether the region is the standby.
    """
    capacity, spare = endpoint.capacity, endpoint.standby
    if standby and spare is not None:
        return tuple(
            Served(variant, spare.floor, capacity.max, capacity.spot, capacity.scale_to_zero and spare.floor > 0)
            for variant in endpoint.variants
            if variant == spare.rung
        )
    return tuple(
        Served(variant, capacity.floor, capacity.max, capacity.spot, capacity.scale_to_zero)
        for variant in endpoint.variants
    )


def served_in(spec: Environment, region: str) -> Iterator[tuple[str, OnlineEndpoint, Variant, Served]]:
    """Everything online that a region runs: the endpoint's name, itself, the variant, and how it is served.

    Args:
        spec: the document.
        region: one of `spec.regions.both`.

    Raises:
        KeyError: the environment serves nothing in that region.
    """
    if region not in spec.regions.both:
        raise KeyError(region)
    for name, endpoint in spec.online_endpoints.items():
        variants = spec.models[endpoint.model].variants
        for each in served(endpoint, standby=region == spec.regions.standby):
            yield name, endpoint, variants[each.variant], each
