"""Where answers are kept."""

from typing import Protocol

from gateway.cache.entry import Entry


class ResponseCache(Protocol):
    """A cache never fails: what it can't give is not there, and what it can't keep is not kept."""

    # For the metrics: calls that failed, each of which was a miss.
    failed: int

    async def get(self, key: str) -> Entry | None:
        """An answer; None when there is none."""
        ...

    async def put(self, key: str, entry: Entry, seconds: int) -> None:
        """Keep an answer for a time."""
        ...

    async def well(self) -> str | None:
        """What is wrong with it, in a few words; None when nothing is."""
        ...

    async def close(self) -> None:
        """Let go of its connections."""
        ...
