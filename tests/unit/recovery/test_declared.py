import pytest

from stanchion.graph import SECRET, UNKNOWN, GraphBuilder, Unsettled
from stanchion.recovery.declared import declared, restore_term
from stanchion.recovery.term import Grade


def store(tags: dict[str, object]):
    builder = GraphBuilder()
    handle = builder.add("aws:s3/bucket:Bucket", "lake", {"tags": tags})
    graph = builder.graph()
    return graph, graph.resources[handle.urn]


def test_a_declared_restore_time_in_seconds():
    term = restore_term(*store({"stanchion:restore": "30m"}), "versions are put back")
    assert (term.amount, term.grade, term.name) == (1800.0, Grade.DECLARED, "versions are put back")


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        ({}, "declare one with the tag stanchion:restore"),
        ({"stanchion:restore": "soon"}, "is 'soon', which is not a duration such as 30m"),
        ({"stanchion:restore": UNKNOWN}, "is known only after the deployment"),
        ({"stanchion:restore": SECRET}, "is secret"),
    ],
)
def test_what_is_not_declared_is_not_guessed(tags: dict[str, object], why: str):
    amount = restore_term(*store(tags), "versions are put back").amount
    assert isinstance(amount, Unsettled)
    assert why in str(amount)


def test_a_tag_is_read_with_its_prefix():
    graph, resource = store({"stanchion:tier": "gold", "tier": "other"})
    assert declared(graph, resource, "tier") == "gold"
    assert declared(graph, resource, "workload") is None
