import pytest

from stanchion.graph import UNKNOWN, GraphBuilder
from stanchion.recovery.mechanisms.secrets_and_parameters import MECHANISM, ROTATION, SECRET, VERSION
from tests.unit.recovery.mechanisms.reading import APPLICATION, REGION, ZONE, Found


def found(inputs=None, *parts):
    builder = GraphBuilder()
    secret = builder.add(SECRET, "key", inputs or {})
    for part in parts:
        builder.add(part, part.rsplit(":")[-1], {"secretId": secret.ref("id")})
    return Found(MECHANISM, builder.graph())


def test_versions_and_zones_lose_nothing():
    assert found().loss("key", ZONE) == found().loss("key", APPLICATION) == 0


def test_without_a_recovery_window_a_deletion_is_final():
    assert found({"recoveryWindowInDays": 0}).loss("key", APPLICATION) is None
    assert found({"recoveryWindowInDays": UNKNOWN}).missing("key", APPLICATION) == "recoveryWindowInDays"


@pytest.mark.parametrize(
    ("replicas", "loss"), [([{"region": "us-west-2"}], 0), ([{"region": "us-east-1"}], None), ([], None), ([{}], None)]
)
def test_a_replica_counts_in_another_region_only(replicas, loss):
    assert found({"replicas": replicas}).loss("key", REGION) == loss


def test_an_unknown_region_is_named():
    assert found({"replicas": [{"region": UNKNOWN}]}).missing("key", REGION) == "replicas[0].region"
    assert found({"replicas": UNKNOWN}).missing("key", REGION) == "replicas"


def test_a_value_the_program_declares_is_written_again_unless_it_rotates():
    assert found({}, VERSION).loss("key", REGION) == 0
    assert found({}, VERSION, ROTATION).loss("key", REGION) is None
