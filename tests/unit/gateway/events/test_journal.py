import errno
import os
from pathlib import Path

import pytest

from gateway.events.journal import Journal


def journal(spool: Path, largest: int = 10**9) -> Journal:
    return Journal(spool, segment_events=3, segment_bytes=10**6, largest_bytes=largest)


def drain(found: Journal) -> list[bytes]:
    lines: list[bytes] = []
    while (segment := found.oldest()) is not None:
        lines += segment.lines()
        found.remove(segment)
    return lines


def numbered(first: int, last: int) -> list[bytes]:
    return [b'{"n":%03d}\n' % number for number in range(first, last)]


def test_lines_come_back_in_their_order_and_nothing_is_left(tmp_path: Path):
    made = journal(tmp_path)
    for first in range(0, 20, 5):
        assert made.append(numbered(first, first + 5), sync=first > 5) == 5
    assert (made.events, made.bytes) == (20, 200)
    segment = made.oldest()
    assert segment is not None
    assert segment.events == 3, "no file has more than it may"
    assert drain(made) == numbered(0, 20)
    assert (made.events, made.bytes, made.dropped) == (0, 0, 0)
    made.close()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_being_sent_takes_no_more(tmp_path: Path):
    made = journal(tmp_path)
    made.append(numbered(0, 1), sync=False)
    segment = made.oldest()
    made.append(numbered(1, 2), sync=False)
    assert segment is not None
    assert segment.lines() == numbered(0, 1)
    assert drain(made) == numbered(0, 2)
    made.close()


def test_what_a_dead_process_left_comes_first_and_a_torn_line_is_left_out(tmp_path: Path):
    dead = journal(tmp_path)
    dead.append(numbered(0, 4), sync=False)
    [folder] = tmp_path.iterdir()
    last = sorted(folder.glob("*.jsonl"))[-1]
    with last.open("ab") as file:
        file.write(b'{"n":9')
    assert journal(tmp_path).events == 0, "its process lives: nobody else sends its lines"
    dead.close()
    made = journal(tmp_path)
    assert (made.events, made.torn) == (4, 1)
    made.append(numbered(4, 5), sync=False)
    assert drain(made) == numbered(0, 5)
    made.close()


def test_above_its_bound_the_oldest_file_goes_but_not_the_one_being_sent(tmp_path: Path):
    made = journal(tmp_path, largest=95)
    made.append(numbered(0, 6), sync=False)
    sending = made.oldest()
    made.append(numbered(6, 12), sync=False)
    assert (made.dropped, made.bytes) == (3, 90)
    assert sending is not None
    assert sending.lines() == numbered(0, 3)
    assert drain(made) == [*numbered(0, 3), *numbered(6, 12)]
    made.close()


def test_a_full_disk_takes_some_lines_and_says_how_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = journal(tmp_path)
    write = os.fsync
    calls = iter(range(100))

    def full(descriptor: int) -> None:
        if next(calls) == 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    # The second file, of which all was written before it failed, does not count.
    assert made.append(numbered(0, 8), sync=True) == 3
    assert made.append(numbered(3, 8), sync=True) == 5
    assert drain(made) == numbered(0, 8)
    made.close()


def test_a_file_goes_on_where_it_was_cut_after_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = journal(tmp_path)
    made.append(numbered(0, 1), sync=False)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", lambda descriptor: (_ for _ in ()).throw(OSError(errno.EIO, "I/O error")))
        assert made.append(numbered(1, 2), sync=True) == 0
    made.append(numbered(2, 3), sync=False)
    made.close()
    found = journal(tmp_path)
    assert (drain(found), found.torn) == ([*numbered(0, 1), *numbered(2, 3)], 0)
    found.close()
