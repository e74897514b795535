"""The binding of pods to a target group, by whichever controller the cluster has."""

from dataclasses import replace

import pulumi
import pytest

from components.serving.cluster import Engine
from components.serving.gateway_binding import GatewayBinding, GatewayBindingArgs
from tests.recorder import Recorded, kubernetes, record

ARGS = GatewayBindingArgs("gateway-critical", "gateway", "gateway", 80, "arn:targets")


def binding(engine: Engine = Engine.AUTO_MODE) -> Recorded:
    args = replace(ARGS, engine=engine)
    recording = record(lambda: GatewayBinding("local", args, pulumi.ResourceOptions(providers=[kubernetes()])))
    return recording.one("TargetGroupBinding")


def test_pods_of_the_service_are_targets_by_their_address() -> None:
    found = binding().inputs
    assert found["metadata"] == {"name": "gateway-critical", "namespace": "gateway"}
    assert found["spec"] == {
        "serviceRef": {"name": "gateway", "port": 80},
        "targetGroupARN": "arn:targets",
        "targetType": "ip",
    }


@pytest.mark.parametrize(
    ("engine", "version"), [(Engine.AUTO_MODE, "eks.amazonaws.com/v1"), (Engine.NODE_GROUPS, "elbv2.k8s.aws/v1beta1")]
)
def test_each_engine_has_a_controller_that_reads_it(engine: Engine, version: str) -> None:
    found = binding(engine)
    assert found.inputs["apiVersion"] == version
    assert found.type == f"kubernetes:{version}:TargetGroupBinding"
