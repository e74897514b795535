from stanchion.recovery.disruption import Disruption
from stanchion.recovery.objectives import Objective, TierObjectives, strictest
from stanchion.spec.tiers import Tier

REGION, ZONE = Disruption.REGION, Disruption.ZONE


def test_a_tier_of_the_document_in_seconds():
    tier = Tier.model_validate(
        {"rto": "4h", "rpo": {"region": "6h"}, "decide": {"region": "30m"}, "drill_every": "90d"}
    )
    objectives = TierObjectives.from_tier("standard", tier)
    assert objectives.of[REGION] == Objective(14400.0, 21600.0, 1800.0)
    assert objectives.of[ZONE] == Objective(14400.0, None, 0.0)
    assert objectives.of[ZONE].automatic
    assert not objectives.of[REGION].automatic
    assert objectives.drill_every == 90 * 86400


def test_the_strictest_takes_each_promise_from_whoever_makes_the_stricter_one():
    one = TierObjectives("one", {REGION: Objective(60.0, 3600.0, 5.0), ZONE: Objective(None, 10.0)}, 5.0)
    two = TierObjectives("two", {REGION: Objective(900.0, 60.0, 600.0), ZONE: Objective(30.0, None, 1.0)}, 3.0)
    both = strictest([two, one])
    assert both is not None
    assert both.of[REGION] == Objective(60.0, 60.0, 5.0)
    assert both.of[ZONE] == Objective(30.0, 10.0, 1.0)
    assert both.drill_every == 3.0
    assert both.name == "strictest of one, two"


def test_the_strictest_of_one_is_itself_and_of_none_nothing():
    one = TierObjectives("one", {})
    assert strictest([one]) is one
    assert strictest([]) is None
