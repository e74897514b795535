"""The other gateways of the region, and how much they have to do: the autoscaler asks one, and means all of them."""

import asyncio
import time
from collections.abc import Callable

import orjson

from gateway.cluster.endpoint_slices import Ready
from gateway.upstreams.replicas import Replica
from gateway.upstreams.server import FailedError, Servers
from stanchion.serving.activation import Activation

# Asks for what one gateway has to do itself, so that gateways do not ask each other for ever.
OWN = "own"
ANSWER_SECONDS = 1.0
# For so long a peer that does not answer counts with what it said last: a pause of a second must not take replicas
# away that are busy.
REMEMBERED_SECONDS = 30.0


class Peers:
    """Those that are ready.

    Args:
        pod: the name of the pod that this gateway runs in.
        address: of that pod.
        clock: seconds that only go forward.
    """

    def __init__(self, pod: str, address: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._pod, self._address, self._clock = pod, address, clock
        self._others: dict[str, Replica] = {}
        self._said: dict[str, dict[str, tuple[float, Activation]]] = {}

    def __len__(self) -> int:
        return len(self._others)

    def ready(self, _service: str, found: list[Ready]) -> None:
        """Who is ready of the gateways, this one among them."""
        self._others = {
            each.address: self._others.get(each.address) or Replica(each.address)
            for each in found
            if each.pod != self._pod and each.shown != self._address
        }
        self._said = {address: self._said.get(address, {}) for address in self._others}

    async def demand(self, servers: Servers, path: str, own: Activation) -> Activation:
        """What all gateways have to do, the others asked all at once.

        Args:
            servers: connections.
            path: of the slot.
            own: what this one has to do.
        """
        said = [own, *await asyncio.gather(*(self._ask(servers, peer, path) for peer in self._others.values()))]
        return Activation(sum(each.in_flight for each in said), sum(each.tokens for each in said))

    async def _ask(self, servers: Servers, peer: Replica, path: str) -> Activation:
        try:
            status, body = await servers.get(peer, f"{path}?{OWN}", ANSWER_SECONDS)
            if status != 200:
                raise FailedError(f"http_{status}", 502)
            said = Activation.read(orjson.loads(body))
        except (FailedError, ValueError):
            at, said = self._said.get(peer.address, {}).get(path, (0.0, None))
            return said if said is not None and self._clock() - at < REMEMBERED_SECONDS else Activation(0)
        if peer.address in self._said:
            self._said[peer.address][path] = self._clock(), said
        return said
