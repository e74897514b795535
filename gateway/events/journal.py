"""Lines on disk that wait to be sent: files that are appended to, sent whole from the oldest on, and removed.

Each journal has a folder of its own below the spool's, locked for as long as its process lives. A journal that begins
takes over the folders whose process is gone. A line whose end never got to the disk is left out and counted.
"""

import contextlib
import fcntl
import os
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

_LOCK = "lock"
_SEGMENT = ".jsonl"


@dataclass(slots=True, eq=False)
class Segment:
    """One file.

    Args:
        path: where it lies.
        events: whole lines in it.
        size: bytes of these.
    """

    path: Path
    events: int = 0
    size: int = 0
    file: BinaryIO | None = field(default=None, repr=False)
    synced: bool = False

    def lines(self) -> list[bytes]:
        """Its whole lines.

        Raises:
            OSError: it can't be read.
        """
        with self.path.open("rb") as file:
            return [line + b"\n" for line in file.read(self.size).split(b"\n")[:-1]]


class Journal:
    """Lines in the order in which they came, over the journals of dead processes first. Any thread may call it.

    Args:
        spool: folder of all journals.
        segment_events: lines of one file, which are sent together.
        segment_bytes: of one file.
        largest_bytes: of all files; above, the oldest file goes unsent.

    Raises:
        OSError: the folder can't be made.
    """

    def __init__(self, spool: Path, *, segment_events: int, segment_bytes: int, largest_bytes: int) -> None:
        self._segment_events = segment_events
        self._segment_bytes = segment_bytes
        self._largest_bytes = largest_bytes
        self._lock = threading.Lock()
        self._segments: deque[Segment] = deque()
        self._taken: Segment | None = None
        self._number = 0
        self._locks: dict[Path, int] = {}
        # Events and bytes that wait, of these and those of dead processes; events that were dropped, lines cut short.
        self.events = 0
        self.bytes = 0
        self.dropped = 0
        self.torn = 0
        spool.mkdir(parents=True, exist_ok=True)
        for folder in sorted(each for each in spool.iterdir() if each.is_dir()):
            self._take_over(folder)
        # In the order of their beginnings, so that the oldest is sent first by whoever finds them.
        self._folder = spool / f"{time.time_ns():020d}-{os.getpid()}"
        self._folder.mkdir()
        if not self._own(self._folder):
            raise BlockingIOError(f"{self._folder} belongs to somebody else")
        self._shrink()

    def append(self, lines: Sequence[bytes], *, sync: bool) -> int:
        """Write lines; these outlive the process, and with `sync` the machine's power.

        Returns:
            How many of them, from the first on; fewer than all when the disk takes no more.
        """
        with self._lock:
            position = 0
            with contextlib.suppress(OSError):
                while position < len(lines):
                    segment = self._open()
                    chunk = self._fitting(segment, lines, position)
                    if not chunk:
                        self._seal(segment)
                        continue
                    self._write(segment, b"".join(chunk), len(chunk), sync)
                    position += len(chunk)
            self._shrink()
            return position

    def oldest(self) -> Segment | None:
        """The file to be sent next, which takes no more lines; it stays until it is removed."""
        with self._lock:
            if not self._segments:
                return None
            self._taken = self._segments[0]
            self._seal(self._taken)
            return self._taken

    def remove(self, segment: Segment) -> None:
        """A file was sent."""
        with self._lock:
            self._forget(segment)

    def sync(self) -> None:
        """See to it that everything outlives the machine's power; what can't be synced stays as it is."""
        with self._lock:
            for segment in self._segments:
                if not segment.synced:
                    with contextlib.suppress(OSError):
                        _sync(segment.path)
                        segment.synced = True
            with contextlib.suppress(OSError):
                _sync(self._folder)

    def close(self) -> None:
        """Sync what is left, and let others have it."""
        self.sync()
        with self._lock:
            for segment in self._segments:
                self._seal(segment)
            for folder, lock in self._locks.items():
                # One that holds nothing but its lock is of no use to anybody.
                if not any(folder.glob(f"*{_SEGMENT}")):
                    with contextlib.suppress(OSError):
                        (folder / _LOCK).unlink()
                        folder.rmdir()
                os.close(lock)
            self._locks.clear()

    def _own(self, folder: Path) -> bool:
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return False
        self._locks[folder] = lock
        return True

    def _take_over(self, folder: Path) -> None:
        # One that is removed at this moment, or can't be read, is somebody else's to send.
        with contextlib.suppress(OSError):
            if not self._own(folder):
                return
            for path in sorted(folder.glob(f"*{_SEGMENT}")):
                content = path.read_bytes()
                whole = content.rfind(b"\n") + 1
                self.torn += whole < len(content)
                segment = Segment(path, content.count(b"\n"), whole, synced=True)
                self._segments.append(segment)
                self.events += segment.events
                self.bytes += segment.size

    def _open(self) -> Segment:
        last = self._segments[-1] if self._segments else None
        if last is not None and last.file is not None:
            if last.events < self._segment_events and last.size < self._segment_bytes:
                return last
            self._seal(last)
        self._number += 1
        path = self._folder / f"{self._number:010d}{_SEGMENT}"
        segment = Segment(path, file=path.open("xb", buffering=0))
        self._segments.append(segment)
        return segment

    def _fitting(self, segment: Segment, lines: Sequence[bytes], position: int) -> list[bytes]:
        """As many lines as the file may take; one that is larger than a file may be has a file of its own."""
        chunk: list[bytes] = []
        size = segment.size
        for line in lines[position : position + self._segment_events - segment.events]:
            size += len(line)
            if (chunk or segment.events) and size > self._segment_bytes:
                break
            chunk.append(line)
        return chunk

    def _write(self, segment: Segment, content: bytes, events: int, sync: bool) -> None:
        file = segment.file
        assert file is not None, "only an open file is written to"  # noqa: S101 - held by _open
        try:
            left = memoryview(content)
            while left:
                left = left[file.write(left) :]
            if sync:
                os.fsync(file.fileno())
        except OSError:
            # What was written of it lies behind the size, where nobody reads.
            self._seal(segment)
            if not segment.events:
                self._forget(segment)
            else:
                with contextlib.suppress(OSError):
                    os.truncate(segment.path, segment.size)
            raise
        segment.synced = sync
        segment.events += events
        segment.size += len(content)
        self.events += events
        self.bytes += len(content)

    def _seal(self, segment: Segment) -> None:
        if segment.file is not None:
            segment.file.close()
            segment.file = None

    def _forget(self, segment: Segment) -> None:
        with contextlib.suppress(ValueError):
            self._segments.remove(segment)
            self.events -= segment.events
            self.bytes -= segment.size
        self._seal(segment)
        if self._taken is segment:
            self._taken = None
        with contextlib.suppress(OSError):
            segment.path.unlink()

    def _shrink(self) -> None:
        while self.bytes > self._largest_bytes:
            # The one that is being sent may be there already, and the newest is still written to.
            oldest = next((each for each in list(self._segments)[:-1] if each is not self._taken), None)
            if oldest is None:
                return
            self.dropped += oldest.events
            self._forget(oldest)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
