"""What the kubernetes provider of the local cloud waits for, and what it says when that does not come."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.engine.kubernetes_client import NotReady, Refused, Resource
from tests.engine.kubernetes_plane import Plane
from tests.engine.kubernetes_provider.objects import CONFIG_MAP, DEPLOYMENT, NAMESPACE, SERVICE, resource, web
from tests.engine.test_control_plane import until

# A machine on which the control plane was never built builds it here.
pytestmark = [pytest.mark.engine, pytest.mark.timeout(3600)]


def test_an_image_that_can_not_be_had_is_the_reason(plane: Plane, stub: Any, space: str):
    pod = {"metadata": {"namespace": space, "name": "lost"}, "spec": {"containers": [{"name": "main", "image": "a:1"}]}}
    # No node takes it, so that its status is what this test says.
    pod["spec"]["schedulerName"] = "nobody"
    status = {
        "phase": "Pending",
        "containerStatuses": [
            {
                "name": "main", "image": "a:1", "imageID": "", "ready": False, "restartCount": 0,
                "state": {"waiting": {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "a:1"'}},
            }
        ],
    }  # fmt: skip

    def tell() -> None:
        path = f"/api/v1/namespaces/{space}/pods/lost"
        until(lambda: plane.api.get(path), 20)
        plane.api.patch(f"{path}/status", {"status": status})

    with ThreadPoolExecutor(1) as pool:
        telling = pool.submit(tell)
        with pytest.raises(NotReady, match='container main: ImagePullBackOff: Back-off pulling image "a:1"'):
            resource(stub, "core/v1:Pod").up(pod, timeout=3)
        telling.result()


def test_a_service_waits_for_the_pods_behind_it_but_not_for_none(plane: Plane, stub: Any, space: str):
    door = {
        "metadata": {"namespace": space, "name": "door"},
        "spec": {"ports": [{"port": 80}], "selector": {"app": "x"}},
    }
    assert resource(stub, SERVICE).up(door) == "create"
    alone = {"metadata": {"namespace": space, "name": "alone"}, "spec": {"clusterIP": "None", "ports": [{"port": 80}]}}
    assert resource(stub, SERVICE, "alone").up(alone) == "create"
    balanced = {
        **door,
        "metadata": {"namespace": space, "name": "lb"},
        "spec": {**door["spec"], "type": "LoadBalancer"},
    }
    assert resource(stub, SERVICE, "lb").up(balanced, timeout=20) == "create"


def test_nothing_is_waited_for_where_nothing_runs_or_nobody_wants_it(stub: Any, space: str):
    none = web(space, replicas=0)
    none["spec"]["template"]["spec"]["nodeSelector"] = {"no": "where"}
    assert resource(stub, DEPLOYMENT, "none").up(none, timeout=2) == "create"
    unwatched = web(space, replicas=2, name="unwatched", annotations={"pulumi.com/skipAwait": "true"})
    unwatched["spec"]["template"]["spec"]["nodeSelector"] = {"no": "where"}
    made = resource(stub, DEPLOYMENT, "unwatched")
    assert made.up(unwatched, timeout=2) == "create"
    assert made.refresh()


def test_a_job_ends_well_or_says_why_not(plane: Plane, stub: Any, space: str):
    container = {"name": "main", "image": "a:1"}
    spec = {
        "template": {"spec": {"restartPolicy": "Never", "nodeSelector": {"no": "where"}, "containers": [container]}}
    }
    job = {"metadata": {"namespace": space, "name": "once"}, "spec": {**spec, "activeDeadlineSeconds": 1}}
    with pytest.raises(NotReady, match=f"Job {space}/once will not get ready: DeadlineExceeded: "):
        resource(stub, "batch/v1:Job").up(job, timeout=60)


def test_a_namespace_goes_with_what_is_in_it(plane: Plane, stub: Any):
    made = resource(stub, NAMESPACE)
    made.up({"metadata": {}})
    path = f"/api/v1/namespaces/{made.id}"
    held = resource(stub, CONFIG_MAP)
    held.up({"metadata": {"namespace": made.id, "finalizers": ["stanchion.dev/held"]}, "data": {}})
    with pytest.raises(Refused, match=r"is not gone after 1 s: held by stanchion\.dev/held, whose controllers"):
        Resource.delete(with_timeout(held))
    plane.api.patch(f"{path}/configmaps/{held.id.partition('/')[2]}", {"metadata": {"finalizers": None}})
    assert not held.refresh()
    made.delete()
    assert plane.api.get(path) is None


def with_timeout(made: Resource) -> Resource:
    made.inputs["metadata"]["annotations"]["pulumi.com/timeoutSeconds"] = "1"
    return made
