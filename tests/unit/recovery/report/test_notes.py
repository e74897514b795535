from stanchion.recovery.findings import Note
from stanchion.recovery.report.notes import said_once


def test_what_is_said_of_many_resources_is_said_once_and_counted():
    notes = [
        Note("u1", "alarm 'a' stays silent"),
        Note("u2", "plan 'hourly' overlaps 'daily'"),
        Note("u3", "alarm 'b' stays silent"),
        Note("u4", "alarm 'c' stays silent"),
        Note("u5", "plan 'hourly' overlaps 'weekly'"),
    ]
    assert said_once(notes) == [
        "alarm 'a' stays silent (and 2 more like it)",
        "plan 'hourly' overlaps 'daily'",
        "plan 'hourly' overlaps 'weekly'",
    ]


def test_the_same_text_twice_is_one():
    assert said_once([Note("u1", "spot only"), Note("u2", "spot only")]) == ["spot only"]
    assert said_once([]) == []
