import pytest

from gateway.protocols.openai import usage


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b'{"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}', (5, 2)),
        (b'{"usage":{"prompt_tokens":5,"prompt_tokens_details":{"cached_tokens":1},"completion_tokens":2}}', (5, 2)),
        (b'data: {"usage": {"prompt_tokens": 1, "completion_tokens": 1}}\n\ndata: {"usage": {"prompt_tokens": 1, '
         b'"completion_tokens": 9}}\n\ndata: [DONE]', (1, 9)),
        (b'{"usage": null}', (0, 0)),
        (b'{"usage": {"prompt_tokens": "many", "completion_tokens": true}}', (0, 0)),
        (b'{"usage": {"prompt_tokens": -4}}', (0, 0)),
        (b'{"usage": {broken}}', (0, 0)),
        (b"", (0, 0)),
    ],
)  # fmt: skip
def test_tokens_as_the_server_counted_them(answer: bytes, expected: tuple[int, int]) -> None:
    assert usage(answer) == expected
