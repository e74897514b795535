"""A new version doesn't replace all of the old one in one step."""

from collections.abc import Callable, Iterable
from math import floor

from policies.reading.examples import single
from policies.reading.kubernetes import DEPLOYMENT, autoscalers, replicas_of
from policies.reading.spot import ECS_SERVICE, GROUP, NODE_GROUP
from policies.rule import Example, Group, Program, Rule, Severity, Thresholds, Violation
from stanchion.graph import UNKNOWN, GraphBuilder, Resource, ResourceGraph, Setting, Unsettled

ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
ENDPOINT_CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
DAEMON_SET = "kubernetes:apps/v1:DaemonSet"
_DEMAND = "some of the old version keeps serving until the new one does"


def check(program: Program, _: Thresholds) -> Iterable[Violation]:
    """Workloads, services, groups and endpoints that may take everything away at once."""
    scalers = autoscalers(program.graph)
    for deployment in program.of_type(DEPLOYMENT):
        yield from _deployment(deployment, scalers)
    for type_, judge in _JUDGES.items():
        for resource in program.of_type(type_):
            yield from judge(program, resource)


def _deployment(deployment: Resource, scalers: dict[str, Setting]) -> Iterable[Violation]:
    strategy = deployment.at("spec")["strategy"]
    kind = strategy["type"].text("RollingUpdate")
    if isinstance(kind, Unsettled):
        yield Violation.unsettled(kind, _DEMAND)
        return
    if kind == "Recreate":
        yield Violation.at(
            strategy["type"], f"Deployment '{deployment.name}' stops all of its pods before the first new one starts."
        )
        return
    setting = strategy["rollingUpdate"]["maxUnavailable"]
    yield from _unavailable(setting, replicas_of(deployment, scalers)[1], f"Deployment '{deployment.name}'")


def _unavailable(setting: Setting, replicas: float | Unsettled, subject: str) -> Iterable[Violation]:
    """How many may be missing at once, as a number or as a share that is rounded down; 25 % when nothing is said."""
    text = setting.text("25%")
    if isinstance(text, Unsettled):
        yield Violation.unsettled(text, _DEMAND)
        return
    share, _, rest = text.partition("%")
    percent = rest == "" and text.endswith("%")
    try:
        amount = float(share)
    except ValueError:
        yield Violation.unsettled(setting.wrong("a number or a percentage"), _DEMAND)
        return
    if isinstance(replicas, Unsettled):
        if percent and amount < 100:
            return
        yield Violation.unsettled(replicas, _DEMAND)
        return
    missing = floor(replicas * amount / 100) if percent else amount
    if replicas >= 1 and missing >= replicas:
        yield Violation.at(
            setting,
            f"{subject} lets {text} of {replicas:g} replica(s) be missing during a rollout, which is all of them.",
        )


def _daemon_set(_: Program, daemons: Resource) -> Iterable[Violation]:
    setting = daemons.at("spec")["updateStrategy"]["rollingUpdate"]["maxUnavailable"]
    if setting.value == "100%":
        yield Violation.at(setting, f"DaemonSet '{daemons.name}' replaces its pods on all nodes at once.")


def _service(_: Program, service: Resource) -> Iterable[Violation]:
    if service.at("deploymentController")["type"].value in ("CODE_DEPLOY", "EXTERNAL"):
        return
    if service.at("schedulingStrategy").value == "DAEMON":
        return
    if service.at("deploymentConfiguration")["strategy"].text("ROLLING") != "ROLLING":
        return
    setting = service.at("deploymentMinimumHealthyPercent")
    percent = setting.number(100)
    if isinstance(percent, Unsettled):
        yield Violation.unsettled(percent, _DEMAND)
    elif percent <= 0:
        yield Violation.at(setting, f"Service '{service.name}' may stop all of its tasks before new ones are healthy.")


def _group(_: Program, group: Resource) -> Iterable[Violation]:
    setting = group.at("instanceRefresh")["preferences"]["minHealthyPercentage"]
    percent = setting.number(90)
    if isinstance(percent, Unsettled):
        yield Violation.unsettled(percent, _DEMAND)
    elif percent <= 0:
        yield Violation.at(setting, f"Auto Scaling group '{group.name}' may replace all of its instances at once.")


