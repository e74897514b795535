"""Outputs of layers: selected by a path of the contract, held against it when they are published."""

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest

from stacks.needs import PLANNED_OUTPUTS, LayerOutputs, Needs, publish
from stacks.program import refuse_wrong_cloud
from stanchion.contracts import UNKNOWN, ClusterOutputs, ContractError, ControlOutputs, LinksOutputs
from stanchion.errors import StanchionError
from stanchion.layers import Place, Stack
from stanchion.spec import load_environment
from tests.recorder import record

CHECKOUT = Path(__file__).resolve().parents[2]
ONE = {"source": "a", "destination": "b", "rule": "to-standby"}


def outputs(**changes: Any) -> dict[str, Any]:
    return {"replications": [ONE], "replicated_repositories": "prod/", **changes}


def test_a_path_gives_the_value_whether_it_is_plain_or_an_output():
    seen: dict[str, Any] = {}

    def build() -> None:
        built = LayerOutputs(
            LinksOutputs, outputs(replicated_repositories=pulumi.Output.from_input("x/")), producer="p"
        )
        built.output(lambda links: links.replicated_repositories).apply(lambda value: seen.update(prefix=value))
        built.output(lambda links: links.replications[0].rule).apply(lambda value: seen.update(rule=value))
        built.output(lambda links: links.replications).apply(lambda value: seen.update(all=value))
        whole = LayerOutputs(LinksOutputs, pulumi.Output.from_input(outputs()), producer="p")
        whole.output(lambda links: links.replications[0].source).apply(lambda value: seen.update(source=value))

    record(build)
    assert seen == {"prefix": "x/", "rule": "to-standby", "all": [ONE], "source": "a"}


def test_a_path_goes_through_what_may_be_left_out():
    seen: dict[str, Any] = {}
    targets = {"standard": {"hostname": "h", "target_group_arn": "arn:targets"}}

    def build() -> None:
        entry = {"arn": "a", "dns_name": "d", "zone_id": "z", "targets": targets}
        cluster = LayerOutputs(ClusterOutputs, {"entry": entry}, producer="p")
        arn = cluster.output(lambda c: c.entry.targets["standard"].target_group_arn)  # pyright: ignore
        arn.apply(lambda value: seen.update(arn=value))

        # As the engine has it written down: without what is None.
        control = LayerOutputs(ControlOutputs, pulumi.Output.from_input({"hash_key": "k"}), producer="p")
        control.output(lambda c: c.cache_address).apply(lambda value: seen.update(cache=value))

    record(build)
    assert seen == {"arn": "arn:targets", "cache": None}


@pytest.mark.parametrize(
    ("select", "said"),
    [
        (lambda links: links.replicatons, "'links' has no field 'replicatons'; allowed: backup_plans, replicated_"),
        (lambda links: links.replications[0].bucket, "has no field 'bucket'; allowed: destination, rule, source"),
        (lambda links: links.replicated_repositories[0], "is no list or mapping"),
    ],
)
def test_a_path_that_the_contract_does_not_have_is_named(select: Any, said: str):
    with pytest.raises(ContractError) as error:
        LayerOutputs(LinksOutputs, outputs(), producer="p").output(select)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"replications": []}, "missing fields replicated_repositories"),
        (outputs(further=1), "fields that the contract does not name: further"),
        (outputs(replicated_repositories=7), "'replicated_repositories' is retyped"),
        (outputs(replications=[{"source": "a"}]), "'replications.0.destination' is missing"),
    ],
)
def test_a_layer_that_drifts_from_its_contract_fails_its_own_update(values: dict[str, Any], said: str):
    with pytest.raises(ContractError) as error:
        record(lambda: publish(LinksOutputs, values, stack="prod-links"))
    assert said in str(error.value)


def test_what_this_process_built_comes_before_anything_else():
    spec = load_environment("local", CHECKOUT)
    stack = Stack("both", "local", ("links",), None)
    needs = Needs(stack, (stack,), spec)
    built = LayerOutputs(LinksOutputs, outputs(), producer="both")
    needs.built(Place("local", "links", None), built)
    assert needs.of(LinksOutputs, None) is built


def test_a_place_that_no_stack_builds_is_named():
    stack = Stack("alone", "local", ("links",), None)
    with pytest.raises(ContractError, match="'alone' needs foundation in us-east-1, which no stack of environment"):
        Needs(stack, (stack,), load_environment("local", CHECKOUT)).foundation("us-east-1")


def test_planned_outputs_are_believed_in_previews_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    planned = {"links": {"version": "1.0.0", **outputs(replicated_repositories=UNKNOWN)}}
    (tmp_path / "producer.json").write_text(json.dumps(planned), encoding="utf-8")
    monkeypatch.setenv(PLANNED_OUTPUTS, str(tmp_path))
    producer, consumer = Stack("producer", "local", ("links",), None), Stack("consumer", "local", ("state",), None)
    seen: dict[str, Any] = {}

    def build() -> None:
        needs = Needs(consumer, (producer, consumer), load_environment("local", CHECKOUT)).of(LinksOutputs, None)
        needs.output(lambda links: links.replications[0].rule).apply(lambda value: seen.update(rule=value))
        needs.output(lambda links: links.replicated_repositories).apply(lambda value: seen.update(prefix=value))

    record(build, preview=True)
    assert seen == {"rule": "to-standby"}
    seen.clear()
    referenced = outputs(replications=[{**ONE, "rule": "deployed"}])
    monkeypatch.setattr(Needs, "_referenced", lambda *_: pulumi.Output.from_input(referenced))
    record(build)
    assert seen == {"rule": "deployed", "prefix": "prod/"}


@pytest.mark.parametrize(
    ("environment", "endpoint", "said"),
    [
        ("local", "", "AWS_ENDPOINT_URL is not set"),
        ("example", "http://127.0.0.1:1", "is for AWS, but AWS_ENDPOINT_URL is 'http://127.0.0.1:1'"),
    ],
)
def test_an_environment_stays_on_its_cloud(monkeypatch: pytest.MonkeyPatch, environment: str, endpoint: str, said: str):
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    with pytest.raises(StanchionError, match=said):
        refuse_wrong_cloud(load_environment(environment, CHECKOUT))
