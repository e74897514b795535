"""The analyzer over real gRPC, on the loopback."""

from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from policies.analyzer import LARGEST_MESSAGE, Analyzer, add_to_server
from policies.registry import all_rules

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
TYPE = "aws:cloudwatch/logGroup:LogGroup"


@pytest.fixture
def analyzer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.delenv("STANCHION_CONTEXT", raising=False)
    (tmp_path / "environments").mkdir()
    server = grpc.server(futures.ThreadPoolExecutor(2))
    add_to_server(Analyzer(tmp_path), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    limits = [("grpc.max_send_message_length", LARGEST_MESSAGE)]
    with grpc.insecure_channel(f"127.0.0.1:{port}", limits) as channel:
        yield analyzer_pb2_grpc.AnalyzerStub(channel)
    server.stop(grace=None)


def group(name: str, days: object) -> Any:
    properties = struct_pb2.Struct()
    json_format.ParseDict({"retentionInDays": days}, properties)
    return analyzer_pb2.AnalyzerResource(
        type=TYPE, name=name, urn=f"urn:pulumi:test::program::{TYPE}::{name}", properties=properties
    )


def analyze(stub: Any, *resources: Any) -> dict[str, Any]:
    answer = stub.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=resources))
    return {d.policyName: d for d in answer.diagnostics if d.enforcementLevel == analyzer_pb2.MANDATORY}


def test_every_rule_is_a_policy_with_its_schema(analyzer: Any):
    info = analyzer.GetAnalyzerInfo(empty_pb2.Empty())
    assert [policy.name for policy in info.policies] == [rule.id for rule in all_rules()]
    assert info.supportsConfig
    assert all(policy.policy_type == analyzer_pb2.POLICY_TYPE_STACK for policy in info.policies)
    by_name = {policy.name: policy for policy in info.policies}
    for rule in all_rules():
        assert set(by_name[rule.id].configSchema.properties.fields) == {t.name for t in rule.thresholds}


def test_the_engine_is_told_how_the_configuration_sets_a_rule(
    analyzer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # The engine hands each policy's own level and defaults back, so that what is not said here would be lost.
    file = tmp_path / "configuration.yaml"
    file.write_text("rules: {storage-log-retention: {level: advisory, minimumDays: 30}}", encoding="utf-8")
    monkeypatch.setattr("policies.configuration.DEFAULT", file)
    by_name = {policy.name: policy for policy in analyzer.GetAnalyzerInfo(empty_pb2.Empty()).policies}
    set_ = by_name["storage-log-retention"]
    assert set_.enforcementLevel == analyzer_pb2.ADVISORY
    assert set_.configSchema.properties["minimumDays"]["default"] == 30
    assert set_.configSchema.properties["maximumDays"]["default"] == 3653
    assert by_name["storage-public-access"].enforcementLevel == analyzer_pb2.MANDATORY
    file.write_text("rules: {storage-log-retentoin: {level: advisory}}", encoding="utf-8")
    assert analyzer.GetAnalyzerInfo(empty_pb2.Empty()).policies
    with pytest.raises(grpc.RpcError, match="did you mean storage-log-retention"):
        analyze(analyzer, group("service", 0))


def test_a_violation_names_rule_resource_and_remedy(analyzer: Any):
    found = analyze(analyzer, group("service", 0), group("other", 90))
    assert set(found) == {"storage-log-retention"}
    diagnostic = found["storage-log-retention"]
    assert diagnostic.urn.endswith("::service")
    assert "retentionInDays" in diagnostic.message


def test_an_unknown_value_is_a_mandatory_violation(analyzer: Any):
    resource = group("service", UNKNOWN)
    analyzer.Analyze(analyzer_pb2.AnalyzeRequest(urn=resource.urn, properties=resource.properties))
    found = analyze(analyzer, resource)
    assert "is known only after the deployment" in found["storage-log-retention"].message


def test_the_engines_configuration_wins(analyzer: Any):
    config = {"storage-log-retention": analyzer_pb2.PolicyConfig(enforcementLevel=analyzer_pb2.ADVISORY)}
    analyzer.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=config))
    assert analyze(analyzer, group("service", 0)) == {}


def test_a_name_that_the_engine_takes_without_a_word_is_refused(analyzer: Any):
    config = {"storage-log-retentoin": analyzer_pb2.PolicyConfig(enforcementLevel=analyzer_pb2.ADVISORY)}
    analyzer.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=config))
    with pytest.raises(grpc.RpcError, match=r"(?s)--policy-pack-config is wrong:.*did you mean storage-log-retention"):
        analyze(analyzer, group("service", 90))


def test_an_environment_that_is_not_there_fails_the_request_with_a_sentence(analyzer: Any):
    request = analyzer_pb2.AnalyzerStackConfigureRequest(stack="test", config={"stanchion:environment": "nowhere"})
    analyzer.ConfigureStack(request)
    with pytest.raises(grpc.RpcError) as refused:
        analyze(analyzer, group("service", 90))
    assert "environment 'nowhere' does not exist" in str(refused.value)


def test_a_program_adds_itself_to_the_context_and_is_judged_with_it(
    analyzer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    context = tmp_path / "context"
    context.mkdir()
    monkeypatch.setenv("STANCHION_CONTEXT", str(context))
    analyzer.ConfigureStack(analyzer_pb2.AnalyzerStackConfigureRequest(stack="one"))
    analyze(analyzer, group("service", 0))
    analyzer.ConfigureStack(analyzer_pb2.AnalyzerStackConfigureRequest(stack="two"))
    # What another stack breaks is said there.
    assert analyze(analyzer, group("other", 90)) == {}
    assert sorted(path.name for path in context.iterdir()) == ["one.json", "two.json"]
