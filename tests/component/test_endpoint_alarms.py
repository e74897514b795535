"""Alarms of a slot: what each looks at, how long it waits, and that no floor is written in any of them."""

from typing import Any

from tests.component.endpoint_args import recorded, variant


def alarms(*variants: Any, **changes: Any) -> dict[str, dict[str, Any]]:
    return {each.name: each.inputs for each in recorded(*variants, **changes).all("MetricAlarm")}


def test_each_slot_is_watched_for_its_floor_its_restarts_its_end_and_what_waits() -> None:
    kinds = {"under-floor", "restarts", "full", "pending"}
    assert set(alarms()) == {f"local-full-{color}-{kind}" for color in ("blue", "green") for kind in kinds}


def test_without_a_burst_the_replicas_themselves_can_be_full() -> None:
    kinds = {name.removeprefix("local-full-blue-") for name in alarms(variant(max=2)) if "-blue-" in name}
    assert kinds == {"under-floor", "restarts", "memory"}


def test_each_looks_at_its_own_slot() -> None:
    for name, alarm in alarms().items():
        where = alarm["dimensions"]
        assert (where["ClusterName"], where["Namespace"]) == ("prod", "endpoints")
        slot = f"support-assistant-full-{name.split('-')[2]}"
        own = where.get("Service") or where["PodName"].rpartition("-")[0]
        assert own == slot


def test_missing_replicas_of_the_floor_wake_somebody_after_a_start_could_have_ended() -> None:
    alarm = alarms()["local-full-blue-under-floor"]
    assert alarm["alarmActions"] == ["arn:critical"]
    assert (alarm["metricName"], alarm["dimensions"]["PodName"]) == (
        "status_replicas_unavailable",
        "support-assistant-full-blue-floor",
    )
    # 48 s of files, twice 195 s of the engine, and two minutes more.
    assert (alarm["evaluationPeriods"], alarm["period"]) == (10, 60)
    quick = alarms(variant(start=variant().start.__class__(1, 1024**3, 1)))
    assert quick["local-full-blue-under-floor"]["evaluationPeriods"] >= 5


def test_all_replicas_at_once_are_told_by_the_number_there_may_be() -> None:
    alarm = alarms()["local-full-blue-full"]
    assert (alarm["metricName"], alarm["threshold"]) == ("service_number_of_running_pods", 20)
    assert alarm["comparisonOperator"] == "GreaterThanOrEqualToThreshold"


def test_the_floor_is_in_none_of_them() -> None:
    """A changed floor changes one object, and no alarm is it."""
    assert alarms(variant(floor=2)) == alarms(variant(floor=3))


def test_a_burst_that_waits_is_no_reason_to_wake_anybody() -> None:
    found = alarms()
    assert {found[f"local-full-blue-{kind}"]["alarmActions"][0] for kind in ("pending", "full", "restarts")} == {
        "arn:warning"
    }
