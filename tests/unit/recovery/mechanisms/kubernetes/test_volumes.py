import pytest

from stanchion.graph import UNKNOWN, Unsettled
from stanchion.recovery.mechanisms.kubernetes.claims import claims_of
from stanchion.recovery.mechanisms.kubernetes.survey import survey
from stanchion.recovery.mechanisms.kubernetes.volumes import in_one_zone
from tests.unit.recovery.mechanisms.kubernetes.program import Program

MOUNT = {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}, {"emptyDir": {}}]}


def program(provisioner="ebs.csi.aws.com", namespace="serving", **spec):
    made = Program()
    inputs = {"metadata": {"name": "disk"}, "provisioner": provisioner}
    made.add("kubernetes:storage.k8s.io/v1:StorageClass", "disk", inputs, provider=made.provider)
    made.object("core/v1:PersistentVolumeClaim", "data", {"storageClassName": "disk"} | spec, namespace=namespace)
    handle = made.deployment(pods=MOUNT)
    graph = made.graph()
    return graph, graph.resources[handle.urn]


def test_claims_are_found_by_name_in_their_namespace():
    graph, resource = program()
    assert [claim.name for claim in claims_of(graph, resource)] == ["data"]
    assert claims_of(*program(namespace="other")) == ()


def test_claims_that_are_not_known_are_none():
    made = Program()
    handle = made.deployment(pods={"volumes": UNKNOWN})
    graph = made.graph()
    assert claims_of(graph, graph.resources[handle.urn]) == ()


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({}, True),
        ({"provisioner": "efs.csi.aws.com"}, False),
        ({"storageClassName": UNKNOWN}, None),
        ({"provisioner": UNKNOWN}, None),
    ],
)
def test_whether_a_disk_lies_in_one_zone(own, expected):
    graph, resource = program(**own)
    found = in_one_zone(graph, survey(graph).storage, resource)
    assert isinstance(found, Unsettled) if expected is None else found is expected
