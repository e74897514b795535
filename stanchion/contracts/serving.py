"""What the serving layer of one region publishes."""

from typing import ClassVar

from stanchion.contracts.contract import Contract, Published


class SlotOutputs(Published):
    """One of the two places of a variant: its Service, the address inside the cluster, and what runs behind it."""

    service: str
    address: str
    floor: str
    burst: str | None = None


class VariantOutputs(Published):
    """One variant of an endpoint.

    Args:
        floor: replicas that always run, of the slot in service.
        max: most replicas, burst and floor together.
        concurrency: requests that one replica takes at a time.
        cold_start_seconds: computed from the document, until a replica on a new node answers.
        activation: path by slot under which the gateway publishes what scaling follows.
        slots: `blue` and `green`.
    """

    floor: int
    max: int
    concurrency: int
    cold_start_seconds: float
    activation: dict[str, str]
    slots: dict[str, SlotOutputs]


class EndpointOutputs(Published):
    """An online endpoint; `ladder` are the rungs it may be served on, the best first, and `variants` those deployed."""

    kind: str
    protocol: str
    tier: str
    use_case: str
    model: str
    ladder: list[str]
    scale_to_zero: bool
    variants: dict[str, VariantOutputs]


class GatewayOutputs(Published):
    """Where gateways are in the cluster: clients ask `service`, the autoscaler `internal_address`."""

    namespace: str
    service: str
    internal_address: str


class ServingOutputs(Contract):
    """The online endpoints of one region, by name; all of them lie in `namespace`, behind the gateway."""

    layer: ClassVar[str] = "serving"
    contract_version: ClassVar[str] = "1.1.0"

    account: str
    region: str
    cluster: str
    namespace: str
    endpoints: dict[str, EndpointOutputs]
    gateway: GatewayOutputs | None = None
