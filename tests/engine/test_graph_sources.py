"""One program through every source: the recorder, the engine's preview, its requests to a policy pack, its state."""

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from stanchion.graph import SECRET, UNKNOWN, Resource, ResourceGraph
from stanchion.graph.sources import GraphSourceError, analyzed, read_graph, read_text
from tests.engine.graph_program import PASSWORD, build
from tests.engine.project import CHECKOUT, run_command
from tests.recorder import record

SOURCES = ["preview", "request", "request without inputs", "export", "checkpoint"]
CONFIG = {"aws:region": "us-east-1"}
PROGRAM = """
import pulumi
from tests.engine.graph_program import build

build(pulumi.Config("app").get_bool("changed") or False)
"""

# What our provider's Check adds to the inputs, as the official one does; the recorder has no provider.
ADDED = {
    "pulumi:providers:aws": {"version"},
    "aws:cloudwatch/logGroup:LogGroup": {"name", "region", "skipDestroy", "tagsAll"},
    "aws:kms/key:Key": {
        *("bypassPolicyLockoutSafetyCheck", "customerMasterKeySpec", "enableKeyRotation", "isEnabled", "keyUsage"),
        *("region", "tagsAll"),
    },
    "aws:kms/replicaKey:ReplicaKey": {"bypassPolicyLockoutSafetyCheck", "enabled", "tagsAll"},
    "aws:s3/bucket:Bucket": {"bucket", "forceDestroy", "region", "tagsAll"},
    "aws:s3/bucketVersioning:BucketVersioning": {"region"},
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {"region"},
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
        "region",
        "transitionDefaultMinimumObjectSize",
    },
    "aws:sns/topic:Topic": {"contentBasedDeduplication", "fifoTopic", "name", "region", "tagsAll"},
    "aws:sqs/queue:Queue": {
        *(
            "contentBasedDeduplication",
            "delaySeconds",
            "fifoQueue",
            "maxMessageSize",
            "messageRetentionSeconds",
            "name",
        ),
        *("receiveWaitTimeSeconds", "region", "tagsAll", "visibilityTimeoutSeconds"),
    },
}
# Tags of which one is secret: the recorder hides that one, the engine all of them.
SECRET_AS_A_WHOLE = ("log", "tags")
# The default provider is a resource of the state and of requests; a preview and the recorder do not show it.
DEFAULT_PROVIDER = "default_7_51_1"
# What refers to what: resource, property, type, and the resource that is meant.
REFERENCES = [
    ("orders-versions", "bucket", "aws:s3/bucket:Bucket", "orders-data"),
    ("orders-lifecycle", "bucket", "aws:s3/bucket:Bucket", "orders-data"),
    ("orders-encryption", "bucket", "aws:s3/bucket:Bucket", "orders-data"),
    ("key-copy", "primaryKeyArn", "aws:kms/key:Key", "shop-key"),
]


@dataclass(frozen=True)
class Seen:
    """What the engine said of the program, and of the program after an edit."""

    sources: dict[str, ResourceGraph]
    changed: ResourceGraph
    without_unchanged: str


@pytest.fixture(scope="module")
def seen(engine: dict[str, str]) -> Iterator[Seen]:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        virtualenv = {"name": "python", "options": {"virtualenv": str(Path(sys.executable).parent.parent)}}
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "stanchion", "runtime": virtualenv}))
        (folder / "__main__.py").write_text(PROGRAM)
        (folder / "state").mkdir()
        pack = folder / "pack"
        pack.mkdir()
        (pack / "PulumiPolicy.yaml").write_text(yaml.safe_dump({"version": "1.0.0", "runtime": virtualenv}))
        (pack / "__main__.py").write_text("from tests.engine.recording_pack import main\n\nmain()\n")
        variables = {
            **engine,
            "PULUMI_BACKEND_URL": f"file://{folder}/state",
            "PYTHONPATH": str(CHECKOUT),
            "ANSWERS": str(folder / "requests"),
        }

        def pulumi(*arguments: str) -> str:
            command = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
            return run_command(command, folder, variables).ok().out

        pulumi("stack", "init", "test")
        pulumi("config", "set", "aws:region", CONFIG["aws:region"])
        preview = pulumi("preview", "--json", "--policy-pack", "pack")
        pulumi("up", "--yes", "--skip-preview")
        pulumi("stack", "export", "--file", "export.json")
        pulumi("config", "set", "app:changed", "true")
        changed = pulumi("preview", "--json", "--show-sames")
        without_unchanged = pulumi("preview", "--json")
        requests = [json.loads(line) for line in (folder / "requests").read_text().splitlines()]
        stack = next(request["stack"]["resources"] for request in requests if "stack" in request)
        inputs = {each["inputs"]["urn"]: each["inputs"].get("properties", {}) for each in requests if "inputs" in each}
        config = next(request["config"]["config"] for request in requests if "config" in request)
        sources = {
            "preview": read_text(preview, "the preview"),
            "request": analyzed(stack, config, inputs),
            "request without inputs": analyzed(stack, config),
            "export": read_graph(folder / "export.json"),
            "checkpoint": read_graph(folder / "state/.pulumi/stacks/stanchion/test.json"),
        }
        yield Seen(sources, read_text(changed, "the preview"), without_unchanged)
        pulumi("destroy", "--yes", "--skip-preview", "--exclude-protected")


