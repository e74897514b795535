import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cache.request_key import request_key
from gateway.protocols.asked import Asked
from tests.unit.gateway.cache.making import MESSAGES, asked


def key(version: str = "v1", user: str | None = "ann", **more: Any) -> str:
    return request_key(asked(**more), version, user)


@pytest.mark.parametrize(
    "aside",
    [
        {"user": "bob"}, {"stream": True}, {"stream_options": {"include_usage": True}}, {"metadata": {"a": "b"}},
        {"store": False}, {"service_tier": "flex"}, {"model": "other-name"}, {"prompt_cache_key": "x"},
    ],
)  # fmt: skip
def test_what_does_not_change_an_answer_is_left_aside(aside: dict[str, Any]) -> None:
    assert request_key(asked(**aside), "v1", "ann") == key()


@pytest.mark.parametrize(
    "matters",
    [
        {"messages": [{"role": "user", "content": "hello "}]}, {"temperature": 0}, {"seed": 1}, {"n": 2},
        {"max_tokens": 5}, {"tools": []}, {"response_format": {"type": "json_object"}}, {"unheard-of": 1},
    ],
)  # fmt: skip
def test_what_may_change_it_makes_another_request(matters: dict[str, Any]) -> None:
    assert key(**matters) != key()


def test_versions_and_users_are_kept_apart() -> None:
    keys = {key(), key(version="v2"), key(user="bob"), key(user=""), key(user=None)}
    assert len(keys) == 5
    assert request_key(asked(), "v1", None) == request_key(asked(user="bob"), "v1", None)


@given(st.dictionaries(st.text(max_size=5), st.integers(-9, 9) | st.text(max_size=5), max_size=6), st.randoms())
def test_the_order_of_fields_does_not_matter(fields: dict[str, Any], chance: Any) -> None:
    fields.pop("messages", None)
    names = list(fields)
    chance.shuffle(names)
    assert key(**fields, extra={"a": 1, "b": 2}) == key(
        extra={"b": 2, "a": 1}, **{name: fields[name] for name in names}
    )


def test_tensors_are_the_same_request_when_their_bytes_are() -> None:
    def binary(body: bytes, length: str = "10") -> str:
        headers = {"inference-header-content-length": length}
        return request_key(Asked("digits", "infer", "/v2", body, None, headers=headers), "v1", None)

    assert binary(b"abc") == binary(b"abc")
    assert len({binary(b"abc"), binary(b"abd"), binary(b"abc", "11")}) == 3


def test_the_name_of_a_request_is_not_part_of_it() -> None:
    def infer(**more: Any) -> str:
        document = {"inputs": [{"name": "x", "data": [1.0]}], **more}
        return request_key(Asked("digits", "infer", "/v2", b"", document), "v1", None)

    url = {"stanchion_webhook": "https://answers.example/"}
    assert infer(id="1") == infer(id="2")
    assert infer(parameters={"top": 3, **url}) == infer(parameters={"top": 3})
    assert infer(parameters={"top": 3}) != infer()


def test_what_is_nested_too_deep_to_be_written_is_a_request_too() -> None:
    body = b'{"messages": ' + b"[" * 600 + b"]" * 600 + b"}"
    deep = Asked("chat", "chat", "/", body, orjson.loads(body))
    assert request_key(deep, "v1", None) == request_key(deep, "v1", None)
    assert request_key(deep, "v1", None) != request_key(
        Asked("chat", "chat", "/", body + b" ", deep.document), "v1", None
    )
    assert json.dumps(MESSAGES)
