"""A cache in this process: so many bytes, and what was used longest ago goes first."""

import time
from collections import OrderedDict
from collections.abc import Callable

from gateway.cache.entry import Entry

# What an entry takes besides its body: key, headers, and what Python makes of them; measured at some 700 bytes.
_OVERHEAD_BYTES = 1024


class MemoryCache:
    """One gateway's own.

    Args:
        most_bytes: of all entries, with what they take besides their bodies.
        clock: seconds that only go forward.
    """

    def __init__(self, most_bytes: int = 32 * 1024 * 1024, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most_bytes, clock
        self._entries: OrderedDict[str, tuple[Entry, float]] = OrderedDict()
        self.used_bytes = 0
        self.failed = 0
        # For the metrics: it is never gone.
        self.store_gone_seconds = 0.0

    def __len__(self) -> int:
        return len(self._entries)

    async def get(self, key: str) -> Entry | None:
        """An answer; None when there is none, or its time is over."""
        found = self._entries.get(key)
        if found is None:
            return None
        entry, until = found
        if self._clock() >= until:
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return entry

    async def put(self, key: str, entry: Entry, seconds: int) -> None:
        """Keep an answer for a time; one that is larger than all there is room for is not kept."""
        self._drop(key)
        if seconds <= 0 or _size(entry) > self._most:
            return
        self._entries[key] = entry, self._clock() + seconds
        self.used_bytes += _size(entry)
        while self.used_bytes > self._most:
            self._drop(next(iter(self._entries)))

    async def well(self) -> str | None:
        """Nothing is ever wrong with it."""
        return None

    async def close(self) -> None:
        """Forget all."""
        self._entries.clear()
        self.used_bytes = 0

    def _drop(self, key: str) -> None:
        found = self._entries.pop(key, None)
        if found is not None:
            self.used_bytes -= _size(found[0])


def _size(entry: Entry) -> int:
    return len(entry.body) + _OVERHEAD_BYTES