def _node_group(_: Program, group: Resource) -> Iterable[Violation]:
    setting = group.at("updateConfig")["maxUnavailablePercentage"]
    percent = setting.number(0)
    if isinstance(percent, Unsettled):
        yield Violation.unsettled(percent, _DEMAND)
    elif percent >= 100:
        yield Violation.at(setting, f"Node group '{group.name}' may update all of its nodes at once.")


def _endpoint(program: Program, endpoint: Resource) -> Iterable[Violation]:
    if _serverless(program, endpoint):
        return
    deployment = endpoint.at("deploymentConfig")
    if gap := deployment.unsettled:
        yield Violation.unsettled(gap, _DEMAND)
        return
    if deployment["rollingUpdatePolicy"].is_set:
        return
    kind = deployment["blueGreenUpdatePolicy"]["trafficRoutingConfiguration"]["type"]
    text = kind.text("ALL_AT_ONCE")
    if isinstance(text, Unsettled):
        yield Violation.unsettled(text, _DEMAND)
    elif text == "ALL_AT_ONCE":
        said = "" if kind.is_set else " since it says nothing else,"
        yield Violation.at(
            kind if kind.is_set else endpoint,
            f"Endpoint '{endpoint.name}' shifts all traffic to a new version in one step,{said} so a bad one is seen "
            "by everybody.",
        )


def _serverless(program: Program, endpoint: Resource) -> bool:
    """Serverless variants have no fleets to shift between."""
    configuration = program.graph.reference(endpoint.at("endpointConfigName"), ENDPOINT_CONFIGURATION).one
    variants = configuration.at("productionVariants").each() if configuration else ()
    if isinstance(variants, Unsettled) or not variants:
        return False
    return all(variant["serverlessConfig"].is_set for variant in variants)


_JUDGES: dict[str, Callable[[Program, Resource], Iterable[Violation]]] = {
    DAEMON_SET: _daemon_set,
    ECS_SERVICE: _service,
    GROUP: _group,
    NODE_GROUP: _node_group,
    ENDPOINT: _endpoint,
}


def _deploy(strategy: dict[str, object], replicas: object = 4) -> ResourceGraph:
    return single(DEPLOYMENT, "gateway", {"spec": {"replicas": replicas, "strategy": strategy}})


def _model(**deployment: object) -> ResourceGraph:
    builder = GraphBuilder()
    builder.add(ENDPOINT, "search", {"deploymentConfig": deployment} if deployment else {})
    return builder.graph()


def _shift(kind: str) -> dict[str, object]:
    return {"trafficRoutingConfiguration": {"type": kind, "waitIntervalInSeconds": 600}}


RULE = Rule(
    id="capacity-rollout-not-all-at-once",
    group=Group.CAPACITY,
    severity=Severity.HIGH,
    description="Rollouts keep some of the old version until the new one serves, and endpoints shift traffic in "
    "steps: a bad version must not reach everybody, nor leave a gap.",
    remediation="Use RollingUpdate with maxUnavailable below all replicas, a minimum healthy percentage above 0, and "
    "CANARY or LINEAR traffic shifting for SageMaker endpoints.",
    source="Kubernetes documentation: Deployments, strategy; ECS API: DeploymentConfiguration; EC2 Auto Scaling API: "
    "RefreshPreferences; SageMaker API: DeploymentConfig",
    check=check,
    passing=(
        Example("a quarter at a time, by default", lambda: _deploy({})),
        Example("one replica, and a new one first", lambda: _deploy({}, replicas=1)),
        Example("a canary", lambda: _model(blueGreenUpdatePolicy=_shift("CANARY"))),
        Example("half of the tasks", lambda: single(ECS_SERVICE, "api", {"deploymentMinimumHealthyPercent": 50})),
    ),
    failing=(
        Example("all pods stop first", lambda: _deploy({"type": "Recreate"}), ("gateway",)),
        Example("all may be missing", lambda: _deploy({"rollingUpdate": {"maxUnavailable": "100%"}}), ("gateway",)),
        Example(
            "nobody knows of how many",
            lambda: _deploy({"rollingUpdate": {"maxUnavailable": 2}}, replicas=UNKNOWN),
            ("gateway",),
        ),
        Example("all tasks", lambda: single(ECS_SERVICE, "api", {"deploymentMinimumHealthyPercent": 0}), ("api",)),
        Example("all traffic, by default", _model, ("search",)),
        Example("all traffic", lambda: _model(blueGreenUpdatePolicy=_shift("ALL_AT_ONCE")), ("search",)),
    ),
)
