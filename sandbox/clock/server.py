"""The HTTP server of EventBridge Scheduler, with the clock that follows its schedules."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from urllib.parse import unquote

from aiohttp import web

from sandbox.clock import groups, schedules
from sandbox.clock.errors import ScheduleError
from sandbox.clock.records import DEFAULT_GROUP, Document, Records, Region
from sandbox.clock.ticking import Clock
from sandbox.delivery.attempts import Time
from sandbox.front_door.scope import scope_of

CONTROL_PREFIX = "/_stanchion/"
_MOST_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Asked:
    """A request.

    Args:
        here: what is known of its region.
        region: that it is signed for.
        request: its method, path and query.
        document: its body.
        now: when it came, in seconds since 1970.
    """

    here: Region
    region: str
    request: web.Request
    document: Document
    now: float

    @property
    def name(self) -> str:
        """The name in its path."""
        return self.request.match_info["name"]


def build_app(records: Records, clock: Clock, time_: Time) -> web.Application:
    """The service as an application; its clock runs as long as it is up."""
    app = web.Application(client_max_size=_MOST_BYTES)
    app.router.add_get(CONTROL_PREFIX + "status", _status)
    for path, handle in (
        ("/schedules", _schedules),
        ("/schedules/{name}", _schedule),
        ("/schedule-groups", _groups),
        ("/schedule-groups/{name}", _group),
        ("/tags/{arn:.*}", _tags),
    ):
        app.router.add_route("*", path, _refusing(records, time_, handle))

    async def running(_: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(clock.run())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await clock.close()

    app.cleanup_ctx.append(running)
    return app


def _refusing(records: Records, time_: Time, handle: Callable[[Asked], Document]):
    async def handler(request: web.Request) -> web.Response:
        try:
            region = scope_of(request.headers, request.rel_url.raw_query_string).region
            if region is None:
                raise ScheduleError("The request is not signed for a region.", "AccessDeniedException", 403)
            document, now = _document(await request.read()), time_.now()
            answer = handle(Asked(records.region(region, now), region, request, document, now))
        except ScheduleError as error:
            said = {"Message": str(error)}
            return web.json_response(said, status=error.status, headers={"x-amzn-errortype": error.code})
        if request.method != "GET":
            records.save()
        return web.json_response(answer)

    return handler


async def _status(_: web.Request) -> web.Response:
    return web.json_response({})


def _schedules(asked: Asked) -> Document:
    return schedules.listed(asked.here, asked.request.query)


def _schedule(asked: Asked) -> Document:
    group = asked.request.query.get("groupName", DEFAULT_GROUP)
    match asked.request.method:
        case "POST":
            return schedules.create(asked.here, asked.region, asked.name, asked.document, asked.now)
        case "PUT":
            return schedules.update(asked.here, asked.region, asked.name, asked.document, asked.now)
        case "DELETE":
            return schedules.delete(asked.here, asked.name, group)
        case _:
            return schedules.found(asked.here, asked.name, group)


def _groups(asked: Asked) -> Document:
    return groups.listed(asked.here, asked.request.query)


def _group(asked: Asked) -> Document:
    match asked.request.method:
        case "POST":
            return groups.create(asked.here, asked.region, asked.name, asked.document, asked.now)
        case "DELETE":
            return groups.delete(asked.here, asked.name)
        case _:
            return groups.found(asked.here, asked.name)


def _tags(asked: Asked) -> Document:
    name = groups.named(asked.here, asked.region, unquote(asked.request.match_info["arn"]))
    match asked.request.method:
        case "POST":
            groups.tag(asked.here, name, asked.document.get("Tags") or [])
        case "DELETE":
            groups.untag(asked.here, name, asked.request.query.getall("TagKeys", []))
        case _:
            return groups.tags_of(asked.here, name)
    return {}


def _document(body: bytes) -> Document:
    try:
        document = json.loads(body) if body else {}
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise ScheduleError("The body is not a JSON object.")
    # Clients may send what was not said as null.
    return {name: value for name, value in document.items() if value is not None}
