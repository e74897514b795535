from stanchion.graph import UNKNOWN, GraphBuilder, Unsettled
from stanchion.recovery.mechanisms.arc import AUTOSHIFT, HEALTH_CHECK, MECHANISM, PLAN, ROUTING_CONTROL, switched
from tests.unit.recovery.mechanisms.stepping import Stepped, holds_for_junk


def test_a_routing_control_that_no_check_follows_moves_nothing():
    builder = GraphBuilder()
    used = builder.add(ROUTING_CONTROL, "used", {})
    builder.add(ROUTING_CONTROL, "idle", {})
    builder.add(HEALTH_CHECK, "check", {"type": "RECOVERY_CONTROL", "routingControlArn": used.ref("arn")})
    result = Stepped(MECHANISM, builder.graph())
    assert result.steps == []
    assert [note for note in result.notes if "'idle'" in note] == result.notes


def test_people_take_what_the_team_declares():
    builder = GraphBuilder()
    control = builder.add(ROUTING_CONTROL, "cell", {})
    given = {"type": "RECOVERY_CONTROL", "routingControlArn": control.ref("arn")}
    silent = builder.add(HEALTH_CHECK, "silent", given)
    declared = builder.add(HEALTH_CHECK, "declared", {**given, "tags": {"stanchion:restore": "90s"}})
    graph = builder.graph()
    assert isinstance(switched(graph, graph.resources[silent.urn]).amount, Unsettled)
    term = switched(graph, graph.resources[declared.urn])
    assert term.amount == 90
    assert "'cell'" in term.name


def test_what_publishes_no_figure_is_noted_and_counts_for_nothing():
    builder = GraphBuilder()
    builder.add("aws:lb/loadBalancer:LoadBalancer", "front", {"enableZonalShift": True})
    builder.add("aws:lb/loadBalancer:LoadBalancer", "plain", {"enableZonalShift": UNKNOWN})
    builder.add(AUTOSHIFT, "shift", {"zonalAutoshiftStatus": "ENABLED"})
    builder.add(AUTOSHIFT, "off", {"zonalAutoshiftStatus": "DISABLED"})
    builder.add(PLAN, "switch", {"recoveryTimeObjectiveMinutes": 5})
    result = Stepped(MECHANISM, builder.graph())
    assert result.steps == []
    assert len(result.notes) == 3


def test_nonsense_is_answered():
    keys = ("routingControlArn", "type", "zonalAutoshiftStatus", "enableZonalShift", "tags")
    holds_for_junk(MECHANISM, keys, {})
