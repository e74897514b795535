"""What the cluster layer makes of the batch endpoints of a document."""

import json
from typing import Any

import pytest

from sandbox.batch.host import COMMAND_VARIABLE
from tests.component.recorded_layers import environment, recorded_environment, recorded_layers


@pytest.mark.parametrize("name", ["local", "example"])
def test_the_command_of_a_batch_endpoint_finds_what_it_refers_to(name: str) -> None:
    spec = environment(name)
    assert spec.batch_endpoints
    for region in spec.regions.both:
        recording = recorded_layers(name, False)[f"cluster in {region}"]
        for endpoint, said in spec.batch_endpoints.items():
            definition = recording.one("JobDefinition", f"{name}-{endpoint}-job").inputs
            parameters: dict[str, Any] = definition["parameters"]
            assert parameters["input"].endswith(f"/{said.input.prefix}")
            assert parameters["output"].endswith(f"/{said.output.prefix}")
            assert all(uri.startswith("s3://") for uri in parameters.values())
            words = json.loads(definition["containerProperties"])["command"]
            assert {word.removeprefix("Ref::") for word in words if word.startswith("Ref::")} <= set(parameters)


def test_only_the_primary_submits_by_the_clock() -> None:
    spec = environment("example")
    layers = recorded_layers("example", False)
    schedules = [
        len(layers[f"cluster in {region}"].all("aws:scheduler/schedule:Schedule")) for region in spec.regions.both
    ]
    assert schedules == [len(spec.batch_endpoints), 0]


def test_what_stands_for_the_container_on_the_local_cloud_is_given_to_the_job() -> None:
    words = ["python", "-m", "score", "Ref::input"]

    def variables(local_command: list[str] | None) -> dict[str, str]:
        document = environment("local")
        endpoints = {
            name: each.model_copy(update={"local_command": local_command}) if name in document.batch_endpoints else each
            for name, each in document.endpoints.items()
        }
        layers = recorded_environment(document.model_copy(update={"endpoints": endpoints}))
        inputs = layers["cluster in us-east-1"].one("JobDefinition", "local-digits-nightly-job").inputs
        return {each["name"]: each["value"] for each in json.loads(inputs["containerProperties"])["environment"]}

    assert json.loads(variables(words)[COMMAND_VARIABLE]) == words
    assert COMMAND_VARIABLE not in variables(None)
