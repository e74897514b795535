"""The gateways that a stack has deployed to a cluster of the local cloud, asked as clients and the cluster ask them."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.kubernetes.api import Api
from sandbox.kubernetes.process_node.addresses import loopback_of
from stanchion.serving.gateway_places import GATEWAY_NAMESPACE, INTERNAL_PORT, PEERS, PUBLIC_PORT

SLICES = f"/apis/discovery.k8s.io/v1/namespaces/{GATEWAY_NAMESPACE}/endpointslices"


@dataclass(frozen=True)
class Said:
    """An answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def rung(self) -> str:
        return self.headers["x-stanchion-rung"]

    @property
    def document(self) -> Any:
        return json.loads(self.body)


class Gateways:
    """Those of one cluster.

    Args:
        api: of the cluster.
    """

    def __init__(self, api: Api) -> None:
        self._api = api

    def addresses(self) -> list[str]:
        """Of those that are ready, where they listen on this machine."""
        slices = self._api.items(SLICES, labelSelector=f"kubernetes.io/service-name={PEERS}")
        return sorted(
            loopback_of(address)
            for each in slices
            for endpoint in each.get("endpoints") or []
            if endpoint["conditions"].get("ready")
            for address in endpoint["addresses"]
        )

    def ask(self, path: str, key: str, document: Any = None, address: str | None = None) -> Said:
        """Ask one of them; a question without a document is a GET."""
        headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        body = None if document is None else json.dumps(document).encode()
        where = address or self.addresses()[0]
        return _ask(where, PUBLIC_PORT, "GET" if body is None else "POST", path, headers, body)

    def inside(self, path: str, address: str) -> Said:
        """Ask one of them what only the cluster asks."""
        return _ask(address, INTERNAL_PORT, "GET", path, {}, None)

    def epochs(self) -> set[int]:
        """Of the routing documents in force."""
        found: set[int] = set()
        for address in self.addresses():
            lines = self.inside("/metrics", address).body.decode().splitlines()
            found |= {int(float(line.split()[1])) for line in lines if line.startswith("stanchion_routing_epoch ")}
        return found


def _ask(host: str, port: int, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Said:
    connection = http.client.HTTPConnection(host, port, timeout=30)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return Said(answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()
