"""Takes events from requests and gets them to the stream, without a request waiting for either disk or network.

An event goes through three places:

1. **Memory.** `write` encodes it and appends it to a list. One thread empties the list onto the disk as soon as it
   holds 100 events, and otherwise `flush_seconds` after the first one.
2. **The journal** (`gateway.events.journal`), a file on disk. What is there outlives the process.
3. **The stream.** Another thread sends the files one after the other, from the oldest on, and removes each when the
   stream has all of its records. It waits after a failure, longer each time; the first thread does not wait for it.

So how slow the stream is, or whether it is there at all, has no say in what is lost when the process is killed: the
events of at most `flush_seconds` or 100, and those that came while the disk took the ones before. What was sent and not
yet removed is sent again by the next writer of this spool: at least once, and `event_id` tells what is the same.

As long as the stream takes events, files are written without fsync: they outlive the process, and are gone a moment
later. From the first failure on the disk is the only place there is, and each write is synced.

When the disk takes nothing, events are kept in memory and sent from there. Events are lost, and counted in `lost`, when
the spool or that memory is full, the oldest ones first; when the disk hangs for so long that 10,000 wait for it; and
when an event can't be encoded.
"""

import asyncio
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

import orjson

from gateway.events.journal import Journal, Segment
from stanchion.events.encoding import Event, encode

# Takes lines; says by position which of them the stream did not take. Raises when it took none.
Send = Callable[[Sequence[bytes]], Sequence[int]]
# Events in memory at which the disk is written to at once.
MOST_IN_MEMORY = 100
# Three of its bytes are four in base64, so that a request is within Firehose's 4 MiB however that is counted.
BATCH_BYTES = 3 * 1024 * 1024
# What waits in memory while the disk takes nothing.
_KEPT_EVENTS = 10_000
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 10.0


