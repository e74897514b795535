"""By which values a resource is known."""

from typing import Any

from stanchion.graph import SECRET, UNKNOWN, Resource
from stanchion.graph.identity import identities


def known(type_: str, inputs: dict[str, Any] | None = None, outputs: dict[str, Any] | None = None) -> list[str]:
    urn = f"urn:pulumi:s::p::{type_}::n"
    return list(identities(Resource(urn=urn, type=type_, name="n", inputs=inputs or {}, outputs=outputs or {})))


def test_a_bucket_is_known_by_its_name_and_its_arn_before_it_is_there():
    assert known("aws:s3/bucket:Bucket", {"bucket": "lake"}) == ["lake", "arn:aws:s3:::lake"]


def test_each_identity_comes_once():
    deployed = known("aws:s3/bucket:Bucket", {"bucket": "lake"}, {"id": "lake", "arn": "arn:aws:s3:::lake"})
    assert sorted(deployed) == ["arn:aws:s3:::lake", "lake"]


def test_the_parts_of_a_bucket_are_not_the_bucket():
    assert known("aws:s3/bucketVersioning:BucketVersioning", {"bucket": "lake"}, {"id": "lake", "bucket": "lake"}) == []


def test_an_instance_is_not_its_cluster():
    instance = {"identifier": "main-1", "clusterIdentifier": "main"}
    assert known("aws:rds/clusterInstance:ClusterInstance", instance, {"id": "main-1"}) == ["main-1"]
    assert known("aws:rds/cluster:Cluster", {"clusterIdentifier": "main"}, {"id": "main"}) == ["main"]


def test_a_cluster_is_not_the_global_cluster_it_belongs_to():
    member = {"clusterIdentifier": "east", "globalClusterIdentifier": "world"}
    assert known("aws:rds/cluster:Cluster", member) == ["east"]
    assert known("aws:rds/globalCluster:GlobalCluster", {"globalClusterIdentifier": "world"}) == ["world"]


def test_unknown_secret_empty_and_wrong_values_are_no_identity():
    assert known("aws:sqs/queue:Queue", {"name": UNKNOWN, "arn": SECRET, "url": "", "id": 5}) == []


def test_an_object_of_kubernetes_is_known_by_the_name_in_its_metadata():
    assert known("kubernetes:core/v1:Service", {"metadata": {"name": "web"}}) == ["web"]
    assert known("kubernetes:core/v1:Service", {"metadata": "web"}) == []
    assert known("kubernetes:core/v1:Service", {"metadata": {"name": UNKNOWN}}) == []
