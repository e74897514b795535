"""Names by convention; a change of them leaves what is deployed without its readers."""

from stanchion.routing.places import Places


def test_what_things_are_called():
    places = Places("prod", "us-east-1")
    assert places.intents_table == "prod-routing-intents"
    assert places.application == "prod-routing"
    assert places.app_config_environment == "us-east-1"
    assert places.profile == "routing"
    assert places.strategy == "prod-at-once"


def test_a_gateway_asks_where_the_writer_publishes():
    place = Places("prod", "us-east-1").gateway(30)
    assert (place.application, place.environment, place.profile) == ("prod-routing", "us-east-1", "routing")
    assert place.poll_seconds == 30
