from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanchion.graph import UNKNOWN, GraphBuilder, ResourceGraph, Unsettled
from stanchion.recovery.mechanisms.s3 import MECHANISM
from stanchion.recovery.term import UNBOUNDED, Grade
from tests.unit.recovery.mechanisms.reading import APPLICATION, INFRASTRUCTURE, REGION, ZONE, Found

BUCKET, DIRECTORY = "aws:s3/bucket:Bucket", "aws:s3/directoryBucket:DirectoryBucket"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
TIMED = {"replicationTime": {"status": "Enabled", "time": {"minutes": 15}}}
HOUR = 3600.0


class Lake:
    """A bucket here, one in the other region, and what is set of the first."""

    def __init__(self, *, inputs: dict[str, Any] | None = None, far: str = "us-west-2") -> None:
        self.build = GraphBuilder(region="us-east-1", tags={"stanchion:restore": "10m"})
        self.bucket = self.build.add(BUCKET, "raw", {"bucket": "raw", **(inputs or {})})
        self._configurations = 0
        self.copy = self.build.add(BUCKET, "copy", {"bucket": "copy"}, region=far)

    def versions(self, status: object = "Enabled") -> "Lake":
        inputs = {"bucket": self.bucket.ref("bucket"), "versioningConfiguration": {"status": status}}
        self.build.add(VERSIONING, "raw", inputs)
        return self

    def replicated(self, destination: dict[str, Any] | None = None, **rule: Any) -> "Lake":
        target = {"bucket": self.copy.ref("arn"), **(destination or {})}
        rules = [{"id": "all", "status": "Enabled", "destination": target, **rule}]
        self._configurations += 1
        inputs = {"bucket": self.bucket.ref("bucket"), "rules": rules}
        self.build.add(REPLICATION, f"raw-{self._configurations}", inputs)
        return self

    def encrypted(self, algorithm: object = "aws:kms") -> "Lake":
        rules = [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": algorithm}}]
        self.build.add(ENCRYPTION, "raw", {"bucket": self.bucket.ref("bucket"), "rules": rules})
        return self

    def moved_to(self, storage: object, key: str = "transitions", status: object = "Enabled") -> "Lake":
        moves = [{"days": 30, "noncurrentDays": 30, "storageClass": storage}]
        rules = [{"id": "age", "status": status, key: moves}]
        self.build.add(LIFECYCLE, "raw", {"bucket": self.bucket.ref("bucket"), "rules": rules})
        return self

    def found(self) -> Found:
        return Found(MECHANISM, self.build.graph())


class TestZones:
    def test_a_bucket_survives_machines_and_zones_and_nothing_else(self):
        found = Lake().found()
        assert found.loss("raw", INFRASTRUCTURE) == found.loss("raw", ZONE) == 0
        assert found.loss("raw", APPLICATION) is found.loss("raw", REGION) is None

    @pytest.mark.parametrize(("storage", "loss"), [("ONEZONE_IA", None), ("STANDARD_IA", 0), ("GLACIER_IR", 0)])
    def test_a_class_in_one_zone_does_not_survive_it(self, storage: str, loss: float | None):
        assert Lake().moved_to(storage).found().loss("raw", ZONE) == loss

    def test_older_versions_in_one_zone_are_no_loss_of_what_is_current(self):
        assert Lake().moved_to("ONEZONE_IA", "noncurrentVersionTransitions").found().loss("raw", ZONE) == 0

    def test_a_rule_that_is_off_moves_nothing(self):
        assert Lake().moved_to("ONEZONE_IA", status="Disabled").found().loss("raw", ZONE) == 0

    def test_an_unknown_class_is_named(self):
        assert "storageClass" in Lake().moved_to(UNKNOWN).found().missing("raw", ZONE)

    def test_a_directory_bucket_lies_in_one_zone(self):
        build = GraphBuilder()
        build.add(DIRECTORY, "fast", {"bucket": "fast--use1-az4--x-s3"})
        found = Found(MECHANISM, build.graph())
        assert found.loss("fast", INFRASTRUCTURE) == 0
        assert found.loss("fast", ZONE) is None


class TestVersions:
    @pytest.mark.parametrize(("status", "loss"), [("Enabled", 0), ("Suspended", None), ("Disabled", None)])
    def test_corruption_costs_nothing_as_long_as_versions_are_kept(self, status: str, loss: float | None):
        assert Lake().versions(status).found().loss("raw", APPLICATION) == loss

    @pytest.mark.parametrize(
        "inputs",
        [
            {"versioning": {"enabled": True}},
            {"objectLockEnabled": True},
            {"objectLockConfiguration": {"objectLockEnabled": "Enabled"}},
        ],
    )
    def test_what_the_bucket_itself_says_counts(self, inputs: dict[str, Any]):
        assert Lake(inputs=inputs).found().loss("raw", APPLICATION) == 0

    def test_unknown_is_named(self):
        missing = Lake().versions(UNKNOWN).found().missing("raw", APPLICATION)
        assert missing == "versioningConfiguration.status"

    @pytest.mark.parametrize(
        ("storage", "hours"), [("GLACIER", 5), ("DEEP_ARCHIVE", 12), ("GLACIER_IR", 0), ("STANDARD_IA", 0)]
    )
    def test_putting_versions_back_waits_for_the_archive(self, storage: str, hours: float):
        found = Lake().versions().moved_to(storage).found()
        assert found.restore("raw", APPLICATION, "versions") == 600 + hours * HOUR

    def test_replication_is_no_help_against_corruption(self):
        assert Lake().replicated(TIMED).found().loss("raw", APPLICATION) is None


class TestReplication:
    def test_with_time_control_it_is_fifteen_minutes_graded_by_its_sla(self):
        found = Lake().versions().replicated(TIMED).found()
        assert found.loss("raw", REGION) == 900
        ((term,),) = (p.loss for p in found.of("raw", REGION))
        assert (term.grade, "99.9" in str(term.source)) == (Grade.SLA, True)

    @pytest.mark.parametrize("destination", [{}, {"replicationTime": {"status": "Disabled"}}])
    def test_without_it_nothing_is_bounded(self, destination: dict[str, Any]):
        found = Lake().versions().replicated(destination).found()
        assert found.loss("raw", REGION) == UNBOUNDED
        assert found.of("raw", REGION)[0].loss[0].grade is Grade.NONE

    @pytest.mark.parametrize(
        ("rule", "why"),
        [
            ({"status": "Disabled"}, "it is off"),
            ({"prefix": "raw/"}, "a part of the objects"),
            ({"filter": {"prefix": "raw/"}}, "a part of the objects"),
            ({"filter": {"tag": {"key": "a", "value": "b"}}}, "a part of the objects"),
            ({"filter": {"and": {"tags": {"a": "b"}}}}, "a part of the objects"),
        ],
    )
    def test_a_rule_that_is_off_or_takes_a_part_does_not_count_and_it_is_said_why(self, rule: dict[str, Any], why: str):
        found = Lake().versions().replicated(TIMED, **rule).found()
        assert found.loss("raw", REGION) is None
        assert why in " ".join(found.notes)

    @pytest.mark.parametrize("rule", [{"filter": {}}, {"filter": {"prefix": ""}}, {"prefix": ""}])
    def test_an_empty_filter_is_the_whole_bucket(self, rule: dict[str, Any]):
        assert Lake().replicated(TIMED, **rule).found().loss("raw", REGION) == 900

    def test_a_copy_in_the_same_region_does_not_count(self):
        found = Lake(far="us-east-1").replicated(TIMED).found()
        assert found.loss("raw", REGION) is None
        assert "same region" in " ".join(found.notes)

    def test_what_is_not_known_is_named(self):
        assert Lake().replicated(TIMED, status=UNKNOWN).found().missing("raw", REGION) == "rules[0].status"
        unknown = {"replicationTime": {"status": UNKNOWN}}
        assert "replicationTime" in Lake().replicated(unknown).found().missing("raw", REGION)
        assert "filter" in Lake().replicated(TIMED, filter={"prefix": UNKNOWN}).found().missing("raw", REGION)

    def test_the_replica_holds_nothing_of_its_own(self):
        assert Lake().replicated(TIMED).found().loss("copy", REGION) == 0
        assert Lake().replicated(TIMED, status="Disabled").found().loss("copy", REGION) is None

    def test_replicas_in_an_archive_have_to_be_retrieved(self):
        found = Lake().replicated({**TIMED, "storageClass": "DEEP_ARCHIVE"}).found()
        (protection,) = found.of("raw", REGION)
        assert [term.amount for term in protection.restore] == [12 * HOUR]


class TestEncryption:
    SELECTED = {"sourceSelectionCriteria": {"sseKmsEncryptedObjects": {"status": "Enabled"}}}

    def key(self, region: str) -> dict[str, Any]:
        arn = f"arn:aws:kms:{region}:111122223333:key/1"
        return {**TIMED, "encryptionConfiguration": {"replicaKmsKeyId": arn}}

    def test_objects_under_kms_have_to_be_selected_and_readable_there(self):
        assert Lake().encrypted().replicated(self.key("us-west-2"), **self.SELECTED).found().loss("raw", REGION) == 900
        assert Lake().encrypted().replicated(self.key("us-west-2")).found().loss("raw", REGION) is None
        lost = Lake().encrypted().replicated(self.key("us-east-1"), **self.SELECTED).found()
        assert lost.loss("raw", REGION) is None
        assert "key of another region" in " ".join(lost.notes)

    def test_without_kms_nothing_has_to_be_selected(self):
        assert Lake().encrypted("AES256").replicated(TIMED).found().loss("raw", REGION) == 900

    def test_an_unknown_key_is_named(self):
        destination = {**TIMED, "encryptionConfiguration": {"replicaKmsKeyId": UNKNOWN}}
        found = Lake().encrypted().replicated(destination, **self.SELECTED).found()
        assert "replicaKmsKeyId" in found.missing("raw", REGION)

    def test_the_key_of_a_resource_here_is_known_by_its_edge(self):
        lake = Lake()
        key = lake.build.add("aws:kms/key:Key", "far", {}, region="us-west-2")
        destination = {**TIMED, "encryptionConfiguration": {"replicaKmsKeyId": key.ref("arn")}}
        assert lake.encrypted().replicated(destination, **self.SELECTED).found().loss("raw", REGION) == 900


@settings(max_examples=30)
@given(order=st.permutations(range(7)))
def test_the_order_of_resources_is_irrelevant(order: list[int]):
    graph = Lake().versions().encrypted().replicated(TIMED, **TestEncryption.SELECTED).moved_to("GLACIER").build.graph()
    resources = list(graph)
    shuffled = ResourceGraph([resources[i] for i in order if i < len(resources)] + resources[len(order) :])
    one, other = Found(MECHANISM, graph), Found(MECHANISM, shuffled)
    for disruption in (APPLICATION, INFRASTRUCTURE, ZONE, REGION):
        assert other.loss("raw", disruption) == one.loss("raw", disruption)


@settings(max_examples=30)
@given(
    status=st.sampled_from(["Enabled", "Disabled", UNKNOWN, None, 3, []]),
    prefix=st.sampled_from(["", "a/", UNKNOWN, None, {}]),
    more=st.booleans(),
)
def test_one_more_copy_never_makes_it_worse(status: object, prefix: object, more: bool):
    def seconds(lake: Lake) -> float:
        loss = lake.found().loss("raw", REGION)
        return float("inf") if loss is None or isinstance(loss, Unsettled) else loss

    plain = Lake().replicated(TIMED) if more else Lake()
    before = seconds(plain)
    assert seconds(plain.replicated({}, status=status, filter={"prefix": prefix})) <= before
