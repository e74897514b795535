import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from gateway.events.writer import EventWriter
from stanchion.events.encoding import decode, encode
from tests.unit.events.examples import inference


class Stream:
    """Takes lines, unless it is told not to."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.batches: list[int] = []
        self.gone = False
        self.refuse: Callable[[int], bool] = lambda position: False
        self.held = threading.Event()
        self.held.set()

    def __call__(self, lines: Sequence[bytes]) -> Sequence[int]:
        self.held.wait(10)
        if self.gone:
            raise ConnectionError("gone")
        refused = [position for position in range(len(lines)) if self.refuse(position)]
        self.batches.append(len(lines))
        self.got += [decode(line).event_id for position, line in enumerate(lines) if position not in refused]
        return refused


def ids(first: int, last: int) -> list[str]:
    return [f"e{number}" for number in range(first, last)]


def write(writer: EventWriter, first: int, last: int) -> None:
    for event_id in ids(first, last):
        writer.write(inference(event_id=event_id))


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.002)


def close(writer: EventWriter, seconds: float = 10) -> None:
    asyncio.run(writer.close(seconds))


def test_events_arrive_once_and_in_their_order_and_nothing_is_left(tmp_path: Path):
    stream = Stream()
    writer = EventWriter(stream, tmp_path)
    write(writer, 0, 1234)
    close(writer)
    assert stream.got == ids(0, 1234)
    assert max(stream.batches) <= 500
    assert (writer.sent, writer.lost, writer.pending, writer.spool_bytes, writer.spooled) == (1234, 0, 0, 0, 0)
    assert list(tmp_path.iterdir()) == []


def test_one_event_does_not_wait_for_more(tmp_path: Path):
    stream = Stream()
    writer = EventWriter(stream, tmp_path, flush_seconds=0.05)
    write(writer, 0, 1)
    until(lambda: stream.got == ["e0"], 5)
    close(writer)


def test_a_batch_has_no_more_bytes_than_allowed(tmp_path: Path):
    stream = Stream()
    writer = EventWriter(stream, tmp_path, batch_bytes=6000)
    write(writer, 0, 50)
    close(writer)
    assert stream.got == ids(0, 50)
    assert max(stream.batches) * len(encode(inference(event_id="e10"))) <= 6000


def test_only_refused_records_are_sent_again(tmp_path: Path):
    stream = Stream()
    asked = iter(range(10**6))
    stream.refuse = lambda position: next(asked) % 3 == 0
    writer = EventWriter(stream, tmp_path)
    write(writer, 0, 300)
    close(writer)
    assert sorted(stream.got) == sorted(ids(0, 300))
    assert (writer.sent, writer.lost) == (300, 0)
    assert writer.spooled > 0


def test_writing_waits_for_nobody_while_the_stream_hangs_and_little_is_in_memory(tmp_path: Path):
    stream = Stream()
    stream.held.clear()
    writer = EventWriter(stream, tmp_path, flush_seconds=0.05)
    write(writer, 0, 5000)
    begun = time.perf_counter()
    write(writer, 5000, 6000)
    assert time.perf_counter() - begun < 1, "1,000 events in a second, on a machine that does other things as well"
    until(lambda: not writer._memory)
    until(lambda: writer.pending == 6000)
    assert writer.spool_bytes > 0
    stream.held.set()
    close(writer)
    assert stream.got == ids(0, 6000)


def test_while_the_stream_is_gone_events_are_on_disk_and_sent_later_in_order(tmp_path: Path):
    stream = Stream()
    stream.gone = True
    writer = EventWriter(stream, tmp_path, flush_seconds=0.01)
    write(writer, 0, 700)
    until(lambda: writer.spool_bytes > 0)
    write(writer, 700, 1400)
    until(lambda: writer.pending == 1400)
    assert writer.sent == 0
    stream.gone = False
    until(lambda: writer.pending == 0)
    close(writer)
    assert stream.got == ids(0, 1400)
    assert writer.lost == 0
    assert writer.spooled > 0


def test_closing_without_a_stream_leaves_all_to_the_next_writer(tmp_path: Path):
    stream = Stream()
    stream.gone = True
    first = EventWriter(stream, tmp_path)
    write(first, 0, 250)
    begun = time.monotonic()
    close(first, 0.3)
    assert time.monotonic() - begun < 5
    assert (first.pending, first.lost) == (250, 0)
    stream.gone = False
    second = EventWriter(stream, tmp_path)
    write(second, 250, 260)
    close(second)
    assert stream.got == ids(0, 260)
    assert list(tmp_path.iterdir()) == []


def test_a_stream_that_hangs_does_not_keep_a_writer_from_closing(tmp_path: Path):
    stream = Stream()
    stream.held.clear()
    writer = EventWriter(stream, tmp_path)
    write(writer, 0, 10)
    close(writer, 0.1)
    successor = Stream()
    second = EventWriter(successor, tmp_path)
    close(second)
    assert successor.got == ids(0, 10)
    stream.held.set()


def test_a_full_spool_loses_the_oldest_and_says_so(tmp_path: Path):
    stream = Stream()
    stream.gone = True
    writer = EventWriter(stream, tmp_path, batch_events=10, spool_bytes=100_000)
    write(writer, 0, 1000)
    until(lambda: writer.lost > 0 and writer.lost + writer.pending == 1000)
    assert writer.spool_bytes <= 100_000
    stream.gone = False
    close(writer)
    assert writer.lost > 0
    assert writer.lost + writer.sent == 1000
    # The one that was being sent stays, and then the newest.
    assert stream.got[10:] == ids(1000 - len(stream.got) + 10, 1000)


def test_without_a_disk_events_are_sent_from_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    stream = Stream()
    writer = EventWriter(stream, tmp_path)
    monkeypatch.setattr(writer._journal, "append", lambda lines, sync: 0)
    write(writer, 0, 700)
    close(writer)
    assert sorted(stream.got) == sorted(ids(0, 700))
    assert writer.lost == 0


def test_an_event_that_can_not_be_written_is_lost_and_counted(tmp_path: Path):
    writer = EventWriter(Stream(), tmp_path)
    writer.write(inference(features={"x": object()}))
    assert (writer.lost, writer.pending) == (1, 0)
    close(writer)
    writer.write(inference())
    assert writer.lost == 2, "after the end nobody sends it"


KILLED = """
import sys, time
from pathlib import Path
from gateway.events.writer import EventWriter
from tests.unit.events.examples import inference

def hang(lines):
    time.sleep(3600)

writer = EventWriter(hang, Path(sys.argv[1]))
number = 0
while True:
    writer.write(inference(event_id=f"e{number}"))
    number += 1
    # Said after it was written: what is said and not found later was lost.
    print(number, flush=True)
    time.sleep(0.001)
"""


def test_a_kill_loses_no_more_than_100_events_or_a_second_though_the_stream_hangs(tmp_path: Path):
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    times: list[float] = []
    while len(times) < 1500:
        assert process.stdout.readline()
        times.append(time.monotonic())
    process.kill()
    killed = time.monotonic()
    times += [killed for _ in process.stdout]
    process.wait()
    stream = Stream()
    writer = EventWriter(stream, tmp_path)
    close(writer)
    last_second = sum(each > killed - 1 for each in times)
    found = len(stream.got)
    assert stream.got == ids(0, found)
    assert len(times) - found <= max(100, last_second)
    assert writer.lost == 0


def test_the_path_of_requests_imports_no_client_of_aws():
    code = "import sys, gateway.events.writer, gateway.events.firehose; print('boto3' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
