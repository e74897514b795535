import pytest

from policies.reading.kubernetes import BUDGETS, DEPLOYMENT, BudgetIndex, autoscalers, replicas_of
from stanchion.graph import UNKNOWN, GraphBuilder, ResourceGraph

SCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
SCALED_OBJECT = "kubernetes:keda.sh/v1alpha1:ScaledObject"


def deployment(builder: GraphBuilder, namespace: object = "serving", **labels: object) -> None:
    template = {"metadata": {"labels": {"app": "gateway", **labels}}}
    metadata = {"name": "gateway", "namespace": namespace}
    builder.add(DEPLOYMENT, "gateway", {"metadata": metadata, "spec": {"replicas": 2, "template": template}})


def budgets(graph: ResourceGraph) -> list[str]:
    return [budget.name for budget in BudgetIndex(graph).of(graph.of_type(DEPLOYMENT)[0])]


@pytest.mark.parametrize(
    ("selector", "selects"),
    [
        ({"matchLabels": {"app": "gateway"}}, True),
        ({"matchLabels": {"app": "gateway", "tier": "back"}}, False),
        ({"matchLabels": {"app": UNKNOWN}}, True),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["gateway", "other"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["gateway"]}]}, False),
        ({"matchExpressions": [{"key": "canary", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "canary", "operator": "Exists"}]}, False),
        ({}, True),
        (None, False),
    ],
)
def test_a_budget_is_found_by_its_selector(selector: dict[str, object] | None, selects: bool) -> None:
    builder = GraphBuilder()
    deployment(builder, tier="front")
    builder.add(BUDGETS[0], "budget", {"metadata": {"namespace": "serving"}, "spec": {"selector": selector}})
    assert budgets(builder.graph()) == (["budget"] if selects else [])


@pytest.mark.parametrize(("namespace", "selects"), [("serving", True), ("default", False), (UNKNOWN, True)])
def test_a_budget_counts_in_its_namespace(namespace: object, selects: bool) -> None:
    builder = GraphBuilder()
    deployment(builder)
    selector = {"matchLabels": {"app": "gateway"}}
    builder.add(BUDGETS[0], "budget", {"metadata": {"namespace": namespace}, "spec": {"selector": selector}})
    assert bool(budgets(builder.graph())) is selects


@pytest.mark.parametrize(
    ("type_", "spec", "replicas"),
    [
        (SCALER, {"minReplicas": 3}, 3),
        (SCALER, {}, 1),
        (SCALED_OBJECT, {"minReplicaCount": 4}, 4),
        (SCALED_OBJECT, {}, 0),
        (None, {}, 2),
    ],
)
def test_an_autoscaler_decides_how_many_replicas_stay(type_: str | None, spec: dict[str, int], replicas: int) -> None:
    builder = GraphBuilder()
    deployment(builder)
    if type_:
        inputs = {"metadata": {"namespace": "serving"}, "spec": {"scaleTargetRef": {"name": "gateway"}, **spec}}
        builder.add(type_, "scaler", inputs)
    graph = builder.graph()
    assert replicas_of(graph.of_type(DEPLOYMENT)[0], autoscalers(graph))[1] == replicas
