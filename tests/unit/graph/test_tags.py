"""Tags from wherever providers keep them."""

from typing import Any

import pytest

from stanchion.graph import SECRET, UNKNOWN, Resource
from stanchion.graph.tags import tags


def of(type_: str, inputs: dict[str, Any], outputs: dict[str, Any] | None = None) -> Resource:
    return Resource(urn=f"urn:pulumi:s::p::{type_}::n", type=type_, name="n", inputs=inputs, outputs=outputs or {})


def provider(default_tags: Any) -> Resource:
    return of("pulumi:providers:aws", {"defaultTags": default_tags})


def test_own_tags_win_over_all_tags_and_those_over_the_providers():
    bucket = of("aws:s3/bucket:Bucket", {"tags": {"a": "own"}, "tagsAll": {"a": "all", "b": "all"}})
    assert tags(bucket, provider({"tags": {"a": "default", "b": "default", "c": "default"}}), {}) == {
        "a": "own",
        "b": "all",
        "c": "default",
    }


def test_the_default_provider_has_its_tags_from_the_configuration():
    config = {"aws:defaultTags": '{"tags": {"team": "shop"}}'}
    assert tags(of("aws:s3/bucket:Bucket", {}), None, config) == {"team": "shop"}
    assert tags(of("aws:s3/bucket:Bucket", {}), provider({}), config) == {}
    assert tags(of("gcp:storage/bucket:Bucket", {}), None, config) == {}


@pytest.mark.parametrize("broken", ["{", "[]", "7", 7, None, UNKNOWN, SECRET, {"tags": "x"}])
def test_default_tags_of_a_wrong_form_are_none(broken: Any):
    assert tags(of("aws:s3/bucket:Bucket", {"tags": {"a": "b"}}), provider(broken), {}) == {"a": "b"}


def test_a_list_of_keys_and_values_is_read():
    group = of(
        "aws:autoscaling/group:Group", {"tags": [{"key": "a", "value": "b", "propagateAtLaunch": True}, {"x": 1}, 7]}
    )
    assert tags(group, None, {}) == {"a": "b"}


def test_labels_win_over_annotations_of_kubernetes():
    metadata = {"labels": {"a": "label"}, "annotations": {"a": "annotation", "b": "annotation"}}
    assert tags(of("kubernetes:apps/v1:Deployment", {"metadata": metadata}), None, {}) == {
        "a": "label",
        "b": "annotation",
    }


@pytest.mark.parametrize("gap", [UNKNOWN, SECRET])
def test_when_no_tag_can_be_seen_none_can_be_ruled_out(gap: Any):
    found = tags(of("aws:s3/bucket:Bucket", {"tags": gap}), provider({"tags": {"team": "shop"}}), {})
    assert found.get("team") == "shop"
    assert found.get("stanchion:tier") is gap
    assert dict(found) == {"team": "shop"}


def test_one_unknown_tag_says_nothing_about_the_others():
    found = tags(of("aws:s3/bucket:Bucket", {"tags": {"a": UNKNOWN}}), None, {})
    assert found.get("a") is UNKNOWN
    assert found.get("b") is None
    assert found.get("b", "default") == "default"
