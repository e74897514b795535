import re

from sandbox.provider.naming import automatic
from sandbox.provider.row import AutoName

PLAIN = AutoName("name", 64, "namePrefix")


def test_a_name_is_the_logical_one_and_seven_hex_digits() -> None:
    assert re.fullmatch(r"local-raw-[0-9a-f]{7}", automatic(PLAIN, "local-raw", {}, b""))


def test_two_names_differ_and_one_seed_gives_one_name() -> None:
    assert automatic(PLAIN, "a", {}, b"") != automatic(PLAIN, "a", {}, b"")
    assert automatic(PLAIN, "a", {}, b"seed") == automatic(PLAIN, "a", {}, b"seed")
    assert automatic(PLAIN, "a", {}, b"seed") != automatic(PLAIN, "a", {}, b"other")


def test_a_long_name_is_cut_and_keeps_its_digits() -> None:
    name = automatic(PLAIN, "x" * 100, {}, b"")
    assert len(name) == 64
    assert re.fullmatch(r"x+[0-9a-f]{7}", name)


def test_a_prefix_replaces_the_logical_name() -> None:
    name = automatic(PLAIN, "logical", {"namePrefix": "mine-"}, b"")
    assert re.fullmatch(r"mine-[0-9a-f]{26}", name)


def test_what_a_type_asks_of_its_names() -> None:
    assert automatic(AutoName("bucket", 63, lower=True), "Raw", {}, b"").startswith("raw-")
    assert automatic(AutoName("name", 256, start="alias/"), "key", {}, b"").startswith("alias/key-")
    fifo = AutoName("name", 80, suffix=lambda inputs: ".fifo" if inputs["fifoQueue"] else "")
    assert re.fullmatch(r"q-[0-9a-f]{7}\.fifo", automatic(fifo, "q", {"fifoQueue": True}, b""))
    assert len(automatic(fifo, "q" * 90, {"fifoQueue": True}, b"")) == 80
