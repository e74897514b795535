import os
from pathlib import Path

from sandbox.kubernetes.process_node.logs import Log, LogFolder, older_part


def test_a_log_is_turned_over_and_keeps_the_part_before(tmp_path: Path):
    log = Log(tmp_path / "log", largest_bytes=10)
    for word in (b"first", b"12345", b"second", b"67890", b"last"):
        log.write(word)
    assert log.file.read_bytes() == b"last"
    assert older_part(log.file).read_bytes() == b"second67890"


def test_what_all_containers_of_a_pod_wrote_is_read_in_order(tmp_path: Path):
    logs = LogFolder(tmp_path)
    log = logs.log_of("team", "web-1", "server")
    log.largest_bytes = 5
    log.write(b"older\n")
    assert logs.read("team", "web-1") == "older\n"
    log.write(b"new\n")
    logs.log_of("team", "web-10", "server").write(b"of another pod\n")
    assert logs.read("team", "web-1") == "older\nnew\n"
    assert logs.read("default", "web-1") is None


def test_what_is_not_text_is_read_as_far_as_it_goes(tmp_path: Path):
    logs = LogFolder(tmp_path)
    logs.log_of("default", "a", "b").write(b"\xff ok")
    assert logs.read("default", "a") == "\ufffd ok"


def test_a_disk_that_takes_nothing_ends_no_pod(tmp_path: Path):
    Log(tmp_path / "no-such-folder" / "log").write(b"lost")


def test_the_oldest_logs_are_forgotten(tmp_path: Path):
    logs = LogFolder(tmp_path)
    for number in range(110):
        log = logs.log_of("default", f"pod-{number}", "server")
        log.write(b"x")
        os.utime(log.file, (number, number))
    logs.tidy()
    assert len(list(tmp_path.iterdir())) == 100
    assert logs.read("default", "pod-9") is None
    assert logs.read("default", "pod-10") == "x"
