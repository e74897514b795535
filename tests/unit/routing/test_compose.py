"""The document that follows from intents: whatever their order, the strongest source decides each field."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from stanchion.routing.compose import (
    compose,
    keep_routes,
    next_change,
    outcomes,
    same_content,
    unknown_endpoints,
)
from stanchion.routing.document import PRECEDENCE, EndpointRoute, Reason, RoutingDocument
from stanchion.routing.intents import RoutingIntent
from tests.unit.routing.given import ENDPOINTS, INTENTS, NOW, TABLES, intent


def composed(intents: list[RoutingIntent], epoch: int = 1) -> RoutingDocument:
    return compose(intents, NOW, environment="prod", region="us-east-1", endpoints=ENDPOINTS, epoch=epoch)


@given(st.lists(INTENTS, max_size=10), st.randoms())
def test_the_order_of_intents_does_not_matter(intents: list[RoutingIntent], random):
    mixed = list(intents)
    random.shuffle(mixed)
    assert composed(mixed) == composed(intents)
    assert outcomes(mixed, NOW, ENDPOINTS) == outcomes(intents, NOW, ENDPOINTS)


@given(TABLES)
def test_the_strongest_source_that_says_something_decides(intents: list[RoutingIntent]):
    document = composed(intents)
    assert tuple(document.endpoints) == ENDPOINTS
    for name, route in document.endpoints.items():
        counting = [each for each in intents if each.endpoint == name and each.counts(NOW)]
        assert {reason.field for reason in route.reasons} == {f for each in counting for f in each.change.fields}
        for reason in route.reasons:
            said = [each for each in counting if reason.field in each.change.fields]
            winner = min(said, key=lambda each: PRECEDENCE.index(each.source))
            assert (reason.source, reason.reason, reason.expires_at) == (
                winner.source,
                winner.reason,
                winner.expires_at,
            )
            match reason.field.partition("."):
                case "rung", _, _:
                    assert route.rung == winner.change.rung
                case "weights", _, variant:
                    assert route.weights[variant] == winner.change.weights[variant]  # pyright: ignore[reportArgumentType]
                case _:
                    assert route.split_by == (winner.change.split_by or "request")
                    assert route.experiment == winner.change.experiment
        decided = {reason.field for reason in route.reasons}
        assert "rung" in decided or route.rung == "full"
        assert {f"weights.{variant}" for variant in route.weights} <= decided
        assert "split_by" in decided or (route.split_by, route.experiment) == ("request", None)


@given(TABLES)
def test_an_expired_intent_is_as_good_as_none(intents: list[RoutingIntent]):
    assert composed(intents) == composed([each for each in intents if each.counts(NOW)])


@given(TABLES)
def test_composing_twice_is_the_same_but_for_the_epoch(intents: list[RoutingIntent]):
    one, other = composed(intents, 1), composed(intents, 2)
    assert one != other
    assert same_content(one, other)
    assert same_content(one, RoutingDocument.read(other.model_dump_json(), environment="prod", region="us-east-1"))


@given(TABLES)
def test_each_intent_is_told_what_became_of_it(intents: list[RoutingIntent]):
    document = composed(intents)
    found = outcomes(intents, NOW, ENDPOINTS)
    assert {id(each.intent) for each in found} == {id(each) for each in intents}
    decided = {(each.intent.endpoint, field): each.intent.source for each in found for field in each.decides}
    assert decided == {
        (name, reason.field): reason.source for name, route in document.endpoints.items() for reason in route.reasons
    }
    for each in found:
        assert (each.standing == "expired") == (not each.intent.counts(NOW))
        if each.standing == "counts":
            assert set(each.decides) | {field for field, _ in each.loses} == set(each.intent.change.fields)
        for field, winner in each.loses:
            assert PRECEDENCE.index(winner) < PRECEDENCE.index(each.intent.source)
            assert decided[each.intent.endpoint, field] == winner


@given(TABLES)
def test_the_next_change_is_the_first_expiry(intents: list[RoutingIntent]):
    moment = next_change(intents, NOW)
    if moment is None:
        assert composed(intents).endpoints == _at(intents, 10**6)
        return
    assert moment > NOW
    seconds = (moment - NOW).total_seconds()
    assert sum(not each.counts(moment) for each in intents) > sum(not each.counts(NOW) for each in intents)
    assert composed(intents).endpoints == _at(intents, seconds - 1)


def _at(intents: list[RoutingIntent], seconds: float) -> dict[str, EndpointRoute]:
    return compose(
        intents,
        NOW + timedelta(seconds=seconds),
        environment="prod",
        region="us-east-1",
        endpoints=ENDPOINTS,
        epoch=1,
    ).endpoints


def test_fields_are_decided_one_by_one():
    until = NOW + timedelta(hours=1)
    rollout = intent("rollout", weights={"full": {"blue": 95, "green": 5}}, rung="full", experiment="v2")
    budget = intent("budget", rung="quantized", expires_at=until)
    operator = intent("operator", split_by="user")
    route = composed([rollout, budget, operator]).endpoints["chat"]
    assert route == EndpointRoute(
        rung="quantized",
        weights={"full": {"blue": 95, "green": 5}},
        split_by="user",
        # Who decides how it is split decides what the split is called.
        experiment=None,
        reasons=(
            Reason(field="rung", source="budget", reason="budget says so", expires_at=until),
            Reason(field="split_by", source="operator", reason="operator says so"),
            Reason(field="weights.full", source="rollout", reason="rollout says so"),
        ),
    )


def test_a_later_intent_of_the_same_source_replaces_the_one_before():
    old, new = intent(epoch=1, rung="human"), intent(epoch=2, rung="cached")
    assert composed([old, new]).endpoints["chat"].rung == "cached"


def test_intents_for_endpoints_that_are_not_there_are_left_aside_and_named():
    intents = [intent(endpoint="gone"), intent(endpoint="past", expires_at=NOW), intent()]
    assert tuple(composed(intents).endpoints) == ENDPOINTS
    assert unknown_endpoints(intents, NOW, ENDPOINTS) == ("gone",)
    assert [each.standing for each in outcomes(intents, NOW, ENDPOINTS)] == ["counts", "unknown endpoint", "expired"]


def test_an_endpoint_whose_intent_can_t_be_read_is_served_as_before():
    last = composed([intent(rung="human"), intent(endpoint="digits", rung="human")])
    kept = keep_routes(composed([]), last, {"chat": "why", "gone": "why"})
    assert kept.endpoints == {"chat": last.endpoints["chat"], "digits": EndpointRoute()}
    # Nothing is known of before: what could be read has to do.
    assert keep_routes(composed([]), None, {"chat"}) == composed([])


def test_no_document_says_the_same_as_none():
    assert not same_content(None, None)
    assert not same_content(composed([]), None)
    assert not same_content(composed([]), composed([intent()]))
