from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox.kubernetes_provider.ownership import owned, to_send
from sandbox.kubernetes_provider.paths import parse

CONTAINERS = [
    {"name": "sidecar", "image": "s:1"},
    {"name": "main", "image": "m:2", "env": [{"name": "A", "value": "1"}, {"name": "W", "value": "theirs"}]},
]
OURS = {
    "f:metadata": {"f:labels": {".": {}, "f:team": {}}},
    "f:spec": {
        "f:selector": {},
        "f:containers": {
            'k:{"name":"main"}': {".": {}, "f:name": {}, "f:env": {'k:{"name":"A"}': {".": {}, "f:value": {}}}},
            'k:{"name":"sidecar"}': {".": {}, "f:image": {}},
        },
    },
}
THEIRS = {
    "f:spec": {
        "f:replicas": {},
        "f:containers": {'k:{"name":"main"}': {"f:image": {}, "f:env": {'k:{"name":"W"}': {"f:value": {}}}}},
        "f:options": {},
    },
    "f:metadata": {"f:finalizers": {'v:"theirs"': {}}},
}


def live() -> dict[str, Any]:
    return {
        "metadata": {
            "name": "web",
            "labels": {"team": "a"},
            "finalizers": ["theirs"],
            "managedFields": [
                {"manager": "us", "fieldsV1": OURS},
                {"manager": "deployer", "fieldsV1": THEIRS},
                {"manager": "empty"},
            ],
        },
        "spec": {"replicas": 4, "selector": {"app": "web"}, "containers": CONTAINERS, "options": {"x": 1}},
    }


def program() -> dict[str, Any]:
    # In another order than in the cluster: entries are found by name.
    main = {"name": "main", "image": "m:1", "env": [{"name": "W", "value": "ours"}, {"name": "A", "value": "1"}]}
    return {
        "metadata": {"name": "web", "labels": {"team": "b"}},
        "spec": {"replicas": 2, "containers": [main, {"name": "sidecar", "image": "s:0"}], "options": {"x": 2}},
    }


def sent(*ignored: str) -> dict[str, Any]:
    return to_send(program(), live(), "us", [parse(each) for each in ignored])


def test_fields_by_manager():
    assert ("spec", "containers", 1, "image") in owned(live(), "deployer")
    assert ("metadata", "finalizers", 0) in owned(live(), "deployer")
    assert ("spec", "replicas") not in owned(live(), "us")
    assert owned(live(), but="us") == owned(live(), "deployer")
    assert owned({"metadata": {}}) == set()


def test_nothing_is_ignored_when_nothing_is_to_be_or_nothing_is_there():
    assert sent() == program()
    assert to_send(program(), None, "us", [("spec", "replicas")]) == program()


def test_a_field_of_another_manager_is_left_out():
    found = sent("spec.replicas", "spec.containers[0].image", "spec.containers[0].env[0].value")
    assert "replicas" not in found["spec"]
    assert found["spec"]["containers"][0] == {"name": "main", "env": [{"name": "W"}, {"name": "A", "value": "1"}]}
    assert found["spec"]["containers"][1] == {"name": "sidecar", "image": "s:0"}


def test_every_image_is_meant_by_a_star():
    found = sent("spec.containers[*].image")
    assert "image" not in found["spec"]["containers"][0]
    assert found["spec"]["containers"][1]["image"] == "s:1", "ours, as it is in the cluster"


def test_a_field_of_ours_is_sent_as_it_is():
    assert sent("metadata.labels.team")["metadata"]["labels"] == {"team": "a"}


def test_a_field_within_one_that_is_owned_as_a_whole_takes_all_of_it_along():
    wanted = program()
    wanted["spec"]["options"] = {"x": 2, "y": 3}
    assert "options" not in to_send(wanted, live(), "us", [("spec", "options", "x")])["spec"]


def test_entries_of_lists_are_left_out_from_the_end():
    wanted = {"spec": {"list": ["a", "b", "c"]}}
    there = {
        "metadata": {
            "managedFields": [{"manager": "x", "fieldsV1": {"f:spec": {"f:list": {'v:"a"': {}, 'v:"c"': {}}}}}]
        },
        "spec": {"list": ["a", "b", "c"]},
    }
    ignored = [("spec", "list", 0), ("spec", "list", 2)]
    assert to_send(wanted, there, "us", ignored) == {"spec": {"list": ["b"]}}


def test_what_the_cluster_does_not_have_is_sent():
    extra = program()
    extra["spec"]["paused"] = True
    assert to_send(extra, live(), "us", [("spec", "paused")])["spec"]["paused"] is True


@given(st.sets(st.sampled_from(["spec.replicas", "spec.containers[0].image", "metadata.labels", "spec.options"])))
def test_the_program_s_own_object_is_never_changed(ignored: set[str]):
    wanted = program()
    to_send(wanted, live(), "us", [parse(each) for each in ignored])
    assert wanted == program()
