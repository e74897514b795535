"""Where answers are kept."""

from typing import Protocol

from gateway.cache.entry import Entry


class ResponseCache(Protocol):
    """A cache never fails: what it can't give is not there, and what it can't keep is not kept."""

    # For the metrics: calls that failed, each of which was a miss.
    failed: int

    @property
    def store_gone_seconds(self) -> float:
        """For the metrics: since when it does not answer; 0 when it did the last time."""
        ...

    async def get(self, key: str) -> Entry | None:
        """An answer; None when there is none."""
        ...

    async def put(self, key: str, entry: Entry, seconds: int) -> None:
        """Keep an answer for a time."""
        ...

    async def well(self) -> str | None:
        """What is wrong with it, in a few words; None when what is kept is given again."""
        ...

    async def close(self) -> None:
        """Let go of its connections."""
        ...
