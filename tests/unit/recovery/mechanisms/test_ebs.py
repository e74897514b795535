from typing import Any

import pytest

from stanchion.graph import UNKNOWN, GraphBuilder
from stanchion.recovery.mechanisms.ebs import MECHANISM, POLICY, VOLUME
from tests.unit.recovery.mechanisms.reading import APPLICATION, INFRASTRUCTURE, REGION, ZONE, Found

HOUR = 3600.0
EVERY_SIX: dict[str, Any] = {"name": "six", "createRule": {"interval": 6, "intervalUnit": "HOURS"}}


def found(*schedules: Any, tags: Any = None, region: str = "us-east-1", **policy: Any) -> Found:
    build = GraphBuilder(region="us-east-1", tags={"stanchion:restore": "20m"})
    build.add(VOLUME, "disk", {"availabilityZone": "us-east-1a", "tags": {"backup": "yes"} if tags is None else tags})
    if schedules:
        details = {"targetTags": {"backup": "yes"}, "schedules": list(schedules)}
        build.add(POLICY, "snapshots", {"policyDetails": details, **policy}, region=region)
    return Found(MECHANISM, build.graph())


def test_a_volume_without_snapshots_survives_nothing():
    for disruption in (APPLICATION, INFRASTRUCTURE, ZONE, REGION):
        assert found().loss("disk", disruption) is None


@pytest.mark.parametrize(
    ("rule", "hours"),
    [
        ({"interval": 6}, 7),
        ({"interval": 24}, 25),
        ({"cronExpression": "cron(0 5 * * ? *)"}, 25),
        # From Friday to Monday.
        ({"cronExpression": "cron(0 5 ? * MON-FRI *)"}, 73),
    ],
)
def test_the_interval_and_the_hour_in_which_a_snapshot_is_begun(rule: dict[str, Any], hours: float):
    result = found({"name": "s", "createRule": rule})
    for disruption in (APPLICATION, INFRASTRUCTURE, ZONE):
        assert result.loss("disk", disruption) == hours * HOUR
    assert result.loss("disk", REGION) is None


def test_a_restore_takes_what_the_team_declares():
    (protection,) = found(EVERY_SIX).of("disk", APPLICATION)
    assert [term.amount for term in protection.restore] == [1200.0]


def test_a_copy_in_another_region_is_what_helps_there():
    assert found({**EVERY_SIX, "crossRegionCopyRules": [{"target": "us-west-2"}]}).loss("disk", REGION) == 7 * HOUR
    assert (
        found({**EVERY_SIX, "crossRegionCopyRules": [{"targetRegion": "us-west-2"}]}).loss("disk", REGION) == 7 * HOUR
    )
    assert found({**EVERY_SIX, "crossRegionCopyRules": [{"target": "us-east-1"}]}).loss("disk", REGION) is None


@pytest.mark.parametrize(
    "result",
    [
        found(EVERY_SIX, tags={"backup": "no"}),
        found(EVERY_SIX, tags={}),
        found(EVERY_SIX, state="DISABLED"),
        found(EVERY_SIX, region="us-west-2"),
    ],
    ids=["another value", "no tag", "off", "another region"],
)
def test_what_a_policy_does_not_take_is_not_protected(result: Found):
    assert result.loss("disk", APPLICATION) is None


@pytest.mark.parametrize(
    ("result", "path"),
    [
        (found({"name": "s", "createRule": {"interval": UNKNOWN}}), "policyDetails.schedules[0].createRule.interval"),
        (found({"name": "s", "createRule": {}}), "policyDetails.schedules[0].createRule.interval"),
        (
            found({"name": "s", "createRule": {"cronExpression": "cron(nonsense)"}}),
            "policyDetails.schedules[0].createRule.cronExpression",
        ),
        (found(EVERY_SIX, tags={"backup": UNKNOWN}), 'tags["backup"]'),
        (found(UNKNOWN), "policyDetails.schedules[0].createRule"),
        (found(EVERY_SIX, state=UNKNOWN), "state"),
    ],
)
def test_what_is_not_known_is_named(result: Found, path: str):
    assert result.missing("disk", APPLICATION).startswith(path.removesuffix(".createRule"))


@pytest.mark.parametrize("hours", range(1, 25))
def test_a_longer_interval_never_loses_less(hours: int):
    def loss(interval: int) -> float:
        amount = found({"name": "s", "createRule": {"interval": interval}}).loss("disk", APPLICATION)
        assert isinstance(amount, float)
        return amount

    assert loss(hours) < loss(hours + 1)
