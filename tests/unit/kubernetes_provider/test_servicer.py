import importlib.metadata
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from google.protobuf.any_pb2 import Any as AnyMessage
from pulumi.runtime.proto import provider_pb2, status_pb2

from sandbox.kubernetes_provider import servicer
from sandbox.kubernetes_provider.servicer import KubernetesProvider
from sandbox.kubernetes_provider.settings import TO_COME, Settings
from sandbox.kubernetes_provider.wire import decode, encode
from sandbox.provider.values import SECRET, SIGNATURE, UNKNOWN
from sandbox.run_directory import RunDirectory
from tests.engine.kubernetes_client import served
from tests.unit.kubernetes_provider.api_stub import StubApi, cluster_of, config_map, in_cluster, refusal

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
POD = "kubernetes:core/v1:Pod"
PATH = "/api/v1/namespaces/default/configmaps/settings"


class Bench:
    def __init__(self, provider: KubernetesProvider, stub: Any, api: StubApi) -> None:
        self.provider, self.stub, self.api = provider, stub, api

    def use(self, **settings: Any) -> None:
        self.provider._settings = Settings(cluster_of(self.api), **settings)

    @staticmethod
    def urn(token: str = CONFIG_MAP) -> str:
        return f"urn:pulumi:test::unit::stanchion:serving:Endpoint${token}::web"

    def refusal(self, method: str, request: Any) -> grpc.RpcError:
        with pytest.raises(grpc.RpcError) as caught:
            getattr(self.stub, method)(request)
        return caught.value


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    provider = KubernetesProvider(RunDirectory(tmp_path))
    with served(provider) as stub:
        made = Bench(provider, stub, StubApi())
        made.use()
        yield made


def said(error: Any) -> str:
    return error.details()


def half_done(error: Any) -> Any:
    trailer = dict(error.trailing_metadata())["grpc-status-details-bin"]
    detail = provider_pb2.ErrorResourceInitFailed()
    packed: AnyMessage = status_pb2.Status.FromString(trailer).details[0]
    assert packed.Unpack(detail)
    return detail


def test_the_release_it_follows_is_the_installed_sdk(bench: Bench):
    assert bench.stub.GetPluginInfo(empty_pb2.Empty()).version == servicer.VERSION
    assert importlib.metadata.version("pulumi_kubernetes") == servicer.VERSION


def test_it_was_not_configured(bench: Bench):
    bench.provider._settings = None
    error = bench.refusal("Check", provider_pb2.CheckRequest(urn=bench.urn(), news=encode({})))
    assert "used before it was configured" in said(error)


def test_an_unknown_kubeconfig_gets_a_stand_in_that_the_engine_takes_for_known(bench: Bench):
    news = encode({"kubeconfig": UNKNOWN, "context": UNKNOWN, "namespace": "mine"})
    answer = bench.stub.CheckConfig(provider_pb2.CheckRequest(urn="u", news=news))
    assert decode(answer.inputs).values == {"kubeconfig": TO_COME, "namespace": "mine"}
    bench.stub.Configure(provider_pb2.ConfigureRequest(args=answer.inputs))
    request = provider_pb2.CheckRequest(urn=bench.urn(), news=encode({"daata": {}}))
    assert [each.reason for each in bench.stub.Check(request).failures] == [
        "daata: there is no such field; did you mean data?"
    ]
    request = provider_pb2.CreateRequest(urn=bench.urn(), properties=encode(config_map()), preview=True)
    assert decode(bench.stub.Create(request).properties).values["status"] is UNKNOWN
    update = provider_pb2.UpdateRequest(urn=bench.urn(), news=encode(config_map()), preview=True)
    assert decode(bench.stub.Update(update).properties).values["status"] is UNKNOWN


def test_a_known_one_is_left_as_it_is_and_old_engines_are_understood(bench: Bench):
    news = encode({"kubeconfig": "a", "enableServerSideApply": "false"}, {("kubeconfig",)})
    answer = bench.stub.CheckConfig(provider_pb2.CheckRequest(urn="u", news=news))
    assert answer.inputs == news
    assert [each.property for each in answer.failures] == ["enableServerSideApply"]
    bench.stub.Configure(provider_pb2.ConfigureRequest(variables={"kubernetes:config:namespace": "mine"}))
    assert bench.provider.settings.namespace == "mine"


def test_another_cluster_takes_everything_anew(bench: Bench):
    def kubeconfig(server: str) -> dict[str, str]:
        return {
            "kubeconfig": json.dumps({
                "current-context": "x",
                "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
                "clusters": [{"name": "c", "cluster": {"server": server}}],
                "users": [{"name": "u", "user": {}}],
            })
        }  # fmt: skip

    def diff(old: Any, new: Any) -> Any:
        return bench.stub.DiffConfig(provider_pb2.DiffRequest(urn="u", old_inputs=encode(old), news=encode(new)))

    one, two = kubeconfig("https://one"), kubeconfig("https://two")
    assert list(diff(one, two).replaces) == ["kubeconfig"]
    assert not diff(one, {**one, "namespace": "x"}).replaces
    assert diff(one, one).changes == provider_pb2.DiffResponse.DIFF_NONE


