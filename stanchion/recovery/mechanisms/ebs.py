"""EBS volumes: copies within one zone by design; snapshots by a lifecycle policy, in the region or in another one."""

from collections.abc import Iterator
from typing import Any, cast

from stanchion.graph import SECRET, UNKNOWN, Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.backup.schedule import longest_gap, runs
from stanchion.recovery.declared import restore_term
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Protection, Store
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import IN_REGION, Condition, all_of, any_of, protections
from stanchion.recovery.term import Amount, Grade, Term, scaled

VOLUME = "aws:ebs/volume:Volume"
POLICY = "aws:dlm/lifecyclePolicy:LifecyclePolicy"

_GUIDE = "Amazon EBS User Guide"
LIFECYCLE = Source(_GUIDE, "Data Lifecycle Manager: snapshots are begun within an hour of the scheduled time")
COPIES = Source(
    _GUIDE, "Data Lifecycle Manager: cross-Region copies begin when a snapshot is complete; no time is stated"
)
START_SECONDS = 3600.0


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """Stores and protections of all volumes.

    Copies within the zone make failures rare, and an annual failure rate is no promise that nothing is lost: a lost
    machine leaves the volume, a lost volume needs a snapshot.
    """
    policies = graph.of_type(POLICY)
    for volume in graph.of_type(VOLUME):
        yield Store(volume.urn, "EBS volume")
        for policy in policies:
            yield from _snapshots(graph, volume, policy)


def _snapshots(graph: ResourceGraph, volume: Resource, policy: Resource) -> Iterator[Protection]:
    here, place = graph.region_of(volume), graph.region_of(policy)
    if isinstance(here, str) and isinstance(place, str) and here != place:
        return
    details = policy.at("policyDetails")
    taken = _selected(graph, volume, details["targetTags"])
    state = policy.at("state").text("ENABLED")
    enabled: Condition = state if isinstance(state, Unsettled) else state == "ENABLED"
    given = all_of(taken, enabled)
    if given is False:
        return
    schedules = details["schedules"].each()
    for schedule in (details["schedules"],) if isinstance(schedules, Unsettled) else schedules:
        name = schedule["name"].text()
        label = (
            f"schedule '{name}' of snapshot policy '{policy.name}'" if isinstance(name, str) else f"`{schedule.path}`"
        )
        loss = (
            Term.of(
                f"interval of {label}",
                _interval(schedule["createRule"]),
                Grade.BOUND,
                LIFECYCLE,
                schedule["createRule"],
            ),
            Term.of("time until a snapshot is begun", START_SECONDS, Grade.BOUND, LIFECYCLE, schedule),
        )
        back = restore_term(graph, volume, "a volume is made of the snapshot")
        yield from protections(volume, label, IN_REGION, loss, [back], given=given)
        for rule in _each(schedule["crossRegionCopyRules"]):
            target = rule["target"] if rule["target"].is_set else rule["targetRegion"]
            there = target.text()
            gap = next((region for region in (there, here) if isinstance(region, Unsettled)), None)
            apart: Condition = gap or bool(there and there != here)
            term = Term.of(f"copy to {there}, for which no time is stated", 0.0, Grade.TYPICAL, COPIES, rule)
            yield from protections(
                volume, f"copy by {label}", (Disruption.REGION,), [*loss, term], [back], given=all_of(apart, given)
            )


def _selected(graph: ResourceGraph, volume: Resource, tags: Setting) -> Condition:
    if gap := tags.unsettled:
        return gap
    said: Any = tags.value
    wanted = cast("dict[str, Any]", said) if isinstance(said, dict) else {}
    own = graph.tags_of(volume)
    found: list[Condition] = []
    for key in wanted:
        value, target = own.get(key), tags[key]
        if value is UNKNOWN or value is SECRET:
            found.append(
                Unsettled(volume.urn, f'tags["{key}"]', "is not known, so that no selection by it can be told")
            )
        elif gap := target.unsettled:
            found.append(gap)
        else:
            found.append(value is not None and str(value) == str(target.value))
    return any_of(*found)


def _interval(rule: Setting) -> Amount:
    cron = rule["cronExpression"].text()
    if isinstance(cron, Unsettled):
        return cron
    if cron:
        minutes = runs(cron)
        gap = longest_gap(minutes) if minutes else None
        return rule["cronExpression"].wrong("a schedule that can be read here") if gap is None else gap
    if not rule["interval"].is_set:
        return rule.unsettled or Unsettled(rule.resource.urn, f"{rule.path}.interval", "is not set")
    return scaled(rule["interval"].number(24), 3600)


def _each(setting: Setting) -> tuple[Setting, ...]:
    found = setting.each()
    return (setting,) if isinstance(found, Unsettled) else found


MECHANISM = Mechanism("ebs", find, stores=frozenset({VOLUME}), reads=frozenset({POLICY}))
