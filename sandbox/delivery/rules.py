"""Events of AWS's own services, brought to the rules of the default bus.

Nobody but AWS may put an event whose source begins with `aws.`: PutEvents refuses it there, and on MiniStack too. So a
service of the local cloud asks which rules there are, lets EventBridge itself judge their patterns, and delivers.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from typing import Any

from aiohttp import web
from botocore.exceptions import BotoCoreError, ClientError

from sandbox.delivery.attempts import Outcome, Retries, Time, attempt
from sandbox.delivery.clients import Clients
from sandbox.delivery.errors import NotDeliveredError, not_delivered
from sandbox.delivery.metrics import count
from sandbox.delivery.targets import deliver, to_queue

Event = Mapping[str, Any]
Found = tuple[str, dict[str, Any]]


def matching(clients: Clients, region: str, event: Event) -> list[Found]:
    """The targets, each with the ARN of its rule, of the default bus's enabled rules that an event matches.

    Raises:
        NotDeliveredError: EventBridge can't be asked.
    """
    events, found = clients.of("events", region), list[Found]()
    try:
        for page in events.get_paginator("list_rules").paginate():
            for rule in page["Rules"]:
                if rule["State"] == "DISABLED" or not _may_match(rule.get("EventPattern"), event["source"]):
                    continue
                if events.test_event_pattern(EventPattern=rule["EventPattern"], Event=json.dumps(event))["Result"]:
                    targets = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
                    found += [(rule["Arn"], target) for target in targets]
    except (BotoCoreError, ClientError) as error:
        raise not_delivered(error) from error
    return found


def _may_match(pattern: str | None, source: str) -> bool:
    """Most rules name other sources by their full names: they need not be judged."""
    if not pattern:
        return False
    sources = json.loads(pattern).get("source")
    return not (isinstance(sources, list) and all(isinstance(one, str) and one != source for one in sources))


def payload_of(target: Mapping[str, Any], event: Event) -> str:
    """What a target gets: its own input, a part of the event, or the event.

    Raises:
        NotDeliveredError: it has an input transformer, which events of these services know nothing of here.
    """
    if target.get("InputTransformer"):
        message = f"the local cloud has no input transformer for events of {event['source']}."
        raise NotDeliveredError(message, "UNSUPPORTED_INPUT", lasting=True)
    if target.get("Input") is not None:
        return target["Input"]
    part: Any = event
    for name in (target.get("InputPath") or "$").removeprefix("$").split("."):
        if name:
            part = part.get(name) if isinstance(part, Mapping) else None
    return json.dumps(event if part is None else part)


class Bus:
    """The default bus of each region, for events of AWS's own services; in their order, region by region.

    Args:
        clients: lead through the front door, so that a lost region's rules wait until it is back.
        time_: in which is tried again.
    """

    def __init__(self, clients: Clients, time_: Time) -> None:
        self._clients = clients
        self._time = time_
        self._waiting: dict[str, asyncio.Queue[Event]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, region: str, event: Event) -> None:
        """Take an event to deliver; needs an event loop that runs."""
        if region not in self._waiting:
            self._waiting[region] = asyncio.Queue()
            self._begin(self._follow(region, self._waiting[region]))
        self._waiting[region].put_nowait(event)

    async def running(self, _: web.Application) -> AsyncIterator[None]:
        """As long as the service is up; what could not be delivered until then is lost with it."""
        yield
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow(self, region: str, waiting: "asyncio.Queue[Event]") -> None:
        while True:
            event = await waiting.get()
            found: list[Found] = []

            async def look(_: int, event: Event = event, found: list[Found] = found) -> None:
                found[:] = await asyncio.to_thread(matching, self._clients, region, event)

            outcome = await attempt(look, Retries(), self._time)
            if outcome.error is not None:
                _say(f"event {event['id']} of {event['source']} found no rules in {region}: {outcome.error}")
            for rule, target in found:
                # One target that does not answer holds up no other one.
                self._begin(self._deliver(region, rule, target, event))

    async def _deliver(self, region: str, rule: str, target: dict[str, Any], event: Event) -> None:
        async def send(_: int) -> None:
            await asyncio.to_thread(deliver, self._clients, region, target, payload_of(target, event))

        outcome = await attempt(send, Retries.of(target.get("RetryPolicy")), self._time)
        if outcome.error is not None:
            await asyncio.to_thread(self._give_up, region, rule, target, event, outcome)

    def _give_up(self, region: str, rule: str, target: Mapping[str, Any], event: Event, outcome: Outcome) -> None:
        assert outcome.error is not None  # noqa: S101 - for the type checker: only what failed is given up
        _say(f"event {event['id']} of {event['source']} was not delivered to {target['Arn']}: {outcome.error}")
        count(self._clients, region, "AWS/Events", "FailedInvocations", {"RuleName": rule.rpartition("/")[2]})
        queue = (target.get("DeadLetterConfig") or {}).get("Arn")
        if not queue:
            return
        # EventBridge user guide, dead-letter queues.
        attributes = {
            "RULE_ARN": rule,
            "TARGET_ARN": str(target["Arn"]),
            "ERROR_CODE": outcome.error.code,
            "ERROR_MESSAGE": str(outcome.error),
            "RETRY_ATTEMPTS": str(outcome.retries),
            "EXHAUSTED_RETRY_CONDITION": outcome.exhausted or "",
        }
        try:
            to_queue(self._clients, region, queue, json.dumps(event), attributes)
        except NotDeliveredError as error:
            _say(f"event {event['id']} is lost: its dead-letter queue {queue} did not take it: {error}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
