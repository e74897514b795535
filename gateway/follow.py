"""Follows the cluster: which replicas there are, of which versions, and which other gateways."""

import os
from collections.abc import Mapping
from contextlib import AsyncExitStack

from gateway.build import Gateway, slots_of
from gateway.cluster.addresses import ADDRESSES, Translation
from gateway.cluster.api import Access, Api
from gateway.cluster.endpoint_slices import EndpointSlices
from gateway.cluster.pod_versions import PodVersions
from gateway.upstreams.slot_replicas import SlotReplicas
from stanchion.serving.gateway_configuration import GatewayConfiguration


async def follow(
    access: Access,
    gateway: Gateway,
    configuration: GatewayConfiguration,
    ends: AsyncExitStack,
    variables: Mapping[str, str] = os.environ,
) -> None:
    """Begin to; nothing waits until all is known.

    The service account has to list and watch EndpointSlices and pods in the endpoints' namespace, and EndpointSlices in
    that of the gateways. Without the pods, answers say the slot in place of the version.

    Args:
        access: to the API.
        gateway: that is told.
        configuration: of the gateway.
        ends: it ends with these.
        variables: of the process.
    """
    api = Api(access)
    ends.push_async_callback(api.close)
    translation = Translation.read(variables.get(ADDRESSES, ""))
    slots = SlotReplicas(slots_of(configuration), gateway.replicas)
    versions = PodVersions(api, configuration.namespace, slots.versions)
    slots.version = versions.of
    watches: list[PodVersions | EndpointSlices] = [
        versions,
        EndpointSlices(api, configuration.namespace, slots.services, slots.ready, translation),
    ]
    peers = gateway.internal.peers
    if peers is not None and configuration.peers is not None:
        namespace, _, service = configuration.peers.partition("/")
        watches.append(EndpointSlices(api, namespace, [service], peers.ready, translation))
    for watch in watches:
        await watch.start()
        ends.push_async_callback(watch.close)
