"""CloudWatch alarms: how soon somebody is told that a workload answers wrongly.

An alarm detects what health checks can't: errors, latency, bad predictions. It counts only when it tells somebody: one
without actions detects nothing, nor does one whose actions only scale. Alarms on spending, backups and utilisation are
left out, since a bad deployment need not move them. Of a workload's alarms the fastest one counts.
"""

import re
from collections.abc import Iterator
from typing import Final

from stanchion.graph import Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.disruption import Disruption
from stanchion.recovery.findings import Finding, Note, Phase, Step
from stanchion.recovery.mechanism import Mechanism
from stanchion.recovery.serving import called, seconds, slowest, untold
from stanchion.recovery.sources import Source
from stanchion.recovery.survival import Condition, any_of
from stanchion.recovery.term import Amount, Grade, Term, largest, product, rank
from stanchion.recovery.workloads import owner_of

ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE: Final = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
# Steps of one workload with this alternative: the first alarm that goes off is the one that tells.
ALTERNATIVE: Final = "alarms"

EVALUATION = Source(
    "Amazon CloudWatch User Guide",
    "Alarm evaluation: M of N datapoints of one period each; missing data; PromQL alarms",
)
RHYTHM = Source(
    "Amazon CloudWatch User Guide",
    "Alarm evaluation: each minute, each 10 s for a period under a minute; window sliding or by the wall clock",
)
MINUTE, TEN_SECONDS = 60.0, 10.0

_SCALING_TYPES = ("aws:autoscaling/policy:", "aws:appautoscaling/policy:")
_OTHER_NAMESPACES = frozenset(
    {"AWS/Billing", "AWS/Backup", "AWS/Usage", "AWS/CertificateManager", "AWS/TrustedAdvisor"}
)
_UTILISATION = re.compile(r"(utilization|utilisation|free(storage|able)|credit|diskspace)", re.IGNORECASE)
_NAMED = re.compile(r"""ALARM\s*\(\s*["']?([^"')]+)["']?\s*\)""")
_SILENT = ("missing", "ignore", "notBreaching")


def find(graph: ResourceGraph) -> Iterator[Finding]:
    """A step for each alarm that tells somebody about wrong answers."""
    for alarm in graph.of_type(ALARM, COMPOSITE):
        if not _is_about_answers(alarm):
            continue
        told = tells(graph, alarm)
        if told is False:
            if alarm.type == ALARM:
                yield Note(alarm.urn, f"alarm '{alarm.name}' tells nobody: it detects nothing by itself")
            continue
        name = f"{called('alarm', alarm)} goes off"
        terms = (untold(name, told, EVALUATION),) if isinstance(told, Unsettled) else goes_off(graph, alarm)
        urn = _attributed(graph, alarm).urn
        yield Step(urn, name, Disruption.APPLICATION, Phase.DETECT, terms, alternative=ALTERNATIVE)
        if note := _silence(alarm):
            yield note


def tells(graph: ResourceGraph, alarm: Resource) -> Condition:
    """Whether an alarm has an action that tells or rolls back, and has its actions switched on."""
    enabled = alarm.at("actionsEnabled").flag(True)
    if enabled is not True:
        return enabled
    setting = alarm.at("alarmActions")
    actions = setting.each()
    if isinstance(actions, Unsettled):
        # A list that is wholly unknown is no gap when edges say what is in it.
        named = _by_edges(graph, setting)
        return any(not _scales(resource) for resource in named) if named else actions
    return any_of(*(_acts(graph, action) for action in actions))


def _by_edges(graph: ResourceGraph, setting: Setting) -> tuple[Resource, ...]:
    return graph.reference(setting).resources


def _acts(graph: ResourceGraph, action: Setting) -> Condition:
    if isinstance(action.value, str):
        if not action.value or ":scalingPolicy:" in action.value:
            return False
        return not any(_scales(resource) for resource in graph.named(action.value))
    if action.unsettled is None:
        return action.wrong("an ARN") if action.is_set else False
    named = _by_edges(graph, action)
    return not named or any(not _scales(resource) for resource in named)


def _scales(resource: Resource) -> bool:
    return resource.type.startswith(_SCALING_TYPES)


def goes_off(graph: ResourceGraph, alarm: Resource, within: frozenset[str] = frozenset()) -> tuple[Term, ...]:
    """Until an alarm goes off after its metric turned bad and stays bad.

    Args:
        graph: the program.
        alarm: a metric alarm or a composite one; the latter is as slow as the slowest alarm of its rule.
        within: URNs of composite alarms that contain this one, since rules can form a circle.
    """
    if alarm.type == COMPOSITE:
        return _composite(graph, alarm, within | {alarm.urn})
    name = called("alarm", alarm)
    criteria = alarm.at("evaluationCriteria")
    if criteria.is_set:
        pending, every = criteria["promqlCriteria"]["pendingPeriod"], alarm.at("evaluationInterval")
        return (
            Term.of(f"pending period of {name}", pending.number(0), Grade.BOUND, EVALUATION, pending),
            Term.of(f"evaluation of {name}", every.number(MINUTE), Grade.BOUND, RHYTHM, every),
        )
    period = _period(alarm)
    needed = alarm.at("datapointsToAlarm")
    if not _given(needed):
        needed = alarm.at("evaluationPeriods")
    count: Amount = needed.number(1) if needed.is_set else needed.wrong("a number of periods")
    at = alarm.at("period") if _given(alarm.at("period")) else alarm.at("metricQueries")
    return (
        Term.of(f"breaching periods of {name}", product(period, count), Grade.BOUND, EVALUATION, at),
        Term.of(f"evaluation of {name}", _rhythm(alarm, period), Grade.BOUND, RHYTHM, at),
    )


