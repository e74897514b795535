import pytest

from stanchion.graph import SECRET, UNKNOWN, Resource, Unsettled
from stanchion.recovery.mechanisms.kubernetes.objects import annotation, namespace_of, selects, texts
from tests.unit.recovery.mechanisms.kubernetes.program import Program

LABELS = {"app": "api", "tier": "web"}


def verdict(selector, labels=LABELS):
    resource = Resource("urn:pulumi:s::p::t::n", "t", "n", {"selector": selector, "labels": labels})
    return selects(resource.at("selector"), resource.at("labels"))


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (None, False),
        ({}, True),
        ({"matchLabels": {"app": "api"}}, True),
        ({"matchLabels": {"app": "api", "tier": "db"}}, False),
        ({"matchLabels": {"zone": "a"}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["api", "b"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["api"]}]}, False),
        ({"matchExpressions": [{"key": "gone", "operator": "NotIn", "values": ["api"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}, False),
        # What is certainly false decides before what is not known.
        ({"matchLabels": {"app": UNKNOWN, "tier": "db"}}, False),
    ],
)
def test_selectors(selector, expected):
    assert verdict(selector) is expected


@pytest.mark.parametrize(
    "selector",
    [
        UNKNOWN,
        SECRET,
        "app=api",
        {"matchLabels": {"app": UNKNOWN}},
        {"matchLabels": UNKNOWN},
        {"matchExpressions": UNKNOWN},
        {"matchExpressions": [{"key": "app", "operator": "Near", "values": ["api"]}]},
        {"matchExpressions": [{"key": "app", "operator": "In", "values": [UNKNOWN]}]},
    ],
)
def test_selectors_that_can_not_be_told(selector):
    assert isinstance(verdict(selector), Unsettled)


def test_labels_that_are_not_known_are_not_guessed():
    assert isinstance(verdict({"matchLabels": {"app": "api"}}, UNKNOWN), Unsettled)
    assert isinstance(verdict({"matchLabels": {"app": "api"}}, {"app": SECRET}), Unsettled)


def test_a_namespace_is_known_by_its_resource_before_it_has_a_name():
    program = Program()
    space = program.add("kubernetes:core/v1:Namespace", "serving", {}, provider=program.provider)
    inside = program.add("kubernetes:apps/v1:Deployment", "a", {"metadata": {"namespace": space.ref("metadata")}})
    named = program.add("kubernetes:core/v1:Namespace", "named", {"metadata": {"name": "serving"}})
    same = program.add("kubernetes:apps/v1:Deployment", "b", {"metadata": {"namespace": named.ref("metadata")}})
    plain = program.add("kubernetes:apps/v1:Deployment", "c", {"metadata": {"namespace": UNKNOWN}})
    graph = program.graph()
    found = [namespace_of(graph, graph.resources[h.urn]) for h in (inside, same, plain)]
    assert found == [space.urn, "serving", None]


def test_an_annotation_may_stand_on_the_pods():
    program = Program()
    template = {"template": {"metadata": {"annotations": {"stanchion.dev/engine-init": "60s"}}}}
    handle = program.add("kubernetes:apps/v1:Deployment", "a", {"metadata": {"labels": None}, "spec": template})
    found = annotation(program.graph().resources[handle.urn], "engine-init")
    assert (found.value, "template" in found.path) == ("60s", True)
    assert not annotation(program.graph().resources[handle.urn], "image-bytes").is_set


def test_one_unknown_text_makes_a_list_unknown():
    resource = Resource("urn:pulumi:s::p::t::n", "t", "n", {"a": ["x", UNKNOWN], "b": ["x", 1]})
    assert isinstance(texts(resource.at("a")), Unsettled)
    assert texts(resource.at("b")) == ("x", "1")
