"""Finds out whether this gateway can answer anybody: by asking the models, and not whether a port is open."""

import asyncio
from dataclasses import dataclass, field

from gateway.upstreams.replicas import Replicas, SlotKey
from gateway.upstreams.server import FailedError, Servers
from stanchion.serving.gateway_configuration import EndpointPlace, GatewayConfiguration

# Kubernetes asks every few seconds, each gateway of many; models need not answer that often.
KEPT_SECONDS = 5.0
ANSWER_SECONDS = 2.0


@dataclass(slots=True)
class ModelCanary:
    """Asks a replica of each endpoint for its model.

    One endpoint without a model is that endpoint's trouble: the gateway serves the others, and that one by the rungs
    below. It is not ready when there are models and it reaches none of them, since then it is likely the gateway that
    can't reach anybody, and another one may. Where the cluster itself says that there is no model, every gateway is
    as good: what is below models on a ladder has to be answered by somebody.

    Args:
        configuration: of the gateway.
        replicas: of all slots.
        servers: connections to them.
    """

    configuration: GatewayConfiguration
    replicas: Replicas
    servers: Servers
    _said: str | None = None
    _until: float = float("-inf")
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def __call__(self) -> str | None:
        """What is wrong; None when at least one endpoint's model answers, or may sleep."""
        async with self._one:
            now = asyncio.get_running_loop().time()
            if now >= self._until:
                self._said = await self._ask()
                self._until = asyncio.get_running_loop().time() + KEPT_SECONDS
        return self._said

    async def _ask(self) -> str | None:
        endpoints = self.configuration.endpoints
        if not endpoints:
            return None
        answered = await asyncio.gather(*(self._answers(name, place) for name, place in endpoints.items()))
        if any(answered) or self._below_models():
            return None
        return f"the model of no endpoint answers: {', '.join(sorted(endpoints))}"

    def _below_models(self) -> bool:
        """Whether no model is there at all, and an endpoint can be answered without one."""
        slots = (
            SlotKey(name, variant, slot)
            for name, place in self.configuration.endpoints.items()
            for variant, known in place.variants.items()
            for slot in known.hosts
        )
        if any(self.replicas.count(slot) for slot in slots):
            return False
        return any(
            rung in ("cached", "human") for place in self.configuration.endpoints.values() for rung in place.ladder
        )

    async def _answers(self, name: str, place: EndpointPlace) -> bool:
        path = "/v1/models" if place.kind == "llm" else f"/v2/models/{place.model}/ready"
        sleeps = place.scale_to_zero
        for variant, known in place.variants.items():
            for slot in known.hosts:
                replica = self.replicas.pick(SlotKey(name, variant, slot))
                if replica is None:
                    continue
                sleeps = False
                try:
                    status, _ = await self.servers.get(replica, path, ANSWER_SECONDS)
                except FailedError:
                    continue
                if status == 200:
                    return True
        return sleeps