def _given(setting: Setting) -> bool:
    """Whether it is set; a deployed alarm carries 0 for what its program leaves out."""
    return setting.is_set and setting.value != 0


def _period(alarm: Resource) -> Amount:
    """The period of the metric, or the longest one of those that an expression is made of."""
    own = alarm.at("period")
    if _given(own):
        return own.number(0)
    queries = alarm.at("metricQueries").each()
    if isinstance(queries, Unsettled):
        return queries
    periods = [
        setting for query in queries for setting in (query["period"], query["metric"]["period"]) if setting.is_set
    ]
    return largest(setting.number(0) for setting in periods) if periods else own.wrong("a number of seconds")


def _rhythm(alarm: Resource, period: Amount) -> Amount:
    """A sliding window is looked at every minute; one by the wall clock only when a period ends."""
    window = alarm.at("evaluationWindow")
    if isinstance(period, Unsettled):
        return period
    if window.unsettled:
        return window.unsettled
    if window["wallClockWindow"].is_set:
        return period + MINUTE
    return TEN_SECONDS if period < MINUTE else MINUTE


def _composite(graph: ResourceGraph, alarm: Resource, within: frozenset[str]) -> tuple[Term, ...]:
    rule = alarm.at("alarmRule")
    text = rule.text()
    members: dict[str, Resource] = {}
    if isinstance(text, str):
        for name in _NAMED.findall(text):
            members.update((found.urn, found) for found in graph.named(name.strip(), ALARM, COMPOSITE))
    else:
        members = {found.urn: found for found in graph.reference(rule, ALARM, COMPOSITE).resources}
    bills = [goes_off(graph, member, within) for urn, member in sorted(members.items()) if urn not in within]
    if bills:
        return slowest(bills)
    gap = text if isinstance(text, Unsettled) else rule.wrong("a rule over alarms of this program")
    return (untold(f"rule of {called('alarm', alarm)}", gap, EVALUATION),)


def _is_about_answers(alarm: Resource) -> bool:
    metrics = [alarm]
    queries = alarm.at("metricQueries").each()
    pairs = [(m.at("namespace").value, m.at("metricName").value) for m in metrics]
    if not isinstance(queries, Unsettled) and queries:
        pairs = [(q["metric"]["namespace"].value, q["metric"]["metricName"].value) for q in queries]
        pairs = [pair for pair in pairs if pair != (None, None)] or [(None, None)]
    return any(not _is_about_other_things(namespace, metric) for namespace, metric in pairs)


def _is_about_other_things(namespace: object, metric: object) -> bool:
    if isinstance(namespace, str) and namespace in _OTHER_NAMESPACES:
        return True
    return isinstance(metric, str) and bool(_UTILISATION.search(metric))


def _silence(alarm: Resource) -> Note | None:
    """A workload that died reports nothing; only its own metrics fall silent with it, AWS' own ones go on."""
    namespace, missing = alarm.at("namespace").value, alarm.at("treatMissingData").text("missing")
    if not isinstance(namespace, str) or namespace.startswith("AWS/") or missing not in _SILENT:
        return None
    text = (
        f"alarm '{alarm.name}' treats missing data as '{missing}', so it stays silent when the workload reports nothing"
    )
    return Note(alarm.urn, text)


def _attributed(graph: ResourceGraph, alarm: Resource) -> Resource:
    """The alarm itself where an edge ties it to what it watches; else what its dimensions name, if that is here."""
    value = alarm.at("dimensions").value
    if (
        owner_of(graph, alarm) is not None
        or alarm.property_dependencies.get("dimensions")
        or not isinstance(value, dict)
    ):
        return alarm
    watched = [found for named in value.values() if isinstance(named, str) for found in graph.named(named)]  # pyright: ignore[reportUnknownVariableType]
    watched = [found for found in watched if found.type.startswith("aws:") and found.urn != alarm.urn]
    return min(watched, key=lambda found: found.urn) if watched else alarm


def fastest(bills: list[tuple[Term, ...]]) -> tuple[Term, ...]:
    """Of several alarms that do the same, the first one to go off."""
    return min(bills, key=lambda terms: (rank(seconds(terms)), [(t.urn, t.name) for t in terms]), default=())


MECHANISM = Mechanism("cloudwatch-alarms", find, reads=frozenset({ALARM, COMPOSITE}))
