"""Where a cold start stands in the path: after the node, after the disks, once for each wave of a rollback."""

from stanchion.recovery.findings import Phase, Step
from stanchion.recovery.mechanisms.model_cold_start import MECHANISM
from tests.unit.recovery.mechanisms.kubernetes.program import (
    APPLICATION,
    INFRASTRUCTURE,
    REGION,
    STARTS,
    ZONE,
    Program,
    spread,
)

MODEL = {
    "stanchion.dev/image-bytes": "10000Mi",
    "stanchion.dev/weight-bytes": "25000Mi",
    "stanchion.dev/engine-init": "195s",
}


def steps(program, disruption):
    return [s for s in MECHANISM.find(program.graph()) if isinstance(s, Step) and s.disruption is disruption]


def test_pods_start_after_they_have_a_node_and_their_disks():
    program = Program()
    claim = program.object("core/v1:PersistentVolumeClaim", "weights", {})
    volume = {"name": "weights", "persistentVolumeClaim": {"claimName": "weights"}}
    handle = program.deployment(annotations=MODEL, pods={"volumes": [volume]})
    (step,) = steps(program, INFRASTRUCTURE)
    assert step.phase is Phase.RECOVER
    assert step.after == (handle.urn, claim.urn)
    assert [term.amount for term in step.terms] == [80, 200, 195]


def test_what_keeps_serving_starts_nothing():
    program = Program()
    program.deployment(replicas=2, annotations=MODEL, pods={"topologySpreadConstraints": [spread()]})
    assert steps(program, INFRASTRUCTURE) == []
    assert len(steps(program, ZONE)) == 1


def test_each_wave_of_a_rollback_waits_for_its_pods():
    program = Program()
    program.deployment(replicas=4, annotations=STARTS)
    (step,) = steps(program, APPLICATION)
    assert [(term.name, term.amount) for term in step.terms] == [("the pod starts and serves, in 2 waves", 40)]


def test_a_counterpart_starts_once_only_if_none_runs():
    program = Program()
    west = program.kubernetes(program.eks("west", region="us-west-2"))
    program.deployment(annotations=STARTS)
    other = program.deployment(replicas=None, annotations=STARTS, provider=west)
    program.object("keda.sh/v1alpha1:ScaledObject", "api", {"scaleTargetRef": {"name": "api"}}, provider=west)
    assert [step.urn for step in steps(program, REGION)] == [other.urn]
    third = program.kubernetes(program.eks("north", region="eu-north-1"))
    program.deployment(annotations=STARTS, provider=third)
    assert other.urn not in {step.urn for step in steps(program, REGION) if step.urn.endswith("api")}
