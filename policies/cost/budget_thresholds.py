"""An overrun is told while it can still be stopped."""

from collections.abc import Iterable, Mapping

from policies.reading.examples import single
from policies.reading.listed import names_somebody
from policies.rule import Example, Group, Program, Rule, Severity, Threshold, Thresholds, Violation
from stanchion.graph import UNKNOWN, GraphBuilder, Resource, ResourceGraph, Setting, Unsettled
from stanchion.recovery.survival import Condition, any_of

BUDGET = "aws:budgets/budget:Budget"


def check(program: Program, thresholds: Thresholds) -> Iterable[Violation]:
    """Budgets of costs that don't tell somebody at each of the percentages."""
    wanted = _percentages(thresholds["percentages"])
    for budget in program.of_type(BUDGET):
        # Budgets of utilisation and coverage are about what is left unused, below 100 %.
        kind = budget.at("budgetType").text("COST")
        if isinstance(kind, Unsettled):
            yield Violation.unsettled(kind, "it is a budget of costs")
        elif kind == "COST":
            yield from _judge(program, budget, wanted)


def _percentages(texts: Iterable[str]) -> list[float]:
    found: list[float] = []
    for text in texts:
        try:
            found.append(float(text))
        except ValueError:
            continue
    return sorted(found)


def _judge(program: Program, budget: Resource, wanted: list[float]) -> Iterable[Violation]:
    notifications = budget.at("notifications")
    each = notifications.each()
    if isinstance(each, Unsettled):
        yield Violation.unsettled(each, "an overrun is told")
        return
    missing: list[float] = []
    for percentage in wanted:
        answer = any_of(*(_tells(program, notification, percentage) for notification in each))
        if isinstance(answer, Unsettled):
            yield Violation.unsettled(answer, f"somebody is told at {percentage:g} %")
        elif not answer:
            missing.append(percentage)
    if missing:
        named = ", ".join(f"{percentage:g} %" for percentage in missing)
        yield Violation.at(
            notifications,
            f"Budget '{budget.name}' tells nobody when the actual cost exceeds {named} of it (ACTUAL, PERCENTAGE, "
            "GREATER_THAN, with a subscriber).",
        )


def _tells(program: Program, notification: Setting, percentage: float) -> Condition:
    """Whether a notification is about this percentage of the actual cost, and somebody gets it."""
    fixed = {
        "notificationType": "ACTUAL",
        "thresholdType": "PERCENTAGE",
        "comparisonOperator": "GREATER_THAN",
    }
    gap: Unsettled | None = None
    for key, value in fixed.items():
        text = notification[key].text()
        if isinstance(text, Unsettled):
            gap = gap or text
        elif text != value:
            return False
    threshold = notification["threshold"].number(0)
    if isinstance(threshold, Unsettled):
        gap = gap or threshold
    elif threshold != percentage:
        return False
    lists = (notification["subscriberEmailAddresses"], notification["subscriberSnsTopicArns"])
    heard = any_of(*(names_somebody(program.graph, setting) for setting in lists))
    return False if heard is False else gap or heard


def _notification(threshold: object, **changes: object) -> dict[str, object]:
    return {
        "notificationType": "ACTUAL",
        "thresholdType": "PERCENTAGE",
        "comparisonOperator": "GREATER_THAN",
        "threshold": threshold,
        "subscriberEmailAddresses": ["finance@example.com"],
        **changes,
    }


def _budget(*notifications: Mapping[str, object], kind: str = "COST") -> ResourceGraph:
    return single(BUDGET, "search", {"budgetType": kind, "limitAmount": "500", "notifications": list(notifications)})


def _by_topic() -> ResourceGraph:
    builder = GraphBuilder()
    topic = builder.add("aws:sns/topic:Topic", "cost", {})
    notifications = [
        _notification(t, subscriberEmailAddresses=[], subscriberSnsTopicArns=[topic.ref("arn")]) for t in _ALL
    ]
    builder.add(BUDGET, "search", {"budgetType": "COST", "notifications": notifications})
    return builder.graph()


_ALL = (110, 125, 150)

RULE = Rule(
    id="cost-budget-thresholds",
    group=Group.COST,
    severity=Severity.MEDIUM,
    description="Each budget tells somebody when the actual cost exceeds it by 10, 25 and 50 %, the steps at which the "
    "platform acts.",
    remediation="Add a notification for each percentage: notificationType ACTUAL, thresholdType PERCENTAGE, "
    "comparisonOperator GREATER_THAN, with an address or a topic.",
    source="AWS Budgets API: Notification; decision: overruns act at +10, +25 and +50 %",
    check=check,
    thresholds=(
        Threshold(
            "percentages",
            ("110", "125", "150"),
            "Percentages of the budget; AWS Budgets takes ten notifications at most (API: Notification).",
        ),
    ),
    passing=(
        Example("all three", lambda: _budget(*map(_notification, _ALL))),
        Example("all three, to a topic that is new", _by_topic),
        Example("a budget of utilisation", lambda: _budget(kind="RI_UTILIZATION")),
    ),
    failing=(
        Example("one is missing", lambda: _budget(*map(_notification, _ALL[:2])), ("search",)),
        Example(
            "what is forecast only",
            lambda: _budget(*(_notification(t, notificationType="FORECASTED") for t in _ALL)),
            ("search",),
        ),
        Example(
            "nobody hears it",
            lambda: _budget(*(_notification(t, subscriberEmailAddresses=[]) for t in _ALL)),
            ("search",),
        ),
        Example("nobody knows yet", lambda: _budget(*map(_notification, (110, 125, UNKNOWN))), ("search",)),
    ),
)