@pytest.fixture(scope="module")
def recorded() -> ResourceGraph:
    return record(build, preview=True).graph(CONFIG)


@pytest.fixture(params=SOURCES)
def source(request: pytest.FixtureRequest, seen: Seen) -> ResourceGraph:
    return seen.sources[request.param]


def one(graph: ResourceGraph, name: str) -> Resource:
    return next(resource for resource in graph if resource.name == name)


def default_provider(graph: ResourceGraph) -> set[str]:
    return {resource.urn for resource in graph if resource.name == DEFAULT_PROVIDER}


def test_the_same_resources_with_the_same_relations(source: ResourceGraph, recorded: ResourceGraph) -> None:
    assert set(source.resources) - default_provider(source) == set(recorded.resources)
    for there in recorded:
        here = source.resources[there.urn]
        assert (here.type, here.name, here.parent) == (there.type, there.name, there.parent)
        assert (here.custom, here.protect) == (there.custom, there.protect)
        assert source.edges(here) == recorded.edges(there)
        assert dict(here.property_dependencies) == dict(there.property_dependencies)
        explicit = here.provider if not here.provider.endswith(DEFAULT_PROVIDER) else ""
        assert explicit == there.provider


def test_the_same_regions_and_tags(source: ResourceGraph, recorded: ResourceGraph) -> None:
    for there in recorded:
        here = source.resources[there.urn]
        assert str(source.region_of(here)) == str(recorded.region_of(there))
        if here.name == SECRET_AS_A_WHOLE[0]:
            assert recorded.tags_of(there) == {"owner": "shop", "token": SECRET}
            assert source.tags_of(here).get("owner") is SECRET
        else:
            assert source.tags_of(here) == recorded.tags_of(there)


def test_a_reference_means_the_same_by_value_and_by_edge(source: ResourceGraph, recorded: ResourceGraph) -> None:
    for graph in (source, recorded):
        for name, key, type_, meant in REFERENCES:
            found = graph.reference(one(graph, name).at(key), type_)
            assert found.one is one(graph, meant), (name, key)
            assert found.exact
        rule = one(graph, "orders-encryption").at("rules")[0]["applyServerSideEncryptionByDefault"]
        assert graph.reference(rule["kmsMasterKeyId"], "aws:kms/key:Key").one is one(graph, "shop-key")


@pytest.mark.parametrize("name", ["preview", "request"])
def test_before_a_deployment_only_the_provider_makes_inputs_differ(
    name: str, seen: Seen, recorded: ResourceGraph
) -> None:
    source = seen.sources[name]
    for there in recorded:
        here = source.resources[there.urn]
        added = {key: value for key, value in here.inputs.items() if key not in there.inputs}
        assert set(added) <= ADDED.get(there.type, set()), there.name
        for key, value in there.inputs.items():
            if (there.name, key) == SECRET_AS_A_WHOLE:
                assert here.inputs[key] is SECRET
            else:
                assert here.inputs[key] == value, (there.name, key)


def test_without_inputs_a_request_still_tells_what_the_cloud_makes_up(seen: Seen) -> None:
    with_inputs, without = seen.sources["request"], seen.sources["request without inputs"]
    for there in with_inputs:
        here = without.resources[there.urn]
        gaps = {key for key, value in there.inputs.items() if value is UNKNOWN}
        assert {key for key, value in here.inputs.items() if value is UNKNOWN} == gaps
        if there.custom:
            assert {key: here.inputs[key] for key in there.inputs} == dict(there.inputs)


def test_a_state_adds_what_was_made(seen: Seen) -> None:
    for name in ("export", "checkpoint"):
        source = seen.sources[name]
        bucket = one(source, "orders-data")
        assert bucket.outputs["arn"] == f"arn:aws:s3:::{bucket.outputs['id']}"
        assert all(resource.created for resource in source)
        assert [found.name for found in source.named(bucket.outputs["arn"])] == ["orders-data"]


def test_a_change_is_seen_as_it_will_be(seen: Seen) -> None:
    before, after = seen.sources["export"], seen.changed
    old, new = ({resource.name for resource in graph} for graph in (before, after))
    assert old - new == {"gone", DEFAULT_PROVIDER}
    assert new - old == {"new"}
    days = [
        one(graph, "orders-lifecycle").at("rules")[0]["transitions"][0]["days"].number(0) for graph in (before, after)
    ]
    assert days == [30, 60]
    assert one(after, "told").inputs["name"] == "told-2"
    assert one(after, "orders-data").outputs == one(before, "orders-data").outputs


def test_a_preview_without_what_does_not_change_is_refused(seen: Seen) -> None:
    with pytest.raises(GraphSourceError, match=r"unchanged resources.*--show-sames"):
        read_text(seen.without_unchanged, "the preview")


def test_a_secret_is_in_no_graph(seen: Seen, recorded: ResourceGraph) -> None:
    graphs: dict[str, Any] = {**seen.sources, "changed": seen.changed, "recorder": recorded}
    for name, graph in graphs.items():
        assert one(graph, "told").at("displayName").value is SECRET, name
        assert PASSWORD not in repr(list(graph)), name
