import pytest

from stanchion.graph import UNKNOWN, Unsettled
from stanchion.recovery.mechanisms.kubernetes.startup import start_terms
from stanchion.recovery.term import Grade, total
from tests.unit.recovery.mechanisms.kubernetes.program import Program

MIB = 1024**2


def terms(annotations=None, **container):
    program = Program()
    own = {f"stanchion.dev/{key}": value for key, value in (annotations or {}).items()}
    handle = program.deployment(annotations=own, container=container)
    graph = program.graph()
    return start_terms(graph, graph.resources[handle.urn])


def amount(annotations=None, **container):
    return total(term.amount for term in terms(annotations, **container))


PROBE = {"failureThreshold": 30, "periodSeconds": 10}


@pytest.mark.parametrize(
    ("annotations", "seconds"),
    [
        ({"restore": "3m"}, 180),
        # 10,000 MiB of image at 125 MiB/s of a gp3 disk, and a minute of engine.
        ({"image-bytes": str(10_000 * MIB), "engine-init": "60s"}, 80 + 60),
        ({"image-bytes": "10000Mi", "weight-bytes": "25000Mi", "engine-init": "195s"}, 80 + 200 + 195),
        (
            {"image-bytes": "10000Mi", "weight-bytes": "25000Mi", "engine-init": "195s", "load-rate": "500Mi"},
            20 + 50 + 195,
        ),
        # An image that nobody has sized is taken to be a large one.
        ({"engine-init": "60s"}, 101 + 60),
    ],
)
def test_what_is_declared(annotations, seconds):
    assert amount(annotations) == seconds


def test_a_startup_probe_bounds_the_start_but_not_the_pull():
    assert amount(startupProbe=PROBE) == 101 + 300
    assert amount({"image-bytes": "1250Mi"}, startupProbe=PROBE | {"initialDelaySeconds": 5}) == 10 + 305
    assert amount(startupProbe=PROBE, readinessProbe={"initialDelaySeconds": 2, "periodSeconds": 5}) == 101 + 300 + 7
    assert [term.grade for term in terms(startupProbe=PROBE)] == [Grade.TYPICAL, Grade.BOUND]


def test_what_is_declared_comes_before_the_bound_of_a_probe():
    assert amount({"engine-init": "60s"}, startupProbe=PROBE | {"failureThreshold": 360}) == 161


def test_nothing_declared_and_no_probe_can_not_be_told():
    found = amount()
    assert isinstance(found, Unsettled)
    assert "startupProbe" in found.why


@pytest.mark.parametrize(
    ("annotations", "container"),
    [
        ({"engine-init": UNKNOWN}, {}),
        ({"engine-init": "soon"}, {}),
        ({"engine-init": "1s", "image-bytes": "big"}, {}),
        ({"engine-init": "1s", "weight-bytes": UNKNOWN}, {}),
        ({"engine-init": "1s", "image-bytes": "1Gi", "load-rate": "0"}, {}),
        ({"restore": UNKNOWN}, {}),
        ({}, {"startupProbe": {"failureThreshold": UNKNOWN}}),
        ({}, {"startupProbe": UNKNOWN}),
    ],
)
def test_what_is_not_known_fails_closed(annotations, container):
    assert isinstance(amount(annotations, **container), Unsettled)
