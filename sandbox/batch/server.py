"""The HTTP server of Batch: the API under /v1, and the loss of a host under /_stanchion."""

import json
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from aiohttp import web

from sandbox.batch import definitions, environments, jobs, queues
from sandbox.batch.errors import BatchError, absent
from sandbox.batch.records import Document, Records
from sandbox.batch.runner import STOP_SECONDS, Runner
from sandbox.front_door.scope import scope_of

CONTROL_PREFIX = "/_stanchion/"
_MOST_BYTES = 1024 * 1024

Operation = Callable[[Records, str, Document], Document]

# Paths of Batch are `/v1/` and the operation in lower case (botocore's model of the service).
OPERATIONS: Mapping[str, Operation] = {
    "createcomputeenvironment": environments.create,
    "describecomputeenvironments": environments.describe,
    "updatecomputeenvironment": environments.update,
    "deletecomputeenvironment": environments.delete,
    "createjobqueue": queues.create,
    "describejobqueues": queues.describe,
    "updatejobqueue": queues.update,
    "deletejobqueue": queues.delete,
    "registerjobdefinition": definitions.register,
    "describejobdefinitions": definitions.describe,
    "deregisterjobdefinition": definitions.deregister,
    "submitjob": jobs.submit,
    "describejobs": jobs.describe,
    "listjobs": jobs.listed,
}


class Service:
    """Batch in all regions.

    Args:
        records: what is known.
        runner: runs the jobs.
    """

    def __init__(self, records: Records, runner: Runner) -> None:
        self.records = records
        self.runner = runner

    def answer(self, region: str, operation: str, asked: Document) -> Document:
        """Do what a request asks for.

        Raises:
            BatchError: it is refused.
        """
        if operation in ("canceljob", "terminatejob"):
            job = jobs.found(self.records, region, asked["jobId"])
            act = self.runner.cancel if operation == "canceljob" else self.runner.terminate
            act(job, asked["reason"])
            return {}
        handler = OPERATIONS.get(operation)
        if handler is None:
            raise BatchError(f"Batch of the local cloud has no {operation}.", "InvalidAction", 501)
        answer = handler(self.records, region, asked)
        if not operation.startswith(("describe", "list")):
            # A queue, an environment or a job may be what another one waited for.
            self.runner.turn()
        return answer

    def tags(self, region: str, reference: str) -> dict[str, str]:
        """The tags of what an ARN names.

        Raises:
            BatchError: there is no such thing.
        """
        here = self.records.region(region)
        every: list[tuple[str, Document]] = [
            *(("computeEnvironmentArn", each) for each in here.environments.values()),
            *(("jobQueueArn", each) for each in here.queues.values()),
            *(("jobDefinitionArn", each) for revisions in here.definitions.values() for each in revisions),
            *(("jobArn", each) for each in here.jobs.values()),
        ]
        for name, document in every:
            if document[name] == reference:
                return document.setdefault("tags", {})
        raise absent(reference)


def build_app(service: Service) -> web.Application:
    """The service as an application; it runs jobs as long as it is up."""
    app = web.Application(client_max_size=_MOST_BYTES)
    app.router.add_get(CONTROL_PREFIX + "status", _status)
    app.router.add_post(CONTROL_PREFIX + "interrupt", _refusing(service, _interrupt))
    app.router.add_route("*", "/v1/tags/{arn:.*}", _refusing(service, _tags))
    app.router.add_post("/v1/{operation}", _refusing(service, _operation))

    async def running(_: web.Application):
        service.runner.resume()
        yield
        await service.runner.close()

    app.cleanup_ctx.append(running)
    return app


def _refusing(service: Service, handle: Callable[[Service, web.Request, bytes], Document]):
    async def handler(request: web.Request) -> web.Response:
        body = await request.read()
        try:
            return web.json_response(handle(service, request, body))
        except BatchError as error:
            said = {"__type": error.code, "message": str(error)}
            return web.json_response(said, status=error.status, headers={"x-amzn-errortype": error.code})

    return handler


async def _status(_: web.Request) -> web.Response:
    return web.json_response({})


def _operation(service: Service, request: web.Request, body: bytes) -> Document:
    return service.answer(_region(request), request.match_info["operation"].lower(), _document(body))


def _tags(service: Service, request: web.Request, body: bytes) -> Document:
    tags = service.tags(_region(request), unquote(request.match_info["arn"]))
    if request.method == "POST":
        tags |= _document(body).get("tags", {})
    elif request.method == "DELETE":
        for key in request.query.getall("tagKeys", []):
            tags.pop(key, None)
    else:
        return {"tags": tags}
    service.records.save()
    return {}


def _interrupt(service: Service, _: web.Request, body: bytes) -> Document:
    asked = _document(body)
    instance = service.runner.interrupt(str(asked.get("job", "")), float(asked.get("grace", STOP_SECONDS)))
    return {"instance": instance}


def _region(request: web.Request) -> str:
    region = scope_of(request.headers, request.rel_url.raw_query_string).region
    if region is None:
        raise BatchError("The request is not signed for a region.", "MissingAuthenticationTokenException", 403)
    return region


def _document(body: bytes) -> Document:
    try:
        document = json.loads(body) if body else {}
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise BatchError("The body is not a JSON object.")
    # Clients may send what was not said as null.
    return {name: value for name, value in document.items() if value is not None}
