import pytest

from stanchion.graph import UNKNOWN, Unsettled
from stanchion.recovery.mechanisms.kubernetes.probes import detection, readiness, start_bound
from tests.unit.recovery.mechanisms.kubernetes.program import Program


def amount(term):
    assert term is not None
    return term.amount


def resource(*containers):
    program = Program()
    handle = program.deployment(pods={"containers": list(containers)})
    return program.graph().resources[handle.urn]


@pytest.mark.parametrize(
    ("containers", "seconds"),
    [
        ([{"readinessProbe": {}}], 31),
        ([{"readinessProbe": {"periodSeconds": 5, "failureThreshold": 1, "timeoutSeconds": 2}}], 7),
        ([{"livenessProbe": {}}], 31),
        # Readiness takes a pod out of service; liveness only restarts it.
        ([{"readinessProbe": {"periodSeconds": 1}, "livenessProbe": {"periodSeconds": 60}}], 4),
        ([{"readinessProbe": {"periodSeconds": 1}}, {"readinessProbe": {"periodSeconds": 20}}], 61),
        ([{"readinessProbe": {"periodSeconds": 1}}, {}], 4),
    ],
)
def test_detection(containers, seconds):
    assert amount(detection(resource(*containers))) == seconds


def test_nothing_without_probes():
    assert detection(resource({})) is None
    assert start_bound(resource({})) is None
    assert readiness(resource({})) is None


def test_the_longest_start_counts():
    probes = [{"startupProbe": {"failureThreshold": count}} for count in (3, 60)]
    assert amount(start_bound(resource(*probes))) == 600


@pytest.mark.parametrize("probe", [UNKNOWN, {"periodSeconds": UNKNOWN}, {"failureThreshold": "x"}])
def test_unknown_probes_are_not_guessed(probe):
    container = {"readinessProbe": probe, "startupProbe": probe}
    assert isinstance(amount(detection(resource(container))), Unsettled)
    assert isinstance(amount(start_bound(resource(container))), Unsettled)


def test_unknown_containers_are_not_guessed():
    program = Program()
    handle = program.deployment(pods={"containers": UNKNOWN})
    found = program.graph().resources[handle.urn]
    assert isinstance(amount(detection(found)), Unsettled)
    assert isinstance(amount(start_bound(found)), Unsettled)
