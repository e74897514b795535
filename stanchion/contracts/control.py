"""What the control layer of one region publishes: what gateways of the region write to and go by."""

from typing import ClassVar

from stanchion.contracts.contract import Contract, Published


class RoutingOutputs(Published):
    """Where the routing document is published, by name; `intents_table` is where it is said what it should be."""

    application: str
    environment: str
    profile: str
    intents_table: str
    writer: str


class EventsOutputs(Published):
    """The stream of inference events, and where they are asked for in Athena."""

    stream: str
    database: str
    table: str
    workgroup: str


class TicketsOutputs(Published):
    """The queue by which people learn of tickets."""

    queue_url: str
    queue_arn: str


class ControlOutputs(Contract):
    """What decides and remembers beside the cluster of one region.

    Args:
        minutes_table: of what was asked, answered and spent by the minute.
        hash_key: name of the secret with the key of hashes in events.
        cache_address: of the cache of answers that all gateways share; each has its own if None.
        gateway_role: of the gateways' pods.
        functions: those that run in this region, by what they do.
    """

    layer: ClassVar[str] = "control"
    contract_version: ClassVar[str] = "1.0.0"

    account: str
    region: str
    routing: RoutingOutputs
    events: EventsOutputs
    tickets: TicketsOutputs
    hash_key: str
    cache_address: str | None = None
    gateway_role: str
    functions: dict[str, str]
    minutes_table: str
