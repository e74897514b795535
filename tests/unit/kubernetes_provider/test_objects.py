import pytest

from sandbox.kubernetes_provider.objects import Kind, annotation, from_identity, identity, shaped_like
from sandbox.provider.values import UNKNOWN


@pytest.mark.parametrize(
    ("token", "kind", "group"),
    [
        ("kubernetes:core/v1:Namespace", Kind("v1", "Namespace"), ""),
        ("kubernetes:apps/v1:Deployment", Kind("apps/v1", "Deployment"), "apps"),
        ("kubernetes:keda.sh/v1alpha1:ScaledObject", Kind("keda.sh/v1alpha1", "ScaledObject"), "keda.sh"),
    ],
)
def test_a_kind_from_a_type(token: str, kind: Kind, group: str):
    assert Kind.of_token(token) == kind
    assert kind.group == group


@pytest.mark.parametrize(("said", "pair"), [("space/a", ("space", "a")), ("a", ("", "a"))])
def test_an_id(said: str, pair: tuple[str, str]):
    assert from_identity(said) == pair
    assert identity({"metadata": {"namespace": pair[0], "name": pair[1]}}) == said


def test_an_annotation_that_is_not_known_says_nothing():
    assert annotation({"metadata": {"annotations": {"a": "b"}}}, "a") == "b"
    assert annotation({"metadata": {"annotations": {"a": UNKNOWN}}}, "a") == ""
    assert annotation({"metadata": {"annotations": UNKNOWN}}, "a") == annotation({}, "a") == ""


def test_a_value_in_the_shape_of_another():
    live = {"a": 1, "status": 2, "list": [{"x": 1, "default": 2}, {"x": 3}]}
    assert shaped_like(live, {"a": 5, "list": [{"x": 1}]}) == {"a": 1, "list": [{"x": 1}, {"x": 3}]}