class EventWriter:
    """Writes events; any thread may.

    `sent` counts events that the stream took, `spooled` those that had to wait on disk because it failed, `lost` those
    that will never be sent, `torn` lines of dead processes that were cut short, `pending` and `spool_bytes` what waits.

    Args:
        send: takes a batch.
        spool_folder: of the journals of this and of earlier processes.
        batch_events: most events that are sent together; Firehose takes 500.
        batch_bytes: most bytes of these.
        flush_seconds: how long an event may be in memory only.
        spool_bytes: most that waits on disk.

    Raises:
        OSError: the spool's folder can't be made.
    """

    def __init__(
        self,
        send: Send,
        spool_folder: Path,
        *,
        batch_events: int = 500,
        batch_bytes: int = BATCH_BYTES,
        flush_seconds: float = 0.2,
        spool_bytes: int = 512 * 1024 * 1024,
    ) -> None:
        self._send = send
        self._batch_events, self._batch_bytes = batch_events, batch_bytes
        self._flush_seconds = flush_seconds
        self._journal = Journal(
            spool_folder, segment_events=batch_events, segment_bytes=batch_bytes, largest_bytes=spool_bytes
        )
        self._memory: deque[bytes] = deque()
        self._kept: deque[bytes] = deque()
        self._some, self._many, self._work = threading.Event(), threading.Event(), threading.Event()
        self._flushed = threading.Lock()
        # No more waiting; no more sending; the files belong to the next writer.
        self._closing, self._ended, self._left = threading.Event(), threading.Event(), threading.Event()
        self._failing = False
        # On their way to the disk, and from memory to the stream.
        self._moving = self._sending = 0
        self._dropped = 0
        self._broken = 0
        self.sent = 0
        self.spooled = 0
        # Daemons: a request to the stream that hangs does not keep the process from ending.
        self._threads = [
            threading.Thread(target=each, name=name, daemon=True)
            for name, each in (("event-journal", self._journal_all), ("event-sender", self._send_all))
        ]
        for thread in self._threads:
            thread.start()

    @property
    def lost(self) -> int:
        """Events that will never be sent."""
        return self._dropped + self._journal.dropped

    @property
    def torn(self) -> int:
        """Lines of dead processes that were cut short."""
        return self._journal.torn + self._broken

    @property
    def pending(self) -> int:
        """Events that are not sent yet."""
        # In the order in which they go, so that none is missed which moves at this moment.
        return len(self._memory) + len(self._kept) + self._sending + self._moving + self._journal.events

    @property
    def spool_bytes(self) -> int:
        """Bytes on disk that wait."""
        return self._journal.bytes

    def write(self, event: Event) -> None:
        """Take an event; neither waits nor raises."""
        try:
            line = encode(event, orjson.dumps)
        except (TypeError, ValueError, RecursionError):
            self._dropped += 1
            return
        if self._ended.is_set() or len(self._memory) >= _KEPT_EVENTS:
            self._dropped += 1
            return
        self._memory.append(line)
        if not self._some.is_set():
            self._some.set()
        if len(self._memory) >= MOST_IN_MEMORY and not self._many.is_set():
            self._many.set()

    async def close(self, seconds: float) -> None:
        """Send what there is; what the stream does not take in time is on disk, synced, for the next writer.

        Args:
            seconds: until the rest is left on disk.
        """
        # Not on the loop's own threads, all of which may be busy with something else.
        done, loop = asyncio.Event(), asyncio.get_running_loop()

        def close() -> None:
            try:
                self._close(seconds)
            finally:
                loop.call_soon_threadsafe(done.set)

        threading.Thread(target=close, name="event-close", daemon=True).start()
        await done.wait()

    def _close(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        self._closing.set()
        self._wake()
        self._flush()
        while self._waiting() and time.monotonic() < until:
            time.sleep(0.005)
        self._ended.set()
        self._wake()
        for thread in self._threads:
            thread.join(max(0.05, until - time.monotonic()))
        self._flush()
        self._dropped += len(self._kept)
        self._kept.clear()
        self._left.set()
        self._journal.close()

    def _waiting(self) -> bool:
        # Under the lock, outside of which one that the disk did not take may be missed on its way back.
        with self._flushed:
            return self.pending > 0

    def _wake(self) -> None:
        for event in (self._some, self._many, self._work):
            event.set()

    def _journal_all(self) -> None:
        while not self._ended.is_set():
            self._some.wait()
            if not self._closing.is_set():
                self._many.wait(self._flush_seconds)
            self._many.clear()
            self._some.clear()
            self._flush()
            if self._closing.is_set():
                # Whatever still comes is taken until the end, by short looks.
                self._ended.wait(0.01)

    def _flush(self) -> None:
        """Everything in memory to the disk, in its order."""
        with self._flushed:
            self._moving = len(self._kept) + len(self._memory)
            lines = [each.popleft() for each in (self._kept, self._memory) for _ in range(len(each))]
            if not lines:
                return
            failing = self._failing
            written = self._journal.append(lines, sync=failing)
            self.spooled += written if failing else 0
            self._kept.extend(lines[written:])
            while len(self._kept) > _KEPT_EVENTS:
                self._kept.popleft()
                self._dropped += 1
            self._moving = 0
        self._work.set()

    def _send_all(self) -> None:
        while not self._ended.is_set():
            self._work.clear()
            if (segment := self._journal.oldest()) is not None:
                self._send_segment(segment)
            elif self._kept:
                self._send_kept()
            elif not self._ended.is_set():
                # A file may have come since the look; whoever writes one, or ends, sets this.
                self._work.wait()

    def _send_segment(self, segment: Segment) -> None:
        try:
            lines = segment.lines()
        except OSError:
            self._dropped += segment.events
            lines = []
        # After a loss of power, a file can hold anything.
        whole = [line for line in lines if line.startswith(b"{") and line.endswith(b"}\n")]
        self._broken += len(lines) - len(whole)
        if not self._deliver(whole) and not self._left.is_set():
            self._journal.remove(segment)

    def _send_kept(self) -> None:
        lines: list[bytes] = []
        with self._flushed:
            size = 0
            while (
                self._kept
                and len(lines) < self._batch_events
                and (not lines or size + len(self._kept[0]) <= self._batch_bytes)
            ):
                lines.append(self._kept.popleft())
                size += len(lines[-1])
            self._sending = len(lines)
        left = self._deliver(lines)
        with self._flushed:
            self._kept.extendleft(reversed(left))
            self._sending = 0

    def _deliver(self, lines: list[bytes]) -> list[bytes]:
        """Send lines until the stream has them all, or the writer ends; returns what it does not have."""
        wait = _FIRST_WAIT
        while lines:
            try:
                refused = self._send(lines)
            except Exception:  # whatever it is, the events are not there, and are tried again
                refused = range(len(lines))
            left = [lines[position] for position in refused]
            self.sent += len(lines) - len(left)
            if left and not self._failing:
                self._failing = True
                self.spooled += len(left)
                self._journal.sync()
            progress = len(left) < len(lines)
            lines = left
            if left:
                wait = _FIRST_WAIT if progress else wait
                # Not all writers at once when the stream comes back.
                if self._ended.wait(wait * random.uniform(0.5, 1.0)):  # noqa: S311 - no secret
                    return left
                wait = min(_LONGEST_WAIT, 2 * wait)
        self._failing = False
        return lines
