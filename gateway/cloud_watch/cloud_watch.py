"""Puts a gateway's metrics to CloudWatch once a minute and once at its end, in a thread of its own.

No request has anything to do with it. A put that fails is tried once more by the client, and then its minute is gone:
metrics of a gateway that CloudWatch does not hear of are worth less than a spool for them.

What it costs: each combination of name and dimensions is a custom metric, 0.30 USD a month for the first 10,000 in
us-east-1 (CloudWatch pricing, from memory, November 2026), however many gateways send it. They are six for each
endpoint, one for each tier, four, and two stores or three: with 10 endpoints and 3 tiers 70 metrics, or 21 USD a month.
The puts themselves, one a minute for each gateway, are 0.44 USD a month at 0.01 USD for 1,000.
"""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gateway.cloud_watch.minute import Minute
from gateway.cloud_watch.requests import NOTHING, Gauges, requests_of
from stanchion.serving.gateway_metrics import PERIOD_SECONDS

log = logging.getLogger(__name__)


class CloudWatch:
    """Metrics of one gateway.

    Args:
        client: boto3's of `cloudwatch`, which tries twice.
        namespace: of the metrics.
        environment: name of the environment.
        minute: what requests are counted in.
        gauges: what is looked at when a put is due.
        seconds: between two puts.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        client: Any,
        namespace: str,
        environment: str,
        minute: Minute,
        gauges: Callable[[], Gauges],
        *,
        seconds: float = PERIOD_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client, self._namespace, self._environment = client, namespace, environment
        self._minute, self._gauges, self._seconds, self._clock = minute, gauges, seconds, clock
        self._before = NOTHING
        # Not all gateways at once, and none where two puts may fall into one minute of the clock, none into the next.
        self._phase = seconds * random.uniform(0.2, 0.8)  # noqa: S311 - no secret
        # Not the loop's own threads: a put that hangs must not keep the routing document from being read.
        self._thread = ThreadPoolExecutor(1, "metrics")
        self._task: asyncio.Task[None] | None = None
        self._failing = False
        # Minutes that were put, and that were not.
        self.put, self.dropped = 0, 0

    async def start(self) -> None:
        """Begin to put, the first time within a minute or so."""
        self._task = asyncio.create_task(self._go_on())

    async def close(self, seconds: float = 3.0) -> None:
        """Put what is left.

        Args:
            seconds: for it.
        """
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._put()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(pause(self._clock(), self._phase, self._seconds))
            await self._put()

    async def _put(self) -> None:
        counted, now, at = self._minute.take(), self._gauges(), self._clock()
        before, self._before = self._before, now
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._send, counted, now, before, at)
        # Whatever goes wrong with it is nothing that a request has to know.
        except Exception as error:
            self.dropped += 1
            if not self._failing:
                log.warning("metrics can't be put to CloudWatch: %s", type(error).__name__)
            self._failing = True
            return
        self.put += 1
        self._failing = False

    def _send(self, minute: Minute, now: Gauges, before: Gauges, at: float) -> None:
        for data in requests_of(minute, now, before, self._environment, at):
            self._client.put_metric_data(Namespace=self._namespace, MetricData=data)


def pause(now: float, phase: float, seconds: float) -> float:
    """Until the next put, so that each minute of the clock has one.

    Args:
        now: seconds since 1970.
        phase: of each minute, when a put is due.
        seconds: of a minute.
    """
    left = seconds - (now - phase) % seconds
    # Who wakes a little early has put for this minute already.
    return left if left > 0.1 * seconds else left + seconds
