"""The HTTP server of EKS: reads an operation, does it, and answers as the service does."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from sandbox.eks import access, add_ons, clusters, identities, node_groups, tags
from sandbox.eks.call import Call, ControlPlanes, Handler
from sandbox.eks.errors import EksError
from sandbox.eks.network import Network
from sandbox.eks.operations import Operation, Operations
from sandbox.eks.records import Records
from sandbox.front_door.faults import Fault
from sandbox.front_door.scope import scope_of

HANDLERS: Mapping[str, Handler] = {
    name: handler
    for module in (clusters, node_groups, add_ons, access, identities, tags)
    for name, handler in module.HANDLERS.items()
}
CONTROL_PREFIX = "/_stanchion/"
_MOST_BYTES = 1024 * 1024

Faulted = Callable[[list[Fault]], None]


class Service:
    """EKS in all regions.

    Args:
        records: what is known.
        network: EC2 of the local cloud.
        planes: the control planes behind the clusters.
    """

    def __init__(self, records: Records, network: Network, planes: ControlPlanes) -> None:
        self.records = records
        self._network = network
        self._planes = planes
        self._operations = Operations()

    def answer(self, region: str, method: str, path: str, query: Mapping[str, list[str]], body: bytes) -> Any:
        """Do what a request asks for.

        Raises:
            EksError: it is refused.
        """
        operation = self._operations.read(method, path, query, body)
        handler = HANDLERS.get(operation.name)
        if handler is None:
            raise EksError("InvalidRequestException", f"EKS of the local cloud has no {operation.name}.", 501)
        return self._do(handler, region, operation)

    def _do(self, handler: Handler, region: str, operation: Operation) -> Any:
        with self.records.lock:
            answer = handler(Call(region, operation.parameters, self.records, self._network, self._planes))
            if not operation.name.startswith(("List", "Describe")):
                self.records.save()
            # A copy: what is known may change while it is being sent.
            return json.loads(json.dumps(answer))


def build_app(service: Service, faulted: Faulted) -> web.Application:
    """The service as an application.

    Args:
        faulted: is told the faults in force whenever the front door has others.
    """
    app = web.Application(client_max_size=_MOST_BYTES)
    app.router.add_get(CONTROL_PREFIX + "status", _status)
    app.router.add_put(CONTROL_PREFIX + "faults", _faults(faulted))
    app.router.add_route("*", "/{path:.*}", _request(service))
    return app


async def _status(_: web.Request) -> web.Response:
    return web.json_response({})


def _faults(faulted: Faulted) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        faulted([Fault.from_json(each) for each in await request.json()])
        return web.json_response({})

    return handle


def _request(service: Service) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        scope = scope_of(request.headers, request.rel_url.raw_query_string)
        query = {name: request.query.getall(name) for name in request.query}
        path, body = request.raw_path.partition("?")[0], await request.read()
        try:
            if scope.region is None:
                raise EksError("MissingAuthenticationTokenException", "The request is not signed for a region.", 403)
            # In a thread: EC2 is asked, and files are written.
            answer = await asyncio.to_thread(service.answer, scope.region, request.method, path, query, body)
        except EksError as error:
            said = {"__type": error.code, "message": str(error)}
            return web.json_response(said, status=error.status, headers={"x-amzn-errortype": error.code})
        return web.json_response(answer)

    return handle
