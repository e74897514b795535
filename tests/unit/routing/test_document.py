"""The routing document: read back as it was written, and refused when it can't be gone by."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from stanchion.routing.document import EndpointRoute, Reason, RoutingDocument, RoutingError

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def document(**fields: Any) -> RoutingDocument:
    return RoutingDocument.model_validate(
        {"environment": "prod", "region": "us-east-1", "epoch": 7, "written_at": NOW, "endpoints": {}} | fields
    )


def read(text: str | bytes) -> RoutingDocument:
    return RoutingDocument.read(text, environment="prod", region="us-east-1")


ROUTE = EndpointRoute(
    rung="cached",
    weights={"full": {"blue": 90, "green": 10}},
    split_by="user",
    experiment="shorter",
    reasons=(Reason(field="rung", source="budget", reason="over budget", expires_at=NOW),),
)


def test_a_document_is_read_back_as_it_was_written():
    written = document(endpoints={"chat": ROUTE})
    assert read(written.model_dump_json()) == written
    assert read(written.model_dump_json().encode()) == written


def test_what_a_later_writer_adds_is_left_aside():
    later = json.loads(document(schema_version="1.7", endpoints={"chat": ROUTE}).model_dump_json())
    later["new"] = later["endpoints"]["chat"]["new"] = {"a": 1}
    assert read(json.dumps(later)).endpoints["chat"] == ROUTE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not one: document: Invalid JSON"),
        ("null", "not one: document:"),
        (b"\xff\xfe", "not one: document:"),
        ("{}", "not one: environment: Field required"),
        (document().model_dump_json().replace('"epoch":7', '"epoch":-1'), "epoch: Input should be greater"),
        (document(schema_version="2.0").model_dump_json(), r"version 2\.0; allowed: 1\.0 and later ones"),
        (document(environment="test").model_dump_json(), "for environment 'test' in us-east-1, and this is 'prod' in"),
        (document(region="us-west-2").model_dump_json(), "for environment 'prod' in us-west-2, and this is 'prod' in"),
        (
            document(endpoints={"chat": ROUTE}).model_dump_json().replace('"cached"', '"gone"'),
            r"endpoints\.chat\.rung: Input should be 'full', 'quantized', 'cached' or 'human'",
        ),
        (
            document(endpoints={"chat": ROUTE}).model_dump_json().replace('"blue":90,"green":10', '"blue":0'),
            "the weights of variant 'full' are .*: none below 0, and one above it",
        ),
    ],
)
def test_what_is_no_document_of_this_region_is_refused(text: str | bytes, message: str):
    with pytest.raises(RoutingError, match=message):
        read(text)


@given(st.text() | st.binary())
def test_whatever_is_published_is_read_or_refused(text: str | bytes):
    with pytest.raises(RoutingError):
        read(text)


@pytest.mark.parametrize("weights", [{}, {"blue": 0}, {"blue": 1, "green": -1}])
def test_weights_with_which_nothing_serves_are_refused(weights: dict[str, int]):
    with pytest.raises(ValidationError, match="one above it"):
        EndpointRoute.model_validate({"weights": {"full": weights}})


def test_the_first_slot_has_all_when_nothing_is_said():
    assert EndpointRoute().slots("full") == {"blue": 1}
    assert ROUTE.slots("quantized") == {"blue": 1}
    assert ROUTE.slots("full") == {"blue": 90, "green": 10}
