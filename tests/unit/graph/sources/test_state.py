"""One resource of a state."""

from datetime import UTC, datetime
from typing import Any

import pytest

from stanchion.graph.sources.errors import GraphSourceError
from stanchion.graph.sources.marks import UNKNOWN_TEXT
from stanchion.graph.sources.state import name_of, provider_urn, resource_of, type_of

URN = "urn:pulumi:s::p::my:a:Shop$aws:s3/bucket:Bucket::lake"


def read(**entry: Any) -> Any:
    return resource_of({"urn": URN, "type": "aws:s3/bucket:Bucket", "custom": True, **entry}, "resource 1")


def test_everything_of_an_entry_is_kept():
    found = read(
        inputs={"bucket": "lake", "__defaults": []},
        outputs={"bucket": "lake", "arn": "arn:lake"},
        id="lake",
        parent="urn:parent",
        provider="urn:pulumi:s::p::pulumi:providers:aws::west::1234",
        dependencies=["urn:a"],
        propertyDependencies={"bucket": [], "key": ["urn:a"]},
        protect=True,
        retainOnDelete=True,
        created="2026-11-23T06:07:14.235723039Z",
        sourcePosition="x",
        somethingNew={"a": 1},
    )
    assert (found.urn, found.type, found.name) == (URN, "aws:s3/bucket:Bucket", "lake")
    assert found.inputs == {"bucket": "lake"}
    assert found.outputs == {"bucket": "lake", "arn": "arn:lake", "id": "lake"}
    assert (found.parent, found.provider) == ("urn:parent", "urn:pulumi:s::p::pulumi:providers:aws::west")
    assert (found.dependencies, found.property_dependencies) == (("urn:a",), {"key": ("urn:a",)})
    assert (found.custom, found.protect, found.retain_on_delete) == (True, True, True)
    assert found.created == datetime(2026, 11, 23, 6, 7, 14, 235723, tzinfo=UTC)


def test_a_bare_entry_is_read():
    found = resource_of({"urn": URN}, "resource 1")
    assert (found.type, found.name, found.inputs, found.outputs) == ("aws:s3/bucket:Bucket", "lake", {}, {})


@pytest.mark.parametrize("entry", [{}, {"urn": ""}, {"urn": 5}, {"urn": None}])
def test_an_entry_without_a_urn_is_refused_with_its_place(entry: dict[str, Any]):
    with pytest.raises(GraphSourceError, match="resource 7 has no `urn`"):
        resource_of(entry, "resource 7")


@pytest.mark.parametrize(("value", "kind"), [([], "a list"), ("x", "a text"), (True, "true or false"), (5, "a number")])
def test_properties_of_a_wrong_form_are_refused_with_what_they_are(value: Any, kind: str):
    with pytest.raises(GraphSourceError, match=f"`inputs` of resource 1 is {kind}; it has to be an object"):
        read(inputs=value)


def test_odd_relations_are_no_error():
    found = read(dependencies="urn:a", propertyDependencies=[1], parent=5, provider=None, created="yesterday")
    assert (found.dependencies, found.property_dependencies, found.parent, found.provider) == ((), {}, "", "")
    assert found.created is None
    assert read(dependencies=["urn:a", 5, None]).dependencies == ("urn:a",)


def test_an_id_that_is_not_known_yet_is_no_output():
    assert read(id=UNKNOWN_TEXT).outputs == {}
    assert read(id="").outputs == {}


def test_what_the_cloud_will_make_up_is_not_set():
    found = read(inputs={"kmsKey": UNKNOWN_TEXT}, outputs={"arn": UNKNOWN_TEXT, "kmsKey": UNKNOWN_TEXT, "acl": "x"})
    assert found.outputs == {"acl": "x"}
    assert not found.at("arn").is_set
    assert found.at("kmsKey").unsettled is not None


def test_an_output_of_another_type_is_not_taken_for_the_input():
    found = read(inputs={"flag": True, "days": 1}, outputs={"flag": 1, "days": 1.0})
    assert (type(found.outputs["flag"]), type(found.outputs["days"])) == (int, float)


def test_a_provider_has_its_settings_as_json_text():
    found = read(
        type="pulumi:providers:aws",
        inputs={"defaultTags": f'{{"tags": {{"a": "{UNKNOWN_TEXT}", "b": "c"}}}}', "region": "x", "odd": "{"},
    )
    assert found.at("defaultTags")["tags"]["b"].value == "c"
    assert found.at("defaultTags")["tags"]["a"].unsettled is not None
    assert (found.inputs["region"], found.inputs["odd"]) == ("x", "{")


def test_names_and_types_come_from_urns():
    assert name_of("urn:pulumi:s::p::t:m:T::a::b") == "a::b"
    assert type_of(URN) == "aws:s3/bucket:Bucket"
    assert type_of("lake") == ""


def test_a_reference_to_a_provider_is_its_urn():
    urn = "urn:pulumi:s::p::pulumi:providers:aws::west"
    assert provider_urn(f"{urn}::{UNKNOWN_TEXT}") == urn
    assert provider_urn(urn) == urn
    assert provider_urn("") == ""
