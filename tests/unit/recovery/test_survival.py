import pytest

from stanchion.graph import UNKNOWN, GraphBuilder, Setting, Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import all_of, any_of, apart, nothing_lost, protections, spread, window

SOURCE = Source("a guide", "a part")
GAP = Unsettled("urn:pulumi:test::program::aws:rds/instance:Instance::db", "multiAz", "is not known")


def resource(value=None):
    builder = GraphBuilder()
    builder.add("aws:rds/instance:Instance", "db", {"key": value})
    return builder.graph().of_type("aws:rds/instance:Instance")[0]


def test_a_false_condition_decides_before_an_unknown_one():
    assert all_of(GAP, False) is False
    assert all_of(True, GAP) is GAP
    assert all_of() is True


def test_a_true_condition_decides_before_an_unknown_one():
    assert any_of(GAP, True) is True
    assert any_of(False, GAP) is GAP
    assert any_of() is False


def test_an_unknown_condition_leaves_one_term_that_names_it():
    store = resource()
    terms = [nothing_lost("a", SOURCE, store), nothing_lost("b", SOURCE, store)]
    (found,) = protections(store, "standby", [Disruption.ZONE], terms, given=GAP)
    assert [(term.name, term.amount, term.property) for term in found.loss] == [("a", GAP, "multiAz")]
    assert not list(protections(store, "standby", [Disruption.ZONE], terms, given=False))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("05:00-09:00", 14_400),
        ("23:30-00:30", 3600),
        ("5:00-6:15", 4500),
        ("sun:05:00-sun:06:00", 3600),
        (None, 1800),
        ("", 1800),
    ],
)
def test_windows(text, seconds):
    assert window(Setting(resource(), "key", text), 1800) == seconds


@pytest.mark.parametrize("value", [UNKNOWN, "noon", {"a": 1}])
def test_a_window_that_is_none(value):
    gap = window(Setting(resource(), "key", value), 1800)
    assert isinstance(gap, Unsettled)
    assert gap.property == "key"


@pytest.mark.parametrize(
    ("zones", "answer"),
    [(["a", "b"], True), (["a", "a"], False), (["a"], False), ([], False), (["a", "b", UNKNOWN], True)],
)
def test_spread(zones, answer):
    store = resource()
    assert spread(Setting(store, f"zones[{i}]", zone) for i, zone in enumerate(zones)) is answer


@pytest.mark.parametrize("zone", [None, UNKNOWN])
def test_a_zone_that_is_not_told_leaves_it_open(zone):
    store = resource()
    gap = spread([Setting(store, "zones[0]", "a"), Setting(store, "zones[1]", zone)])
    assert isinstance(gap, Unsettled)
    assert gap.property == "zones[1]"


def test_regions():
    builder = GraphBuilder()
    for name, region in (("one", "us-east-1"), ("two", "us-east-1"), ("three", "us-west-2")):
        builder.add("aws:sqs/queue:Queue", name, region=region)
    builder.add("aws:sqs/queue:Queue", "four", region=UNKNOWN)  # pyright: ignore[reportArgumentType]
    graph = builder.graph()
    named = {queue.name: queue for queue in graph.of_type("aws:sqs/queue:Queue")}
    assert apart(graph, named["one"], named["two"]) is False
    assert apart(graph, named["one"], named["three"]) is True
    assert isinstance(apart(graph, named["one"], named["four"]), Unsettled)
