"""Tries to deliver until it works, until trying again makes no sense, or until the policy says that it is enough."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sandbox.delivery.errors import NotDeliveredError

# Defaults and bounds of both policies (EventBridge API, RetryPolicy; EventBridge Scheduler API, RetryPolicy).
MOST_RETRIES = 185
MOST_SECONDS = 86_400
LEAST_SECONDS = 60
# AWS names no pauses, only that they grow.
_LONGEST_PAUSE_SECONDS = 60.0


class Time(Protocol):
    """What tells the time and lets it pass; a test has one that it moves itself."""

    def now(self) -> float:
        """Seconds since 1970."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return when so many seconds have passed."""
        ...


class SystemTime:
    """The machine's time, or one that goes faster.

    Args:
        speed: how many seconds pass in one of the machine's, from now on.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed
        self._begun = time.time()

    def now(self) -> float:
        """Seconds since 1970."""
        return self._begun + (time.time() - self._begun) * self._speed

    async def sleep(self, seconds: float) -> None:
        """Return when so many of these seconds have passed."""
        await asyncio.sleep(seconds / self._speed)


@dataclass(frozen=True)
class Retries:
    """A retry policy.

    Args:
        most: attempts after the first one.
        seconds: age at which nothing is tried again.
    """

    most: int = MOST_RETRIES
    seconds: float = MOST_SECONDS

    @classmethod
    def of(cls, policy: Mapping[str, Any] | None) -> "Retries":
        """Read the API's form; what it does not say is as much as there can be."""
        said = policy or {}
        return cls(
            int(said.get("MaximumRetryAttempts", MOST_RETRIES)),
            float(said.get("MaximumEventAgeInSeconds", MOST_SECONDS)),
        )


@dataclass(frozen=True)
class Outcome:
    """How a delivery ended.

    Args:
        retries: attempts after the first one.
        error: of the last attempt; None when it was delivered.
        exhausted: which bound of the policy ended it; None when none did.
    """

    retries: int
    error: NotDeliveredError | None = None
    exhausted: str | None = None


def pause_after(attempt: int) -> float:
    """Seconds before the next attempt: 1, 2, 4, up to 60.

    Args:
        attempt: the number of the one that failed, from 1.
    """
    return min(_LONGEST_PAUSE_SECONDS, 2.0 ** min(attempt - 1, 10))


async def attempt(send: Callable[[int], Awaitable[None]], retries: Retries, time_: Time) -> Outcome:
    """Send until it is taken, refused for good, or the policy is exhausted.

    Args:
        send: one attempt, given its number from 1; raises NotDeliveredError.
        time_: in which the pauses lie.
    """
    begun, number = time_.now(), 1
    while True:
        try:
            await send(number)
        except NotDeliveredError as error:
            pause = pause_after(number)
            if error.lasting:
                return Outcome(number - 1, error)
            if number > retries.most:
                return Outcome(number - 1, error, "MaximumRetryAttempts")
            if time_.now() + pause - begun > retries.seconds:
                return Outcome(number - 1, error, "MaximumEventAgeInSeconds")
            await time_.sleep(pause)
            number += 1
        else:
            return Outcome(number - 1)
