"""The kubernetes provider of the local cloud under the engine, on a real control plane."""

import base64
import json
from pathlib import Path

import pytest

from tests.engine.kubernetes_plane import Plane, Stack
from tests.engine.kubernetes_provider.objects import (
    CONFIG_MAP,
    DEPLOYMENT,
    NAMESPACE,
    PASSWORD,
    SERVICE,
    change,
    live,
    settings,
    web,
)
from tests.engine.project import changes

# A machine on which the control plane was never built builds it here.
pytestmark = [pytest.mark.engine, pytest.mark.timeout(3600)]


def test_a_stack_from_its_first_preview_to_its_end(tmp_path: Path, plane: Plane):
    stack = Stack(tmp_path, plane, "life")
    stack.add("life", NAMESPACE, {"metadata": {"name": "life"}})
    stack.add("web", DEPLOYMENT, web("life"), after=["life"])
    ports = [{"port": 80, "targetPort": 8080}]
    door = {"metadata": {"namespace": "life"}, "spec": {"selector": {"app": "web"}, "ports": ports}}
    stack.add("door", SERVICE, door, after=["life"])
    stack.add("settings", CONFIG_MAP, {"metadata": {"namespace": "life"}, "data": {"a": "1"}}, after=["life"])
    assert "+ 6 to create" in stack.preview().ok().out
    assert changes(stack.up().ok()) == {"created": 6}
    assert changes(stack.up("--refresh").ok()) == {"unchanged": 6}, "what the server fills in is no change"
    path = "/apis/apps/v1/namespaces/life/deployments/web"
    change(plane, path, "kubectl-edit", {"spec": {"replicas": 5}})
    stack.objects["web"]["inputs"]["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 5
    said = stack.preview("--refresh").ok().out
    assert "~ replicas: 5 => 2" in said
    assert "+ terminationGracePeriodSeconds: 5" in said
    assert changes(stack.up("--refresh").ok()) == {"updated": 1, "unchanged": 5}
    found = live(plane, "life", "deployments", "web")["spec"]
    assert (found["replicas"], found["template"]["spec"]["terminationGracePeriodSeconds"]) == (2, 5)
    named = stack.state()["settings"]["id"]
    assert named.startswith("life/settings-")
    plane.api.delete(f"/api/v1/namespaces/life/configmaps/{named.removeprefix('life/')}")
    assert changes(stack.up("--refresh").ok()) == {"created": 1, "unchanged": 5}, "somebody deleted it"
    assert stack.pulumi("destroy", "--yes", "--skip-preview").ok()
    assert plane.api.get("/api/v1/namespaces/life") is None


SDK_PROGRAM = """
from pathlib import Path

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.apps.v1 import Deployment
from pulumi_kubernetes.core.v1 import Namespace, Secret
from pulumi_kubernetes.helm.v3 import Release

cluster = kubernetes.Provider("cluster", kubeconfig=Path("kubeconfig").read_text(), enable_server_side_apply=True)
within = pulumi.ResourceOptions(provider=cluster)
space = Namespace("sdk", opts=within)
labels = {"app": "web"}
container = {"name": "main", "image": "example.com/model:1", "ports": [{"container_port": 8080}]}
web = Deployment(
    "web",
    metadata={"namespace": space.metadata.name, "labels": labels},
    spec={
        "selector": {"match_labels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
    },
    opts=within,
)
password = {"password": "correct-horse-battery"}
Secret("token", metadata={"namespace": space.metadata.name}, string_data=password, opts=within)
kubernetes.apiextensions.v1.CustomResourceDefinition(
    "kinds",
    metadata={"name": "examples.stanchion.dev"},
    spec={
        "group": "stanchion.dev",
        "scope": "Namespaced",
        "names": {"kind": "Example", "plural": "examples", "singular": "example"},
        "versions": [{
            "name": "v1", "served": True, "storage": True,
            "schema": {"open_apiv3_schema": {
                "type": "object",
                "properties": {"spec": {"type": "object", "x_kubernetes_preserve_unknown_fields": True}},
            }},
        }],
    },
    opts=within,
)
# It says no order: its definition may come after it.
CustomResource(
    "example", api_version="stanchion.dev/v1", kind="Example", metadata={"namespace": space.metadata.name},
    spec={"anything": {"goes": 1}}, opts=within,
)
Release("engine", chart="engine", repository_opts={"repo": "https://charts.example.com"}, opts=within)
pulumi.export("name", web.metadata.name)
pulumi.export("replicas", web.spec.replicas)
"""


def test_the_sdk_s_classes_custom_kinds_and_a_chart(tmp_path: Path, plane: Plane):
    stack = Stack(tmp_path, plane, "sdk", SDK_PROGRAM)
    # Without a namespace that is known, the server can't be asked; the schemas are.
    assert "+ 8 to create" in stack.preview().ok().out
    said = stack.up().ok().out
    assert changes(stack.up("--refresh").ok()) == {"unchanged": 8}
    state = stack.state()
    assert PASSWORD not in said + json.dumps(state)
    outputs = json.loads(stack.pulumi("stack", "output", "--json").ok().out)
    assert outputs["name"].startswith("web-")
    assert outputs["replicas"] == 1, "the server's default"
    example = plane.api.get(f"/apis/stanchion.dev/v1/namespaces/{state['sdk']['id']}/examples")
    assert example is not None
    assert [each["spec"] for each in example["items"]] == [{"anything": {"goes": 1}}]
    token = live(plane, state["sdk"]["id"], "secrets", state["token"]["id"].partition("/")[2])
    assert base64.b64decode(token["data"]["password"]).decode() == PASSWORD
    assert state["engine"]["id"] == "engine"
    assert stack.pulumi("destroy", "--yes", "--skip-preview").ok()
    assert plane.api.get(f"/api/v1/namespaces/{state['sdk']['id']}") is None


def test_a_first_preview_before_the_cluster_is_there_judges_the_manifests(tmp_path: Path, plane: Plane):
    stack = Stack(tmp_path, plane, "first")
    stack.said["cluster_to_come"] = True
    stack.add("web", DEPLOYMENT, web("nowhere-yet"))
    said = stack.preview().ok().out
    assert "+ 5 to create" in said
    assert "known once the cluster is there" in said
    spec = stack.objects["web"]["inputs"]["spec"]["template"]["spec"]
    spec["containers"][0]["imagePullPolicyy"] = "Always"
    spec["terminationGracePeriodSeconds"] = "30"
    said = stack.preview()
    assert said.code != 0
    assert (
        "spec.template.spec.containers[0].imagePullPolicyy: there is no such field; did you mean imagePullPolicy?"
        in (said.out)
    )
    assert "spec.template.spec.terminationGracePeriodSeconds: '30' is string; integer is wanted" in said.out


def test_a_rollout_that_fails_is_recorded_and_the_next_run_goes_on(tmp_path: Path, plane: Plane, space: str):
    stack = Stack(tmp_path, plane, "rollout")
    document = web(space, annotations={"pulumi.com/timeoutSeconds": "3"})
    document["spec"]["template"]["spec"]["nodeSelector"] = {"no": "where"}
    stack.add("web", DEPLOYMENT, document)
    failed = stack.up()
    assert failed.code != 0
    assert f"Deployment {space}/web is not ready after 3 s: 0 of 2 pods are available" in failed.out
    assert "a pod is not scheduled: 0/2 nodes are available: 2 node(s) didn't match" in failed.out
    assert stack.state()["web"]["id"] == f"{space}/web"
    del document["spec"]["template"]["spec"]["nodeSelector"]
    assert changes(stack.up().ok()) == {"updated": 1, "unchanged": 2}
    assert changes(stack.up("--refresh").ok()) == {"unchanged": 3}


def test_an_object_is_imported_as_it_is(tmp_path: Path, plane: Plane, space: str):
    plane.api.apply({"apiVersion": "v1", "kind": "ConfigMap", **settings(space, a="1")}, "kubectl")
    stack = Stack(tmp_path, plane, "import")
    stack.add("settings", CONFIG_MAP, settings(space, a="1"), **{"import": f"{space}/settings"})
    assert "1 imported" in stack.up().ok().out
    del stack.objects["settings"]["import"]
    assert changes(stack.up().ok()) == {"unchanged": 3}
    stack.objects["settings"]["inputs"]["metadata"]["labels"] = {"mine": "now"}
    assert changes(stack.up().ok()) == {"updated": 1, "unchanged": 2}
