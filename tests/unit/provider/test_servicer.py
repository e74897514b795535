"""The protocol: what the engine is told, over a stub cloud behind a real gRPC server."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from pulumi.runtime.proto import provider_pb2, status_pb2

from sandbox.provider.servicer import AwsProvider
from sandbox.provider.values import SECRET, SIGNATURE, UNKNOWN, decode, encode
from tests.engine.provider_cloud import ProviderClient, serving
from tests.unit.provider.cloud_stub import StubCloud, refused

QUEUE, TOPIC, ROLE = "aws:sqs/queue:Queue", "aws:sns/topic:Topic", "aws:iam/role:Role"
METRIC = "aws:s3/bucketMetric:BucketMetric"
URL = "http://localhost/000000000000/q"
ATTRIBUTES = {"QueueArn": "arn:aws:sqs:us-east-1:000000000000:q", "KmsMasterKeyId": "alias/hush"}


class Bench:
    """A served provider whose cloud is a stub."""

    def __init__(self, client: ProviderClient, cloud: StubCloud) -> None:
        self.client, self.cloud, self.stub = client, cloud, client.stub

    def secret(self, struct: Any, name: str) -> bool:
        return struct.fields[name].struct_value.fields[SIGNATURE].string_value == SECRET


@pytest.fixture
def bench() -> Iterator[Bench]:
    usual = {
        "create_queue": {"QueueUrl": URL},
        "get_queue_attributes": {"Attributes": ATTRIBUTES},
        "get_caller_identity": {"Account": "000000000000"},
    }
    provider, cloud = AwsProvider(), StubCloud(usual, default_tags={"owner": "me"})
    provider.use(cloud)
    with serving(provider) as client:
        yield Bench(client, cloud)


def error_of(call: Any, request: Any) -> Any:
    with pytest.raises(grpc.RpcError) as caught:
        call(request)
    return caught.value


def test_secrets_are_taken_and_previews_are_supported(bench: Bench) -> None:
    hands = bench.stub.Handshake(provider_pb2.ProviderHandshakeRequest())
    assert hands.accept_secrets
    configured = bench.stub.Configure(provider_pb2.ConfigureRequest(args=encode({"region": "us-east-1"})))
    assert configured.acceptSecrets
    assert configured.supportsPreview
    assert hands.accept_outputs == configured.acceptOutputs
    assert hands.supports_autonaming_configuration == configured.supports_autonaming_configuration


def test_configuration_comes_as_json_in_texts(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.provider.cloud.Cloud.account", "999999999999")
    args = {"region": "us-west-2", "allowedAccountIds": '["111122223333"]', "defaultTags": '{"tags": {"a": "1"}}'}
    error = error_of(bench.stub.Configure, provider_pb2.ConfigureRequest(args=encode(args)))
    assert error.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert "account 999999999999 is not allowed" in error.details()
    allowed = {**args, "allowedAccountIds": '["999999999999"]'}
    assert bench.stub.Configure(provider_pb2.ConfigureRequest(args=encode(allowed))).supportsPreview


def test_a_configuration_nobody_knows_is_refused(bench: Bench) -> None:
    answer = bench.stub.CheckConfig(provider_pb2.CheckRequest(urn="u", news=encode({"regoin": "us-east-1"})))
    assert "region" in answer.failures[0].reason


def test_another_region_replaces_the_provider_and_other_changes_do_not(bench: Bench) -> None:
    def diff(new: dict[str, Any]) -> Any:
        old = encode({"region": "us-east-1"})
        return bench.stub.DiffConfig(provider_pb2.DiffRequest(urn="u", old_inputs=old, olds=old, news=encode(new)))

    assert list(diff({"region": "us-west-2"}).replaces) == ["region"]
    tags = diff({"region": "us-east-1", "defaultTags": "{}"})
    assert (list(tags.diffs), list(tags.replaces)) == (["defaultTags"], [])
    assert diff({"region": "us-east-1"}).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_type_without_a_row_fails_by_name_and_says_what_to_do(bench: Bench) -> None:
    _, failures = bench.client.check("aws:redshift/cluster:Cluster", "c", {})
    assert "aws:redshift/cluster:Cluster" in failures[0].reason
    assert "sandbox/provider/rows/" in failures[0].reason


def test_a_secret_input_stays_secret_on_every_way(bench: Bench) -> None:
    hidden = encode({"kmsMasterKeyId": "alias/hush"}, {"kmsMasterKeyId"})
    urn = bench.client.urn(QUEUE, "q")
    checked = bench.stub.Check(provider_pb2.CheckRequest(urn=urn, news=hidden)).inputs
    assert bench.secret(checked, "kmsMasterKeyId")
    previewed = bench.stub.Create(provider_pb2.CreateRequest(urn=urn, properties=checked, preview=True)).properties
    assert bench.secret(previewed, "kmsMasterKeyId")
    bench.cloud.answers["get_queue_attributes"] = {"Attributes": {**ATTRIBUTES, **WHOLE}}
    created = bench.stub.Create(provider_pb2.CreateRequest(urn=urn, properties=checked))
    assert bench.secret(created.properties, "kmsMasterKeyId")
    read = bench.stub.Read(
        provider_pb2.ReadRequest(urn=urn, id=created.id, inputs=checked, properties=created.properties)
    )
    assert bench.secret(read.properties, "kmsMasterKeyId")
    assert bench.secret(read.inputs, "kmsMasterKeyId")


WHOLE = {
    "DelaySeconds": "0",
    "MaximumMessageSize": "262144",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "VisibilityTimeout": "30",
}


def test_a_problem_with_a_secret_does_not_name_the_property_to_the_engine(bench: Bench) -> None:
    news = encode({"policy": "hunter2"}, {"policy"})
    answer = bench.stub.Check(provider_pb2.CheckRequest(urn=bench.client.urn(QUEUE, "q"), news=news))
    assert answer.failures[0].property == "", "the engine prints the value of a property that a failure names"
    assert "policy" in answer.failures[0].reason
    assert "hunter2" not in answer.failures[0].reason


def test_a_preview_of_a_create_makes_nothing_and_leaves_the_computed_unknown(bench: Bench) -> None:
    identity, state = bench.client.create(QUEUE, "q", bench.client.inputs(QUEUE, "q", {}), preview=True)
    assert identity == ""
    assert state["arn"] is UNKNOWN
    assert state["visibilityTimeoutSeconds"] == 30
    assert not bench.cloud.calls


def test_a_half_made_resource_is_told_to_the_engine(bench: Bench) -> None:
    bench.cloud.answers["get_queue_attributes"] = refused("Throttled", "later")
    inputs = bench.client.inputs(QUEUE, "q", {})
    request = provider_pb2.CreateRequest(urn=bench.client.urn(QUEUE, "q"), properties=encode(inputs))
    error = error_of(bench.stub.Create, request)
    trailer = dict(error.trailing_metadata())["grpc-status-details-bin"]
    detail = provider_pb2.ErrorResourceInitFailed()
    packed: AnyMessage = status_pb2.Status.FromString(trailer).details[0]
    assert packed.Unpack(detail)
    assert detail.id == URL
    assert decode(detail.inputs).values == inputs
    assert decode(detail.properties).values["name"] == inputs["name"]
    assert "Throttled: later" in detail.reasons[0]


def test_a_resource_that_is_gone_has_no_id(bench: Bench) -> None:
    bench.cloud.answers["get_queue_attributes"] = refused("QueueDoesNotExist")
    assert bench.client.read(QUEUE, "q", URL, {}, {})[0] == ""


def test_an_import_may_name_a_region_behind_the_id(bench: Bench) -> None:
    identity, state, _ = bench.client.read(QUEUE, "q", f"{URL}@us-west-2", {}, {})
    assert identity == URL
    assert state["region"] == "us-west-2"
    assert {region for region, _, _ in bench.cloud.calls} == {"us-west-2"}


def test_a_diff_says_update_or_replacement_by_property(bench: Bench) -> None:
    old = bench.client.inputs(QUEUE, "q", {"name": "a"})
    answer = bench.client.diff(QUEUE, "q", URL, old, old, {**old, "name": "b", "delaySeconds": 3})
    assert answer.hasDetailedDiff
    assert answer.detailedDiff["name"].kind == provider_pb2.PropertyDiff.UPDATE_REPLACE
    assert answer.detailedDiff["delaySeconds"].kind == provider_pb2.PropertyDiff.UPDATE
    assert list(answer.replaces) == ["name"]


def test_ignored_changes_are_no_changes(bench: Bench) -> None:
    old = bench.client.inputs(QUEUE, "q", {})
    request = provider_pb2.DiffRequest(
        urn=bench.client.urn(QUEUE, "q"),
        id=URL,
        old_inputs=encode(old),
        olds=encode(old),
        news=encode({**old, "delaySeconds": 3}),
        ignoreChanges=["delaySeconds"],
    )
    assert bench.stub.Diff(request).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_state_only_type_is_checked_and_recorded_and_made_nowhere(bench: Bench) -> None:
    _, failures = bench.client.check(METRIC, "m", {"bucket": "b", "nmae": "x"})
    assert "name" in failures[0].reason
    inputs = bench.client.inputs(METRIC, "m", {"bucket": "b", "name": "n"})
    identity, state = bench.client.create(METRIC, "m", inputs)
    assert (identity, state["bucket"]) == ("b:n", "b")
    assert bench.client.read(METRIC, "m", identity, inputs, state)[0] == identity
    assert bench.client.update(METRIC, "m", identity, inputs, state, {**inputs, "filter": {"prefix": "x"}})["filter"]
    bench.client.delete(METRIC, "m", identity, inputs, state)
    assert not bench.cloud.calls


def test_a_defect_of_a_row_is_no_trace_and_no_value(bench: Bench) -> None:
    bench.cloud.answers["create_queue"] = {"hunter2": 1}
    inputs = bench.client.inputs(QUEUE, "q", {})
    error = error_of(
        bench.stub.Create, provider_pb2.CreateRequest(urn=bench.client.urn(QUEUE, "q"), properties=encode(inputs))
    )
    assert "KeyError at sqs.py" in error.details()
    assert "hunter2" not in error.details()


def test_the_type_of_a_nested_resource_is_the_last_in_its_urn(bench: Bench) -> None:
    urn = f"urn:pulumi:dev::p::stanchion:storage:TieredBucket${QUEUE}::local-raw-q::odd"
    answer = bench.stub.Check(provider_pb2.CheckRequest(urn=urn, news=encode({"namePrefix": "x"})))
    assert not answer.failures
    named = bench.stub.Check(provider_pb2.CheckRequest(urn=urn, news=encode({})))
    assert named.failures[0].property == "name", "a logical name with colons makes no queue name"


def test_data_sources_answer(bench: Bench) -> None:
    request = provider_pb2.InvokeRequest(tok="aws:index/getRegion:getRegion", args=encode({}))
    assert decode(getattr(bench.stub.Invoke(request), "return")).values["name"] == "us-east-1"
    error = error_of(bench.stub.Invoke, provider_pb2.InvokeRequest(tok="aws:ec2/getAmi:getAmi", args=encode({})))
    assert "aws:ec2/getAmi:getAmi" in error.details()


def test_before_it_is_configured_it_says_so() -> None:
    with serving(AwsProvider()) as client:
        error = error_of(client.stub.Check, provider_pb2.CheckRequest(urn=client.urn(QUEUE, "q"), news=encode({})))
    assert "before it was configured" in error.details()
