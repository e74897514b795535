from dataclasses import fields

from stanchion.events.feedback import FeedbackEvent
from stanchion.events.inference import InferenceEvent
from stanchion.events.table import columns


def test_every_field_of_both_events_is_one_column():
    found = columns()
    names = [column.name for column in found]
    assert len(names) == len(set(names))
    assert set(names) == {each.name for kind in (InferenceEvent, FeedbackEvent) for each in fields(kind)}


def test_types_are_those_of_the_fields():
    types = {column.name: column.type for column in columns()}
    assert {types[name] for name in ("event_id", "status", "slot", "variant", "features", "groups")} == {"string"}
    assert {types[name] for name in ("ts", "latency_ms", "cost_estimate", "score")} == {"double"}
    assert {types[name] for name in ("attempt", "http_status", "tokens_in")} == {"bigint"}
    assert types["final"] == "boolean"
