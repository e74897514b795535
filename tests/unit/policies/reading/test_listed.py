import pytest

from policies.reading.listed import names_somebody
from stanchion.graph import SECRET, UNKNOWN, GraphBuilder, Unsettled

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def answer(value: object) -> object:
    builder = GraphBuilder()
    builder.add(ALARM, "errors", {"alarmActions": value})
    graph = builder.graph()
    return names_somebody(graph, graph.of_type(ALARM)[0].at("alarmActions"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, False), ([], False), ([""], False), (["arn"], True), ([UNKNOWN], True), (SECRET, True)],
)
def test_a_list_names_somebody_when_it_has_an_entry(value: object, expected: bool) -> None:
    assert answer(value) is expected


def test_of_an_unknown_list_the_edges_tell() -> None:
    builder = GraphBuilder()
    topic = builder.add("aws:sns/topic:Topic", "critical", {})
    assert isinstance(answer(UNKNOWN), Unsettled)
    builder.add(ALARM, "errors", {"alarmActions": topic.ref("arn")})
    graph = builder.graph()
    assert names_somebody(graph, graph.of_type(ALARM)[0].at("alarmActions")) is True