@pytest.mark.parametrize(
    ("token", "inputs", "reason"),
    [
        ("kubernetes:apps/v1:DeploymentPatch", {}, "has no DeploymentPatch: manage the whole object as Deployment"),
        ("kubernetes:core/v1:PodList", {"items": []}, "PodList is a list and no object"),
        (
            "kubernetes:apps/v9:Deployment",
            {},
            "Kubernetes has no kind 'Deployment' in apps/v9; it has the kind in apps/v1",
        ),
    ],
)
def test_what_it_does_not_make(bench: Bench, token: str, inputs: dict[str, Any], reason: str):
    answer = bench.stub.Check(provider_pb2.CheckRequest(urn=bench.urn(token), news=encode(inputs)))
    assert any(reason in each.reason for each in answer.failures)


@pytest.mark.parametrize(
    ("method", "request_", "named"),
    [
        ("Invoke", provider_pb2.InvokeRequest(tok="kubernetes:yaml:decode"), "no function kubernetes:yaml:decode"),
        ("Construct", provider_pb2.ConstructRequest(type="kubernetes:yaml/v2:ConfigGroup"), "no kubernetes:yaml/v2"),
    ],
)
def test_what_it_can_not_do(bench: Bench, method: str, request_: Any, named: str):
    assert named in said(bench.refusal(method, request_))


def test_a_secret_s_content_is_secret_whatever_the_program_says(bench: Bench):
    token = "kubernetes:core/v1:Secret"
    news = encode({"data": {"a": "MQ=="}, "stringData": {"b": "x"}})
    answer = bench.stub.Check(provider_pb2.CheckRequest(urn=bench.urn(token), news=news))
    for name in ("data", "stringData"):
        assert answer.inputs.fields[name].struct_value.fields[SIGNATURE].string_value == SECRET
    made = bench.stub.Create(provider_pb2.CreateRequest(urn=bench.urn(token), properties=answer.inputs))
    assert made.properties.fields["data"].struct_value.fields[SIGNATURE].string_value == SECRET


def test_a_problem_says_its_path_but_no_secret_and_names_no_property_to_the_engine(bench: Bench):
    news = encode({"data": {"a": 12345}, "immutable": "yes"}, {("data",)})
    failures = bench.stub.Check(provider_pb2.CheckRequest(urn=bench.urn(), news=news)).failures
    assert {(each.property, each.reason) for each in failures} == {
        ("", "data.a: string is wanted"),
        ("", "immutable: 'yes' is string; boolean is wanted"),
    }


def test_the_state_is_the_object_with_its_manager(bench: Bench):
    bench.api.answers = [in_cluster(config_map())]
    answer = bench.stub.Create(provider_pb2.CreateRequest(urn=bench.urn(), properties=encode(config_map())))
    state = decode(answer.properties).values
    assert answer.id == "default/settings"
    assert "managedFields" not in state["metadata"]
    assert state["__fieldManager"] == bench.api.applied()[0][1]
    bench.api.there[PATH] = in_cluster(config_map())
    update = provider_pb2.UpdateRequest(urn="u::u::a::b", olds=answer.properties, news=encode(config_map(a="2")))
    update.urn = bench.urn().replace("::web", "::renamed")
    bench.stub.Update(update)
    assert bench.api.applied()[1][1] == state["__fieldManager"]


def test_order_in_a_program_that_says_none(bench: Bench):
    bench.api.answers = [refusal(404, "NotFound", 'namespaces "default" not found'), None]
    assert bench.stub.Create(provider_pb2.CreateRequest(urn=bench.urn(), properties=encode(config_map()))).id


def test_a_namespace_that_never_comes(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(servicer, "_ORDER_SECONDS", 0.1)
    bench.api.answers = [refusal(404, "NotFound", 'namespaces "default" not found')] * 9
    error = bench.refusal("Create", provider_pb2.CreateRequest(urn=bench.urn(), properties=encode(config_map())))
    assert said(error) == "there is no namespace 'default' (waited for 0.1 s)"


POD_DOCUMENT = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "default"}}


