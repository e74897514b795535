"""Watches which replicas of the endpoints are ready, as Kubernetes says in EndpointSlices.

Asking a Service's address would do, but keeps each connection on one pod, tells nothing of a slot without any, and
finds out late that a pod is leaving. Only one kind of object is read, so this asks the API itself: a client with all
kinds would take more memory than the gateway.
"""

import asyncio
import contextlib
import json
import logging
import os
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

import aiohttp

from gateway.upstreams.replicas import Replica, Replicas, SlotKey

log = logging.getLogger(__name__)
ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
# Where pods of the local cloud listen, when not on their own address: `198.18.0.0/15=127.18.0.0/15`.
ADDRESSES = "STANCHION_POD_ADDRESSES"
_SERVICE = "kubernetes.io/service-name"
_WATCH_SECONDS, _RETRY_SECONDS = 240, 1.0
_LARGEST_LINE = 4 * 2**20
_GONE = 410


@dataclass(frozen=True, slots=True)
class Access:
    """Where the API is, and as whom it is asked.

    Args:
        url: of the API server.
        authority: file with the certificates of its authority.
        token: file with the token, which is renewed by Kubernetes and so read for each question.
    """

    url: str
    authority: Path
    token: Path

    @classmethod
    def of_pod(cls, variables: Mapping[str, str] = os.environ, account: Path = ACCOUNT) -> "Access | None":
        """That of the pod this runs in; None outside of a cluster."""
        host, port = variables.get("KUBERNETES_SERVICE_HOST"), variables.get("KUBERNETES_SERVICE_PORT")
        token = account / "token"
        if not host or not port or not token.is_file():
            return None
        return cls(f"https://{host}:{port}", account / "ca.crt", token)


@dataclass(frozen=True, slots=True)
class Translation:
    """Addresses of pods that are reached at others."""

    shown: IPv4Network
    reached: IPv4Network

    @classmethod
    def read(cls, text: str) -> "Translation | None":
        """From `198.18.0.0/15=127.18.0.0/15`; None from an empty text.

        Raises:
            ValueError: not two networks of the same size.
        """
        if not text:
            return None
        shown, _, reached = text.partition("=")
        one, other = IPv4Network(shown), IPv4Network(reached)
        if one.prefixlen != other.prefixlen:
            raise ValueError(f"{ADDRESSES} is '{text}'; allowed: two networks of the same size, such as A/15=B/15.")
        return cls(one, other)

    def __call__(self, address: str) -> str:
        """Where an address is reached."""
        found = IPv4Address(address)
        if found not in self.shown:
            return address
        return str(self.reached.network_address + (int(found) - int(self.shown.network_address)))


@dataclass(slots=True)
class EndpointSlices:
    """Keeps `Replicas` as the cluster has them.

    Args:
        access: to the API.
        namespace: of the Services.
        slots: those of this gateway's endpoints.
        replicas: kept up to date.
        translation: of addresses; None where pods listen on their own.
    """

    access: Access
    namespace: str
    slots: Iterable[SlotKey]
    replicas: Replicas
    translation: Translation | None = None
    _known: dict[str, dict[str, Any]] = field(default_factory=dict)
    _by_service: dict[str, SlotKey] = field(default_factory=dict)
    _task: asyncio.Task[None] | None = None
    listed: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        """Begin to watch; `listed` is set once all are known."""
        self._by_service = {slot.service: slot for slot in self.slots}
        self._task = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Watch no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _watch(self) -> None:
        context = ssl.create_default_context(cafile=str(self.access.authority))
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=context), read_bufsize=_LARGEST_LINE
        ) as session:
            while True:
                try:
                    version = await self._list(session)
                    await self._follow(session, version)
                # What is known stays in use until the API answers again: a lost control plane loses no request.
                except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
                    log.warning("the API does not say which replicas there are: %s", type(error).__name__)
                    await asyncio.sleep(_RETRY_SECONDS)

    async def _list(self, session: aiohttp.ClientSession) -> str:
        async with session.get(self._url, headers=self._headers(), raise_for_status=True) as response:
            found = await response.json()
        self._known = {each["metadata"]["name"]: each for each in found.get("items") or []}
        for service in self._by_service:
            self._tell(service)
        self.listed.set()
        return found["metadata"]["resourceVersion"]

    async def _follow(self, session: aiohttp.ClientSession, version: str) -> None:
        asked = {"watch": "1", "resourceVersion": version, "timeoutSeconds": str(_WATCH_SECONDS)}
        timeout = aiohttp.ClientTimeout(total=None, sock_read=_WATCH_SECONDS + 30)
        async with session.get(
            self._url, params=asked, headers=self._headers(), timeout=timeout, raise_for_status=True
        ) as response:
            async for line in response.content:
                change = json.loads(line)
                found = change["object"]
                if change["type"] == "ERROR":
                    # What has been missed is listed again.
                    if found.get("code") != _GONE:
                        log.warning("the API ended a watch: %s", found.get("message"))
                    return
                name = found["metadata"]["name"]
                if change["type"] == "DELETED":
                    self._known.pop(name, None)
                else:
                    self._known[name] = found
                self._tell(found["metadata"].get("labels", {}).get(_SERVICE, ""))

    def _tell(self, service: str) -> None:
        slot = self._by_service.get(service)
        if slot is None:
            return
        found = [
            replica
            for each in self._known.values()
            if (each["metadata"].get("labels") or {}).get(_SERVICE) == service
            for replica in replicas_of(each, slot, self.translation)
        ]
        self.replicas.set(slot, found)

    @property
    def _url(self) -> str:
        return f"{self.access.url}/apis/discovery.k8s.io/v1/namespaces/{self.namespace}/endpointslices"

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.access.token.read_text(encoding='utf-8').strip()}"}


def replicas_of(found: Mapping[str, Any], slot: SlotKey, translation: Translation | None = None) -> list[Replica]:
    """The replicas that an EndpointSlice names, those that are ready and stay.

    Args:
        found: the EndpointSlice.
        slot: that it is of.
        translation: of addresses.
    """
    ports = found.get("ports") or []
    if not ports or ports[0].get("port") is None:
        return []
    ready: list[Replica] = []
    for endpoint in found.get("endpoints") or []:
        conditions = endpoint.get("conditions") or {}
        # What is missing counts as ready (Kubernetes API, EndpointConditions).
        if conditions.get("ready") is False or conditions.get("terminating"):
            continue
        pod = (endpoint.get("targetRef") or {}).get("name", "")
        for address in endpoint.get("addresses") or []:
            reached = translation(address) if translation else address
            ready.append(Replica(f"{reached}:{ports[0]['port']}", spot=pod.startswith(f"{slot.service}-burst-")))
    return ready
