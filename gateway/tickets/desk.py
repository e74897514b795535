"""Opens tickets, and tells their teams how they stand.

A ticket is written to the table first, and then its id to the queue. The table is what counts: a ticket whose message
got lost is open in the table, and `stanchion tickets take` looks there when the queue is empty. So a request that was
answered with a ticket has one, and there is none that nobody can find.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import orjson

from gateway.refusals import RefusedError
from stanchion.serving.gateway_configuration import EndpointPlace, HumanRules
from stanchion.tickets import ticket_item
from stanchion.tickets.names import PARTITION_KEY
from stanchion.tickets.ticket import Ticket, TicketError
from stanchion.tickets.told import PATH, told
from stanchion.tickets.webhook import target

log = logging.getLogger(__name__)
# DynamoDB, quotas: an item has 400 KB at most, names and the answer (64 KiB) included.
LARGEST_ASKED_BYTES = 300 * 1024
# Where a request says where its answer is to be sent: OpenAI's protocol has `metadata` for what is the client's own,
# the Open Inference Protocol `parameters`.
WEBHOOK = "stanchion_webhook"
_CALLS = 4
_ID_BYTES = 16


class TicketCaller(Protocol):
    """Of a caller, what a ticket is about."""

    @property
    def key_id(self) -> str:
        """Of the key."""
        ...

    @property
    def team(self) -> str:
        """Whom it belongs to."""
        ...


class Desk:
    """Tickets of one gateway.

    Args:
        dynamodb: boto3's client, with timeouts of a second or two.
        table: of tickets.
        sqs: boto3's client, the same.
        queue: URL of the queue that says which tickets are new.
        region: of the gateway.
        local: whether this is the local cloud, where webhooks may be on the loopback.
        patience_seconds: that a request waits for the table at most.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        dynamodb: Any,
        table: str,
        sqs: Any,
        queue: str,
        *,
        region: str,
        local: bool = False,
        patience_seconds: float = 5.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._dynamodb, self._table, self._sqs, self._queue = dynamodb, table, sqs, queue
        self._region, self._local, self._patience, self._clock = region, local, patience_seconds, clock
        self._threads = ThreadPoolExecutor(_CALLS, "tickets")
        # For the metrics: tickets that the queue was not told of, and that are found in the table only.
        self.unannounced = 0

    def close(self) -> None:
        """Open no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def open(
        self,
        endpoint: str,
        place: EndpointPlace,
        caller: TicketCaller,
        request_id: str,
        asked: bytes,
        webhook: str = "",
    ) -> Ticket:
        """Open one. When this returns, the ticket is in the table.

        Args:
            endpoint: that was asked.
            place: of it.
            caller: who asks.
            request_id: that the client is told.
            asked: the request's body.
            webhook: where the answer is to be sent; empty for nowhere.

        Raises:
            RefusedError: 413, too large for people to be asked; 400, a webhook that is not allowed; 503, the table
                can't be written to. There is no ticket then that anybody waits for.
        """
        rules = place.human or HumanRules()
        if len(asked) > LARGEST_ASKED_BYTES:
            raise RefusedError(
                413, "ticket_size",
                f"no model can answer now, and people are asked about requests of up to {LARGEST_ASKED_BYTES} bytes.",
            )  # fmt: skip
        if webhook:
            try:
                target(webhook, rules.webhook_hosts, local=self._local)
            except TicketError as error:
                raise RefusedError(400, "webhook", str(error)) from None
        now = int(self._clock())
        ticket = Ticket(
            id=secrets.token_hex(_ID_BYTES), endpoint=endpoint, use_case=place.use_case, team=caller.team,
            key_id=caller.key_id, request_id=request_id, region=self._region, asked=asked.decode("utf-8", "replace"),
            opened_at=now, answer_by=now + rules.answer_seconds, expires_at=now + rules.keep_seconds, webhook=webhook,
        )  # fmt: skip
        try:
            async with asyncio.timeout(self._patience):
                await self._call(self._put, ticket)
        except Exception as error:
            log.error("a ticket of endpoint '%s' can't be opened: %s", endpoint, type(error).__name__)
            raise RefusedError(
                503, "ticket_store", "no model can answer now, and people can't be asked either; ask again.",
                {"retry-after": "5"},
            ) from None  # fmt: skip
        try:
            async with asyncio.timeout(self._patience):
                await self._call(self._announce, ticket.id)
        except Exception as error:
            self.unannounced += 1
            log.warning("ticket %s is not in the queue: %s", ticket.id, type(error).__name__)
        return ticket

    async def read(self, ticket_id: str, caller: TicketCaller) -> tuple[int, bytes]:
        """Status and body for who polls: 404 for another team's ticket as for none, so that nobody learns of it.

        Args:
            ticket_id: as it was told.
            caller: who asks.

        Raises:
            RefusedError: 404, there is none for this caller; 503, the table can't be read.
        """
        ticket: Ticket | None = None
        if len(ticket_id) == 2 * _ID_BYTES and ticket_id.isalnum():
            try:
                async with asyncio.timeout(self._patience):
                    ticket = await self._call(self._get, ticket_id)
            except Exception as error:
                log.warning("a ticket can't be read: %s", type(error).__name__)
                raise RefusedError(
                    503, "ticket_store", "the ticket can't be looked up now; ask again.", {"retry-after": "5"}
                ) from None
        now = self._clock()
        if ticket is None or ticket.team != caller.team or now >= ticket.remove_at:
            raise RefusedError(404, "ticket", "there is no such ticket of your team.")
        return 200, orjson.dumps(told(ticket, now))

    async def other(self, method: str, path: str, caller: TicketCaller, _: bytes) -> tuple[int, bytes] | None:
        """Answer `GET /v1/tickets/{id}`; None for any other path.

        Raises:
            RefusedError: as `read`, and 405 for another method.
        """
        if not path.startswith(PATH):
            return None
        if method != "GET":
            raise RefusedError(405, "method", "a ticket can be read, and nothing else.", {"allow": "GET"})
        return await self.read(path.removeprefix(PATH), caller)

    async def _call(self, act: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, act, *arguments)

    def _put(self, ticket: Ticket) -> None:
        try:
            self._dynamodb.put_item(**ticket_item.put(self._table, ticket))
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            # The id is random: it is ours, written by a try whose answer got lost.
            return

    def _announce(self, ticket_id: str) -> None:
        self._sqs.send_message(QueueUrl=self._queue, MessageBody=orjson.dumps({"ticket": ticket_id}).decode())

    def _get(self, ticket_id: str) -> Ticket | None:
        answer = self._dynamodb.get_item(
            TableName=self._table, Key={PARTITION_KEY: {"S": ticket_id}}, ConsistentRead=True
        )
        item = answer.get("Item")
        return None if item is None else ticket_item.read(item)
