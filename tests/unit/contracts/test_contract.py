"""What a consumer is told when a producer's outputs are not what it was written for."""

from typing import Any, ClassVar

import pytest

from stanchion.contracts import UNKNOWN, Contract, ContractError, Published, contains_unknown


class Inner(Published):
    arn: str
    ports: list[int]


class Example(Contract):
    layer: ClassVar[str] = "example"
    contract_version: ClassVar[str] = "1.2.0"

    inner: Inner
    note: str | None = None


def document(**changes: Any) -> dict[str, Any]:
    return {"version": "1.2.0", "inner": {"arn": "arn:aws:s3:::b", "ports": [1, 2]}, **changes}


def arrive(value: object) -> Example:
    return Example.arrive(value, producer="prod-example", consumer="prod-reader")


def test_a_document_of_the_contract_arrives():
    assert arrive(document()).inner.ports == [1, 2]


def test_a_newer_minor_version_with_a_further_field_arrives():
    assert arrive(document(version="1.9.0", further="x")).inner.arn == "arn:aws:s3:::b"


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"inner": {"ports": [1]}}, "field 'inner.arn' is missing"),
        ({"inner": {"arn": 7, "ports": [1]}}, "field 'inner.arn' is retyped"),
        ({"inner": {"arn": "a", "ports": ["1"]}}, "field 'inner.ports.0' is retyped"),
        ({"inner": None}, "field 'inner' is retyped"),
        ({"version": "2.0.0"}, "was written for version 1.2.0 of the outputs 'example'"),
    ],
)
def test_a_sentence_names_producer_consumer_field_and_version(broken: dict[str, Any], said: str):
    with pytest.raises(ContractError) as error:
        arrive(document(**broken))
    sentence = str(error.value)
    assert said in sentence
    assert "'prod-example'" in sentence
    assert "'prod-reader'" in sentence
    assert "1.2.0" in sentence


@pytest.mark.parametrize("nothing", [None, "", 3])
def test_a_producer_without_outputs_is_named(nothing: object):
    with pytest.raises(ContractError, match="`pulumi up --stack prod-example` first"):
        arrive(nothing)


def test_what_is_known_only_later_passes_and_what_is_missing_beside_it_does_not():
    arrive(document(inner={"arn": UNKNOWN, "ports": UNKNOWN}))
    arrive(document(inner=UNKNOWN))
    with pytest.raises(ContractError, match=r"inner\.arn' is missing"):
        arrive(document(inner={"ports": UNKNOWN}))


def test_unknown_is_found_at_any_depth():
    assert contains_unknown({"a": [{"b": UNKNOWN}]})
    assert not contains_unknown({"a": [{"b": "x"}], "c": None})
