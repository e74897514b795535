"""Files that people take for a preview or a state."""

import pytest

from stanchion.graph.sources.foreign import foreign_object, foreign_text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("AWSTemplateFormatVersion: '2010-09-09'\nResources:", "CloudFormation"),
        ("# made by hand\nAWSTemplateFormatVersion: 2010-09-09", "CloudFormation"),
        ("Previewing update (dev):\n", "--json"),
        ("\x00\x01\x02", "zero bytes"),
        ('[{"urn": 1}]', "JSON list"),
        ("\n" * 5000 + "x", "line 5001 begins with 'x'"),
        ("\x0c", "is empty"),
        ("\n\nwarning: old\n{}", "line 3 begins with 'warning: old'"),
        ("x" * 500, "x" * 60 + "'"),
    ],
)
def test_a_text_that_is_no_object_is_called_by_its_name(text: str, said: str):
    assert said in (foreign_text(text) or "")


@pytest.mark.parametrize("text", ["{}", ' \n{"a": 1}', "\ufeff{"])
def test_an_object_may_be_one(text: str):
    assert foreign_text(text) is None


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"format_version", "planned_values", "resource_changes"}, "Terraform"),
        ({"version", "terraform_version", "resources"}, "Terraform"),
        ({"AWSTemplateFormatVersion", "Resources"}, "CloudFormation"),
        ({"Resources", "Outputs"}, "CloudFormation"),
        ({"manifest", "config", "resourcePlans"}, "--save-plan"),
        ({"sequence", "timestamp", "preludeEvent"}, "PULUMI_ENABLE_STREAMING_JSON_PREVIEW"),
    ],
)
def test_an_object_is_known_by_its_keys(keys: set[str], said: str):
    assert said in (foreign_object(keys) or "")


@pytest.mark.parametrize("keys", [set[str](), {"steps"}, {"version", "deployment"}, {"version", "checkpoint"}])
def test_our_own_are_not_foreign(keys: set[str]):
    assert foreign_object(keys) is None
