"""The engine's requests to a policy pack, as messages and as their JSON form."""

import subprocess
import sys
import time
from typing import Any

import pytest
from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2

from stanchion.graph import SECRET, ResourceGraph
from stanchion.graph.sources import analyzed
from stanchion.graph.sources.marks import UNKNOWN_TEXT
from stanchion.graph.sources.reading import read_graph
from tests.unit.graph.samples import names, one, path, sample

VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
URN = "urn:pulumi:s::p::aws:s3/bucket:Bucket::lake"


def messages(resources: list[dict[str, Any]]) -> list[Any]:
    return list(json_format.ParseDict({"resources": resources}, analyzer_pb2.AnalyzeStackRequest()).resources)


def read(form: str, with_inputs: bool) -> ResourceGraph:
    request = sample("analyze")
    inputs = request["inputs"]
    if form == "messages":
        resources: list[Any] = messages(request["resources"])
        inputs = {
            urn: json_format.ParseDict({"urn": urn, "properties": given}, analyzer_pb2.AnalyzeRequest()).properties
            for urn, given in inputs.items()
        }
    else:
        resources = request["resources"]
    return analyzed(resources, {"aws:region": "us-east-1"}, inputs if with_inputs else None)


@pytest.fixture(params=["messages", "mappings"])
def form(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.mark.parametrize("with_inputs", [True, False])
def test_the_request_gives_the_graph_of_the_preview(form: str, with_inputs: bool):
    found, preview = read(form, with_inputs), read_graph(path("preview_first"))
    assert names(found) - {"stanchion-test2"} == {*names(preview), "default_7_51_1"} - {"stanchion-test"}
    for there in preview:
        if there.type == "pulumi:pulumi:Stack":
            continue
        here = one(found, there.name)
        assert (here.type, here.custom, here.protect) == (there.type, there.custom, there.protect)
        assert {urn.rsplit("::", 1)[-1] for urn in here.dependencies} == {
            urn.rsplit("::", 1)[-1] for urn in there.dependencies
        }
        assert set(here.property_dependencies) == set(there.property_dependencies)
        assert found.tags_of(here) == preview.tags_of(there)
        assert str(found.region_of(here)) == str(preview.region_of(there))
        # Of a component the request has the outputs only.
        if here.custom:
            made_up = {"name", "bucket"} if "-" in str(there.inputs.get("name", there.inputs.get("bucket"))) else set()
            for key, value in there.inputs.items():
                assert here.inputs[key] == value or key in made_up, (here.name, key)


def test_with_inputs_they_are_those_of_the_preview(form: str):
    found, preview = read(form, True), read_graph(path("preview_first"))
    for there in preview:
        if there.custom:
            assert set(one(found, there.name).inputs) == set(there.inputs)
    assert one(found, "orders").inputs == {"days": 30}
    assert one(found, "told").inputs["name"] == "told-1"


@pytest.mark.parametrize("with_inputs", [True, False])
def test_what_the_cloud_makes_up_is_not_a_setting_that_is_unknown(form: str, with_inputs: bool):
    found = read(form, with_inputs)
    dead, versions = one(found, "dead"), one(found, "orders-versions")
    assert not dead.at("kmsDataKeyReusePeriodSeconds").is_set
    assert not dead.at("arn").is_set
    assert versions.at("bucket").unsettled is not None
    assert found.reference(versions.at("bucket")).one is one(found, "orders-data")
    rule = one(found, "orders-encryption").at("rules")[0]["applyServerSideEncryptionByDefault"]
    assert rule["kmsMasterKeyId"].unsettled is not None


def test_nothing_of_a_secret_is_left(form: str):
    found = read(form, True)
    assert one(found, "told").at("displayName").value is SECRET
    assert "hidden-in-the-request" not in repr(list(found))
    assert "hidden-in-the-request" in path("analyze").read_text(encoding="utf-8")


def test_providers_come_with_their_settings(form: str):
    found = read(form, False)
    assert one(found, "west").at("defaultTags")["tags"]["team"].value == "shop"
    assert found.provider_of(one(found, "work")) is one(found, "west")


def test_a_provider_that_is_not_among_the_resources_is_taken_from_who_uses_it():
    provider = {
        "urn": "urn:pulumi:s::p::pulumi:providers:aws::west",
        "type": "pulumi:providers:aws",
        "name": "west",
        "properties": {"region": "us-west-2"},
    }
    bucket = {"urn": URN, "type": "aws:s3/bucket:Bucket", "name": "lake", "properties": {}, "provider": provider}
    for resources in (messages([bucket]), [bucket]):
        found = analyzed(resources)
        assert found.region_of(one(found, "lake")) == "us-west-2"


def test_a_setting_that_depends_on_something_stays_unknown():
    rules = [{"days": UNKNOWN_TEXT, "kept": 1}]
    free = {"urn": URN, "type": "t:m:T", "name": "lake", "properties": {"rules": rules, "__meta": "x"}}
    bound = {**free, "propertyDependencies": {"rules[0].days": {"urns": ["urn:a"]}}}
    for resource, inputs in ((free, [{"kept": 1}]), (bound, None)):
        for resources in (messages([resource]), [resource]):
            found = one(analyzed(resources), "lake")
            if inputs:
                assert found.inputs == {"rules": inputs}
            else:
                assert found.at("rules")[0]["days"].unsettled is not None


def test_a_bare_mapping_is_read():
    found = one(analyzed([{"urn": URN}]), "lake")
    assert (found.type, found.custom, found.provider) == ("aws:s3/bucket:Bucket", False, "")


def test_a_thousand_resources_take_no_time():
    request = sample("analyze")
    many = [
        {**resource, "urn": f"{resource['urn']}-{number}"} for number in range(60) for resource in request["resources"]
    ]
    built = messages(many)
    began = time.perf_counter()
    assert len(analyzed(built)) > 1000
    # 0.05 s on two cores.
    assert time.perf_counter() - began < 0.5


def test_reading_imports_nothing_heavy():
    code = (
        "import sys, stanchion.graph.sources; "
        "print([m for m in ('pulumi', 'grpc', 'google.protobuf', 'yaml', 'pydantic', 'boto3') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