def test_what_does_not_get_ready_is_told_to_the_engine_until_it_is(bench: Bench):
    path = "/api/v1/namespaces/default/pods/a"
    bench.api.there[path] = pending = {**in_cluster(POD_DOCUMENT), "status": {"phase": "Pending"}}
    bench.api.answers = [pending]
    create = provider_pb2.CreateRequest(urn=bench.urn(POD), properties=encode(POD_DOCUMENT), timeout=0.1)
    bench.provider.settings.cluster.served(servicer.Kind("v1", "Pod"))
    bench.api.there[path] = None
    error = bench.refusal("Create", create)
    detail = half_done(error)
    assert detail.id == "default/a"
    assert decode(detail.inputs).values == POD_DOCUMENT
    assert "Pod default/a is not ready after 0.1 s: it is pending" in detail.reasons[0]
    bench.api.there[path] = pending
    read = provider_pb2.ReadRequest(
        urn=bench.urn(POD), id=detail.id, inputs=detail.inputs, properties=detail.properties
    )
    assert "is not ready: it is pending" in half_done(bench.refusal("Read", read)).reasons[0]
    bench.api.there[path] = {**pending, "status": {"phase": "Succeeded"}}
    answer = bench.stub.Read(read)
    assert "__notReady" not in decode(answer.properties).values
    read.properties.CopyFrom(answer.properties)
    bench.api.there[path] = pending
    assert bench.stub.Read(read).id, "what was ready once and is not now is no failure of the resource"


def test_what_is_gone_has_no_id(bench: Bench):
    read = provider_pb2.ReadRequest(urn=bench.urn(), id="default/settings", inputs=encode(config_map()))
    assert bench.stub.Read(read).id == ""


def test_an_import_fills_in_the_namespace(bench: Bench):
    bench.api.there[PATH] = in_cluster(config_map())
    answer = bench.stub.Read(provider_pb2.ReadRequest(urn=bench.urn(), id="settings"))
    assert answer.id == "default/settings"
    assert decode(answer.inputs).values == config_map()


def test_a_lost_cluster_is_an_error_unless_it_is_to_be_forgotten(bench: Bench):
    bench.api.down = refusal(0, "Unreachable", "the API server at x does not answer: refused.")
    read = provider_pb2.ReadRequest(urn=bench.urn(), id="default/settings", inputs=encode(config_map()))
    delete = provider_pb2.DeleteRequest(urn=bench.urn(), id="default/settings", old_inputs=encode(config_map()))
    for method, request in (("Read", read), ("Delete", delete)):
        assert "at x does not answer" in said(bench.refusal(method, request))
    bench.use(forget_unreachable=True)
    assert bench.stub.Read(read).id == ""
    bench.stub.Delete(delete)


def test_a_chart_is_recorded(bench: Bench):
    token, inputs = "kubernetes:helm.sh/v3:Release", encode({"chart": "engine"})
    urn = bench.urn(token)
    assert bench.stub.Check(provider_pb2.CheckRequest(urn=urn, news=inputs)).inputs == inputs
    assert bench.stub.Create(provider_pb2.CreateRequest(urn=urn, properties=inputs, preview=True)).id == ""
    made = bench.stub.Create(provider_pb2.CreateRequest(urn=urn, properties=inputs))
    assert (made.id, made.properties) == ("web", inputs)
    changed = encode({"chart": "another"})
    diff = provider_pb2.DiffRequest(urn=urn, id="web", old_inputs=inputs, olds=inputs, news=changed)
    assert list(bench.stub.Diff(diff).diffs) == ["chart"]
    assert bench.stub.Update(provider_pb2.UpdateRequest(urn=urn, olds=inputs, news=changed)).properties == changed
    assert bench.stub.Read(provider_pb2.ReadRequest(urn=urn, id="web", properties=inputs, inputs=inputs)).id == "web"
    bench.stub.Delete(provider_pb2.DeleteRequest(urn=urn, id="web", properties=inputs))
    assert not bench.api.asked


def test_a_path_that_is_none(bench: Bench):
    request = provider_pb2.DiffRequest(urn=bench.urn(), news=encode(config_map()), ignoreChanges=["data["])
    assert "ignoreChanges: 'data[' is no path of a property" in said(bench.refusal("Diff", request))


def test_cancelling_ends_all_waiting(bench: Bench):
    bench.stub.Cancel(empty_pb2.Empty())
    bench.api.answers = [in_cluster(POD_DOCUMENT)]
    error = bench.refusal("Create", provider_pb2.CreateRequest(urn=bench.urn(POD), properties=encode(POD_DOCUMENT)))
    assert "waiting was cancelled" in half_done(error).reasons[0]


def test_a_defect_of_ours_says_where_and_no_values(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: Any) -> None:
        raise KeyError("correct-horse")

    monkeypatch.setattr(servicer, "check", broken)
    error: Any = bench.refusal("Check", provider_pb2.CheckRequest(urn=bench.urn(), news=encode({})))
    assert error.code() == grpc.StatusCode.INTERNAL
    assert "Check failed by a defect of the local cloud's kubernetes provider: KeyError at test_servicer.py" in said(
        error
    )
    assert "correct-horse" not in said(error)
